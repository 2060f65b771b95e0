"""A one-dimensional posterior on panels."""

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
        Nodes and their posterior probabilities.
    panels : Panels
    stretch : SinhMap
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
        slope = np.exp(-self.stretch.log_slope(np.clip(y, -600, 600)))
        return below / self.panels.total, density * slope / self.panels.total

    def moments(self, values: Array) -> tuple[Array, Array]:
        """Posterior mean and sd of values (N, B) at the nodes."""
        mean = add_up(values * self.share)
        return mean, np.sqrt(add_up((values - mean) ** 2 * self.share))


class SupportFinder1D:
    """Where a one-dimensional posterior lives; the rules that are compared share it.

    Parameters
    ----------
    log_density : callable
        Log kernel of x, array (K, B) to array (K, B).
    stretch : SinhMap
        Center and scale (B,) of the search.
    marks : sequence of arrays (B,)
        Points that the search must see.
    kinks : sequence of arrays (B,)
        Points where the kernel is not smooth.
    reach : array (B,)
        How far to look, in the stretched coordinate.
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
        seen = [stretch.y(np.broadcast_to(mark, shape))[None] for mark in [*marks, *kinks]]
        start = np.concatenate([initial_points(np.broadcast_to(reach, shape)), *seen])
        start.sort(axis=0)
        self.points, self.logs = locate_support(self._log, start, self._log(start))

    def _log(self, y: Array) -> Array:
        return self.log_density(self.stretch.x(y)) + self.stretch.log_slope(y)

    def grid(self, panels: int) -> Grid1D:
        """Tabulate the posterior on some panels."""
        edges = with_kinks(equidistribute(self.points, self.logs, panels), self.kinks)
        y, weight = panel_nodes(edges)
        logs = self._log(y)
        top = peak(logs)
        values = np.exp(logs - top)
        table = Panels.tabulate(edges, values)
        with np.errstate(divide="ignore"):
            log_total = top + np.log(table.total)
        return Grid1D(self.stretch.x(y), values * weight / table.total, table, self.stretch, log_total)
