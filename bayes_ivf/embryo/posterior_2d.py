"""Posterior of both arms' log odds given the shared parameters, and its tabulation on a two-dimensional grid.

With x_t, x_c the log odds of pi (of r under ``receptivity``) in the arms, and psi the shared parameters::

    p(x_t, x_c | psi, data)  proportional to  L_t(x_t, psi) L_c(x_c, psi) f(x_first) g(x_t - x_c)

where ``x_first`` is ``(x_t + x_c) / 2`` (coding ``average``) or ``x_c`` (coding ``control``). Each of the four factors is a
function of one linear combination of (x_t, x_c), which is the form that `quadrature` integrates: an outer coordinate u, and
an inner coordinate v at every node of u. Which pair (u, v) is best depends on the estimand; `exact.COORDINATES` names them
after u: ``effect``, ``average``, ``treatment``, ``control``.

Examples
--------
Both arms' likelihood is flat here, so that the posterior is the prior: x_t - x_c is Normal(0, 1).

>>> import numpy as np
>>> from bayes_ivf.embryo.curves import Curves
>>> from bayes_ivf.embryo.problem import EmbryoProblem
>>> from bayes_ivf.priors import BatchedPrior
>>> from bayes_ivf.quadrature import Rule, chebyshev_nodes
>>> edges = np.linspace(-12.0, 12.0, 13)
>>> flat = Curves.fit(edges, np.zeros((len(chebyshev_nodes(edges)), 1)))
>>> normal = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> problem = EmbryoProblem(None, None, "average", normal, normal, None, None)
>>> grid = PosteriorGrids(Posterior2D(problem, flat, flat)).tabulate("effect", Rule(6, 6))
>>> below, density = grid.marginal(np.array([[0.0], [1.96]]))
>>> print(below[:, 0].round(4), density[:, 0].round(4))
[0.5   0.975] [0.3989 0.0584]
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo.curves import Curves
from bayes_ivf.embryo.problem import EmbryoProblem
from bayes_ivf.exact import CONTRASTS, COORDINATES, threshold
from bayes_ivf.quadrature import (
    Grid2D,
    LogFactor,
    Rule,
    SupportFinder,
    gaussian_approximation,
    log_inner_integral,
    panel_nodes,
    prior_factor,
    tabulate_grid,
)

Array = npt.NDArray[np.float64]

_CONTRAST_COORDINATES = ("average", "control", "treatment")
"""Coordinates whose inner one changes a contrast of the arms; along that of ``effect`` a log odds ratio is constant."""


@dataclass(frozen=True)
class Posterior2D:
    """Both arms' log likelihood curves at B values of the shared parameters, with the priors of the log odds.

    Parameters
    ----------
    problem : EmbryoProblem
        Arms and priors.
    treatment, control : Curves
        Log likelihood by log odds.
    """

    problem: EmbryoProblem
    treatment: Curves
    control: Curves

    @property
    def size(self) -> int:
        """B."""
        return int(self.treatment.values.shape[1])

    def take(self, index: npt.NDArray[np.intp]) -> Posterior2D:
        """Return the same at some of the B values."""
        return Posterior2D(self.problem, self.treatment.take(index), self.control.take(index))

    def factors(self) -> tuple[LogFactor, ...]:
        """Return the two likelihoods, then the priors on average (or control) and effect."""
        first = (0.5, 0.5) if self.problem.coding == "average" else (0.0, 1.0)
        return (
            _likelihood_factor(self.treatment, (1.0, 0.0)),
            _likelihood_factor(self.control, (0.0, 1.0)),
            prior_factor(self.problem.first, first, self.size),
            prior_factor(self.problem.effect, (1.0, -1.0), self.size),
        )

    def reach(self) -> Array:
        """Half-width (B,) of the search, in stretched coordinates, which grow as the log of a distance in sds.

        A tail ``Pr(|x| > t) ~ t^-a`` has fallen to 1e-13 at ``log t = 30 / a``. Lighter tails end within 15, and beyond 300
        floating-point numbers do.
        """
        index = np.minimum(self.problem.first.tail_index(), self.problem.effect.tail_index())
        return np.broadcast_to(np.where(np.isfinite(index), np.clip(30 / index, 15, 300), 15.0), (self.size,))


def _likelihood_factor(curves: Curves, combination: tuple[float, float]) -> LogFactor:
    # mean and sd of the likelihood, taken as a density, say where to look; a Normal(0, 5) factor keeps a flat side finite
    points = np.linspace(curves.edges[0], curves.edges[-1], 40 * (len(curves.edges) - 1) + 1)  # 40 a panel: 0.05 apart
    logs = curves(np.broadcast_to(points[:, None], (len(points), curves.values.shape[1]))) - points[:, None] ** 2 / 50
    weight = np.exp(logs - logs.max(axis=0))
    weight /= weight.sum(axis=0)
    center = (weight * points[:, None]).sum(axis=0)
    variance = (weight * (points[:, None] - center) ** 2).sum(axis=0)
    return LogFactor(combination, curves, center, np.sqrt(variance + (points[1] - points[0]) ** 2))


@dataclass(frozen=True)
class PosteriorGrid:
    """The posterior of both log odds, tabulated in one pair of coordinates under one rule.

    Parameters
    ----------
    name : str
        Of the coordinates, after the outer one.
    grid : Grid2D
        The tabulated posterior.
    """

    name: str
    grid: Grid2D

    @property
    def u(self) -> Array:
        """Outer nodes, (N, B)."""
        return self.grid.u

    @cached_property
    def v(self) -> Array:
        """Inner nodes, ascending, (M, N, B)."""
        return self.grid.inner_map.x(panel_nodes(self.grid.inner_edges)[0])

    @property
    def size(self) -> int:
        """Bytes of its inner nodes: density, the same by order, integrals of its polynomials, coordinate; and the edges."""
        return 4 * self.grid.values.nbytes + self.grid.values.nbytes // 12

    def without_inner_nodes(self) -> PosteriorGrid:
        """Return what `marginal` needs, which is small."""
        nothing = np.empty((0, *self.u.shape))
        return PosteriorGrid(self.name, replace(self.grid, values=nothing, inner_edges=nothing))

    @property
    def node_probability(self) -> Array:
        """Posterior probability of each node given the shared parameters, (M, N, B)."""
        grid = self.grid
        mass = panel_nodes(grid.inner_edges)[1] * grid.values * grid.weight
        return np.asarray(mass / mass.sum(axis=(0, 1)))

    @property
    def outer_probability(self) -> Array:
        """Posterior probability of each outer node given the shared parameters, (N, B)."""
        return self.grid.share

    @property
    def log_total(self) -> Array:
        """Log of the integral of likelihood times prior, (B,)."""
        return self.grid.log_total

    def arms(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Log odds of treatment and control at outer and inner coordinates."""
        chart = self.grid.chart
        return chart.t[0] * u + chart.t[1] * v, chart.c[0] * u + chart.c[1] * v

    def marginal(self, u: Array) -> tuple[Array, Array]:
        """Probability below, and density at outer coordinates (K, B)."""
        return self.grid.marginal(u)

    def conditional(self, v: Array, per_s: Array) -> tuple[Array, Array]:
        """Probability that the inner coordinate is below v (K, N, B), and its density times `per_s`; two (K, B)."""
        return self.grid.conditional(v, per_s)

    def contrast_threshold(self, contrast: str, s: Array) -> tuple[Array, Array]:
        """Inner coordinate at which a contrast of expit(log odds) has the coordinate s (K, B), and its derivative."""
        return threshold(contrast, self.name, self.u, s[:, None])


