"""An outcome known only from an exact P, "P = 0.044, higher", or its test statistic, as data on the standardized difference.

**Model**::

    T = (Z + d / scale) / S,   Z ~ N(0, 1),   df S ** 2 ~ chi2(df),   df = n_t + n_c - 2,   scale = sqrt(1 / n_t + 1 / n_c)
    L(d) = P_d(low <= T <= high) ("higher"), P_d(-high <= T <= -low) ("lower"), or the sum of both ("either"),    d ~ p_d

with [low, high] the sizes of t that print as the paper printed (`t_interval`). What remains is a one-dimensional posterior of d.

**Doubt.** A P is a number, and trust in numbers mixes posterior and prior: with probability `doubt` the print says nothing of d,
and is then as probable as it is under the prior, ``(1 - doubt) L(d) / m + doubt`` with ``m = int p_d(d) L(d) dd``. The posterior
probability that the print says nothing is `doubt` itself. (Words such as "P<0.05" are one event with another doubt, see `claim`.)

**Moments** exist wherever nothing is doubted, since L has normal tails on both sides; in doubt as those of the prior.

Examples
--------
"P = 0.044, higher" from 40 women an arm, ``d ~ N(0, 1)``:

>>> posterior = solve_p_value(
...     "higher", 40, 40, 2.0443, 2.0537, effect=BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
... )
>>> posterior.summarize("standardized_mean_difference").median.round(3)
array([0.437])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.line_solution import SIZE, LineSolution
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.exact.t_interval import NUMBERS, log_t_interval, number_of_nodes, t_nodes
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import RULES, ExactPosterior, Rule, SinhMap, SupportFinder1D, Transform

Array = npt.NDArray[np.float64]

SIDES = ("lower", "higher", "either")
_SMD = "standardized_mean_difference"
_SEEN = (-8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0)
# Where the search looks around the printed difference, in its standard errors.
_EDGES = (-4.0, -1.5, 0.0, 1.5, 4.0)
# Edges of panels around it, where a wide prior stands beside it.


@dataclass(frozen=True)
class PValueSolution(LineSolution):
    """The posterior of a chunk under one rule.

    Parameters
    ----------
    problem : PValueBatch
    log_total : array (B,)
        Log marginal likelihood of the print, which doubt does not change.
    """

    problem: PValueBatch
    log_total: Array

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd; NaN where a doubt leaves the prior's power-law tail without them."""
        bounded, index = self.problem.doubt == 0, self.problem.effect.tail_index()
        return self.moments_where(estimand, bounded | (index > 1), bounded | (index > 2))


