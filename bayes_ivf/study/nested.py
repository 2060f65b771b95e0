"""Units that share a cluster: their stated correlation, and how many share one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study.arms import ARMS
from bayes_ivf.study.data import MeanSD

if TYPE_CHECKING:
    from bayes_ivf.study.arms import ArmName
    from bayes_ivf.study.facts import Outcome
    from bayes_ivf.study.trial import Study


@dataclass(frozen=True)
class StatedCorrelation:
    """A correlation as a study file states it: within a cluster, or of a woman's values before and after treatment.

    Parameters
    ----------
    value : float
        From 0 to 1.
    low, high : float
        Range within which it is varied; the value itself if nothing else is stated.
    size : float or None
        Of clusters that differ in size: the sum of squared sizes over their sum. None where only their mean size is known.
    """

    value: float
    low: float
    high: float
    size: float | None = None

    @property
    def others(self) -> tuple[float, ...]:
        """Ends of the range that differ from the value."""
        return tuple(end for end in (self.low, self.high) if end != self.value)


def stated_icc(
    value: float, low: float | None, high: float | None, where: str, size: float | None = None
) -> tuple[StatedCorrelation | None, list[Fault]]:
    """Return a stated correlation, from 0 to 1, with its range; and what is wrong with them."""
    low, high = (value if end is None else end for end in (low, high))
    if low <= value <= high:
        return StatedCorrelation(value, low, high, size), []
    found = f"{value:g} outside {low:g} to {high:g}"
    return None, [Fault(where, found, "low <= value <= high", "correct the range")]


def mean_cluster_size(study: Study, outcome: Outcome, arm: ArmName) -> float:
    """Return how many units of an arm share a cluster on average: a woman, or what was randomized where that is larger.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.load_study("lei-2026")
    >>> mean_cluster_size(study, study.outcome("eir"), "treatment")
    2.0
    """
    clusters = cluster_numbers(study, outcome, arm)
    return _units(study, outcome, arm) / clusters if clusters else 1.0


def _units(study: Study, outcome: Outcome, arm: ArmName) -> int:
    counts, datum = outcome.counts(arm), None if outcome.data is None else outcome.data.get(arm)
    if isinstance(datum, MeanSD):
        return datum.n
    return study.sizes[arm] if counts is None else counts.n


def cluster_numbers(study: Study, outcome: Outcome, arm: ArmName) -> int:
    """Return how many women, or randomized clusters, the units of an arm come from; no more than there are units."""
    women = study.sizes[arm]
    return min(study.clusters.get(arm, women) or women, _units(study, outcome, arm))


def cluster_size(study: Study, outcome: Outcome, arm: ArmName) -> float:
    """Return the size of an arm's clusters that a design effect hangs on: the stated one, else their mean size."""
    stated = None if outcome.icc is None else outcome.icc.size
    return mean_cluster_size(study, outcome, arm) if stated is None else stated


def design_effects(study: Study, outcome: Outcome, icc: float) -> list[float]:
    """Return Kish's design effect 1 + (m - 1) icc of both arms.

    Raises
    ------
    RequestError
        If nothing is nested.
    """
    sizes = [cluster_size(study, outcome, arm) for arm in ARMS]
    if max(sizes) <= 1:
        raise RequestError(
            Fault(
                f"{study.id}/{outcome.id}.icc",
                "a correlation of units that share nothing: one for each woman, and no clusters were randomized",
                "more units than women, or the number of clusters",
                "leave out icc, or give n, per or [clusters]",
            )
        )
    return [1 + (max(size, 1.0) - 1) * icc for size in sizes]
