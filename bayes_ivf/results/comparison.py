"""The table that the package is for: what the paper reports beside what its numbers show, one row per outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from bayes_ivf import defaults
from bayes_ivf.auditing import (
    AGAINST_MARGIN,
    Audit,
    ClaimRow,
    brief_words,
    conditional_words,
    equality_words,
    parse_claim,
    touching,
    undecided_words,
)
from bayes_ivf.effects import REPORTED, SIZE
from bayes_ivf.results.digits import percent
from bayes_ivf.results.frequentist import frequentist
from bayes_ivf.results.row import EffectRow
from bayes_ivf.results.sentence import direction, larger_risk, main_row
from bayes_ivf.results.table import SMALL_P
from bayes_ivf.results.value import Printed, Said, Value, join, p_of, p_words, range_of, say, text
from bayes_ivf.results.words_alone import (
    center,
    doubted_rows,
    interval,
    no_difference,
    printed_number,
    shown,
    told_at_doubts,
)
from bayes_ivf.study import Outcome, plural


@dataclass(frozen=True)
class ComparisonRow:
    """One row of ``comparison.csv``; None where a number does not exist."""

    study: Annotated[str, "id of the study"]
    outcome: Annotated[str, "id of the outcome"]
    label: Annotated[str, "its name in words"]
    kind: Annotated[str, "how it was printed"]
    role: Annotated[str, "outcome or baseline"]
    reported_treatment: Annotated[str, "what was printed of the treatment arm"]
    reported_control: Annotated[str, "what was printed of the control arm"]
    reported_direction: Annotated[str, "direction that is claimed"]
    reported_p: Annotated[str, "P as printed"]
    effect_scale: Annotated[str, "estimand of the effects in this row"]
    freq_effect: Annotated[float | None, "recomputed effect: risk difference, or difference of means"]
    freq_ci_low: Annotated[
        float | None, "lower end of its confidence interval (Newcombe, or Welch), at the level ci_prob of the manifest"
    ]
    freq_ci_high: Annotated[float | None, "upper end of that interval"]
    freq_p: Annotated[float | None, "recomputed P", SMALL_P]
    freq_test: Annotated[str, "test of the recomputed P"]
    bayes_effect: Annotated[float | None, "posterior median under the primary prior"]
    bayes_ci_low: Annotated[float | None, "lower end of its credible interval, at the same level"]
    bayes_ci_high: Annotated[float | None, "upper end of its credible interval"]
    p_benefit: Annotated[float | None, "probability that treatment helps, under the primary prior"]
    p_beyond_mcid: Annotated[float | None, "probability of a benefit of at least the MCID"]
    p_benefit_min: Annotated[float | None, "smallest probability of benefit over the prior sets"]
    p_benefit_max: Annotated[float | None, "largest probability of benefit over the prior sets"]
    reading: Annotated[str, "what it says, in one sentence"]
    bayes_effect_min: Annotated[float | None, "smallest median over the prior sets"] = None
    bayes_effect_max: Annotated[float | None, "largest median over the prior sets"] = None
    findings: Annotated[str, "what the audit holds against its numbers, in half a sentence"] = ""
    said: Said = field(default=(), repr=False, compare=False)
    """The reading in parts, its numbers kept under their keys; not a column."""


def compare(
    audit: Audit,
    item: Outcome,
    rows: Sequence[EffectRow],
    caveats: Sequence[str | Said],
    reason: str,
    ci_prob: float = defaults.CI_PROB,
) -> ComparisonRow:
    """Make the row of an outcome.

    Parameters
    ----------
    audit : Audit
    item : Outcome
    rows : sequence of EffectRow
        Every row of the outcome's result of record and its sensitivity to the prior, primary first; empty if it could
        not be estimated.
    caveats : sequence of str or parts
        Sentences that the reading must carry.
    reason : str
        Why there are no rows.
    ci_prob : float
        Probability of the rows' intervals; the recomputed one has the same confidence level.
    """
    recomputed = frequentist(item, ci_prob, audit.study)
    claimed = item.claim is not None and (item.claim.p is not None or item.margin is not None)
    # the ledger takes its time, and says no more of counts or means without a printed P
    ledger = audit.ledger if claimed or recomputed is None else ()
    claim = next((row for row in ledger if row.outcome == item.id), None)
    alone = _number(claim.recomputed_p) if claim else None
    primary = main_row(rows) if rows else None
    likely, effect = (_over_priors(rows, primary, statistic) for statistic in ("p_benefit", "median"))
    # what only words tell has a range over belief in them, and no number of its own
    known = None if primary is not None and doubted_rows(rows, primary) else primary
    found = finding_words(audit, item)
    # what the claim's own verdict says already is not said twice in one sentence
    news = found if any(finding.check != "claims" for finding in touching(audit, item.id)) else ""
    said = _reading(item, claim, news, rows, primary, caveats, reason)
    return ComparisonRow(
        study=audit.study.id,
        outcome=item.id,
        label=item.title,
        kind=item.kind,
        role=item.role,
        reported_treatment=item.printed("treatment"),
        reported_control=item.printed("control"),
        reported_direction="" if item.claim is None else item.claim.direction,
        reported_p="" if item.claim is None or item.claim.p is None else item.claim.p,
        effect_scale=primary.estimand if primary else recomputed.scale if recomputed else "",
        freq_effect=recomputed.effect if recomputed else None,
        freq_ci_low=recomputed.low if recomputed else None,
        freq_ci_high=recomputed.high if recomputed else None,
        freq_p=_number(recomputed.p) if recomputed else alone,
        # a test whose P differs between several pairs of counts recomputes nothing: the reading says how many there are
        freq_test=recomputed.test if recomputed else claim.test if claim and alone is not None else "",
        bayes_effect=known.median if known else None,
        bayes_ci_low=known.ci_low if known else None,
        bayes_ci_high=known.ci_high if known else None,
        p_benefit=known.p_benefit if known else None,
        p_beyond_mcid=known.p_beyond_mcid if known else None,
        p_benefit_min=likely[0].value if likely else None,
        p_benefit_max=likely[1].value if likely else None,
        reading=text(said),
        bayes_effect_min=effect[0].value if effect else None,
        bayes_effect_max=effect[1].value if effect else None,
        findings=found,
        said=said,
    )


def finding_words(audit: Audit, item: Outcome) -> str:
    """Say in half a sentence what the audit holds against an outcome's numbers; empty if nothing."""
    found = touching(audit, item.id)
    if not found:
        return ""
    start = "cannot hold under a stated assumption" if found[0].severity == "impossible" else "caution"
    return f"{start}: {brief_words(audit, item.id)}; see findings"