@dataclass(frozen=True)
class PValueBatch:
    """A batch of prints of one side, for `ExactPosterior`."""

    side: str
    n_treatment: Array
    n_control: Array
    low: Array
    high: Array
    doubt: Array
    effect: BatchedPrior

    chunk = 32
    rules = RULES

    @property
    def size(self) -> int:
        """Number of prints."""
        return len(self.low)

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return (SIZE, _SMD) if self.side == "either" else (_SMD,)

    def take(self, index: npt.NDArray[np.intp]) -> PValueBatch:
        """Return some of the prints."""
        return PValueBatch(
            self.side,
            self.n_treatment[index],
            self.n_control[index],
            self.low[index],
            self.high[index],
            self.doubt[index],
            self.effect.take(index, self.size),
        )

    def groups(self) -> npt.NDArray[np.intp]:
        """How many nodes an interval needs, and whether the prior stands beside it."""
        numbers = number_of_nodes(self._df, self.low, self.high)
        return (np.searchsorted(NUMBERS, numbers) * 2 + (self.doubt > 0)).astype(np.intp)

    @property
    def _df(self) -> Array:
        return self.n_treatment + self.n_control - 2

    @cached_property
    def _scale(self) -> Array:
        """Standard error of a standardized difference, array (B,)."""
        return np.sqrt(1 / self.n_treatment + 1 / self.n_control)

    @cached_property
    def _nodes(self) -> tuple[Array, Array, Array]:
        number = int(number_of_nodes(self._df, self.low, self.high).max())
        return t_nodes(self._df, self.low, self.high, number)

    def log_likelihood(self, d: Array) -> Array:
        """Log probability (K, B) of the print where nothing is doubted."""
        ncp = d / self._scale
        if self.side == "lower":
            return log_t_interval(-ncp, self._df, *self._nodes)
        higher = log_t_interval(ncp, self._df, *self._nodes)
        return higher if self.side == "higher" else np.logaddexp(higher, log_t_interval(-ncp, self._df, *self._nodes))

    def solve(self, rules: Sequence[Rule]) -> tuple[PValueSolution, ...]:
        """Posterior under some rules."""
        middle, width = (self.low + self.high) / 2, (self.high - self.low) / 2
        # t scatters more than Z where its pooled sd, of few women, does
        spread = self._scale * np.sqrt(1 + middle**2 / (2 * self._df) + width**2)
        center, scale = (np.broadcast_to(value, (self.size,)) for value in self.effect.center_and_scale())
        sides = {"lower": (-1,), "higher": (1,)}.get(self.side, (-1, 1))
        at = [side * middle * self._scale for side in sides]
        marks = [*(place + k * spread for place in at for k in _SEEN), *(center + k * scale for k in _SEEN)]
        index = np.broadcast_to(self.effect.tail_index(), (self.size,))
        # as for claims: a tail of index nu falls by 30 nats within 30 / nu
        reach = np.where(np.isfinite(index), np.clip(30 / index, 15, 300), 15.0)
        # the size folds the line at zero, so that a panel ends there
        fold = [np.zeros(self.size)] if self.side == "either" else []
        edges = [place + k * spread for place in at for k in _EDGES]

        def believed(d: Array) -> Array:
            return np.asarray(self.effect.logpdf(d) + self.log_likelihood(d))

        stretch = SinhMap(center, scale)
        support = SupportFinder1D(believed, stretch, marks, [*self.effect.kinks(), *edges, *fold], reach)
        grids = [support.grid(rule.inner + 2) for rule in rules]
        evidence = [grid.log_total for grid in grids]
        if (self.doubt > 0).any():
            grids = [
                self._doubted(evidence[-1], stretch, marks, edges, fold, reach).grid(rule.inner + 2) for rule in rules
            ]
        at_null = np.zeros((1, self.size))
        null = believed(at_null)[0]
        if (self.doubt > 0).any():
            null = self._mixed(evidence[-1], at_null)[0]
        return tuple(PValueSolution(grid, null, self, m) for grid, m in zip(grids, evidence, strict=True))

    def _mixed(self, evidence: Array, d: Array) -> Array:
        """Log density (K, B) of the mixture of posterior and prior."""
        with np.errstate(divide="ignore"):
            data = np.logaddexp(np.log1p(-self.doubt) + self.log_likelihood(d) - evidence, np.log(self.doubt))
        return np.asarray(self.effect.logpdf(d) + data)

    def _doubted(
        self, evidence: Array, stretch: SinhMap, marks: list[Array], edges: list[Array], fold: list[Array], reach: Array
    ) -> SupportFinder1D:
        kinks = [*self.effect.kinks(), *edges, *fold]
        return SupportFinder1D(lambda d: self._mixed(evidence, d), stretch, marks, kinks, reach)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Nothing is left out of a probability."""
        return np.zeros(self.size)

    def log_prior_at_null(self) -> Array:
        """Log prior density of a difference of zero."""
        return np.broadcast_to(self.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_p_value(
    side: str,
    n_treatment: npt.ArrayLike,
    n_control: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    *,
    effect: BatchedPrior,
    doubt: npt.ArrayLike = 0.0,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of a standardized mean difference of which only an exact P, or a t statistic, is known.

    Parameters
    ----------
    side : {"lower", "higher", "either"}
        Treatment against control; ``"either"`` where no direction was printed.
    n_treatment, n_control : array (B,)
        Women per arm.
    low, high : array (B,)
        Sizes of t between which the printed one lies, by its rounding; ``0 <= low < high``.
    effect : BatchedPrior
        Prior on the standardized mean difference: any proper family on the real line or an interval.
    doubt : array (B,)
        Probability that the print carries no information about the difference, from 0 to 1 (the prior).
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimand: standardized_mean_difference; of "either" its absolute value, too.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    given = {"n_t": n_treatment, "n_c": n_control, "low": low, "high": high, "eps": doubt}
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in given.values()))
    n_t, n_c, least, most, eps = broadcast_priors(dict(zip(given, arrays, strict=True)), effect).values()
    faults = []
    if side not in SIDES:
        faults.append(Fault("side", repr(side), ", ".join(SIDES), "name one of these"))
    if not ((eps >= 0) & (eps <= 1)).all():
        faults.append(Fault("doubt", f"{eps.min()} to {eps.max()}", "numbers from 0 to 1", "correct the doubt"))
    sizes = [("n_treatment", n_t), ("n_control", n_c)]
    for name, n in sizes:
        if not (np.isfinite(n) & (n >= 2) & (n % 1 == 0)).all():
            faults.append(Fault(name, str(n.min()), "whole numbers, at least 2", "correct the number of women"))
    if not ((least >= 0) & (least < most) & np.isfinite(most)).all():
        faults.append(Fault("low, high", f"{least.min()} to {most.max()}", "0 <= low < high", "correct the interval"))
    elif not faults and not number_of_nodes(n_t + n_c - 2, least, most).all():
        allowed = "intervals of at most 12 standard errors"
        faults.append(Fault("low, high", f"{least.min()} to {most.max()}", allowed, "give more digits"))
    if not effect.proper or effect.support not in ("real", "interval"):
        allowed = "a proper distribution on the real line or an interval"
        faults.append(Fault("effect", effect.dist, allowed, "choose another prior"))
    if faults:
        raise RequestError(faults)
    whole = np.arange(len(least))
    return ExactPosterior(PValueBatch(side, n_t, n_c, least, most, eps, effect.take(whole, len(least))), workers)
