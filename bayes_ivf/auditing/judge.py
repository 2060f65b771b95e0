"""What is compared of an outcome, and the verdicts on its claim: at numbers that are stated, and over their ranges."""

from __future__ import annotations

from dataclasses import replace

from bayes_ivf.auditing.changes import OF_CHANGES, of_changes
from bayes_ivf.auditing.claim_words import claim_groups
from bayes_ivf.auditing.claims import ParsedClaim, parse_claim
from bayes_ivf.auditing.conclusion import judge_conclusion
from bayes_ivf.auditing.decodings import by_effect
from bayes_ivf.auditing.design_effect import crossing_design_effect
from bayes_ivf.auditing.difference_text import difference_text
from bayes_ivf.auditing.judgement import Judged, judge_as
from bayes_ivf.auditing.margins import judge_margin, margin_note, margin_readings, unprinted
from bayes_ivf.auditing.reading import Readings, read_outcome
from bayes_ivf.auditing.reproduced import judge_p
from bayes_ivf.auditing.stated import over_range
from bayes_ivf.auditing.stated_clusters import effective_counts, with_design_effect
from bayes_ivf.auditing.statistic_tests import statistic_readings
from bayes_ivf.study import EffectCI, Outcome, Study

CORRELATION = "the correlation of a woman's values before and after"
ICC = "the intraclass correlation"


def judge(study: Study, item: Outcome, effect: EffectCI | None) -> Judged:
    """Judge the claim of an outcome.

    Parameters
    ----------
    study : Study
    item : Outcome
        With a claim that carries a P.
    effect : EffectCI or None
        The printed effect beside it, in a key of its own or in the words of the claim.
    """
    claim, groups = parse_claim(item.claim), claim_groups(study, item)
    if item.baseline is not None:
        compared = groups - {"from_baseline"}
        judged = over_range(
            CORRELATION,
            item.baseline.correlation,
            claim,
            lambda value: judge_as(study, of_changes(item, value), effect, compared, OF_CHANGES),
        )
        return _of_values_after(item, claim, judged)
    plain = read_outcome(item) if item.icc is not None else Readings(())
    if item.icc is not None and with_design_effect(study, item, plain, item.icc.value) is not plain:
        judged = over_range(ICC, item.icc, claim, lambda value: judge_as(study, item, effect, groups, icc=value))
        return _of_single_units(study, claim, plain, judged)
    return judge_as(study, item, effect, groups)


def _of_values_after(item: Outcome, claim: ParsedClaim | None, judged: Judged) -> Judged:
    """Let a printed P that the values after treatment alone give be one of those, although changes are compared."""
    after = read_outcome(item)
    if claim is None or judged.p_reproduced != "no" or judge_p(claim, after)[0] != "yes":
        return judged
    told = "the P compares the values after treatment, not the changes"
    reasons = (*judged.reasons, f"the printed P is reproduced if {told}")
    if judged.supported != "no" or judge_conclusion(claim, after)[0] not in ("yes", "conditional"):
        return replace(judged, p_reproduced="conditional", reasons=reasons)
    return replace(
        judged, supported="conditional", p_reproduced="conditional", reasons=(f"holds only if {told}", *reasons)
    )


def _of_single_units(study: Study, claim: ParsedClaim | None, plain: Readings, judged: Judged) -> Judged:
    """Name the P of units that are counted one by one: where it is the printed one, and where it passes the level."""
    if claim is None or not judged.readings.each:
        return judged
    alone, told = judge_p(claim, plain)
    if alone in ("yes", "conditional") and judged.p_reproduced == "no":
        words = f"only if units of one cluster are counted as independent: {told.removeprefix('the printed P is reproduced ')}"
        judged = replace(
            judged, p_reproduced="conditional", reasons=(*judged.reasons, f"the printed P is reproduced {words}")
        )
    if study.clusters and plain.unique and claim.below is not None:
        crossing = crossing_design_effect(study, claim, plain.each[0])
        told = f"women counted as independent{crossing}" if crossing else ""
        judged = replace(judged, reasons=tuple(part for part in (*judged.reasons, told) if part))
    return judged


def _margin_alone(item: Outcome, groups: frozenset[str], told: str) -> Judged | None:
    """Judge a claim of non-inferiority or equivalence without a P by the margin that is declared; None without one."""
    if item.margin is None or not groups & {"noninferior", "equivalence"}:
        return None
    equivalence = "noninferior" not in groups
    readings, margin = margin_readings(item, equivalence)
    if not readings.each:
        return None
    conclusion, reasons = judge_margin(unprinted(equivalence), readings, equivalence)
    parts = (told, margin_note(readings.each[0], margin), *reasons, "no P was printed with the claim")
    return Judged(conclusion, "", tuple(part for part in parts if part), readings)


def unclaimed(study: Study, item: Outcome, effect: EffectCI | None, level: float) -> Judged:
    """Recompute an outcome whose P was not printed: nothing is judged, the difference is told with its interval."""
    stated = ""
    suffix = OF_CHANGES if item.baseline is not None else ""
    if item.baseline is not None:
        stated = f"at a stated {item.baseline.correlation.value:g} of {CORRELATION}"
    item = of_changes(item)
    readings, chosen = by_effect(item, effect, replace(read_outcome(item), suffix=suffix))
    table = readings.each[0].counts if readings.each and readings.unique else None
    effective = None if table is None else effective_counts(study, item, table)
    told = difference_text(item, readings, level, effective)
    against = _margin_alone(item, claim_groups(study, item), told) if effective is None else None
    if against is not None:
        return against
    if effective is not None and item.icc is not None:
        readings = with_design_effect(study, item, readings, item.icc.value)
        stated = f"at a stated {item.icc.value:g} of {ICC}"
    if not readings.each:
        readings = statistic_readings(item) or readings
    words = "no P was printed with the claim" if item.claim is not None else "no P was printed"
    return Judged("", "", tuple(text for text in (chosen, told, stated, words) if text), readings)
