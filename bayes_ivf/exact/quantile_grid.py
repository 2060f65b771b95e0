"""What a problem of printed quantiles is tabulated to: a posterior on rows, columns and panels of the effect.

A row is a pair of log sigmas, a column a row with a node of its anchor; each has the density of the effect on panels.

Examples
--------
Every row has panels of its own, and every column belongs to one:

>>> from bayes_ivf.exact.quantile_kernel import solve_nodes
>>> from bayes_ivf.exact.quantile_arm import ArmLikelihood
>>> from bayes_ivf.exact.quantile_rows import Priors
>>> from bayes_ivf.priors import BatchedPrior
>>> def arm(numbers, n):
...     q = np.array(numbers, dtype=float)
...     return ArmLikelihood(q - 0.5, q + 0.5, np.array([0.25, 0.5, 0.75]) * (n + 1), n)
>>> flat, effect = BatchedPrior("Flat", {}), BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> priors = Priors(effect, flat, "average", flat, False)
>>> nodes = solve_nodes((arm((3, 5, 8), 20), arm((2, 4, 7), 20)), priors, 0.6, 5)
>>> len(nodes.row) == nodes.share.shape[1], int(nodes.row.max()) < nodes.panels.edges.shape[1]
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.quantile_values import Lines
from bayes_ivf.quadrature import Panels, SinhMap

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_NEGLIGIBLE = 1e-9
"""Share of all that columns may lose together."""
_SKETCHED = 7
"""One column in so many is enough to search where a density lies; what a search missed is seen by its total."""


@dataclass(frozen=True)
class QuantileNodesPosterior:
    """The posterior on nodes.

    Parameters
    ----------
    lines : Lines
        Of every column: a row and a node of its anchor, arrays (C,).
    row : array (C,)
        Row of each column.
    stretch : SinhMap
        Of the effect in each row.
    panels, by_column : Panels
        Density of the effect in each row and in each column, in its stretched coordinate, their masses adding up to one.
    row_lines : Lines
        Of the rows; their anchor says nothing.
    d, share : array (M, C)
        Effects and the posterior probability of each node.
    log_total : float
    edge : float
        Probability of the outermost log sigmas.
    per_effect : array (R,)
        What panels tabulate, in multiples of the effect.
    """

    lines: Lines
    row: Index
    stretch: SinhMap
    panels: Panels
    by_column: Panels
    row_lines: Lines
    d: Array
    share: Array
    log_total: float
    edge: float
    per_effect: Array

    @cached_property
    def column_stretch(self) -> SinhMap:
        """The map of the effect of every column."""
        return self.stretch.take(self.row)

    @cached_property
    def sketch(self) -> QuantileNodesPosterior:
        """The same of one column in `_SKETCHED`, for searches of where a density lies."""
        some = np.arange(0, len(self.row), _SKETCHED)
        part = self.by_column
        panels = Panels(part.edges[:, some], part.values[..., some], part.start[:, some])
        return replace(
            self,
            lines=self.lines.take(some),
            row=self.row[some],
            by_column=panels,
            d=self.d[:, some],
            share=self.share[:, some],
        )

    def below_rows(self, d: Array) -> tuple[Array, Array]:
        """Probability of a row and d at most `d` (K, R), and its density."""
        mass, density = _below(self.panels, self.stretch, d * self.per_effect)
        return mass, density * self.per_effect

    def below_columns(self, d: Array) -> tuple[Array, Array]:
        """The same of columns, `d` (K, C)."""
        return _below(self.by_column, self.column_stretch, d)


def _below(panels: Panels, stretch: SinhMap, d: Array) -> tuple[Array, Array]:
    y = stretch.y(d)
    _ = panels.powers
    mass, density = panels.below(y)
    return mass, density * np.exp(-stretch.log_slope(np.clip(y, -600, 600)))


def collect(
    every: Lines,
    stretch: SinhMap,
    edges: Array,
    weight: Array,
    d: Array,
    z: Array,
    logs: Array,
    anchor_sd: Array,
    edge: float,
    by_column: bool,
) -> QuantileNodesPosterior:
    """Turn the log kernel (M, Z, R) at effects d (M, R) and nodes z (Z, R) into a posterior, without columns of no weight.

    Parameters
    ----------
    every : Lines
        Of the rows, (R,), with the middle of their anchors.
    stretch : SinhMap
    edges : array (P + 1, R)
    weight, d : array (M, R)
    z : array (Z, R)
    logs : array (M, Z, R)
        Is overwritten.
    anchor_sd : array (R,)
    edge : float
    by_column : bool
        Whether columns will be asked; else each row is one.
    """
    # the nodes of the anchor have its sd between them
    logs += np.log(anchor_sd * (z[1] - z[0]))
    top = float(logs.max())
    values = np.exp(logs - top, out=logs)
    masses = (values * weight[:, None]).sum(axis=0)
    total = float(masses.sum())
    values /= total
    if not by_column:
        by_row = values.sum(axis=1)
        panels = Panels.tabulate(edges, by_row)
        log_total = top + float(np.log(total))
        return QuantileNodesPosterior(
            every,
            np.arange(len(anchor_sd)),
            stretch,
            panels,
            panels,
            every,
            d,
            by_row * weight,
            log_total,
            edge,
            np.ones(len(anchor_sd)),
        )
    flat = masses.ravel() / total
    order = np.argsort(flat)
    kept = np.sort(order[np.cumsum(flat[order]) >= _NEGLIGIBLE])
    row = kept % len(anchor_sd)
    at = (every.anchor + anchor_sd * z).ravel()[kept]
    columns = values.reshape(len(d), -1)[:, kept]
    return QuantileNodesPosterior(
        lines=Lines(at, every.lean_t[row], every.lean_c[row], every.sigma_t[row], every.sigma_c[row]),
        row=row,
        stretch=stretch,
        panels=Panels.tabulate(edges, values.sum(axis=1)),
        by_column=Panels.tabulate(edges[:, row], columns),
        row_lines=every,
        d=d[:, row],
        share=columns * weight[:, row],
        log_total=top + float(np.log(total)),
        edge=edge,
        per_effect=np.ones(len(anchor_sd)),
    )


def middle_of(values: Array, share: Array) -> tuple[float, float]:
    """Median of values with their shares, and half of what the middle 68% span."""
    values, share = values.ravel(), share.ravel()
    order = np.argsort(values)
    passed = np.cumsum(share[order]) / share.sum()
    low, middle, high = values[order][np.minimum(np.searchsorted(passed, (0.16, 0.5, 0.84)), len(order) - 1)]
    return float(middle), float(max((high - low) / 2, 1e-9 * (1 + abs(middle))))