@dataclass(frozen=True)
class PosteriorGrids:
    """One posterior in any coordinates; where its mass was found to lie is kept for all rules.

    Parameters
    ----------
    posterior : Posterior2D
        Likelihood curves and priors.
    """

    posterior: Posterior2D
    _finders: dict[str, SupportFinder] = field(default_factory=dict)

    def tabulate(self, coordinates: str, rule: Rule) -> PosteriorGrid:
        """Return the posterior in some coordinates."""
        return PosteriorGrid(coordinates, tabulate_grid(self._finder(coordinates), rule))

    def log_null(self, rule: Rule) -> Array:
        """Log of the integral of likelihood times prior along equal log odds, (B,)."""
        return log_inner_integral(self._finder("effect"), rule)

    def inner_sd_of_contrast(self, contrast: str) -> dict[str, Array]:
        """Sd (B,) of a contrast that is due to the inner coordinate given the outer one, by coordinates.

        By the delta method, at the mode of a normal approximation to the posterior: the slope of the contrast along v times
        the conditional sd of v.
        """
        factors = self.posterior.factors()
        x_t, x_c, *_ = gaussian_approximation(factors, COORDINATES["treatment"])
        slope_t, slope_c = (CONTRASTS[contrast].slope(x) for x in (x_t, x_c))
        sd = {}
        for name in _CONTRAST_COORDINATES:
            coordinates = COORDINATES[name]
            inner_sd = gaussian_approximation(factors, coordinates)[4]
            sd[name] = np.abs(slope_t * coordinates.t[1] - slope_c * coordinates.c[1]) * inner_sd
        return sd

    def _finder(self, coordinates: str) -> SupportFinder:
        if coordinates not in self._finders:
            self._finders[coordinates] = SupportFinder(self.posterior, COORDINATES[coordinates])
        return self._finders[coordinates]
