"""The unit of a denominator: one woman, or a part of a woman that shares her fate with others."""

from __future__ import annotations

from dataclasses import dataclass

from bayes_ivf.study import ARMS, Categories, Clusters, Counts, MeanSD, Outcome, Percent, Study

PARTS = (
    "embryo",
    "oocyte",
    "egg",
    "follicle",
    "blastocyst",
    "zygote",
    "fetus",
    "foetus",
    "sac",
    "bab",
    "child",
    "neonate",
    "ovum",
    "ova",
    "eye",
    "newborn",
    "infant",
)
"""Words for what one woman can have several of."""


@dataclass(frozen=True)
class Nesting:
    """Why the units of an outcome may not be independent.

    Parameters
    ----------
    units : str
        What was counted, in the plural.
    note : str
        What a P on them rests on.
    """

    units: str
    note: str


def clustering(study: Study, item: Outcome) -> Nesting | None:
    """Return why an outcome's units may depend on each other; None if each is one woman."""
    per = item.per.strip().lower()
    sizes = [_denominators(item, arm) for arm in ARMS]
    if any(word in per for word in PARTS):
        same = all(size == (study.sizes[arm], study.sizes[arm]) for arm, size in zip(ARMS, sizes, strict=True))
        if same or study.max_embryos == 1:
            return None
        return Nesting(f"{per}s", f"holds only if {per}s of one woman are independent, which the paper does not state")
    if any(size is not None and size[0] > study.sizes[arm] for arm, size in zip(ARMS, sizes, strict=True)):
        # Whatever the unit is called: more of them than women cannot be one for each.
        units = per if per.endswith("s") else f"{per}s"
        return Nesting(units, f"holds only if {units} of one woman are independent; there are more {units} than women")
    return None


def _denominators(item: Outcome, arm: str) -> tuple[int, int] | None:
    datum = None if item.data is None else item.data.get(arm)  # type: ignore[call-overload]
    if isinstance(datum, Counts):
        return datum.n, datum.n
    if isinstance(datum, Clusters):
        return datum.embryos, datum.embryos
    if isinstance(datum, MeanSD):
        return datum.n, datum.n
    if isinstance(datum, Categories):
        return sum(datum.counts), sum(datum.counts)
    if isinstance(datum, Percent):
        return min(c.n for c in datum.candidates), max(c.n for c in datum.candidates)
    return None
