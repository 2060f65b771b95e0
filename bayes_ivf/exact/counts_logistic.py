"""Two arms of counts with a logistic link and any proper prior on the average (or control) and on the effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.counts_solution import CountsSolution
from bayes_ivf.exact.level_curves import CONTRAST_COORDINATES, CONTRASTS, contrast_coordinates
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.exact.two_by_two import TwoByTwoPosterior
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import RULES, ExactPosterior, Rule, SupportFinder, Transform

Array = npt.NDArray[np.float64]

ESTIMANDS = ("risk_difference", "risk_ratio", "odds_ratio", "log_odds_ratio", "control_risk", "treatment_risk")
_LIGHT_RULES = (Rule(5, 5), Rule(6, 6), *RULES[2:])
_HEAVY_RULES = (Rule(7, 7), Rule(8, 8), *RULES[2:])


@dataclass(frozen=True)
class CountsBatch:
    """A batch of two-arm tables with logistic priors, for `ExactPosterior`."""

    table: TwoByTwoPosterior

    chunk = 96

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules from coarse to fine; a power-law prior needs more panels from the start."""
        heavy = np.isfinite(np.minimum(self.table.first.tail_index(), self.table.effect.tail_index())).any()
        return _HEAVY_RULES if heavy else _LIGHT_RULES

    @property
    def size(self) -> int:
        """Number of tables."""
        return self.table.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return ESTIMANDS

    def take(self, index: npt.NDArray[np.intp]) -> CountsBatch:
        """Return some of the tables."""
        return CountsBatch(self.table.take(index))

    def groups(self) -> npt.NDArray[np.intp]:
        """Charts of each table's contrasts."""
        difference, ratio = (contrast_coordinates(self.table, name) for name in CONTRASTS)
        charts = len(CONTRAST_COORDINATES)
        return (charts * difference + ratio) + charts * charts * self.table.unbounded()

    def solve(self, rules: Sequence[Rule]) -> tuple[CountsSolution, ...]:
        """Posterior under some rules; all tables must be of one group."""
        direct, label = divmod(int(self.groups()[0]), len(CONTRAST_COORDINATES) ** 2)
        labels = divmod(label, len(CONTRAST_COORDINATES))
        charts = {name: CONTRAST_COORDINATES[label] for name, label in zip(CONTRASTS, labels, strict=True)}
        finders: dict[str, SupportFinder] = {}
        return tuple(CountsSolution(self.table, rule, charts, bool(direct), finders) for rule in rules)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Log binomial coefficients."""
        return self.table.log_coefficients()

    def log_prior_at_null(self) -> Array:
        """Log prior density of a log odds ratio of zero."""
        return np.broadcast_to(self.table.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_counts(
    events_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    events_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    first: BatchedPrior,
    effect: BatchedPrior,
    coding: str = "average",
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two-arm tables of counts under a logistic model.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array (B,)
        Whole numbers, ``0 <= events <= n``, ``n >= 1``.
    first : BatchedPrior
        Prior on the log odds midway between the arms (`coding` "average") or of the control arm ("control").
    effect : BatchedPrior
        Prior on the log odds ratio. Both slots: any proper family on the real line or an interval.
    coding : {"average", "control"}
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimands: risk_difference, risk_ratio, odds_ratio, log_odds_ratio, control_risk, treatment_risk. The log
        marginal likelihood includes the binomial coefficients. Mean and sd of a ratio are NaN where the tails make
        them infinite or leave them to events far outside the data, see `bayes_ivf.exact.moments`.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    data, faults = read_counts(events_treatment, n_treatment, events_control, n_control)
    if coding not in ("average", "control"):
        faults.append(Fault("coding", repr(coding), "average, control", "name one of the two"))
    for slot, where in ((first, "first"), (effect, "effect")):
        if not slot.proper or slot.support not in ("real", "interval"):
            faults.append(
                Fault(where, slot.dist, "a proper distribution on the real line or an interval", "choose another prior")
            )
    if faults:
        raise RequestError(faults)
    data = broadcast_priors(data, first, effect)
    table = TwoByTwoPosterior(
        data["events_treatment"],
        data["n_treatment"] - data["events_treatment"],
        data["events_control"],
        data["n_control"] - data["events_control"],
        coding,
        first,
        effect,
    )
    everything = np.arange(table.size)
    return ExactPosterior(CountsBatch(table.take(everything)), workers)


def read_counts(
    events_treatment: npt.ArrayLike, n_treatment: npt.ArrayLike, events_control: npt.ArrayLike, n_control: npt.ArrayLike
) -> tuple[dict[str, Array], list[Fault]]:
    """Turn counts into float arrays (B,) by name, and list what is wrong with them."""
    names = ("events_treatment", "n_treatment", "events_control", "n_control")
    given = (events_treatment, n_treatment, events_control, n_control)
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in given))
    data = dict(zip(names, arrays, strict=True))
    faults = []
    for arm in ("treatment", "control"):
        events, n = data[f"events_{arm}"], data[f"n_{arm}"]
        with np.errstate(invalid="ignore"):
            wrong = ~(np.isfinite(n) & (n >= 1) & (events >= 0) & (events <= n) & (events % 1 == 0) & (n % 1 == 0))
        if wrong.any():
            i = int(np.argmax(wrong))
            found = f"{events[i]:g} of {n[i]:g} in problem {i}"
            faults.append(Fault(f"events_{arm}", found, "whole numbers with 0 <= events <= n, n >= 1", "correct them"))
    return data, faults
