"""The posterior of one problem of printed quantiles under one rule: distribution functions, densities and moments.

Nearly everything is asked of the plane of both locations (`quantile_plane`). Where the prior has a kink that the plane does not
keep in one place, all pairs of sigmas and nodes of the anchor are (`quantile_kernel`): quantities whose thresholds hang on both
sigmas alone of the rows, and the density of the others is tabulated once on panels of the quantity itself.

Examples
--------
Equal arms: no difference is as probable as not.

>>> from bayes_ivf.exact.quantile_arm import ArmLikelihood
>>> from bayes_ivf.exact.quantile_rows import Priors
>>> from bayes_ivf.priors import BatchedPrior
>>> def arm(numbers, n):
...     q = np.array(numbers, dtype=float)
...     return ArmLikelihood(q - 0.5, q + 0.5, np.array([0.25, 0.5, 0.75]) * (n + 1), n)
>>> flat, effect = BatchedPrior("Flat", {}), BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> priors = Priors(effect, flat, "average", flat, False)
>>> same = arm((3, 5, 8), 20)
>>> solution = QuantileSolution((same, same), priors, False, Rule(3, 5))
>>> below, _ = solution.evaluate("mean_difference", np.zeros((1, 1)))
>>> float(below[0, 0].round(3))
0.5
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from bayes_ivf.estimands import RATIO_OF_MEANS_CONTROL
from bayes_ivf.exact.quantile_arm import ArmLikelihood
from bayes_ivf.exact.quantile_grid import QuantileNodesPosterior, middle_of
from bayes_ivf.exact.quantile_kernel import solve_nodes
from bayes_ivf.exact.quantile_nodes import rough_sigma
from bayes_ivf.exact.quantile_plane import Plane, solve_plane
from bayes_ivf.exact.quantile_rows import Priors
from bayes_ivf.exact.quantile_values import LOG_NORMAL, NORMAL, OF_SIGMAS, RATIOS, STANDARDIZED, values_at
from bayes_ivf.quadrature import Grid1D, Rule, SinhMap, SupportFinder1D

Array = npt.NDArray[np.float64]

_STEPS = {3: 0.6, 4: 0.47, 8: 0.3}
_CLOSER = 0.5
"""Log sigmas of log-normal values lie closer by this factor where nothing else smooths the steps of a standardized difference."""
_LONGEST = 2.0
"""Power of tails below which rows are asked, each with panels of its own."""
_BENT = 0.6
"""How much closer log sigmas lie for means of log-normal values, which bend with the variance."""
_POINTS, _MORE_POINTS = 8, 48
_MORE_PANELS = 4
"""Of rows, which are few: the density at no difference needs more than probabilities do."""
_REACH = 25.0
_DISCREPANT = 1e-5


@dataclass(frozen=True)
class QuantileSolution:
    """The posterior of one problem under one rule."""

    arms: tuple[ArmLikelihood, ArmLikelihood]
    priors: Priors
    log_normal: bool
    rule: Rule
    _planes: dict[float, Plane] = field(default_factory=dict, repr=False, compare=False)
    _grids: dict[str, Grid1D] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _nodes(self) -> QuantileNodesPosterior:
        return solve_nodes(self.arms, self.priors, _STEPS[self.rule.outer], self.rule.inner)

    @cached_property
    def _rows(self) -> QuantileNodesPosterior:
        """Nodes for quantities that hang on the sigmas and the effect alone."""
        step = _STEPS[self.rule.outer] * (_CLOSER if self.log_normal else 1.0)
        if self._is_smooth(0.0):
            return self._plane(0.0).rows or self._nodes
        return solve_nodes(self.arms, self.priors, step, self.rule.inner + _MORE_PANELS, columns=False)

    def _is_smooth(self, shift: float) -> bool:
        """Whether a plane can be tabulated.

        A kink of the prior must lie at one difference of locations, whatever the sigmas; and an arm of four women may leave
        tails so long that no grid of two locations holds them.
        """
        if not self.priors.sigma.proper and min(arm.tail for arm in self.arms) < _LONGEST:
            return False
        kinks = [] if self.priors.effect is None else self.priors.effect.kinks()
        return not kinks or (not shift and all(bool((kink == 0).all()) for kink in kinks))

    def _plane(self, shift: float) -> Plane:
        if shift not in self._planes:
            step = _STEPS[self.rule.outer]
            if shift:
                largest = max(rough_sigma(arm.low, arm.high, arm.rank, arm.n) for arm in self.arms)
                step /= np.sqrt(1 + _BENT * largest**2)
            elif self.log_normal:
                step *= _CLOSER
            self._planes[shift] = solve_plane(self.arms, self.priors, step, shift, self.rule)
        return self._planes[shift]

    @property
    def log_total(self) -> Array:
        """Log integral of the kernel."""
        return np.array([self._rows.log_total])

    def missed(self) -> Array:
        """Probability (1,) of the outermost log sigmas, and by how much the totals of planes differ, beyond rounding."""
        edge = self._rows.edge
        for plane in self._planes.values():
            edge += abs(float(np.expm1(plane.columns.log_total - self._rows.log_total)))
        return np.array([edge if edge > _DISCREPANT else 0.0])

    def log_density_at_null(self) -> Array:
        """Log posterior density at no difference on the modeled scale."""
        _, density = self._rows.below_rows(np.zeros((1, len(self._rows.row_lines.lean_t))))
        return np.log(np.maximum(density.sum(axis=-1), 1e-300))

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, 1) at `s` (K, 1)."""
        if estimand in RATIOS and not self.log_normal and self._nonpositive >= 1 - RATIO_OF_MEANS_CONTROL:
            nothing = np.full(s.shape, np.nan)
            return nothing, nothing
        if self._is_smooth(self._shift(estimand)) or estimand in OF_SIGMAS[self.log_normal]:
            return self._block(estimand, s)
        grid = self._grid(estimand)
        # where far tails hide from the search, every column is asked instead
        held = abs(float(np.expm1(grid.log_total[0]))) < _DISCREPANT
        return grid.marginal(s) if held else self._by_columns(estimand, s)

    def _by_columns(self, estimand: str, s: Array, sketch: bool = False) -> tuple[Array, Array]:
        points = _MORE_POINTS if sketch else _POINTS
        parts = [self._block(estimand, s[k : k + points], sketch) for k in range(0, len(s), points)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _grid(self, estimand: str) -> Grid1D:
        """Return the density of a quantity on panels; of normal values a median is a mean."""
        name = estimand if self.log_normal else estimand.replace("median", "mean")
        if name not in self._grids:
            center, scale = self.location(name)

            def log_density(s: Array, sketch: bool = False) -> Array:
                return np.log(np.maximum(self._by_columns(name, s, sketch)[1], 1e-300))

            marks = [center + k * scale for k in (-3.0, -1.0, 0.0, 1.0, 3.0)]
            rough = partial(log_density, sketch=True)
            finder = SupportFinder1D(rough, SinhMap(center, scale), marks, [], np.full(1, _REACH))
            finder.log_density = log_density
            self._grids[name] = finder.grid(self.rule.inner + 3)
        return self._grids[name]

    def _block(self, estimand: str, s: Array, sketch: bool = False) -> tuple[Array, Array]:
        nodes, name = self._asked(estimand)
        nodes = nodes.sketch if sketch else nodes
        if estimand in RATIOS and not self.log_normal:
            return self._ratio(nodes, s)
        of_rows = estimand in OF_SIGMAS[self.log_normal]
        lines = nodes.row_lines if of_rows else nodes.lines
        d, slope = (LOG_NORMAL if self.log_normal else NORMAL)[name](lines, s)
        mass, density = nodes.below_rows(d) if of_rows else nodes.below_columns(d)
        total = (nodes.panels if of_rows else nodes.by_column).total
        below = np.where(slope >= 0, mass, total - mass)
        if estimand.startswith("control"):
            below = total - mass
        return _over(below), _over(density * np.abs(slope))

    @cached_property
    def _nonpositive(self) -> float:
        """Probability that the control mean of normal values is not positive."""
        return float(self._block("control_mean", np.zeros((1, 1)))[0][0, 0])

    @staticmethod
    def _ratio(nodes: QuantileNodesPosterior, point: Array) -> tuple[Array, Array]:
        """Of normal values: below r where ``d <= (r - 1) anchor / (lean_t - r lean_c)`` and the control mean is positive."""
        lines = nodes.lines
        rise = lines.lean_t - point * lines.lean_c
        with np.errstate(divide="ignore", invalid="ignore"):
            threshold = (point - 1) * lines.anchor / rise
            slope = lines.anchor * (lines.lean_t - lines.lean_c) / rise**2
            turn = np.broadcast_to(-lines.anchor / lines.lean_c, threshold.shape)
        mass, density = nodes.below_columns(threshold)
        at_turn, total = nodes.below_columns(turn)[0], nodes.by_column.total
        outside = np.minimum(mass, at_turn) + total - np.maximum(mass, at_turn)
        below = np.where(rise > 0, outside, np.abs(at_turn - mass))
        return _over(below), _over(density * np.abs(slope))

    def _shift(self, estimand: str) -> float:
        return 0.5 if self.log_normal and "median" not in estimand and estimand != STANDARDIZED else 0.0

    def _asked(self, estimand: str) -> tuple[QuantileNodesPosterior, str]:
        """Return nodes that know a quantity, and what it is called there: on the plane of means, these are medians."""
        shift = self._shift(estimand)
        if estimand == STANDARDIZED or not self._is_smooth(shift):
            return self._rows if estimand in OF_SIGMAS[self.log_normal] else self._nodes, estimand
        return self._plane(shift).columns, estimand.replace("mean", "median")

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread, to start searches from: those of the middle four fifths of the nodes."""
        nodes, name = self._asked(estimand)
        share = nodes.share.sum(axis=0)
        some = share > 1e-3 * share.max()
        values = values_at(nodes.lines.take(some), nodes.d[:, some], name, self.log_normal)
        center, scale = middle_of(values, nodes.share[:, some])
        return np.array([center]), np.array([scale])

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (1,); NaN where they do not exist."""
        powers = self._moments_of(estimand)
        if powers <= 1:
            return np.array([np.nan]), np.array([np.nan])
        nodes, name = self._asked(estimand)
        values, share = values_at(nodes.lines, nodes.d, name, self.log_normal), nodes.share
        mean = float((values * share).sum() / share.sum())
        sd = np.sqrt(((values - mean) ** 2 * share).sum() / share.sum())
        return np.array([mean]), np.array([sd if powers > 2 else np.nan])

    def _moments_of(self, estimand: str) -> float:
        """Order below which moments of a quantity exist."""
        if estimand == "standardized_mean_difference":
            return np.inf
        if estimand in RATIOS or self.log_normal:
            return 0.0
        return np.inf if self.priors.sigma.proper else min(arm.tail for arm in self.arms)


def _over(values: Array) -> Array:
    return np.asarray(values.sum(axis=-1, keepdims=True))
