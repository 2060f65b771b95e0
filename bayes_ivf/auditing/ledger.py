"""The claims ledger: every printed sentence with a P, recomputed and judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal

from bayes_ivf.auditing.claims import parse_claim
from bayes_ivf.auditing.conclusion import Verdict
from bayes_ivf.auditing.effect_words import printed_effect
from bayes_ivf.auditing.interval_readings import best_fit, other_fit, values
from bayes_ivf.auditing.judgement import judge, listed
from bayes_ivf.auditing.least_change import least_change
from bayes_ivf.auditing.reading import Readings, arm_text
from bayes_ivf.auditing.reproduced import short_p
from bayes_ivf.study import Counts, EffectCI, Outcome, Study


@dataclass(frozen=True)
class ClaimRow:
    """One row of claims.csv.

    Parameters
    ----------
    study, outcome, claim : str
        Ids, and the claim in the words of the study file.
    treatment, control : str
        What was printed, with the counts that a percentage stands for.
    test : str
        Primary test of the family; empty if nothing can be recomputed.
    recomputed_p : float
        P under the primary test; NaN if nothing can be recomputed or the counts are not unique.
    supported : {"yes", "no", "conditional", "undetermined"}
        Whether the printed conclusion holds.
    least_change : str
        Smallest change of the counts (or the mean) that would make the claim true under the primary test.
    note : str
        The other tests, and what the verdicts rest on.
    p_reproduced : {"yes", "no", "conditional", "undetermined", ""}
        Whether a printed exact P is that of a usual test; empty where none is printed.
    """

    study: str
    outcome: str
    claim: str
    treatment: str
    control: str
    test: str
    recomputed_p: float
    supported: Verdict
    least_change: str
    note: str
    p_reproduced: Verdict | Literal[""] = ""


CLAIM_COLUMNS = tuple(field.name for field in fields(ClaimRow))


def claim_rows(study: Study) -> tuple[ClaimRow, ...]:
    """Recompute and judge every claim with a P, in the paper's order.

    Parameters
    ----------
    study : Study

    Returns
    -------
    tuple of ClaimRow
    """
    return tuple(_row(study, item) for item in study.items if item.claim is not None and item.claim.p is not None)


def _row(study: Study, item: Outcome) -> ClaimRow:
    effect = printed_effect(item)
    judged = judge(study, item, effect)
    readings, claim = judged.readings, parse_claim(item.claim)
    first = readings.each[0] if readings.each else None
    change = others = ""
    failing = judged.changeable and judged.supported in ("no", "conditional")
    if claim is not None and first is not None and readings.unique and failing:
        change, others = least_change(item, claim, first)
    interval = _interval(effect, first.counts) if effect is not None and first is not None and readings.unique else ""
    numbers = listed(first) if first is not None and readings.unique else _range(readings)
    return ClaimRow(
        study=study.id,
        outcome=item.id,
        claim=item.claim.text if item.claim is not None else "",
        treatment=arm_text(item, "treatment"),
        control=arm_text(item, "control"),
        test=first.primary if first is not None else "",
        recomputed_p=first.p[first.primary] if first is not None and readings.unique else math.nan,
        supported=judged.supported,
        least_change=change,
        note="; ".join(part for part in (numbers, *judged.reasons, others, interval) if part),
        p_reproduced=judged.p_reproduced,
    )


def _range(readings: Readings) -> str:
    if not readings.each:
        return ""
    name = readings.each[0].primary
    values = [reading.p[name] for reading in readings.each]
    return f"{name} P from {short_p(min(values))} to {short_p(max(values))} over {len(values)} readings"


def _interval(effect: EffectCI, table: tuple[int, int, int, int] | None) -> str:
    """Name the method that gives a printed effect of two counts; empty if none does."""
    if table is None or effect.adjusted.strip() or ("ratio" in effect.scale and min(values(effect)) <= 0):
        return ""
    a, b = Counts(*table[:2]), Counts(*table[2:])
    fit = best_fit(effect, a, b) or other_fit(effect, a, b)
    return f"the printed {effect.scale.replace('_', ' ')} is reproduced by {fit.told}" if fit is not None else ""
