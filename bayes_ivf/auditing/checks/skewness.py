"""Whether a printed mean and standard deviation of a quantity that cannot be negative can describe its values."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.limits import limits
from bayes_ivf.auditing.standardized import usable
from bayes_ivf.study import ARMS, MeanSD, Outcome, Study, sd_factor

NAME = "skewness"
QUESTION = "Is a printed standard deviation so large that the values must be skewed?"
NEAR = 1.0
"""Standard deviations between a mean and the smallest possible value below which values are clearly skewed (Altman and Bland
1996, doi 10.1136/bmj.313.7066.1200)."""


def applies_to(study: Study) -> bool:
    """Whether a mean with an sd is printed of a quantity whose smallest value is known."""
    return any(True for _ in _known(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each outcome in which an arm's mean lies less than one sd above the smallest value."""
    found: dict[str, list[tuple[str, MeanSD, float, float, str]]] = {}
    items = {item.id: item for item in study.items}
    for item, arm, datum, sd, low, why in _known(study):
        if sd > 0 and (float(datum.mean) - low) / sd < NEAR:
            found.setdefault(item.id, []).append((arm, datum, sd, low, why))
    return tuple(_finding(study, items[name], arms) for name, arms in found.items())


def _known(study: Study) -> Iterator[tuple[Outcome, str, MeanSD, float, float, str]]:
    for item in study.items:
        for arm in ARMS:
            datum = (item.data or {}).get(arm)
            if not isinstance(datum, MeanSD) or not usable(datum):
                continue
            known, factor = limits(item, datum), sd_factor(item.spread, datum.n)
            if known is not None and known.low is not None and factor is not None and float(datum.mean) >= known.low:
                yield item, arm, datum, float(datum.sd) * factor, known.low, known.why


def _finding(study: Study, item: Outcome, arms: list[tuple[str, MeanSD, float, float, str]]) -> Finding:
    low, why = arms[0][3:]
    told = "; ".join(
        f"{arm} {datum}: {(float(datum.mean) - low) / sd:.2f} standard deviations above {low:g}, normal values would be lower in "
        f"{100 * NormalDist().cdf((low - float(datum.mean)) / sd):.0f}%"
        for arm, datum, sd, low, _ in arms
    )
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info",
        statement=f"The mean of {item.label} lies less than one standard deviation above {low:g}: its values are skewed, so that "
        "mean and standard deviation do not describe them, and a median with quartiles would tell more.",
        assumption=why,
        evidence=told,
        alternatives="a few large values; a standard error or a range printed as a standard deviation, or the reverse",
        brief="a spread that only skewed values have",
    )
