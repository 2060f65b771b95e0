"""Effects alone, partially and completely pooled, side by side."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bayes_ivf.results import POOLING, EffectRow, PooledEffect, pooled_effects

PARTIAL, COMPLETE = "correlation=0;pooling=partial", "correlation=0;pooling=complete"


def row(
    outcome, model, options, median, *, estimand="standardized_mean_difference", prior="p", half=1.0, verdict="pass"
):
    known = {
        "study": "s", "outcome": outcome, "model": model, "options": options, "prior": prior, "engine": "nuts",
        "estimand": estimand, "scale": "sd", "median": median, "ci_low": median - half, "ci_high": median + half,
        "ci_level": 0.95, "ci_kind": "eti", "hdi_low": median - half, "hdi_high": median + half, "verdict": verdict,
        "problem": "",
    }  # fmt: skip
    return EffectRow(**{name: known.get(name) for name in EffectRow.__dataclass_fields__})


def test_three_degrees_stand_side_by_side():
    rows = [
        row("a", "two_arm", "", -2.0),
        row("a", "outcomes", PARTIAL, -1.5),
        row("a", "outcomes", COMPLETE, -1.0, verdict="warn"),
        row("a", "outcomes", "correlation=0.3;pooling=partial", -9.0),
    ]
    (found,) = pooled_effects(rows)
    assert (found.separate, found.partial, found.complete) == (-2.0, -1.5, -1.0)
    assert (found.separate_low, found.complete_high) == (-3.0, 0.0)
    assert found.shrinkage == pytest.approx(0.5)
    assert found.verdict == "warn"
    assert tuple(PooledEffect.__dataclass_fields__) == POOLING.names


def test_quadrature_of_the_same_fit_is_told():
    rows = [row("a", "two_arm", "", 1.1), replace(row("a", "two_arm", "", 1.0), engine="exact"),
            replace(row("a", "two_arm", "variance=common", 5.0), engine="exact"),
            row("a", "outcomes", PARTIAL, 0.8), row("a", "outcomes", COMPLETE, 0.5)]  # fmt: skip
    assert pooled_effects(rows)[0].separate == 1.0


def test_a_share_of_nothing_is_not_given():
    rows = [row("a", "two_arm", "", 1.0), row("a", "outcomes", PARTIAL, 1.05), row("a", "outcomes", COMPLETE, 1.1)]
    assert pooled_effects(rows)[0].shrinkage is None


def test_stages_are_compared_with_the_funnel_and_default_options_come_first():
    name = {"estimand": "log_odds_ratio"}
    rows = [
        row("eir", "two_arm", "", 9.0, **name),
        row("eir", "funnel", "M=3", 1.0, **name),
        row("eir", "funnel", "M=4", 8.0, **name),
        row("eir", "outcomes", PARTIAL + ";M=3", 0.8, **name),
        row("eir", "outcomes", COMPLETE + ";M=3", 0.5, **name),
    ]
    assert pooled_effects(rows)[0].separate == 1.0


@pytest.mark.parametrize("missing", range(3))
def test_without_all_three_there_is_nothing_to_compare(missing):
    rows = [row("a", "two_arm", "", 1.0), row("a", "outcomes", PARTIAL, 1.0), row("a", "outcomes", COMPLETE, 1.0)]
    assert pooled_effects(rows[:missing] + rows[missing + 1 :]) == ()


def test_other_scales_and_priors_are_kept_apart():
    rows = [
        row("a", "two_arm", "", 1.0, prior="q"),
        row("a", "outcomes", PARTIAL, 1.0),
        row("a", "outcomes", COMPLETE, 1.0),
        row("a", "two_arm", "", math.pi, estimand="mean_difference"),
    ]
    assert pooled_effects(rows) == ()
