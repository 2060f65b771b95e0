r"""Two arms of counts of which a set of tables is all that is known, such as "no significant difference (P>0.05)".

**Model** (coding "average"; "control" as in `counts_logistic`)::

    r_t ~ Bin(n_t, expit(a + d/2)),    r_c ~ Bin(n_c, expit(a - d/2)),    a ~ p_1,  d ~ p_2
    printed: that (r_t, r_c) is one of some tables, W_ij = 1:   Pr = (1 - doubt) sum_ij W_ij Pr(i, j | a, d) + doubt

Every estimand of counts follows from the same grids, by `CountsSolution`: the set of tables is one smooth factor more.

Examples
--------
40 women an arm, and a difference of at most 8 events:

>>> i = np.arange(41)
>>> near = (np.abs(i[:, None] - i) <= 8).astype(float)
>>> def normal(sigma):
...     return BatchedPrior("Normal", {"mu": 0.0, "sigma": sigma})
>>> posterior = solve_claimed_tables((near,), first=normal(1.5), effect=normal(1.0))
>>> summary = posterior.summarize("risk_difference")
>>> [round(float(value[0]), 3) + 0.0 for value in (summary.mean, summary.ci_low, summary.ci_high)]
[0.0, -0.23, 0.23]
>>> round(float(np.exp(posterior.log_marginal_likelihood[0])), 3)
0.72

References
----------
Agresti A (2013). Categorical data analysis, 3rd edition. Wiley. ISBN 978-0-470-46363-5 (exact tests of two-by-two tables).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.beta_solution import BetaShapes
from bayes_ivf.exact.claimed_tables import ClaimedTables, extra_panels
from bayes_ivf.exact.counts_logistic import ESTIMANDS
from bayes_ivf.exact.counts_solution import CountsSolution
from bayes_ivf.exact.level_curves import CONTRAST_COORDINATES, CONTRASTS, contrast_coordinates
from bayes_ivf.exact.moments import Flags, effect_moment_exists, ratio_moment_exists
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.exact.table_surface import TableSurface
from bayes_ivf.exact.two_by_two import TwoByTwoPosterior
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import ExactPosterior, Rule, SupportFinder, Transform

Array = npt.NDArray[np.float64]

_COORDINATES = tuple(len(CONTRAST_COORDINATES) for _ in CONTRASTS)


@dataclass(frozen=True)
class ClaimedSolution(CountsSolution):
    """The posterior of a chunk of claims under one rule; which moments exist is decided by the tables that fall most slowly."""

    def _of_each(self, moment: str, exists: Callable[[TwoByTwoPosterior], Flags]) -> Flags:
        """Whether (B,) a moment exists under every table of the set, and under none where the words are doubted.

        All rules ask, and have one answer.
        """
        table = self.table
        assert isinstance(table, ClaimedTables)
        if moment not in table.moments:
            table.moments[moment] = self._under_each(table, exists)
        return table.moments[moment].copy()

    @staticmethod
    def _under_each(table: ClaimedTables, exists: Callable[[TwoByTwoPosterior], Flags]) -> Flags:
        assert table.surface is not None
        assert table.doubt is not None
        arms = np.array(table.surface.sizes)
        found = np.ones(table.size, dtype=bool)
        for events in np.concatenate([table.surface.extremes, [[np.nan, np.nan]]]):
            alone = np.isnan(events[0])
            (t, c), (t_left, c_left) = np.zeros((2, 2)) if alone else (events, arms - events)
            added = (
                (np.full(table.size, t), np.full(table.size, t_left)),
                (np.full(table.size, c), np.full(table.size, c_left)),
            )
            found &= exists(table.shifted(*added)) | (alone & (table.doubt == 0))
        return found

    def effect_has_moment(self, order: int) -> Flags:
        """Whether (B,) the log odds ratio has a mean (order 1) or mean square (2); of Beta risks it has all."""
        return self._of_each(f"effect {order}", lambda table: effect_moment_exists(table, order))

    def ratio_has_moment(self, estimand: str, order: int) -> Flags:
        """Whether (B,) a ratio has a mean or mean square that is not carried by the far tail."""
        name = f"{estimand} {order}"
        if self.table.coding == "arms":
            odds = estimand == "odds_ratio"
            return self._of_each(name, lambda each: (each.events_c > order) & ((each.failures_t > order) | (not odds)))
        return self._of_each(name, lambda table: ratio_moment_exists(table, estimand, order))


@dataclass(frozen=True)
class ClaimedBatch:
    """A batch of claims about tables, for `ExactPosterior`.

    Parameters
    ----------
    surfaces : tuple of TableSurface
        Of all sets of tables.
    which : array (B,)
        Set of each problem.
    doubt : array (B,)
    coding : {"average", "control", "arms"}
    first, effect : BatchedPrior
        Under "arms" the Beta priors of the control and of the treatment risk.
    """

    surfaces: tuple[TableSurface, ...]
    which: npt.NDArray[np.intp]
    doubt: Array
    coding: str
    first: BatchedPrior
    effect: BatchedPrior

    chunk = 32
    rules = (Rule(9, 9), Rule(11, 11), Rule(15, 15), Rule(22, 22), Rule(36, 36))

    @property
    def size(self) -> int:
        """Number of claims."""
        return len(self.which)

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return ESTIMANDS

    def take(self, index: npt.NDArray[np.intp]) -> ClaimedBatch:
        """Return some of the claims."""
        used, which = np.unique(self.which[index], return_inverse=True)
        return ClaimedBatch(
            tuple(self.surfaces[i] for i in used),
            which.astype(np.intp),
            self.doubt[index],
            self.coding,
            self.first.take(index, self.size),
            self.effect.take(index, self.size),
        )

    def groups(self) -> npt.NDArray[np.intp]:
        """Set of tables, and coordinates of each contrast."""
        labels = np.empty(self.size, dtype=np.intp)
        for i in range(len(self.surfaces)):
            some = np.flatnonzero(self.which == i)
            found = contrast_coordinates(self._table(some))
            shape = (len(self.surfaces), *_COORDINATES)
            labels[some] = np.ravel_multi_index((np.full(len(some), i), *found), shape)
        return labels

    def _table(self, index: npt.NDArray[np.intp]) -> ClaimedTables:
        """Return the kernel of problems that share their set of tables."""
        surface, doubt = self.surfaces[self.which[index[0]]], self.doubt[index]
        first, effect = (prior.take(index, self.size) for prior in (self.first, self.effect))
        if self.coding == "arms":
            return ClaimedTables.of_arms(surface, doubt, _shapes(effect, first))
        return ClaimedTables.of(surface, doubt, self.coding, first, effect)

    def solve(self, rules: Sequence[Rule]) -> tuple[CountsSolution, ...]:
        """Posterior under some rules; all problems must be of one group."""
        table = self._table(np.arange(self.size))
        labels = [int(part[0]) for part in contrast_coordinates(table)]
        charts = {name: CONTRAST_COORDINATES[label] for name, label in zip(CONTRASTS, labels, strict=True)}
        finders: dict[str, SupportFinder] = {}
        more = extra_panels(self.surfaces[0])
        finer = [Rule(rule.outer + more, rule.inner + more) for rule in rules]
        return tuple(ClaimedSolution(table, rule, charts, False, finders) for rule in finer)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Nothing is left out of a probability but the constants of Beta priors."""
        if self.coding != "arms":
            return np.zeros(self.size)
        a_t, b_t, a_c, b_c = _shapes(self.effect, self.first)
        return np.broadcast_to(-special.betaln(a_t, b_t) - special.betaln(a_c, b_c), (self.size,))

    def log_bayes_factor_usual(self) -> Array:
        """Log Bayes factor (B,) for one common risk with the Beta prior that both arms share; NaN if they do not share one.

        Sums of ratios of beta functions over the set of tables (Gunel and Dickey 1974, doi 10.1093/biomet/61.3.545).
        """
        found = np.full(self.size, np.nan)
        if self.coding != "arms":
            return found
        shapes = np.stack([np.broadcast_to(part, (self.size,)) for part in _shapes(self.effect, self.first)])
        for place in np.flatnonzero((shapes[:2] == shapes[2:]).all(axis=0)):
            a, b = shapes[:2, place]
            weights, doubt = self.surfaces[self.which[place]].weights, self.doubt[place]
            events = [np.arange(n) for n in weights.shape]
            rest = [each[::-1] for each in events]
            ways = [
                special.gammaln(len(k)) - special.gammaln(k + 1) - special.gammaln(f + 1)
                for k, f in zip(events, rest, strict=True)
            ]
            apart = [way + special.betaln(a + k, b + f) for way, k, f in zip(ways, events, rest, strict=True)]
            total = events[0][:, None] + events[1]
            one = ways[0][:, None] + ways[1] + special.betaln(a + total, b + total[::-1, ::-1])
            separate = np.exp(apart[0][:, None] + apart[1] - 2 * special.betaln(a, b))
            common = np.exp(one - special.betaln(a, b))
            printed = [doubt + (1 - doubt) * (weights * each).sum() for each in (common, separate)]
            found[place] = np.log(printed[0] / printed[1])
        return found

    def log_prior_at_null(self) -> Array:
        """Log prior density of a log odds ratio of zero."""
        if self.coding == "arms":
            return np.broadcast_to(BetaShapes(*_shapes(self.effect, self.first)).log_density_at_null(), (self.size,))
        return np.broadcast_to(self.effect.logpdf(np.zeros(self.size)), (self.size,))


