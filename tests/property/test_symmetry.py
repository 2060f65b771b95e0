"""Identical arms favor neither; exchanged arms exchange the answer. In the exact engine for many cases, in NUTS for one shape."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_ivf import Study, fit

SYMMETRIC = st.one_of(
    st.builds(lambda sigma: {"dist": "Normal", "mu": 0, "sigma": sigma}, st.floats(0.05, 5)),
    st.builds(lambda sigma: {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": sigma}, st.floats(0.05, 2)),
    st.builds(lambda b: {"dist": "Laplace", "mu": 0, "b": b}, st.floats(0.1, 2)),
)
AVERAGE = st.builds(lambda mu, sigma: {"dist": "Normal", "mu": mu, "sigma": sigma}, st.floats(-2, 2), st.floats(0.2, 3))
ARM = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def solved(treatment, control, prior, benefit="higher"):
    return fit(Study.from_counts(treatment, control, benefit=benefit), "events", prior=prior, engine="exact")


@given(ARM, AVERAGE, SYMMETRIC)
@settings(max_examples=20, deadline=None)
def test_identical_arms_favor_neither(arm, average, effect):
    found = solved(arm, arm, {"average": average, "effect": effect})
    for estimand in ("risk_difference", "log_odds_ratio", "risk_ratio"):
        assert found.row(estimand).p_benefit == pytest.approx(0.5, abs=1e-6)
    row = found.row("log_odds_ratio")
    assert row.median == pytest.approx(0, abs=1e-4 * row.sd)
    assert row.ci_low == pytest.approx(-row.ci_high, abs=2e-4 * row.sd)


@given(ARM, ARM, AVERAGE, SYMMETRIC)
@settings(max_examples=20, deadline=None)
def test_exchanged_arms_exchange_the_answer(treatment, control, average, effect):
    prior = {"average": average, "effect": effect}
    one, other = solved(treatment, control, prior), solved(control, treatment, prior)
    for estimand in ("risk_difference", "log_odds_ratio"):
        a, b = one.row(estimand), other.row(estimand)
        assert a.p_benefit + b.p_benefit == pytest.approx(1, abs=2e-6)
        assert a.mean == pytest.approx(-b.mean, abs=2e-4 * a.sd)
        assert (a.ci_low, a.ci_high) == pytest.approx((-b.ci_high, -b.ci_low), abs=3e-4 * a.sd)
    assert one.row("control_risk").mean == pytest.approx(other.row("treatment_risk").mean, abs=1e-5)


@given(ARM, ARM, AVERAGE, SYMMETRIC)
@settings(max_examples=10, deadline=None)
def test_the_direction_of_benefit_only_names_the_sides(treatment, control, average, effect):
    prior = {"average": average, "effect": effect}
    up, down = (solved(treatment, control, prior, benefit).row("risk_difference") for benefit in ("higher", "lower"))
    assert up.p_benefit + down.p_benefit == pytest.approx(1, abs=2e-6)
    assert (up.mean, up.ci_low, up.ci_high) == (down.mean, down.ci_low, down.ci_high)


@given(st.integers(2, 200), st.integers(2, 200), SYMMETRIC, st.floats(0, 1))
@settings(max_examples=10, deadline=None)
def test_a_claim_and_its_mirror_image(n_treatment, n_control, effect, doubt):
    rows = [
        fit(
            Study.from_claim((n_treatment, n_control), direction, benefit=direction),
            "claim",
            prior={"effect": effect},
            claim_doubt=doubt,
            engine="exact",
        ).row("standardized_mean_difference")
        for direction in ("lower", "higher")
    ]
    assert rows[0].p_benefit == pytest.approx(rows[1].p_benefit, abs=2e-6)
    assert rows[0].median == pytest.approx(-rows[1].median, abs=3e-4 * (rows[0].ci_high - rows[0].ci_low))


def error(draws):
    return float(array_stats.mcse(draws.astype(float), method="mean", chain_axis=-2, draw_axis=-1))


@pytest.mark.parametrize("arm", [(8, 8), (0, 30), (12, 40)], ids=str)
def test_identical_arms_in_nuts(arm, nuts):
    found = nuts(Study.from_counts(arm, arm)).estimands["log_odds_ratio"]
    assert abs((found > 0).mean() - 0.5) < 4 * error(found > 0)
    assert abs(found.mean()) < 4 * error(found)


def test_exchanged_arms_in_nuts(nuts):
    one, other = (
        nuts(Study.from_counts(*arms)).estimands["log_odds_ratio"]
        for arms in (((16, 40), (12, 40)), ((12, 40), (16, 40)))
    )
    assert abs(one.mean() + other.mean()) < 4 * np.hypot(error(one), error(other))


def test_a_prior_on_the_control_arm_is_not_symmetric():
    prior = {"control": {"dist": "Normal", "mu": 0, "sigma": 1.5}, "effect": {"dist": "Normal", "mu": 0, "sigma": 1}}
    # the warning example of the method: 8/8 against 8/8
    assert solved((8, 8), (8, 8), prior).row("log_odds_ratio").p_benefit == pytest.approx(0.71, abs=0.005)
