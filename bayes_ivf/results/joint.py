"""What a hierarchy over all outcomes of a trial changes: every outcome's result of record beside the same outcome in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from bayes_ivf.problem import option_in
from bayes_ivf.results.row import EffectRow

WHOLE = ("all_outcomes", "mu")
"""Outcome and estimand of the row that models of a whole trial alone have: the mean of all their effects."""
_SCALES = ("standardized_mean_difference", "log_odds_ratio")


@dataclass(frozen=True)
class JointEffect:
    """An outcome's result of record beside the same outcome in a joint model; medians and equal-tailed intervals.

    Parameters
    ----------
    study, outcome, model, options, prior, scale, own_model : str
    own, joint : float
        Medians of the result of record and in the joint model; the intervals beside them.
    move : float or None
        From `own` to `joint` in standard deviations of the result of record; None where it has none.
    own_p_benefit, joint_p_benefit : float or None
    verdict : str
        The worse of the two fits.
    """

    study: Annotated[str, "id of the study"]
    outcome: Annotated[str, "id of the outcome"]
    model: Annotated[str, "id of the card of the joint model: a sensitivity, never of record"]
    options: Annotated[str, "its options that were not left at their defaults"]
    prior: Annotated[str, "id of the prior set, of both"]
    scale: Annotated[str, "estimand of the effects in this row"]
    own_model: Annotated[str, "id of the card of the outcome's result of record"]
    own: Annotated[float, "median of the result of record"]
    own_low: Annotated[float, "lower end of its credible interval"]
    own_high: Annotated[float, "upper end of its credible interval"]
    joint: Annotated[float, "median in the joint model"]
    joint_low: Annotated[float, "lower end of its credible interval"]
    joint_high: Annotated[float, "upper end of its credible interval"]
    move: Annotated[float | None, "how far the median moves, in posterior sds of the result of record"]
    own_p_benefit: Annotated[float | None, "probability that treatment helps, by the result of record"]
    joint_p_benefit: Annotated[float | None, "the same in the joint model"]
    verdict: Annotated[str, "the worse of the two fits"]


def joint_effects(rows: Iterable[EffectRow], record: Iterable[EffectRow]) -> tuple[JointEffect, ...]:
    """Put every outcome of a joint model beside its result of record under the same prior set.

    Parameters
    ----------
    rows : iterable of EffectRow
        Of a run.
    record : iterable of EffectRow
        Those that are of record; an outcome without one is left out.
    """
    return tuple(_beside(*pair) for pair in joint_pairs(rows, record))


def joint_pairs(rows: Iterable[EffectRow], record: Iterable[EffectRow]) -> tuple[tuple[EffectRow, EffectRow], ...]:
    """Return the rows behind `joint_effects`, of record and of the joint model, in the order of what is of record."""
    rows = tuple(rows)
    models = {row.model for row in rows if (row.outcome, row.estimand) == WHOLE}
    own: dict[tuple[str, ...], EffectRow] = {}
    for row in record:
        # a joint model takes claims at their word
        if row.estimand in _SCALES and option_in(row.options, "doubt") in ("", "0"):
            own.setdefault((row.study, row.outcome, row.estimand, row.prior), row)
    found: dict[tuple[str, ...], list[EffectRow]] = {}
    for row in rows:
        if row.model in models:
            found.setdefault((row.study, row.outcome, row.estimand, row.prior), []).append(row)
    return tuple((mine, row) for key, mine in own.items() for row in found.get(key, ()))


def move(own: EffectRow, joint: EffectRow) -> float | None:
    """Return how far the joint model moves a median, in posterior standard deviations of the result of record."""
    return (joint.median - own.median) / own.sd if own.sd else None


def _beside(own: EffectRow, joint: EffectRow) -> JointEffect:
    return JointEffect(
        study=joint.study,
        outcome=joint.outcome,
        model=joint.model,
        options=joint.options,
        prior=joint.prior,
        scale=joint.estimand,
        own_model=own.model,
        own=own.median,
        own_low=own.ci_low,
        own_high=own.ci_high,
        joint=joint.median,
        joint_low=joint.ci_low,
        joint_high=joint.ci_high,
        move=move(own, joint),
        own_p_benefit=own.p_benefit,
        joint_p_benefit=joint.p_benefit,
        verdict=max(own.verdict, joint.verdict, key=("pass", "warn", "fail").index),
    )
