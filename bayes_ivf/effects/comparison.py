"""The table that the package is for: what the paper reports beside what its numbers show, one row per outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import cast

from bayes_ivf import defaults
from bayes_ivf.auditing import Audit, ClaimRow, fisher_p, newcombe_interval, welch
from bayes_ivf.effects.row import EffectRow
from bayes_ivf.effects.sentence import chance, direction, interval, larger_risk, main_row, number
from bayes_ivf.study import ARMS, MeanSD, Outcome, sd_factor


@dataclass(frozen=True)
class ComparisonRow:
    """One row of ``comparison.csv``; None where a number does not exist."""

    study: str
    outcome: str
    label: str
    kind: str
    role: str
    reported_treatment: str
    reported_control: str
    reported_direction: str
    reported_p: str
    effect_scale: str
    freq_effect: float | None
    freq_ci_low: float | None
    freq_ci_high: float | None
    freq_p: float | None
    freq_test: str
    bayes_effect: float | None
    bayes_ci_low: float | None
    bayes_ci_high: float | None
    p_benefit: float | None
    p_beyond_mcid: float | None
    p_benefit_min: float | None
    p_benefit_max: float | None
    reading: str


COLUMNS = tuple(field.name for field in fields(ComparisonRow))


@dataclass(frozen=True)
class Frequentist:
    """The paper's own kind of analysis, recomputed."""

    scale: str
    effect: float
    low: float
    high: float
    p: float
    test: str


def frequentist(item: Outcome) -> Frequentist | None:
    """Recompute the effect: risk difference with Newcombe's interval and Fisher's P, or Welch's difference of means."""
    treatment, control = (item.counts(arm) for arm in ARMS)
    if treatment is not None and control is not None:
        effect, low, high = newcombe_interval(treatment.events, treatment.n, control.events, control.n)
        p = fisher_p(treatment.events, treatment.n, control.events, control.n)
        return Frequentist("risk_difference", float(effect), float(low), float(high), float(p), "Fisher")
    if item.data is not None and all(isinstance(item.data[arm], MeanSD) for arm in ARMS):
        a, b = (cast(MeanSD, item.data[arm]) for arm in ARMS)
        sds = [float(arm.sd) * (sd_factor(item.spread, arm.n) or 0.0) for arm in (a, b)]
        if not min(sds) > 0:
            return None
        test = welch(float(a.mean), sds[0], a.n, float(b.mean), sds[1], b.n)
        numbers = (float(test.difference), float(test.low), float(test.high), float(test.p))
        return Frequentist("mean_difference", *numbers, "Welch")
    return None


def compare(
    audit: Audit, item: Outcome, rows: Sequence[EffectRow], caveats: Sequence[str], reason: str
) -> ComparisonRow:
    """Make the row of an outcome.

    Parameters
    ----------
    audit : Audit
    item : Outcome
    rows : sequence of EffectRow
        Every row of the outcome's result of record and its sensitivity to the prior, primary first; empty if it could
        not be estimated.
    caveats : sequence of str
        Sentences that the reading must carry.
    reason : str
        Why there are no rows.
    """
    claim = next((row for row in audit.ledger if row.outcome == item.id), None)
    recomputed = frequentist(item)
    primary = main_row(rows) if rows else None
    spread = _spread(rows, primary)
    return ComparisonRow(
        study=audit.study.id,
        outcome=item.id,
        label=item.label,
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
        freq_p=recomputed.p if recomputed else _number(claim.recomputed_p) if claim else None,
        freq_test=recomputed.test if recomputed else claim.test if claim else "",
        bayes_effect=primary.median if primary else None,
        bayes_ci_low=primary.ci_low if primary else None,
        bayes_ci_high=primary.ci_high if primary else None,
        p_benefit=primary.p_benefit if primary else None,
        p_beyond_mcid=primary.p_beyond_mcid if primary else None,
        p_benefit_min=spread[0],
        p_benefit_max=spread[1],
        reading=_reading(item, claim, rows, primary, spread, caveats, reason),
    )


