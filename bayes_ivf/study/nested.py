"""Units that share a cluster: their stated correlation, and how many share one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bayes_ivf.errors import Fault

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
    """

    value: float
    low: float
    high: float

    @property
    def others(self) -> tuple[float, ...]:
        """Ends of the range that differ from the value."""
        return tuple(end for end in (self.low, self.high) if end != self.value)


def stated_icc(
    value: float, low: float | None, high: float | None, where: str
) -> tuple[StatedCorrelation | None, list[Fault]]:
    """Return a stated correlation, from 0 to 1, with its range; and what is wrong with them."""
    low, high = (value if end is None else end for end in (low, high))
    if low <= value <= high:
        return StatedCorrelation(value, low, high), []
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
    counts, women = outcome.counts(arm), study.sizes[arm]
    units = women if counts is None else counts.n
    clusters = study.clusters.get(arm, women) or women
    return units / clusters if clusters else 1.0
