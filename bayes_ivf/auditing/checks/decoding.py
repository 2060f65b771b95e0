"""Percentages as whole numbers: what they can stand for alone, and together where they share denominators."""

from __future__ import annotations

from collections.abc import Iterator

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.study import ARMS, ArmName, Outcome, Percent, Study

NAME = "decoding"
QUESTION = "Which counts can each printed percentage stand for?"


def applies_to(study: Study) -> bool:
    """Whether a percentage is printed without its counts."""
    return any(_percents(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return the decodings of each outcome, and the joint ones."""
    items = {item.id: item for item, _, _ in _percents(study)}
    return (*(_alone(study, item) for item in items.values()), *_together(study))


def _percents(study: Study) -> Iterator[tuple[Outcome, ArmName, Percent]]:
    for item in study.items:
        for arm in ARMS:
            datum = None if item.data is None else item.data.get(arm)
            if isinstance(datum, Percent):
                yield item, arm, datum


def _alone(study: Study, item: Outcome) -> Finding:
    data = [(arm, datum) for other, arm, datum in _percents(study) if other.id == item.id]
    unique = all(datum.unique for _, datum in data)
    how = "each stand for a single pair of counts" if unique else "do not fix the counts"
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info",
        statement=f"The percentages of {item.label} {how} within the denominators searched.",
        assumption="numerators and denominators are whole numbers; the percentage was rounded, ties either way",
        evidence=" ".join(f"{arm}: {datum.statement}" for arm, datum in data),
        alternatives="another denominator than those searched, such as women with a known result"
        if unique
        else "the denominators stand in the full text; each decoding is carried through where it matters",
    )


def _together(study: Study) -> Iterator[Finding]:
    """Outcomes with the same unit of denominator: which denominators fit them all."""
    groups: dict[tuple[str, ArmName], list[tuple[Outcome, Percent]]] = {}
    for item, arm, datum in _percents(study):
        if item.denominator_of is None:
            groups.setdefault((item.per, arm), []).append((item, datum))
    for (per, arm), members in groups.items():
        if len(members) < 2 or all(datum.unique for _, datum in members):
            continue
        shared = set.intersection(*({counts.n for counts in datum.candidates} for _, datum in members))
        low = max(datum.searched[0] for _, datum in members)
        high = min(datum.searched[1] for _, datum in members)
        names = ", ".join(f"{item.label} {datum.printed}" for item, datum in members)
        listed = ", ".join(str(n) for n in sorted(shared)[:12]) + (", ..." if len(shared) > 12 else "")
        yield Finding(
            study=study.id,
            check=NAME,
            subject=" + ".join(item.id for item, _ in members),
            severity="info" if shared else "caution",
            statement=f"One denominator for all percentages per {per} in the {arm} arm: {len(shared)} fit."
            if shared
            else f"No single denominator fits all percentages per {per} in the {arm} arm, if they share one.",
            assumption=f"all of them have the same denominator, searched from {low} to {high}",
            evidence=f"{names}; denominators that fit all: {listed or 'none'}",
            alternatives="the outcomes may have different denominators, such as women with a known result",
        )