def _shapes(treatment: BatchedPrior, control: BatchedPrior) -> tuple[Array, Array, Array, Array]:
    """Shapes a and b of the treatment arm's Beta prior, then of the control arm's."""
    t, c = treatment.parameters, control.parameters
    return t["alpha"], t["beta"], c["alpha"], c["beta"]


def solve_claimed_tables(
    tables: Sequence[Array],
    *,
    first: BatchedPrior,
    effect: BatchedPrior,
    doubt: npt.ArrayLike = 0.0,
    coding: str = "average",
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two risks of which only a set of tables is known.

    Parameters
    ----------
    tables : sequence of array (n_t + 1, n_c + 1)
        Weight, 0 to 1, of the table of i events among n_t and j among n_c; for each problem, or one for all.
    first : BatchedPrior
        Prior on the log odds midway between the arms (`coding` "average") or of the control arm ("control"); a Beta prior on the
        control arm's risk ("arms").
    effect : BatchedPrior
        Prior on the log odds ratio; under "arms" a Beta prior on the treatment arm's risk. Slots of log odds: any proper family
        on the real line or an interval.
    doubt : array (B,)
        Probability that what was printed says nothing of the table, from 0 to 1 (the prior).
    coding : {"average", "control", "arms"}
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        The estimands of `solve_counts`; the log marginal likelihood is the log probability of what was printed.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    distinct = list({id(each): each for each in tables}.values())
    faults = _faults(distinct, coding, first, effect)
    eps = np.atleast_1d(np.asarray(doubt, dtype=float))
    if not ((eps >= 0) & (eps <= 1)).all():
        faults.append(Fault("doubt", f"{eps.min()} to {eps.max()}", "numbers from 0 to 1", "correct the doubt"))
    if faults:
        raise RequestError(faults)
    surfaces = tuple(TableSurface.of(np.asarray(each, dtype=float)) for each in distinct)
    places = {id(each): float(place) for place, each in enumerate(distinct)}
    data = broadcast_priors({"which": np.array([places[id(each)] for each in tables]), "doubt": eps}, first, effect)
    size = len(data["which"])
    first, effect = (prior.take(np.arange(size), size) for prior in (first, effect))
    batch = ClaimedBatch(surfaces, data["which"].astype(np.intp), data["doubt"], coding, first, effect)
    return ExactPosterior(batch, workers)


def _faults(tables: Sequence[Array], coding: str, first: BatchedPrior, effect: BatchedPrior) -> list[Fault]:
    faults = []
    if coding not in ("average", "control", "arms"):
        faults.append(Fault("coding", repr(coding), "average, control, arms", "name one of these"))
    for prior, where in ((first, "first"), (effect, "effect")):
        if coding == "arms" and prior.dist != "Beta":
            faults.append(Fault(where, prior.dist, "Beta", "give both arms a Beta prior, or use another coding"))
        elif coding != "arms" and (not prior.proper or prior.support not in ("real", "interval")):
            allowed = "a proper distribution on the real line or an interval"
            faults.append(Fault(where, prior.dist, allowed, "choose another prior"))
    for weights in tables:
        if np.ndim(weights) != 2 or min(np.shape(weights)) < 2 or not ((weights >= 0) & (weights <= 1)).all():
            allowed = "weights from 0 to 1 of all tables (n_t + 1, n_c + 1)"
            faults.append(Fault("tables", f"an array of shape {np.shape(weights)}", allowed, "correct the weights"))
        elif not np.any(weights):
            faults.append(Fault("tables", "no table", "at least one table with a weight", "correct the weights"))
    return faults