def clustering_sentence(clustered: Sequence[EffectRow], naive: Sequence[EffectRow], unit: str) -> Said:
    """Say in one sentence what taking embryos, or another unit, as nested in women changes, and why."""
    before, after = main_row(naive), main_row(clustered)
    risk = larger_risk(naive, before)
    tie = next((row for row in clustered if row.estimand in ("icc", "q")), None)
    units = plural(unit)
    why = say(f"{units} of one woman {'share her fate' if unit == 'embryo' else 'are alike'}")
    if tie is not None and tie.estimand == "icc":
        why = say(why, " (intraclass correlation ", shown(tie, "median"), ", ", interval(tie), ")")
    likely = say(", probability of benefit ", shown(before, "p_benefit")) if before.p_benefit is not None else ()
    less = after.ci_high - after.ci_low > 1.05 * (before.ci_high - before.ci_low)
    told = say("say less, because ", why) if less else say("say about as much, though ", why)
    naively = say(f"Taken as independent, {units} would give ", center(before, risk))
    return say(naively, " (", interval(before, risk), ")", likely, "; nested in women they ", told, ".")


def _over_priors(rows: Sequence[EffectRow], primary: EffectRow | None, statistic: str) -> tuple[Value, Value] | None:
    """Smallest and largest of a number over prior sets; of a claim, over degrees of belief in it under the primary one."""
    if primary is None:
        return None
    chosen = doubted_rows(rows, primary) or [
        row for row in rows if (row.estimand, row.options) == (primary.estimand, primary.options)
    ]
    return range_of(chosen, statistic, larger_risk(rows, primary))


_SPREAD = "standard deviation is not printed"
"""In a caveat: where the standard deviation comes from behind a difference that is known from means and the P of their test."""


def _number(value: float) -> float | None:
    return None if value != value else value


AGREES = {
    "yes": "agrees with the claim",
    "no": "does not support the claim",
    "conditional": "supports the claim only under a further assumption",
    "undetermined": "does not settle the claim",
}


def _with_p(item: Outcome, claim: ClaimRow) -> Said:
    """Name the test of a claim with its P."""
    recomputed = p_of(item.id, claim.test, claim.recomputed_p)
    return say("the recomputed P") if recomputed is None else say(claim.test, " ", p_words(recomputed))


