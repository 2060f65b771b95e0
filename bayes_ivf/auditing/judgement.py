"""The two verdicts on a printed claim, with everything that its design and its words make of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bayes_ivf.auditing.alternatives import MOST_COMPARISONS, Alternative, alternatives
from bayes_ivf.auditing.claim_words import named_tests
from bayes_ivf.auditing.claims import ParsedClaim, parse_claim
from bayes_ivf.auditing.conclusion import Verdict, judge_conclusion
from bayes_ivf.auditing.count_tests import log10_pearson_p
from bayes_ivf.auditing.decodings import by_effect
from bayes_ivf.auditing.dependence import under_dependence
from bayes_ivf.auditing.least_p import LEAST_P
from bayes_ivf.auditing.margins import judge_margin, margin_note, margin_readings
from bayes_ivf.auditing.one_sided import one_sided_readings
from bayes_ivf.auditing.pairs import paired_note
from bayes_ivf.auditing.reading import Reading, Readings, read_outcome
from bayes_ivf.auditing.reproduced import judge_p, short_p
from bayes_ivf.auditing.stated_clusters import WITH_DESIGN_EFFECT, with_design_effect
from bayes_ivf.auditing.statistic_tests import fits_p, statistic_readings
from bayes_ivf.auditing.third_arm import third_arm
from bayes_ivf.study import EffectCI, Outcome, Study

OTHER_TESTS = frozenset(("other_test", "variance", "from_baseline", "trend", "ranked"))
"""Groups of words for a P that a test of two arms may give, and cannot refute."""
OF_ORDERED = frozenset(("trend", "ranked"))
"""Of these, the tests that ordered categories are recomputed by."""


@dataclass(frozen=True)
class Judged:
    """What became of a claim.

    Parameters
    ----------
    supported, p_reproduced : str
        As in `ClaimRow`.
    reasons : tuple of str
    readings : Readings
        The printed numbers under the tests that the verdicts rest on.
    changeable : bool
        Whether a least change under the primary test is of use.
    """

    supported: Verdict | Literal[""]
    p_reproduced: Verdict | Literal[""]
    reasons: tuple[str, ...]
    readings: Readings
    changeable: bool = False


def judge_as(
    study: Study,
    item: Outcome,
    effect: EffectCI | None,
    groups: frozenset[str],
    suffix: str = "",
    icc: float | None = None,
) -> Judged:
    """Judge a claim by what is compared of an outcome.

    Parameters
    ----------
    study : Study
    item : Outcome
        With a claim that carries a P; with changes instead of values, where those are compared.
    effect : EffectCI or None
        The printed effect beside it.
    groups : frozenset of str
        Groups of words that apply to its P.
    suffix : str
        What follows the names of tests.
    icc : float, optional
        Stated correlation of units that share a cluster.
    """
    claim = parse_claim(item.claim)
    readings, chosen = by_effect(item, effect, replace(read_outcome(item), suffix=suffix))
    if icc is not None:
        readings = with_design_effect(study, item, readings, icc)
    if claim is not None and not readings.each and not groups & {"noninferior", "equivalence"}:
        of_statistic = statistic_readings(item)
        if of_statistic is not None:
            return _of_statistic(claim, of_statistic, groups)
    if claim is None or not readings.each:
        return Judged(*_plain(claim, readings), readings)
    if groups & {"noninferior", "equivalence"}:
        return _against_margin(item, claim, readings, "noninferior" not in groups)
    other = _another_comparison(item, claim, groups)
    if other:
        return Judged("undetermined", "undetermined" if claim.relation == "=" else "", (other,), readings)
    if "one_sided" in groups:
        readings = one_sided_readings(readings, claim.direction)
    conclusion, reasons = judge_conclusion(claim, _named(readings, groups))
    reproduced, words_of_p = judge_p(claim, readings)
    others = tuple(alternatives(item, claim, readings, groups, effect))
    if claim.below is not None:
        conclusion, reasons = _otherwise(item, claim, others, conclusion, reasons)
        conclusion, reasons = _of_another_test(item, claim, groups, (conclusion, reproduced), effect, reasons)
        if "corrected" in groups:
            conclusion, reasons = _corrected(claim, readings.each[0], reproduced, conclusion, reasons)
        if readings.suffix != WITH_DESIGN_EFFECT:
            conclusion, reasons = under_dependence(study, item, claim, readings.each[0], groups, conclusion, reasons)
    if reproduced == "no":
        reproduced, words_of_p = _p_otherwise(item, claim, others, groups, effect, words_of_p)
    changeable = conclusion != "undetermined" and "one_sided" not in groups
    return Judged(
        conclusion, reproduced, tuple(text for text in (chosen, *reasons, words_of_p) if text), readings, changeable
    )


def _plain(claim: ParsedClaim | None, readings: Readings) -> tuple[Verdict, Verdict | Literal[""], tuple[str, ...]]:
    conclusion, reasons = judge_conclusion(claim, readings)
    reproduced, words_of_p = judge_p(claim, readings)
    return conclusion, reproduced, (*reasons, *([words_of_p] if words_of_p else []))


def _of_statistic(claim: ParsedClaim, readings: Readings, groups: frozenset[str]) -> Judged:
    """Judge a P by the statistic printed with it, which fixes it whatever the design and the other arms."""
    halved = one_sided_readings(readings, claim.direction)
    declared = "one_sided" in groups
    first = halved if declared else readings
    conclusion, reasons = judge_conclusion(claim, first)
    reproduced, words_of_p = judge_p(claim, first)
    if not declared and halved is not readings and readings.each:
        names = ", ".join(f"{name} {short_p(p)}" for name, p in halved.each[0].p.items())
        told = f"the test is one-sided, which is not declared ({names})"
        holds, _ = judge_conclusion(claim, halved)
        if conclusion == "no" and holds in ("yes", "conditional"):
            conclusion, reasons = "conditional", [*reasons, f"holds only if {told}"]
        if reproduced == "no" and fits_p(claim, halved):
            reproduced, words_of_p = "conditional", f"the printed P is reproduced if {told}"
    if "corrected" in groups and claim.below is not None and readings.each:
        conclusion, reasons = _corrected(claim, first.each[0], reproduced, conclusion, reasons)
    return Judged(conclusion, reproduced, (*reasons, *([words_of_p] if words_of_p else [])), first)


def _against_margin(item: Outcome, claim: ParsedClaim, usual: Readings, equivalence: bool) -> Judged:
    readings, margin = margin_readings(item, equivalence)
    exact = claim.relation == "="
    if not readings.each:
        return Judged("undetermined", "undetermined" if exact else "", (readings.why,), usual)
    conclusion, reasons = judge_margin(claim, readings, equivalence)
    reproduced, words_of_p = judge_p(claim, readings)
    if reproduced == "no":
        doubled = [name for name, p in readings.each[0].p.items() if claim.matches(min(1.0, 2 * p))]
        if doubled:
            reproduced, words_of_p = "conditional", f"the printed P is twice the one-sided one of {', '.join(doubled)}"
    note = margin_note(readings.each[0], margin)
    return Judged(conclusion, reproduced, (note, *reasons, *([words_of_p] if words_of_p else [])), readings)


def _another_comparison(item: Outcome, claim: ParsedClaim, groups: frozenset[str]) -> str:
    """Say why two printed arms cannot decide about a P; empty if they may."""
    if "paired" in groups:
        reason = "the same women (or matched pairs) are in both arms, so the printed numbers do not fix the P"
        return "; ".join(part for part in (reason, paired_note(item, claim)) if part)
    if "before_after" in groups:
        return "the P compares before with after, of which only the differences of the same women could tell"
    if "several_arms" in groups:
        reason = "the P is over more arms than the two that are printed"
        return "; ".join(part for part in (reason, third_arm(item, claim.level)) if part)
    return ""


def _named(readings: Readings, groups: frozenset[str]) -> Readings:
    """Keep the tests that the claim names, if it names any of the family."""
    names = named_tests(groups)

    def kept(reading: Reading) -> Reading:
        p = {name: value for name, value in reading.p.items() if name.removeprefix("one-sided ") in names}
        return replace(reading, p=p) if any(not math.isnan(value) for value in p.values()) else reading

    return replace(readings, each=tuple(kept(reading) for reading in readings.each)) if names else readings


def _otherwise(
    item: Outcome, claim: ParsedClaim, others: Sequence[Alternative], verdict: Verdict, reasons: list[str]
) -> tuple[Verdict, list[str]]:
    """Let other ways to come to the P save a conclusion, and what is declared unknown undo it."""
    holding = [alt for alt in others if any(claim.holds(alt.reading.difference, p) for p in alt.reading.p.values())]
    if verdict == "no":
        saved = [alt for alt in holding if alt.saves or alt.gives(claim)]
        # The one that gives the printed P says most.
        saved.sort(key=lambda alt: not alt.gives(claim))
        if saved:
            return "conditional", [*reasons, *(f"holds only if {alt.told}" for alt in saved[:1])]
    elif verdict == "yes":
        undone = [alt for alt in others if alt.undoes and alt not in holding]
        if undone:
            return "conditional", [*reasons, *(f"does not hold if {alt.told}" for alt in undone[:1])]
    return verdict, reasons


def _of_another_test(
    item: Outcome,
    claim: ParsedClaim,
    groups: frozenset[str],
    found: tuple[Verdict, Verdict | Literal[""]],
    effect: EffectCI | None,
    reasons: list[str],
) -> tuple[Verdict, list[str]]:
    """A conclusion from an adjusted analysis, or from another test, is not refuted by a plain one."""
    verdict, reproduced = found
    if verdict != "no" or reproduced in ("yes", "conditional"):
        return verdict, reasons
    if "adjusted" in groups and effect is None:
        return "undetermined", [
            *reasons,
            "the P is adjusted, and no adjusted interval was printed to recompute it from",
        ]
    if "variance" in groups:
        reason = "an analysis of variance may be over more arms than the two that are printed"
        return "undetermined", [*reasons, "; ".join(p for p in (reason, third_arm(item, claim.level)) if p)]
    if groups & _not_recomputed(item):
        return "undetermined", [*reasons, "the P is of a test that the printed numbers are not enough for"]
    return verdict, reasons


def _corrected(
    claim: ParsedClaim, reading: Reading, reproduced: str, verdict: Verdict, reasons: list[str]
) -> tuple[Verdict, list[str]]:
    """A correction for several comparisons only raises a P: say how many a conclusion bears, or needs."""
    p = [value for value in reading.p.values() if not math.isnan(value)]
    if claim.below and verdict == "yes" and reproduced != "yes":
        most = math.floor(claim.alpha / max(p)) if max(p) > 0 else MOST_COMPARISONS + 1
        if most <= MOST_COMPARISONS:
            return "conditional", [*reasons, f"holds after correction for up to {most} comparisons"]
    if not claim.below and verdict == "no":
        least = math.ceil(claim.alpha / min(p)) if min(p) > 0 else MOST_COMPARISONS + 1
        if least <= MOST_COMPARISONS:
            return "conditional", [*reasons, f"holds after correction for at least {least} comparisons"]
        return "undetermined", [*reasons, "the number of comparisons that it is corrected for is not recorded"]
    return verdict, reasons


def _not_recomputed(item: Outcome) -> frozenset[str]:
    return OTHER_TESTS - OF_ORDERED if item.ordered else OTHER_TESTS


def _p_otherwise(
    item: Outcome,
    claim: ParsedClaim,
    others: Sequence[Alternative],
    groups: frozenset[str],
    effect: EffectCI | None,
    told: str,
) -> tuple[Verdict, str]:
    for alt in others:
        if alt.gives(claim):
            return "conditional", f"the printed P is reproduced if {alt.told}"
    if groups & {*_not_recomputed(item), "corrected"} or ("adjusted" in groups and effect is None):
        return "undetermined", f"{told}, and the P is of another kind"
    return "no", told


def listed(reading: Reading) -> str:
    """Name every test of a reading but the primary one, with its P; the power of ten of a P too small to hold."""
    others = [
        f"{name} {short_p(value)}" if not math.isnan(value) else f"{name} not computed for arms this large"
        for name, value in list(reading.p.items())[1:]
    ]
    if reading.counts is not None and reading.p[reading.primary] < LEAST_P:
        others.append(f"log10 P about {log10_pearson_p(*reading.counts):.0f}")
    return ", ".join(others)
