"""Every outcome by its result of record and in a joint model: which rows are put side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bayes_ivf.results import JOINT, EffectRow, JointEffect, joint_effects

SMD, ODDS = "standardized_mean_difference", "log_odds_ratio"


def row(outcome, model="two_arm", median=1.0, *, estimand=SMD, options="", prior="p", sd=0.5, verdict="pass"):
    known = {
        "study": "s", "outcome": outcome, "model": model, "options": options, "prior": prior, "engine": "exact",
        "estimand": estimand, "scale": "sd", "median": median, "sd": sd, "ci_low": median - 1, "ci_high": median + 1,
        "p_benefit": 0.9, "verdict": verdict,
    }  # fmt: skip
    return EffectRow(**{name: known.get(name) for name in EffectRow.__dataclass_fields__})


WHOLE = row("all_outcomes", "mine", estimand="mu")
"""What only a model of all outcomes has, whatever its card is called."""


def pair(own, joint, *more):
    return joint_effects([own, WHOLE, joint, *more], [own])


def test_a_move_is_told_in_sds_of_the_result_of_record():
    joint = replace(row("a", "mine", 0.25, verdict="warn"), p_benefit=0.7)
    (found,) = pair(row("a"), joint)
    assert (found.own_model, found.model, found.scale) == ("two_arm", "mine", SMD)
    assert (found.own, found.own_low, found.own_high, found.own_p_benefit) == (1.0, 0.0, 2.0, 0.9)
    assert (found.joint, found.joint_low, found.joint_high, found.joint_p_benefit) == (0.25, -0.75, 1.25, 0.7)
    assert found.move == pytest.approx(-1.5)
    assert found.verdict == "warn"
    assert tuple(JointEffect.__dataclass_fields__) == JOINT.names


def test_a_result_without_sd_has_no_move():
    assert pair(row("a", sd=None), row("a", "mine", 0.25))[0].move is None


def test_a_claim_is_compared_where_it_is_believed():
    record = [row("a", options=f"doubt={doubt}", median=1 - doubt) for doubt in (0.5, 1, 0)]
    (found,) = joint_effects([*record, WHOLE, row("a", "mine")], record)
    assert found.own == 1.0
    assert joint_effects([WHOLE, row("a", "mine")], record[:2]) == ()


def test_only_the_same_outcome_on_the_same_scale_under_the_same_prior_is_compared():
    assert pair(row("a", prior="q"), row("a", "mine")) == ()
    assert pair(row("a", estimand=ODDS), row("a", "mine")) == ()
    assert pair(row("b"), row("a", "mine")) == ()
    assert pair(row("a", estimand="mean_difference"), row("a", "mine", estimand="mean_difference")) == ()


def test_another_model_is_no_joint_model():
    assert (
        joint_effects([row("a"), row("a", "outcomes", 0.5), row("family_x", "outcomes", estimand="mu")], [row("a")])
        == ()
    )


def test_two_joint_models_are_kept_apart():
    other = [replace(each, model="other") for each in (WHOLE, row("a", median=0.5))]
    found = pair(row("a"), row("a", "mine", 0.25), *other)
    assert {each.model: each.move for each in found} == {"mine": -1.5, "other": -1.0}