def clustering_sentence(clustered: Sequence[EffectRow], naive: Sequence[EffectRow]) -> str:
    """Say in one sentence what taking embryos as nested in women changes, and why."""
    before = main_row(naive)
    tie = next((row for row in clustered if row.estimand in ("icc", "q")), None)
    why = "embryos of one woman share her fate"
    if tie is not None and tie.estimand == "icc":
        why += f" (intraclass correlation {tie.median:.2f}, {tie.ci_low:.2f} to {tie.ci_high:.2f})"
    likely = "" if before.p_benefit is None else f", probability of benefit {chance(before.p_benefit)}"
    after = main_row(clustered)
    less = after.ci_high - after.ci_low > 1.05 * (before.ci_high - before.ci_low)
    said = f"say less, because {why}" if less else f"say about as much, though {why}"
    return (
        f"Taken as independent, embryos would give {number(before.median, before)} ({interval(before)}){likely}; nested in "
        f"women they {said}."
    )


def _spread(rows: Sequence[EffectRow], primary: EffectRow | None) -> tuple[float | None, float | None]:
    """Smallest and largest P(benefit) over prior sets; for a claim, over degrees of belief in it too."""
    if primary is None:
        return None, None
    found = [
        row.p_benefit
        for row in rows
        if row.estimand == primary.estimand
        and row.p_benefit is not None
        and (row.options == primary.options or "doubt=" in row.options)
    ]
    return (min(found), max(found)) if found else (None, None)


def _number(value: float) -> float | None:
    return None if value != value else value


def _claim_words(item: Outcome, claim: ClaimRow | None) -> str:
    if item.claim is None or item.claim.p is None:
        return "Reported without a P."
    said = {"higher": "Reported higher", "lower": "Reported lower", "differs": "Reported different"}
    start = f"{said.get(item.claim.direction, 'Reported as no difference')} ({item.claim.p})"
    if claim is None or claim.supported not in ("yes", "no", "conditional"):
        return f"{start}; the claim cannot be recomputed from what was visible."
    p = f"{claim.test} P = {claim.recomputed_p:.2g}" if claim.recomputed_p == claim.recomputed_p else "the recomputed P"
    verdict = {
        "yes": "agrees with the claim",
        "no": "does not support the claim",
        "conditional": "supports the claim only under a further assumption",
    }[claim.supported]
    exact = "; the printed P is not that of a usual test" if claim.p_reproduced == "no" else ""
    return f"{start}; {p} {verdict}{exact}."


def _reading(
    item: Outcome,
    claim: ClaimRow | None,
    rows: Sequence[EffectRow],
    primary: EffectRow | None,
    spread: tuple[float | None, float | None],
    caveats: Sequence[str],
    reason: str,
) -> str:
    parts = [_claim_words(item, claim)]
    if primary is None:
        return " ".join([*parts, reason])
    level = f"{100 * defaults.CI_PROB:g}% credible interval"
    doubted = [
        row
        for row in rows
        if row.estimand == primary.estimand and row.prior == primary.prior and "doubt=" in row.options
    ]
    if doubted:
        parts.append(_doubts(doubted, primary))
    else:
        risk = larger_risk(rows, primary)
        told = f"{number(primary.median, primary, risk)} ({level} {interval(primary, risk)})"
        parts.append(f"Estimate {told}: {direction(primary)}.")
        if primary.p_benefit is not None:
            text = f"Probability of benefit {chance(primary.p_benefit)}"
            if spread[0] is not None and spread[1] is not None and spread[1] - spread[0] >= 0.005:
                text += f", {chance(spread[0])} to {chance(spread[1])} over the prior sets"
            parts.append(text + ".")
        elif item.role == "outcome":
            parts.append("No direction is clinically defined as benefit, so no probability of benefit is given.")
    parts.extend(caveat for caveat in caveats if not doubted)
    if primary.verdict != "pass":
        parts.append(f"The computation was marked: {primary.verdict}.")
    return " ".join(parts)


def _doubts(doubted: Sequence[EffectRow], primary: EffectRow) -> str:
    """Tell a claim-only result at every degree of belief in the claim, never at full belief alone."""
    by_doubt = {row.options.removeprefix("doubt="): row for row in reversed(doubted)}
    told = ", ".join(
        f"{chance(likely)} at doubt {name}"
        for name in sorted(by_doubt, key=float)
        if (likely := by_doubt[name].p_benefit) is not None
    )
    text = (
        f"If the claim is true and came from an equal-variance t test: standardized difference "
        f"{number(primary.median, primary)} ({interval(primary)})."
    )
    return f"{text} Probability of benefit: {told} (1 = the prior alone)." if told else text
