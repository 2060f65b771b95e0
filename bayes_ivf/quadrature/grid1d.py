"""A one-dimensional posterior on panels: distribution function, density, moments, and the log of its integral.

For a kernel (a density without its constant) k(x), B problems at once::

    Z = int k(x) dx,   P(x <= t) = (1 / Z) int_{-inf}^t k(x) dx,   E f = sum_i f(x_i) share_i

`SupportFinder1D` brackets the mass once (`adaptive_mesh`); `SupportFinder1D.grid` tabulates it under a rule, so that two
rules that are compared share the search and differ in the panels alone.

Examples
--------
Laplace densities of scale 1 and 2, whose kink gets an edge of its own:

>>> import numpy as np
>>> scale = np.array([1.0, 2.0])
>>> zero = np.zeros(2)
>>> finder = SupportFinder1D(
...     lambda x: -np.abs(x) / scale, SinhMap(zero, scale), marks=[], kinks=[zero], reach=np.full(2, 15.0)
... )
>>> grid = finder.grid(8)
>>> bool(np.abs(np.exp(grid.log_total) - 2 * scale).max() < 1e-8)
True
>>> below, density = grid.marginal(np.array([[1.0, 1.0]]))
>>> bool(np.abs(below - (1 - np.exp(-1 / scale) / 2)).max() < 1e-8)
True
>>> mean, sd = grid.moments(grid.x)
>>> bool(np.abs(sd - np.sqrt(2) * scale).max() < 1e-6)
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature.adaptive_mesh import equidistribute, initial_points, locate_support, with_kinks
from bayes_ivf.quadrature.panels import Panels, SinhMap, add_up, panel_nodes, peak

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grid1D:
    """A posterior of one coordinate x under one rule.

    Parameters
    ----------
    x, share : array (N, B)
        Nodes and their posterior probabilities, which sum to one.
    panels : Panels
        Density in the stretched coordinate, up to a factor.
    stretch : SinhMap
        Between x and the stretched coordinate.
    log_total : array (B,)
        Log of the integral of the kernel.
    """

    x: Array
    share: Array
    panels: Panels
    stretch: SinhMap
    log_total: Array

    def marginal(self, x: Array) -> tuple[Array, Array]:
        """Probability below, and density at `x` (K, B)."""
        y = self.stretch.y(x)
        below, density = self.panels.below(y)
        # 600: far beyond any panel, where the density is zero, the Jacobian must not overflow
        per_x = np.exp(-self.stretch.log_slope(np.clip(y, -600, 600)))
        return below / self.panels.total, density * per_x / self.panels.total

    def moments(self, values: Array) -> tuple[Array, Array]:
        """Posterior mean and sd of values (N, B) at the nodes."""
        mean = add_up(values * self.share)
        return mean, np.sqrt(add_up((values - mean) ** 2 * self.share))


class SupportFinder1D:
    """Bracket the mass of a one-dimensional posterior; the rules that are compared share it.

    Parameters
    ----------
    log_density : callable
        Log kernel of x, array (K, B) to array (K, B).
    stretch : SinhMap
        Center and scale (B,) of the stretched coordinate.
    marks : sequence of arrays (B,)
        Points that the search must sample.
    kinks : sequence of arrays (B,)
        Points where the kernel is not smooth.
    reach : array (B,)
        Radius of the search, in the stretched coordinate.
    """

    def __init__(
        self,
        log_density: Callable[[Array], Array],
        stretch: SinhMap,
        marks: Sequence[Array],
        kinks: Sequence[Array],
        reach: Array,
    ) -> None:
        self.log_density, self.stretch = log_density, stretch
        shape = stretch.center.shape
        self.kinks = [stretch.y(np.broadcast_to(kink, shape)) for kink in kinks]
        sampled = [stretch.y(np.broadcast_to(mark, shape))[None] for mark in [*marks, *kinks]]
        starting_points = np.concatenate([initial_points(np.broadcast_to(reach, shape)), *sampled])
        starting_points.sort(axis=0)
        self.points, self.logs = locate_support(self._log, starting_points, self._log(starting_points))

    def _log(self, y: Array) -> Array:
        return self.log_density(self.stretch.x(y)) + self.stretch.log_slope(y)

    def grid(self, panels: int) -> Grid1D:
        """Tabulate the posterior on this many panels, and one more for each kink."""
        edges = with_kinks(equidistribute(self.points, self.logs, panels), self.kinks)
        y, weight = panel_nodes(edges)
        logs = self._log(y)
        top = peak(logs)
        values = np.exp(logs - top)
        tabulated = Panels.tabulate(edges, values)
        with np.errstate(divide="ignore"):
            log_total = top + np.log(tabulated.total)
        return Grid1D(self.stretch.x(y), values * weight / tabulated.total, tabulated, self.stretch, log_total)
