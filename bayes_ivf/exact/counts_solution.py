"""The posterior of a chunk of two-arm tables under one rule: distribution functions, moments, and what it may have missed.

An outer coordinate's distribution function is a marginal of a grid (`Grid2D.marginal`): the risks and the odds ratio. A
contrast's is an average of conditional ones at its level curve (`Grid2D.conditional`), in the coordinates that `level_curves`
chose.

Where a level curve crosses a kink of a prior, or ends because the inner risk reaches 0 or 1, the conditional probability is not
smooth in u: a grid with edges there is made for that threshold alone.

Examples
--------
>>> import numpy as np
>>> from bayes_ivf.priors import BatchedPrior
>>> normal = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> table = TwoByTwoPosterior(*(np.array([float(count)]) for count in (16, 24, 12, 28)), "average", normal, normal)
>>> solution = CountsSolution(table, Rule(6, 6), {"risk_difference": "average", "risk_ratio": "average"}, False, {})
>>> below, _ = solution.evaluate("risk_difference", np.zeros((1, 1)))
>>> also_below, _ = solution.evaluate("odds_ratio", np.zeros((1, 1)))
>>> bool(abs(below - also_below)[0, 0] < 1e-6)
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.contrast_moments import ContrastMoments, contrast_moments
from bayes_ivf.exact.level_curves import CONTRASTS, kink_crossings, saturation, threshold
from bayes_ivf.exact.moments import RATIOS, Flags, effect_moment_exists, ratio_moment_exists
from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.exact.two_by_two import TwoByTwoPosterior
from bayes_ivf.quadrature import Grid2D, Marginals, Rule, SupportFinder, add_up, log_inner_integral, tabulate_grid

Array = npt.NDArray[np.float64]

OUTER = {
    "odds_ratio": "effect",
    "log_odds_ratio": "effect",
    "control_risk": "control",
    "treatment_risk": "treatment",
}
"""Outer coordinate of which an estimand is a function; its distribution is a marginal."""
_EDGE_SHARE = 1e-8
# Share of a second moment at the outermost nodes from which on it is integrated on panels of its own.
_DISCREPANT = 1e-5
# Probability by which grids in different coordinates may differ: ten tolerances, since they agree to the rules' own errors.
_GRADED = (1.0, 0.15, 0.02, 2e-3, 1e-4)
# Distances from a saturation point, in log odds, at which edges are put on either side: seven- to twentyfold grading, as for an
# endpoint singularity.
_SPARE = 2
# Inner panels that a grid does not need if only integrals over whole rows are read off it.


@dataclass(frozen=True)
class CountsSolution:
    """The posterior of a chunk of tables under one rule; tables of one chunk share the contrasts' coordinates.

    Parameters
    ----------
    table : TwoByTwoPosterior
    rule : Rule
    charts : mapping of str to str
        Name in `COORDINATES` for each contrast.
    direct : bool
        See `SupportFinder`.
    finders : dict
        By name in `COORDINATES`, or by the moment for which counts are shifted; shared by the rules that are compared.
    """

    table: TwoByTwoPosterior
    rule: Rule
    charts: Mapping[str, str]
    direct: bool
    finders: dict[str, SupportFinder]

    @cached_property
    def _grids(self) -> dict[str, Grid2D]:
        return {}

    def support(self, name: str) -> SupportFinder:
        """Bracket of the posterior in some coordinates."""
        if name not in self.finders:
            self.finders[name] = SupportFinder(self.table, COORDINATES[name], self.direct)
        return self.finders[name]

    def grid(self, name: str) -> Grid2D:
        """Tabulate the posterior in some coordinates, on first use."""
        if name not in self._grids:
            # a marginal needs integrals over whole rows alone, a contrast also what lies between their nodes
            spare = 0 if name in self.charts.values() or self.direct else _SPARE
            self._grids[name] = tabulate_grid(self.support(name), Rule(self.rule.outer, self.rule.inner - spare))
        return self._grids[name]

    @property
    def log_total(self) -> Array:
        """Log of the integral of likelihood (without binomial coefficients) times prior, array (B,)."""
        return self.grid("effect").log_total

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the estimand's coordinate at `s` (K, B)."""
        below, density = self.evaluate_all((estimand,), s[:, None])
        return below[:, 0], density[:, 0]

    def evaluate_all(self, estimands: Sequence[str], s: Array) -> tuple[Array, Array]:
        """`evaluate` of several estimands at once, arrays (K, estimand, B)."""
        below, density = self.sketch_all(estimands, s)
        for i, estimand in enumerate(estimands):
            if estimand in CONTRASTS:
                self._sharpen(estimand, s[:, i], below[:, i], density[:, i])
        return below, density

    def _sharpen(self, estimand: str, s: Array, below: Array, density: Array) -> None:
        """Put right, in place, what the panels at hand say where the conditional probability is not smooth."""
        name = self.charts[estimand]
        grid = self.grid(name)
        edge_points = self._edge_points(estimand, grid, s)
        for k in range(len(s) if edge_points else 0):
            inside = [grid.covers(points[k]) for points in edge_points]
            if np.any(inside):
                edges = [
                    np.where(is_inside, points[k], grid.u[0])
                    for is_inside, points in zip(inside, edge_points, strict=True)
                ]
                graded = tabulate_grid(self.support(name), self.rule, edges)
                ((exact, exact_density),) = _below(graded, name, [estimand], s[k : k + 1, None])
                selected = np.any(inside, axis=0)
                below[k] = np.where(selected, exact[0], below[k])
                density[k] = np.where(selected, exact_density[0], density[k])

    def sketch(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """`evaluate` on the panels at hand: good enough to start from."""
        below, density = self.sketch_all((estimand,), s[:, None])
        return below[:, 0], density[:, 0]

    def sketch_all(self, estimands: Sequence[str], s: Array) -> tuple[Array, Array]:
        """`sketch` of several estimands at once, arrays (K, estimand, B)."""
        below, density = np.empty(s.shape), np.empty(s.shape)
        outer = [i for i, estimand in enumerate(estimands) if estimand in OUTER]
        if outer:
            at = s[:, outer]
            found = self._marginals(tuple(OUTER[estimands[i]] for i in outer))(at.reshape(len(s), -1))
            below[:, outer], density[:, outer] = (part.reshape(at.shape) for part in found)
        for name in sorted({self.charts[estimand] for estimand in estimands if estimand in CONTRASTS}):
            inner = [i for i, estimand in enumerate(estimands) if self.charts.get(estimand) == name]
            pairs = _below(self.grid(name), name, [estimands[i] for i in inner], s[:, inner])
            for i, pair in zip(inner, pairs, strict=True):
                below[:, i], density[:, i] = pair
        return below, density

    def _marginals(self, names: tuple[str, ...]) -> Marginals:
        """Distributions of outer coordinates, side by side."""
        if names not in self._joined:
            self._joined[names] = Marginals.side_by_side([self.grid(name) for name in names])
        return self._joined[names]

    @cached_property
    def _joined(self) -> dict[tuple[str, ...], Marginals]:
        return {}

    def _edge_points(self, estimand: str, grid: Grid2D, s: Array) -> list[Array]:
        """Outer coordinates (K, B) that need an edge, since the conditional probability is not smooth there.

        There the level curve crosses a kink of a prior, or ends where the inner risk reaches 0 or 1 while that arm's
        log odds may escape along a slow tail.
        """
        points = kink_crossings(self.table, grid.chart, estimand, s)
        escapes = self.table.escapes_slowly()
        if escapes.any():
            saturation_at = np.where(escapes, saturation(estimand, self.charts[estimand], s), np.nan)
            if np.isfinite(saturation_at).any():
                points += [saturation_at + sign * step for step in _GRADED for sign in (-1, 1)] + [saturation_at]
        return points

    def missed(self) -> Array:
        """Probability (B,) that the panels may have missed, by three checks that do not share the search with the rules.

        Grids in different coordinates have panels of their own, yet the same total; nothing may be left at an edge; and some
        node must be nearly as high as the mode that Newton's method finds from several starts.
        """
        if len(self._grids) == 1:
            self.grid("control" if "control" not in self._grids else "effect")
        grids = list(self._grids.values())
        totals = np.stack([grid.log_total for grid in grids])
        missed_mass = np.max([totals.max(axis=0) - totals.min(axis=0), *(grid.edge_mass for grid in grids)], axis=0)
        mode_is_met = np.all([grid.reaches(self.table.mode_height) for grid in grids], axis=0)
        missed_mass = np.where(
            missed_mass > _DISCREPANT, missed_mass, np.where(self.table.both_escape(), _DISCREPANT, 0.0)
        )
        return np.where(mode_is_met, missed_mass, 1.0)

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread of the estimand's coordinate, to start searches from."""
        if estimand in OUTER:
            grid = self.grid(OUTER[estimand])
            return _outer_moments(grid, grid.u)
        return CONTRASTS[estimand].located(*self.contrast_moments(estimand).gap)

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,) of the estimand; NaN where they do not exist, see `moments`."""
        if estimand not in self._known:
            self._known[estimand] = self._moments(estimand)
        return self._known[estimand]

    @cached_property
    def _known(self) -> dict[str, tuple[Array, Array]]:
        return {}

    def contrast_moments(self, estimand: str) -> ContrastMoments:
        """Moments of a contrast; those of all contrasts with its coordinates are taken on one grid."""
        name = self.charts[estimand]
        if name not in self._contrasts:
            self._contrasts[name] = contrast_moments(self.grid(name))
        return self._contrasts[name][estimand]

    @cached_property
    def _contrasts(self) -> dict[str, dict[str, ContrastMoments]]:
        return {}

    def _moments(self, estimand: str) -> tuple[Array, Array]:
        if estimand in RATIOS:
            return self._ratio_moments(estimand)
        if estimand in CONTRASTS:
            mean, sd = self.contrast_moments(estimand).gap
            is_gap = CONTRASTS[estimand].value_of_gap is None
            return (mean, sd) if is_gap else (np.full_like(mean, np.nan), np.full_like(sd, np.nan))
        grid = self.grid(OUTER[estimand])
        mean, sd = _outer_moments(grid, transform_of(estimand).backward(grid.u))
        if estimand == "log_odds_ratio":
            exists = [self.effect_has_moment(order) for order in (1, 2)]
            return np.where(exists[0], mean, np.nan), np.where(exists[1], sd, np.nan)
        return mean, sd

    def effect_has_moment(self, order: int) -> Flags:
        """Whether (B,) the log odds ratio has a mean (order 1) or mean square (2)."""
        return effect_moment_exists(self.table, order)

    def ratio_has_moment(self, estimand: str, order: int) -> Flags:
        """Whether (B,) a ratio has a mean or mean square that is not carried by the far tail."""
        return ratio_moment_exists(self.table, estimand, order)

    def _ratio_moments(self, estimand: str) -> tuple[Array, Array]:
        first, second = (self.ratio_has_moment(estimand, order) for order in (1, 2))
        with np.errstate(over="ignore", invalid="ignore"):
            # where the far edge of the grid carries part of the second moment, integrate it on panels of its own
            if estimand == "odds_ratio":
                grid = self.grid("effect")
                values = np.exp(grid.u)
                mean, sd = _outer_moments(grid, values)
                carried = values * values * grid.share
                edge = (carried[0] + carried[-1]) / add_up(carried)
            else:
                moments = self.contrast_moments(estimand)
                mean, sd, edge = moments.mean, moments.sd, moments.edge
            reliable = edge < _EDGE_SHARE
        mean, sd = np.array(mean), np.array(sd)
        if not reliable.all():
            logs = [
                self._tilted(estimand, order, ~reliable & exists) for order, exists in ((1, first), (2, first & second))
            ]
            with np.errstate(over="ignore", invalid="ignore"):
                exact = np.exp(logs[0])
                mean = np.where(reliable, mean, exact)
                sd = np.where(reliable, sd, exact * np.sqrt(np.maximum(np.expm1(logs[1] - 2 * logs[0]), 0)))
        # A moment beyond the range of floating point is as good as infinite.
        first &= np.isfinite(mean)
        return np.where(first, mean, np.nan), np.where(first & second & np.isfinite(sd), sd, np.nan)

    def _tilted(self, estimand: str, order: int, wanted: Flags) -> Array:
        """Log posterior mean (B,) of ratio ** order where `wanted`: that of the kernel's integrals with shifted counts.

        ``exp(k (x_t - x_c))`` adds k to the treatment arm's events and takes it from its failures, and the reverse in the control
        arm; ``(p_t / p_c) ** k`` does so with the events alone.
        """
        found, some = np.full(len(wanted), np.nan), np.flatnonzero(wanted)
        if not len(some):
            return found
        name = f"{estimand} ** {order} of {some.tolist()}"
        if name not in self.finders:
            shift = np.full(len(some), float(order))
            failures_shift = shift if estimand == "odds_ratio" else 0 * shift
            tilted = self.table.take(some).shifted((shift, -failures_shift), (-shift, failures_shift))
            self.finders[name] = SupportFinder(tilted, COORDINATES["effect"], True)
        found[some] = tabulate_grid(self.finders[name], self.rule).log_total - self.log_total[some]
        return found

    def log_density_at_null(self) -> Array:
        """Log posterior density of the log odds ratio at 0, array (B,)."""
        return log_inner_integral(self.support("effect"), self.rule) - self.grid("effect").log_total


def _outer_moments(grid: Grid2D, values: Array) -> tuple[Array, Array]:
    mean = grid.expect_outer(values)
    return mean, np.sqrt(grid.expect_outer((values - mean) ** 2))


def _below(grid: Grid2D, name: str, estimands: Sequence[str], s: Array) -> list[tuple[Array, Array]]:
    """Distribution function and density (K, B) of each contrast at its `s` (K, contrast, B)."""
    levels = [threshold(estimand, name, grid.u, s[:, i, None]) for i, estimand in enumerate(estimands)]
    below, density = grid.conditional(*(np.concatenate(parts) for parts in zip(*levels, strict=True)))
    # with the treatment arm outer, the contrast falls as the inner coordinate, the control arm's log odds, rises
    below = 1 - below if name == "treatment" else below
    return [(below[i : i + len(s)], density[i : i + len(s)]) for i in range(0, len(below), len(s))]
