"""Embryo totals of an arm, and whether embryos, implantations and pregnancies fit into its women."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.stages import role
from bayes_ivf.study import ARMS, ArmName, Clusters, Outcome, Study

_WOMEN = re.compile(r"woman|women|patient|participant|couple|transfer|cycle", re.IGNORECASE)


@dataclass(frozen=True)
class Allocation:
    """One way to place embryos and implantations in women.

    Parameters
    ----------
    groups : tuple of (women, embryos each, implanted each)
    """

    groups: tuple[tuple[int, int, int], ...]

    def __str__(self) -> str:
        return ", ".join(
            f"{women} {'woman' if women == 1 else 'women'} with {m} transferred and {k} implanted"
            for women, m, k in self.groups
        )


def implantation_outcome(study: Study) -> Outcome | None:
    """Return the outcome that counts implanted embryos, if there is one."""
    for item in study.items:
        data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
        clusters = all(isinstance(datum, Clusters) and datum.unit == "embryo" for datum in data)
        known = role(item)
        per_embryo = "embryo" in item.per.lower() and all(arm_counts(item, arm) for arm in ARMS)
        if clusters or (per_embryo and known is not None and known.stage == "implantation"):
            return item
    return None


def pregnancy_outcome(study: Study) -> Outcome | None:
    """Return the outcome that counts clinically pregnant women of the same transfers, if there is one.

    It is the one that the implantation outcome names (``pregnancies``), or the first with the stage of a clinical pregnancy.
    """
    implantation = implantation_outcome(study)
    named = None if implantation is None else implantation.pregnancies
    for item in study.items:
        known = role(item)
        staged = known is not None and known.stage == "clinical_pregnancy" and known.scope in ("unstated", "first")
        wanted = item.id == named if named is not None else staged and item.denominator_of is None
        if wanted and _WOMEN.fullmatch(item.per.strip()) and all(arm_counts(item, arm) for arm in ARMS):
            return item
    return None


def arm_totals(study: Study, arm: ArmName) -> tuple[Clusters, ...]:
    """Return every reading of an arm's women, embryos, pregnant women and implanted embryos; empty if unknown."""
    implantation = implantation_outcome(study)
    if implantation is None or implantation.data is None:
        return ()
    datum = implantation.data.get(arm)
    if isinstance(datum, Clusters):
        return (datum,)
    pregnancy = pregnancy_outcome(study)
    if pregnancy is None:
        return ()
    pairs = product(arm_counts(pregnancy, arm), arm_counts(implantation, arm))
    return tuple(Clusters(p.n, s.n, p.events, s.events) for p, s in pairs)


def allocate(totals: Clusters, most: int, least: int = 0) -> Allocation | None:
    """Place an arm's embryos so that women received `least` to `most` and exactly the pregnant had an implantation.

    Parameters
    ----------
    totals : Clusters
    most : int
        M: the most embryos one woman received.
    least : {0, 1}
        0 allows for women without a transfer.

    Returns
    -------
    Allocation or None
        None is a proof: the bounds used are attained.
    """
    w, e, p, s = totals.women, totals.embryos, totals.pregnant, totals.implanted
    if not w * least <= e <= w * most or not p <= s or (p == 0) != (s == 0):
        return None
    in_pregnant = min(p * most, e - (w - p) * least)
    if s > in_pregnant:
        return None
    # The pregnant get as many embryos as fit; s of them implant, each woman at least one.
    groups: dict[tuple[int, int], int] = {}
    for m, k, count in _side_by_side(_even(in_pregnant, p), _even(s, p)):
        if m < k:
            return None
        groups[m, k] = groups.get((m, k), 0) + count
    for m, count in _even(e - in_pregnant, w - p):
        groups[m, 0] = groups.get((m, 0), 0) + count
    return Allocation(tuple((count, m, k) for (m, k), count in sorted(groups.items())))


def _even(total: int, parts: int) -> list[tuple[int, int]]:
    """Divide a total into parts that differ by at most one: each size, the smaller first, with how many parts have it."""
    if parts == 0:
        return []
    q, r = divmod(total, parts)
    return [(size, count) for size, count in ((q, parts - r), (q + 1, r)) if count]


def _side_by_side(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Pair two sorted rows of as many parts: size in the first, size in the second, how many pairs."""
    left, right = list(first), list(second)
    while left and right:
        (m, many), (k, few) = left[0], right[0]
        count = min(many, few)
        yield m, k, count
        left[0], right[0] = (m, many - count), (k, few - count)
        left, right = left[many == count :], right[few == count :]


def embryos_each(totals: Clusters) -> dict[int, int]:
    """Return how many women got how many embryos, as evenly as the totals allow."""
    return dict(_even(totals.embryos, totals.women))


def design_effect(arms: list[Clusters], icc: float) -> float:
    """Variance inflation 1 + (sum m^2 / sum m - 1) icc of an embryo rate, embryos spread as evenly as possible."""
    transfers = [(m, women) for totals in arms for m, women in embryos_each(totals).items()]
    embryos = sum(m * women for m, women in transfers)
    return 1 + (sum(m * m * women for m, women in transfers) / embryos - 1) * icc if embryos else 1.0


def implied_icc(arms: list[Clusters]) -> float | None:
    """Return the icc at which as many women would be pregnant as were, with embryos spread as evenly as possible.

    Numbers of implanted embryos in a woman are taken as beta-binomial with the arm's own rate and one icc for both. An
    icc of 1 means that as few women are pregnant as that gives, or fewer; 0 that they are as many as under
    independence, or more.
    """
    arms = [totals for totals in arms if 0 < totals.implanted < totals.embryos]
    if not arms or all(totals.embryos <= totals.women for totals in arms):
        return None
    seen = sum(totals.pregnant for totals in arms)

    def expected(icc: float) -> float:
        return sum(
            women * (1 - _none(m, totals.implanted / totals.embryos, icc))
            for totals in arms
            for m, women in embryos_each(totals).items()
            if m
        )

    if seen <= expected(1.0):
        return 1.0
    if seen >= expected(0.0):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expected(middle) > seen else (low, middle)
    return (low + high) / 2


def _none(m: int, rate: float, icc: float) -> float:
    """Beta-binomial probability that none of m embryos implants."""
    return math.prod(((1 - rate) * (1 - icc) + k * icc) / (1 - icc + k * icc) if k else 1 - rate for k in range(m))


def inflated_p(arms: list[Clusters], icc: float) -> float:
    """Pearson's P of two embryo rates with its chi-square divided by the design effect."""
    from scipy.special import chdtrc

    a, b = arms
    table = np.array([[a.implanted, a.embryos - a.implanted], [b.implanted, b.embryos - b.implanted]], dtype=float)
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    if np.any(expected == 0):
        return 1.0
    return float(chdtrc(1, np.sum((table - expected) ** 2 / expected) / design_effect(arms, icc)))


def crossing_icc(arms: list[Clusters], alpha: float) -> float | None:
    """Return the icc at which the embryo P passes `alpha`; None if it does not within 0 to 1."""
    if inflated_p(arms, 0.0) >= alpha or inflated_p(arms, 1.0) < alpha:
        return None
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if inflated_p(arms, middle) < alpha else (low, middle)
    return high
