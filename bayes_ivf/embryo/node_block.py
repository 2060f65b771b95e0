"""Answers given each of some nodes of the shared parameters: few enough that an array over all their points fits a cache.

Given psi, an estimand is a function of both log odds, T(u, v). Its distribution function is

* the marginal of the outer coordinate, where T = u (kind ``outer``), or T is monotone in u alone (``arm``);
* ``Pr(T <= t) = integral Pr(v <= v(t, u) | u) p(u) du`` otherwise, where T(u, v(t, u)) = t; v(t, u) is known in closed form for
  contrasts of expit(log odds) (``contrast``), and found by inverting T along v for functions of both arms (``between``).

The conditional distribution function is integrated, since summing the mass of grid cells below t would be off by a cell.

Examples
--------
With one embryo a woman, the chance per woman is that per embryo, so kind ``arm`` agrees with kind ``outer``:

>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.coarse_scan import scan_posterior
>>> from bayes_ivf.embryo.estimands import estimands_of
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> from bayes_ivf.embryo.posterior_2d import PosteriorGrids
>>> from bayes_ivf.embryo.problem import embryo_problem
>>> from bayes_ivf.priors import Prior
>>> arm, normal = prepare_arm(ArmTotals(8, 8, 4, 4), max_embryos=1), Prior("Normal", {"mu": 0.0, "sigma": 1.5})
>>> factory = scan_posterior(embryo_problem(arm, arm, {"average": normal, "effect": normal}))
>>> within, loss = np.array([0.4]), np.zeros(1)
>>> woman = WomanCurves(arm, within, loss, ())
>>> functions = EstimandFunctions("beta_binomial", within)
>>> block = NodeBlock(PosteriorGrids(factory.at(within, loss)), functions, woman, woman, Rule(8, 8), ArrayCache())
>>> asked = estimands_of("beta_binomial")
>>> for name in ("treatment_risk", "woman_treatment_risk"):
...     below, density = block.distribution(asked[name], "treatment", np.array([[0.5]]), exact=True)
...     print(name, below.round(4), density.round(4))
treatment_risk [[0.7805]] [[0.4541]]
woman_treatment_risk [[0.7805]] [[0.4541]]
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.array_cache import ArrayCache
from bayes_ivf.embryo.estimands import EmbryoEstimand, EstimandFunctions
from bayes_ivf.embryo.posterior_2d import PosteriorGrid, PosteriorGrids
from bayes_ivf.embryo.women_curves import WomanCurves
from bayes_ivf.quadrature import Rule, invert_rows

Array = npt.NDArray[np.float64]

_CERTAIN = 40.0
"""Log odds of a probability of one, to the last digit."""


class _Token:
    """Stands for a block in the keys of a cache.

    A key that held the block itself would keep it alive with its arrays; an `id` could be that of a later block.
    """


@dataclass(frozen=True, eq=False)
class NodeBlock:
    """The posterior at B nodes of the shared parameters.

    Parameters
    ----------
    grids : PosteriorGrids
        Posterior of both log odds at each node.
    functions : EstimandFunctions
        The estimands as functions of both log odds.
    treatment, control : WomanCurves
        A woman's chance by arm.
    rule : Rule
        How finely the log odds are integrated.
    cache : ArrayCache
        Keeps what is large.
    """

    grids: PosteriorGrids
    functions: EstimandFunctions
    treatment: WomanCurves
    control: WomanCurves
    rule: Rule
    cache: ArrayCache
    _token: _Token = field(default_factory=_Token)
    _outer_grids: dict[str, PosteriorGrid] = field(default_factory=dict)
    _woman_log_odds: dict[str, Array] = field(default_factory=dict)

    def grid(self, coordinates: str) -> PosteriorGrid:
        """Return the posterior in some coordinates."""
        grid: PosteriorGrid = self.cache.get(
            (self._token, coordinates), lambda: self.grids.tabulate(coordinates, self.rule), lambda grid: grid.size
        )
        self._outer_grids.setdefault(coordinates, grid.without_inner_nodes())
        return grid

    def outer_grid(self, coordinates: str) -> PosteriorGrid:
        """Return the same without its inner nodes, which is all that a marginal needs."""
        if coordinates not in self._outer_grids:
            self.grid(coordinates)
        return self._outer_grids[coordinates]

    def distribution(self, estimand: EmbryoEstimand, coordinates: str, s: Array, *, exact: bool) -> tuple[Array, Array]:
        """Distribution functions and densities given each node at s (K, B) of the estimand's coordinate, two arrays (K, B).

        Without `exact` inverses are interpolated, to some four digits.
        """
        if estimand.kind == "outer":
            at, slope = self.functions.without_factor(estimand, s)
            below, density = self.outer_grid(coordinates).marginal(at)
            return below, density * slope
        if estimand.kind == "arm":
            grid, log_odds = self.outer_grid(coordinates), self._arm(coordinates).log_odds
            at, slope = invert_rows(
                log_odds if exact else None, grid.u[:, None], self.woman_log_odds(coordinates)[:, None], s
            )
            below, density = grid.marginal(at[:, 0])
            return below, density * slope[:, 0]
        grid, sign = self.grid(coordinates), _sign(estimand, coordinates)
        if estimand.kind == "contrast":
            at, slope = self.functions.without_factor(estimand, s)
            below, density = grid.conditional(*grid.contrast_threshold(estimand.contrast, at))
            density = density * slope
        else:

            def function(v: Array) -> Array:
                return sign * self._between(estimand, *grid.arms(grid.u, v))

            values = self._between_at_nodes(estimand, coordinates, grid)
            threshold = invert_rows(function if exact else None, grid.v, sign * values, sign * s)
            below, density = grid.conditional(*threshold)
        return (1 - below if sign < 0 else below), density

    def at_nodes(self, estimand: EmbryoEstimand, coordinates: str) -> tuple[Array, Array]:
        """Coordinate of the estimand at the points of its grid, and their probabilities given the shared parameters."""
        if estimand.kind == "outer":
            outer = self.outer_grid(coordinates)
            return self.functions.outer(estimand, outer.u), outer.outer_probability
        if estimand.kind == "arm":
            return self.woman_log_odds(coordinates), self.outer_grid(coordinates).outer_probability
        grid = self.grid(coordinates)
        if estimand.kind == "contrast":
            return self.functions.contrast(estimand, *grid.arms(grid.u, grid.v)), grid.node_probability
        return self._between_at_nodes(estimand, coordinates, grid), grid.node_probability

    def bound(self, estimand: EmbryoEstimand) -> Array:
        """Upper bound (B,) of an arm's risk, met when every woman is receptive."""
        within = self.functions.within
        if estimand.kind == "outer":
            return within
        corners = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]])[..., None] * _CERTAIN * np.ones_like(within)
        return np.asarray(special.expit(self._between(estimand, corners[:, 0], corners[:, 1])).max(axis=0))

    def woman_log_odds(self, arm: str) -> Array:
        """Log odds per woman at the outer nodes of the arm's own coordinates, (N, B)."""
        if arm not in self._woman_log_odds:
            self._woman_log_odds[arm] = self._arm(arm).log_odds(self.outer_grid(arm).u)
        return self._woman_log_odds[arm]

    def _arm(self, arm: str) -> WomanCurves:
        return self.treatment if arm == "treatment" else self.control

    def _arm_log_odds(
        self, estimand: EmbryoEstimand, x_t: Array, x_c: Array, wanted: tuple[str, ...] = ("treatment", "control")
    ) -> list[Array]:
        return self.functions.arm_log_odds(estimand, x_t, x_c, self.treatment, self.control, wanted)

    def _between(self, estimand: EmbryoEstimand, x_t: Array, x_c: Array) -> Array:
        if estimand.contrast == "treatment_risk":
            return self._arm_log_odds(estimand, x_t, x_c, ("treatment",))[0]
        if estimand.contrast == "control_risk":
            return self._arm_log_odds(estimand, x_t, x_c, ("control",))[0]
        y_t, y_c = self._arm_log_odds(estimand, x_t, x_c)
        return self.functions.between(estimand, y_t, y_c)

    def _between_at_nodes(self, estimand: EmbryoEstimand, coordinates: str, grid: PosteriorGrid) -> Array:
        """Coordinate of the estimand at the points of a grid, (M, N, B)."""

        def both_arms() -> list[Array]:
            return self._arm_log_odds(estimand, *grid.arms(grid.u, grid.v))

        def values() -> Array:
            if estimand.contrast in ("treatment_risk", "control_risk"):
                return self._between(estimand, *grid.arms(grid.u, grid.v))
            # contrasts of the same two arms share what takes long
            pair = self.cache.get(
                (self._token, coordinates, estimand.quantity),
                both_arms,
                lambda pair: sum(log_odds.nbytes for log_odds in pair),
            )
            return self.functions.between(estimand, *pair)

        # an odds ratio and its log are one coordinate
        key = (self._token, coordinates, estimand.quantity, estimand.contrast.removeprefix("log_"))
        at_nodes: Array = self.cache.get(key, values, lambda values: values.nbytes)
        return at_nodes


def _sign(estimand: EmbryoEstimand, coordinates: str) -> int:
    # along the control arm's log odds a contrast falls
    return -1 if coordinates == "treatment" and estimand.contrast != "control_risk" else 1
