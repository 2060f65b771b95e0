"""Planes of two log odds at B values of the shared parameters: the only file that knows how `exact.sheet` works."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.embryo.kernel import Kernel
from bayes_ivf.inference.exact.charts import CHARTS, gaussian_guess
from bayes_ivf.inference.exact.contrasts import threshold
from bayes_ivf.inference.exact.quadrature import Rule, panel_nodes
from bayes_ivf.inference.exact.scouts import Scout
from bayes_ivf.inference.exact.sheet import Sheet, build_sheet, log_row

Array = npt.NDArray[np.float64]

_CONTRAST_CHARTS = ("average", "control", "treatment")


@dataclass(frozen=True)
class Plane:
    """The posterior of both log odds in one chart, under one rule.

    Parameters
    ----------
    name : str
        Of the chart, after its outer coordinate.
    sheet : Sheet
        The tabulated posterior.
    """

    name: str
    sheet: Sheet

    @property
    def u(self) -> Array:
        """Outer nodes, (N, B)."""
        return self.sheet.u

    @cached_property
    def v(self) -> Array:
        """Inner nodes, ascending, (M, N, B)."""
        return self.sheet.inner_map.x(panel_nodes(self.sheet.inner_edges)[0])

    @property
    def size(self) -> int:
        """Bytes of its inner nodes: density, the same by order, the integrals of its polynomials, and the coordinate."""
        return 4 * self.sheet.values.nbytes + self.sheet.values.nbytes // 12

    def outline(self) -> Plane:
        """Return the same without its inner nodes."""
        nothing = np.empty((0, *self.u.shape))
        return Plane(self.name, replace(self.sheet, values=nothing, inner_edges=nothing))

    @property
    def node_share(self) -> Array:
        """Posterior probability of each node given the shared parameters, (M, N, B)."""
        sheet = self.sheet
        share = panel_nodes(sheet.inner_edges)[1] * sheet.values * sheet.weight
        return np.asarray(share / share.sum(axis=(0, 1)))

    @property
    def outer_share(self) -> Array:
        """Posterior probability of each outer node given the shared parameters, (N, B)."""
        return self.sheet.share

    @property
    def log_total(self) -> Array:
        """Log of the integral of likelihood times prior, (B,)."""
        return self.sheet.log_total

    def arms(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Log odds of treatment and control at outer and inner coordinates."""
        chart = self.sheet.chart
        return chart.t[0] * u + chart.t[1] * v, chart.c[0] * u + chart.c[1] * v

    def marginal(self, u: Array) -> tuple[Array, Array]:
        """Probability below, and density at outer coordinates (K, B)."""
        return self.sheet.marginal(u)

    def conditional(self, v: Array, per_s: Array) -> tuple[Array, Array]:
        """Probability that the inner coordinate is below v (K, N, B), and its density times `per_s`; two (K, B)."""
        return self.sheet.conditional(v, per_s)

    def contrast_threshold(self, contrast: str, s: Array) -> tuple[Array, Array]:
        """Inner coordinate at which a contrast of expit(log odds) has the coordinate s (K, B), and its derivative."""
        return threshold(contrast, self.name, self.u, s[:, None])


@dataclass(frozen=True)
class Planes:
    """All charts of one kernel; rules share where the posterior was found to lie.

    Parameters
    ----------
    kernel : Kernel
        Likelihood curves and priors.
    """

    kernel: Kernel
    _scouts: dict[str, Scout] = field(default_factory=dict)

    def tabulate(self, chart: str, rule: Rule) -> Plane:
        """Return the posterior in a chart."""
        return Plane(chart, build_sheet(self._scout(chart), rule))

    def log_null(self, rule: Rule) -> Array:
        """Log of the integral of likelihood times prior along equal log odds, (B,)."""
        return log_row(self._scout("effect"), np.zeros(self.kernel.size), rule)

    def carried(self, contrast: str) -> dict[str, Array]:
        """Standard deviation (B,) of a contrast that the inner coordinate of a chart carries, by chart."""
        terms = self.kernel.terms()
        x_t, x_c, *_ = gaussian_guess(terms, CHARTS["treatment"])
        slope_t, slope_c = special.expit(-x_t), special.expit(-x_c)
        if contrast == "risk_difference":
            slope_t, slope_c = slope_t * special.expit(x_t), slope_c * special.expit(x_c)
        found = {}
        for name in _CONTRAST_CHARTS:
            chart = CHARTS[name]
            inner_sd = gaussian_guess(terms, chart)[4]
            found[name] = np.abs(slope_t * chart.t[1] - slope_c * chart.c[1]) * inner_sd
        return found

    def _scout(self, chart: str) -> Scout:
        if chart not in self._scouts:
            self._scouts[chart] = Scout(self.kernel.as_table(), CHARTS[chart])
        return self._scouts[chart]
