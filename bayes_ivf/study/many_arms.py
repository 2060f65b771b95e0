"""A trial of more than two arms as its comparisons of two: which arms there are, which are pooled, which are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from bayes_ivf.frozen import frozen, reduced
from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.data import Datum
from bayes_ivf.study.facts import Claim

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
"""Stands for all arms together where a claim is said to be about them."""


@dataclass(frozen=True)
class Comparison:
    """Two arms of several, each as it was randomized or pooled.

    Parameters
    ----------
    treatment, control : str
        Ids of arms or pools; the first has the role of the treatment.
    arms : mapping of arm to str
        What they received.
    sizes : mapping of arm to int
        Women in each; 0 where it is not known.
    clusters : mapping of arm to int
        Randomized clusters in each; empty unless clusters were randomized.
    """

    treatment: str
    control: str
    arms: Mapping[ArmName, str]
    sizes: Mapping[ArmName, int]
    clusters: Mapping[ArmName, int]

    def __post_init__(self) -> None:
        for name in ("arms", "sizes", "clusters"):
            object.__setattr__(self, name, frozen(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(self)

    @property
    def id(self) -> str:
        """Such as ``2mg-placebo``; behind two hyphens it ends the ids of its outcomes."""
        return f"{self.treatment}-{self.control}"

    @property
    def label(self) -> str:
        """What readers meet, such as ``melatonin 2 mg v placebo``."""
        return f"{self.arms['treatment']} v {self.arms['control']}"

    def expanded(self, outcome: str) -> str:
        """Return the id of an outcome in this comparison of several; it is a safe file name as its parts are."""
        return f"{outcome}--{self.id}"


@dataclass(frozen=True)
class OverAll:
    """A claim whose P is about all arms at once, with what was printed for each.

    Parameters
    ----------
    id : str
        Of the outcome of the study that stands for it, such as ``cpr--all``.
    claim : Claim
    data : mapping of str to datum
        By label of the arm; what was printed for arms as they were randomized, never for pools.
    missing : tuple of str
        Labels of arms of which nothing was printed.
    spread : str or None
        What is printed after ``±``.
    """

    id: str
    claim: Claim
    data: Mapping[str, Datum]
    missing: tuple[str, ...] = ()
    spread: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", frozen(dict(self.data)))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(self)


@dataclass(frozen=True)
class ManyArms:
    """All arms of a trial of which pairs are compared.

    Parameters
    ----------
    labels, sizes : mapping of str
        What each arm received and how many women it had, by id; arms as they were randomized, in the file's order.
    pools : mapping of str to tuple of str
        Ids of the arms of each pool.
    comparisons : tuple of Comparison
    over_all : tuple of OverAll
    table : str
        What the study file says of arms and outcomes as JSON, so that a run carries every cell as it was typed.
    """

    labels: Mapping[str, str]
    sizes: Mapping[str, int]
    pools: Mapping[str, tuple[str, ...]]
    comparisons: tuple[Comparison, ...]
    over_all: tuple[OverAll, ...]
    table: str = field(compare=False)

    def __post_init__(self) -> None:
        for name in ("labels", "sizes", "pools"):
            object.__setattr__(self, name, frozen(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(self)

    def members(self, arm: str) -> tuple[str, ...]:
        """Return the arms of a pool; an arm itself, if it is none."""
        return self.pools.get(arm, (arm,))

    @property
    def shared(self) -> tuple[str, ...]:
        """Labels of arms that stand in more than one comparison, alone or in a pool."""
        stand = [
            arm for each in self.comparisons for side in (each.treatment, each.control) for arm in self.members(side)
        ]
        return tuple(label for arm, label in self.labels.items() if stand.count(arm) > 1)

    def correlation(self, first: Comparison, second: Comparison) -> float | None:
        """Return the correlation of two comparisons' differences that comes from arms in both; None if sizes are not known.

        It is that of differences of means where values spread alike in all arms; 0 where no arm is in both.

        References
        ----------
        Dunnett CW (1955). A multiple comparison procedure for comparing several treatments with a control.
        doi 10.1080/01621459.1955.10501294.
        """
        weights = [self._weights(each) for each in (first, second)]
        if not all(self.sizes[arm] for each in weights for arm in each):
            return None
        a, b = weights

        def covariance(x: Mapping[str, float], y: Mapping[str, float]) -> float:
            return sum(x[arm] * y[arm] / self.sizes[arm] for arm in x if arm in y)

        return covariance(a, b) / math.sqrt(covariance(a, a) * covariance(b, b))

    def _weights(self, each: Comparison) -> dict[str, float]:
        """Return by how much each arm counts in a difference; arms of a pool count by their size."""
        weights: dict[str, float] = {}
        for side, sign in ((each.treatment, 1.0), (each.control, -1.0)):
            members = self.members(side)
            total = sum(self.sizes[arm] for arm in members) or 1
            weights |= {arm: sign * (self.sizes[arm] / total if len(members) > 1 else 1.0) for arm in members}
        return weights

    def comparison(self, name: str) -> Comparison | None:
        """Return the comparison with an id; None if there is none."""
        return next((each for each in self.comparisons if each.id == name), None)


def shared_arms(many: ManyArms | None) -> pd.DataFrame:
    """Return one row per two comparisons that have an arm in common; none of a trial of two arms."""
    from bayes_ivf.kept_table import KeptTable

    pairs = () if many is None else combinations(many.comparisons, 2)
    rows = [(a.id, b.id, many.correlation(a, b)) for a, b in pairs if many is not None]
    return KeptTable([row for row in rows if row[2] != 0], columns=["first", "second", "correlation"])
