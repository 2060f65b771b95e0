"""PosteriorGrids of two log odds at B values of the shared parameters: the only file that knows how `quadrature` works."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.kernel import Posterior2D
from bayes_ivf.exact import COORDINATES, threshold
from bayes_ivf.quadrature import (
    Grid2D,
    Rule,
    SupportFinder,
    gaussian_approximation,
    log_inner_integral,
    panel_nodes,
    tabulate_grid,
)

Array = npt.NDArray[np.float64]

_CONTRAST_CHARTS = ("average", "control", "treatment")


@dataclass(frozen=True)
class PosteriorGrid:
    """The posterior of both log odds in one chart, under one rule.

    Parameters
    ----------
    name : str
        Of the chart, after its outer coordinate.
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
        """Bytes of its inner nodes: density, the same by order, the integrals of its polynomials, and the coordinate."""
        return 4 * self.grid.values.nbytes + self.grid.values.nbytes // 12

    def outline(self) -> PosteriorGrid:
        """Return the same without its inner nodes."""
        nothing = np.empty((0, *self.u.shape))
        return PosteriorGrid(self.name, replace(self.grid, values=nothing, inner_edges=nothing))

    @property
    def node_share(self) -> Array:
        """Posterior probability of each node given the shared parameters, (M, N, B)."""
        grid = self.grid
        share = panel_nodes(grid.inner_edges)[1] * grid.values * grid.weight
        return np.asarray(share / share.sum(axis=(0, 1)))

    @property
    def outer_share(self) -> Array:
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
    """All charts of one kernel; rules share where the posterior was found to lie.

    Parameters
    ----------
    kernel : Posterior2D
        Likelihood curves and priors.
    """

    kernel: Posterior2D
    _finders: dict[str, SupportFinder] = field(default_factory=dict)

    def tabulate(self, chart: str, rule: Rule) -> PosteriorGrid:
        """Return the posterior in a chart."""
        return PosteriorGrid(chart, tabulate_grid(self._finder(chart), rule))

    def log_null(self, rule: Rule) -> Array:
        """Log of the integral of likelihood times prior along equal log odds, (B,)."""
        return log_inner_integral(self._finder("effect"), np.zeros(self.kernel.size), rule)

    def carried(self, contrast: str) -> dict[str, Array]:
        """Standard deviation (B,) of a contrast that the inner coordinate of a chart carries, by chart."""
        terms = self.kernel.factors()
        x_t, x_c, *_ = gaussian_approximation(terms, COORDINATES["treatment"])
        slope_t, slope_c = special.expit(-x_t), special.expit(-x_c)
        if contrast == "risk_difference":
            slope_t, slope_c = slope_t * special.expit(x_t), slope_c * special.expit(x_c)
        found = {}
        for name in _CONTRAST_CHARTS:
            chart = COORDINATES[name]
            inner_sd = gaussian_approximation(terms, chart)[4]
            found[name] = np.abs(slope_t * chart.t[1] - slope_c * chart.c[1]) * inner_sd
        return found

    def _finder(self, chart: str) -> SupportFinder:
        if chart not in self._finders:
            self._finders[chart] = SupportFinder(self.kernel, COORDINATES[chart])
        return self._finders[chart]
