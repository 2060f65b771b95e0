"""The claims ledger: every printed sentence with a P, recomputed and judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Annotated, Literal

from bayes_ivf import defaults
from bayes_ivf.auditing.changes import of_changes
from bayes_ivf.auditing.claims import parse_claim
from bayes_ivf.auditing.conclusion import Verdict
from bayes_ivf.auditing.effect_words import printed_effect
from bayes_ivf.auditing.interval_readings import best_fit, other_fit
from bayes_ivf.auditing.judge import judge, unclaimed
from bayes_ivf.auditing.judgement import listed
from bayes_ivf.auditing.least_change import change_for_p, least_change
from bayes_ivf.auditing.least_p import BOUND, LEAST_P, held_p
from bayes_ivf.auditing.over_all import judge_over_all
from bayes_ivf.auditing.reading import Readings, arm_text
from bayes_ivf.auditing.reproduced import short_p
from bayes_ivf.study import Counts, EffectCI, Outcome, OverAll, Study


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
        P under the primary test; NaN if nothing can be recomputed or the counts are not unique. A P too small for a
        float stands as the smallest one above 0; tables and texts show ``<1e-300``.
    supported : {"yes", "no", "conditional", "undetermined", ""}
        Whether the printed conclusion holds; empty where no P was printed.
    least_change : str
        Smallest change of the counts (or the mean) that would make the claim true under the primary test.
    note : str
        The other tests, and what the verdicts rest on.
    p_reproduced : {"yes", "no", "conditional", "undetermined", ""}
        Whether a printed exact P is that of a usual test; empty where none is printed.
    """

    study: Annotated[str, "id of the study"]
    outcome: Annotated[str, "id of the outcome"]
    claim: Annotated[str, "the claim in the words of the study file"]
    treatment: Annotated[str, "what was printed of the treatment arm"]
    control: Annotated[str, "what was printed of the control arm"]
    test: Annotated[str, "primary test; empty if nothing can be recomputed"]
    recomputed_p: Annotated[float, "P under the primary test", "P"]
    supported: Annotated[
        Verdict | Literal[""],
        "whether the printed conclusion holds: yes, no, conditional, undetermined; empty without a claim",
    ]
    least_change: Annotated[str, "smallest change that would make the claim true"]
    note: Annotated[str, "other tests, and what the verdicts rest on"]
    p_reproduced: Annotated[
        Verdict | Literal[""], "whether an exact printed P is that of a usual test; empty where none is printed"
    ] = ""

    @property
    def p_text(self) -> str:
        """The recomputed P for reading; empty if there is none."""
        p = self.recomputed_p
        return "" if math.isnan(p) else BOUND if p < LEAST_P else f"{p:.3g}"


CLAIM_COLUMNS = tuple(field.name for field in fields(ClaimRow))


def claim_rows(study: Study, level: float = defaults.CI_PROB) -> tuple[ClaimRow, ...]:
    """Recompute and judge every claim with a P, and recompute every outcome with numbers, in the paper's order.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of intervals that stand beside no printed one.

    Returns
    -------
    tuple of ClaimRow
    """
    over_all = {} if study.many is None else {each.id: each for each in study.many.over_all}
    rows = (
        _over_all(study, over_all[item.id]) if item.id in over_all else _row(study.within(item.id), item, level)
        for item in study.items
    )
    return tuple(row for row in rows if row is not None)


def _over_all(study: Study, each: OverAll) -> ClaimRow:
    """Recompute and judge a claim about all arms."""
    judged = judge_over_all(each)
    first = judged.readings.each[0] if judged.readings.each else None
    return ClaimRow(
        study=study.id,
        outcome=each.id,
        claim=each.claim.text,
        treatment=first.text if first is not None else "",
        control="",
        test=first.primary if first is not None else "",
        recomputed_p=held_p(first.p[first.primary]) if first is not None else math.nan,
        supported=judged.supported,
        least_change="",
        note="; ".join(part for part in (listed(first) if first is not None else "", *judged.reasons) if part),
        p_reproduced=judged.p_reproduced,
    )


def _row(study: Study, item: Outcome, level: float) -> ClaimRow | None:
    effect = printed_effect(item)
    claimed = item.claim is not None and item.claim.p is not None
    judged = judge(study, item, effect) if claimed else unclaimed(study, item, effect, level)
    readings, claim = judged.readings, parse_claim(item.claim)
    if not claimed and not readings.each:
        return None
    first = readings.each[0] if readings.each else None
    single = first is not None and readings.unique
    change = others = ""
    compared = of_changes(item)
    if claim is not None and first is not None and single and judged.changeable:
        if judged.supported in ("no", "conditional"):
            change, others = least_change(compared, claim, first)
        if judged.p_reproduced == "no":
            change = "; ".join(part for part in (change, change_for_p(compared, claim, first)) if part)
    interval = _interval(effect, _table(item)) if effect is not None and first is not None and single else ""
    numbers = listed(first) if first is not None and single else _range(readings)
    return ClaimRow(
        study=study.id,
        outcome=item.id,
        claim=item.claim.text if item.claim is not None else "",
        treatment=arm_text(item, "treatment"),
        control=arm_text(item, "control"),
        test=f"{first.primary}{readings.suffix}" if first is not None else "",
        recomputed_p=held_p(first.p[first.primary]) if first is not None and single else math.nan,
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


def _table(item: Outcome) -> tuple[int, int, int, int] | None:
    a, b = item.counts("treatment"), item.counts("control")
    return None if a is None or b is None else (a.events, a.n, b.events, b.n)


def _interval(effect: EffectCI, table: tuple[int, int, int, int] | None) -> str:
    """Name the method that gives a printed effect of two counts; empty if none does."""
    if table is None or effect.adjusted.strip() or ("ratio" in effect.scale and min(effect.values) <= 0):
        return ""
    a, b = Counts(*table[:2]), Counts(*table[2:])
    fit = best_fit(effect, a, b) or other_fit(effect, a, b)
    return f"the printed {effect.scale.replace('_', ' ')} is reproduced by {fit.told}" if fit is not None else ""