def _claim_words(item: Outcome, claim: ClaimRow | None) -> Said:
    what = f" as {item.effect_words}" if item.effect_words else ""
    comma = "," if what else ""
    said = {"higher": "Reported higher", "lower": "Reported lower", "differs": "Reported different"}
    if item.claim is None or item.claim.p is None:
        found = None if claim is None or item.statistic is None else p_of(item.id, claim.test, claim.recomputed_p)
        p: str | Said = "" if found is None else say("; recomputed, that is ", p_words(found))
        if item.statistic is not None and item.claim is not None and item.claim.direction in said:
            return say(f"{said[item.claim.direction]}{comma}{what} ({item.statistic})", p)
        shown = "without a P" if item.statistic is None else f"with {item.statistic}"
        if item.claim is not None and claim is not None and claim.test.endswith(AGAINST_MARGIN) and claim.supported:
            start = f"Reported as {equality_words(item.claim.text)}{comma}{what} {shown}"
            return say(start, "; ", _with_p(item, claim), " ", AGREES[claim.supported])
        return say(f"Reported{what}{comma} {shown}", p)
    shown = item.claim.p if item.statistic is None else f"{item.statistic}, {item.claim.p}"
    start = f"{said.get(item.claim.direction, f'Reported as {equality_words(item.claim.text)}')}{comma}{what} ({shown})"
    recomputed = None if claim is None else p_of(item.id, claim.test, claim.recomputed_p)
    if claim is None or claim.supported not in ("yes", "no", "conditional"):
        if claim is not None and recomputed is not None and (undecided := undecided_words(claim)):
            return say(start, "; ", claim.test, " ", p_words(recomputed), f" {undecided}")
        return say(start, "; the claim cannot be recomputed from what was visible")
    p = "the recomputed P" if recomputed is None else say(claim.test, " ", p_words(recomputed))
    parsed = parse_claim(item.claim)
    # a printed direction without significance is no claim of one
    plain = parsed is None or parsed.below is not False or item.claim.direction == "none"
    unclear = "that the difference is not significant"
    significant = parsed is not None and claim.recomputed_p < parsed.alpha
    exact = "; the printed P is not that of a usual test" if claim.p_reproduced == "no" else ""
    if claim.supported == "conditional":
        alone = say("the claim ") if recomputed is None else say(p, ": the claim ")
        return say(start, "; ", alone, conditional_words(claim), exact)
    verdict = {
        "yes": "agrees with the claim" if plain else f"agrees {unclear}",
        "no": "does not support the claim" if plain or not significant else f"does not agree {unclear}",
    }[claim.supported]
    return say(start, "; ", p, " ", verdict, exact)


def _reading(
    item: Outcome,
    claim: ClaimRow | None,
    found: str,
    rows: Sequence[EffectRow],
    primary: EffectRow | None,
    caveats: Sequence[str | Said],
    reason: str,
) -> Said:
    words = _claim_words(item, claim)
    # agreement never stands alone where the audit holds something against the numbers
    but = (
        f", but {found}."
        if found and claim is not None and claim.supported == "yes"
        else f"; {found}."
        if found
        else "."
    )
    parts: list[str | Said] = [say(words, but)]
    if primary is None:
        return join([*parts, reason])
    level = f"{percent(primary.ci_level)} credible interval"
    doubted = doubted_rows(rows, primary)
    if doubted:
        told_of_words = (
            told_at_doubts(rows, doubted, primary, printed_number(item), item.unit),
            no_difference(item, rows, primary),
        )
        parts += [said for said in told_of_words if said]
    else:
        risk = larger_risk(rows, primary)
        effects = _differing(_over_priors(rows, primary, "median"), "; median ", " over the prior sets")
        # without numbers of the arms, and as a ratio, a number says what it is
        name = f"{REPORTED[primary.estimand].label.lower()} " if item.alone or primary.scale == "ratio" else ""
        unit = Printed(f" {item.unit}") if item.unit and primary.scale == "outcome unit" else ""
        told = say(f"Estimate: {name}" if name else "Estimate ", center(primary, risk), unit)
        told = say(told, " (", level, " ", interval(primary, risk), effects, "): ")
        parts.append(say(told, direction(primary), "."))
        if primary.p_benefit is not None:
            likely = _differing(_over_priors(rows, primary, "p_benefit"), ", ", " over the prior sets")
            parts.append(say("Probability of benefit ", shown(primary, "p_benefit"), likely, "."))
        elif item.role == "outcome" and primary.estimand != SIZE:
            parts.append("No direction is clinically defined as benefit, so no probability of benefit is given.")
    # what doubt tells already is not said twice; where a unit comes from is
    parts.extend(each for each in caveats if not doubted or _SPREAD in (each if isinstance(each, str) else text(each)))
    if primary.verdict != "pass":
        parts.append(f"The computation was marked: {primary.verdict}.")
    return join(parts)


def _differing(spread: tuple[Value, Value] | None, before: str, over: str) -> Said:
    """Tell a range whose ends look different; empty otherwise."""
    if spread is None or spread[0].text == spread[1].text:
        return ()
    return say(before, spread[0], " to ", spread[1], over)
