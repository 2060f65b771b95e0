"""Whether a printed test statistic goes with the P printed beside it, and with the numbers of the arms."""

from __future__ import annotations

from collections.abc import Iterator

from bayes_ivf.auditing.arm_statistics import arm_statistics, expected_df
from bayes_ivf.auditing.claim_words import claim_groups
from bayes_ivf.auditing.claims import ParsedClaim, parse_claim
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.one_sided import one_sided_readings
from bayes_ivf.auditing.reading import Readings
from bayes_ivf.auditing.reproduced import short_p
from bayes_ivf.auditing.statistic_tests import fits_p, statistic_df, statistic_readings, statistic_sizes, women_of
from bayes_ivf.study import Outcome, Statistic, Study

NAME = "printed_statistic"
QUESTION = "Do printed test statistics go with their P and their arms?"

_OF_OTHERS = frozenset(("adjusted", "paired", "before_after", "from_baseline", "several_arms", "variance", "ranked"))
"""Words for a test that the numbers of two arms alone do not give."""


def applies_to(study: Study) -> bool:
    """Whether any outcome carries a test statistic."""
    return any(item.statistic is not None for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each statistic that its P, its arms or their sizes contradict."""
    return tuple(finding for item in study.items for finding in _of(study, item))


def _of(study: Study, item: Outcome) -> Iterator[Finding]:
    statistic, readings = item.statistic, statistic_readings(item)
    if statistic is None or readings is None:
        return
    groups = claim_groups(study, item)
    claim = parse_claim(item.claim)
    if claim is not None and readings.each:
        yield from _against_p(study, item, statistic, readings, claim, "one_sided" in groups)
    if not groups & _OF_OTHERS and not study.clusters:
        yield from _against_arms(study, item, statistic)
        yield from _against_sizes(study, item, statistic)


def _against_p(
    study: Study, item: Outcome, statistic: Statistic, readings: Readings, claim: ParsedClaim, declared: bool
) -> Iterator[Finding]:
    halved = one_sided_readings(readings, claim.direction)
    first, second = (halved, readings) if declared else (readings, halved)
    if fits_p(claim, first):
        return
    other = second is not first and fits_p(claim, second)
    printed = "" if item.claim is None else item.claim.printed or item.claim.p
    cut = any(claim.truncates(p) for reading in first.each for p in reading.p.values()) and claim.relation == "="
    sides = "two-sided" if declared else "one-sided"
    told = ", ".join(_span(each) for each in (first, *([second] if other else [])))
    tail = f"; it is that of a {sides} test" if other else "; only with its last digits cut off it does" if cut else ""
    yield Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info" if other else "caution",
        statement=f"The statistic printed for {item.label}, {statistic}, does not give the P printed beside it, {printed}"
        f"{tail}.",
        assumption=f"both are of one {'one-sided' if declared else 'two-sided'} test, and each is rounded to its last digit",
        evidence=f"recomputed: {told}; printed {printed}",
        alternatives="a one-sided, corrected or exact test; degrees of freedom of another analysis; a typing error in the "
        "statistic or in the P",
        brief="a printed test statistic that does not give the printed P",
    )


def _span(readings: Readings) -> str:
    ((name, first),) = readings.each[0].p.items()
    values = [p for reading in readings.each for p in reading.p.values()]
    return f"{name} P {short_p(first)} ({short_p(min(values))} to {short_p(max(values))} by {readings.why})"


def _against_arms(study: Study, item: Outcome, statistic: Statistic) -> Iterator[Finding]:
    """Compare with the same statistic of the numbers of the arms."""
    found = arm_statistics(item, statistic)
    _, low, high = statistic_sizes(statistic)
    if not found or any(each.low <= high and each.high >= low for each in found):
        return
    yield Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f"The statistic printed for {item.label}, {statistic}, is not what the printed arms give by the usual tests.",
        assumption="an unadjusted comparison of the two arms as printed, each number rounded to its last digit",
        evidence="recomputed: " + "; ".join(each.told for each in found) + f"; printed {statistic}",
        alternatives="an adjusted, paired or stratified analysis; another test; other women than those printed; a typing "
        "error",
        brief="a printed test statistic that the printed arms do not give",
    )


def _against_sizes(study: Study, item: Outcome, statistic: Statistic) -> Iterator[Finding]:
    """Compare degrees of freedom and N with the women of the arms."""
    women, df = women_of(item), statistic_df(statistic, item)
    if women is None or not statistic.df:
        return
    told = expected_df(item, statistic, women)
    if told and not any(low - 1e-9 <= df[-1] <= high + 1e-9 for low, high in told.values()):
        listed = ", ".join(f"{name} {low:.4g}" for name, (low, _) in told.items())
        found, wanted = f"{df[-1]:g} degrees of freedom", f"expected of {women} women: {listed}"
    elif statistic.name == "chi-square" and statistic.n is not None and statistic.n != women:
        found, wanted = f"N = {statistic.n}", f"{women} in both arms"
    else:
        return
    yield Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info",
        statement=f"The statistic printed for {item.label}, {statistic}, has {found}, which are not those of both arms.",
        assumption="a comparison of two independent arms, of everybody in them",
        evidence=f"{wanted}; printed {found}",
        alternatives="women without a value; an adjusted or paired analysis, or one of more arms; a typing error",
        brief="a printed test statistic whose degrees of freedom are not those of the arms",
    )
