"""A fit of quadrature answers from quadrature and never samples; the answers are those of closed forms."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from scipy import stats

from bayes_ivf import Study, fit, plots

COUNTS = Study.from_counts((16, 40), (12, 40), outcome="cpr")


@pytest.fixture
def no_sampler(monkeypatch):
    """A sampler that fails when it is called."""

    def fail(*_, **__):
        raise AssertionError("sampled in secret")

    monkeypatch.setattr("bayes_ivf.inference.run_nuts.sample", fail)


@pytest.fixture(scope="module")
def beta():
    return fit(COUNTS, prior="beta_uniform", engine="exact")


def test_nothing_is_sampled_in_secret(no_sampler, faults_of):
    made = fit(COUNTS, engine="exact")
    assert made.summary().loc["risk_difference", "eti95_lb"] == pytest.approx(made.row("risk_difference").ci_low)
    assert "error_probability" in set(made.diagnostics().diagnostic)
    assert made.plot() is not None
    assert plots.prior_posterior(made) is not None
    for name in ("tree", "draws"):
        (fault,) = faults_of(getattr, made, name)
        assert "fit.sample().tree" in fault.action


def test_probabilities_are_those_of_independent_beta_arms(beta):
    control = stats.beta(13, 29)
    assert beta.probability("control_risk", above=0.3) == pytest.approx(control.sf(0.3), abs=1e-8)
    assert beta.probability("control_risk", below=0.3) == pytest.approx(control.cdf(0.3), abs=1e-8)
    between = beta.probability("control_risk", above=0.25, below=0.4)
    assert between == pytest.approx(control.cdf(0.4) - control.cdf(0.25), abs=1e-8)
    # P(treatment > control) by an integral of its own
    at = np.linspace(0, 1, 20001)
    oracle = np.trapezoid(stats.beta(17, 25).sf(at) * control.pdf(at), at)
    assert beta.probability("risk_difference", above=0) == pytest.approx(oracle, abs=1e-7)


def test_arms_without_a_prior_on_an_effect_are_drawn_alone(beta, no_sampler):
    (axis,) = beta.plot().axes
    assert axis.get_xlabel() == "Probability"
    (line,) = [each for each in axis.lines if each.get_label() == "posterior"]
    x, density = line.get_data()
    assert np.trapezoid(density, x) == pytest.approx(0.998, abs=1e-4)


def test_intervals_quantiles_and_densities_are_those_of_a_beta(beta):
    control = stats.beta(13, 29)
    assert beta.interval("control_risk", prob=0.9) == pytest.approx(control.interval(0.9), abs=1e-6)
    for share in (0.025, 0.5, 0.8):
        assert beta.quantile("control_risk", share) == pytest.approx(control.ppf(share), abs=1e-6)
    low, high = beta.interval("control_risk", prob=0.9, kind="hdi")
    assert control.cdf(high) - control.cdf(low) == pytest.approx(0.9, abs=1e-6)
    assert control.pdf(low) == pytest.approx(control.pdf(high), rel=1e-3)
    x, density = beta.density("control_risk")
    assert density == pytest.approx(control.pdf(x), abs=2e-3)
    table = beta.summary(ci_prob=0.9, ci_kind="hdi", var_names="control_risk")
    assert table.loc["control_risk", ["hdi90_lb", "hdi90_ub"]].tolist() == pytest.approx([low, high])


def test_a_quantity_of_another_place_is_named_with_it():
    totals = {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33}
    made = fit(Study.from_clusters(totals, totals | {"pregnant": 12, "implanted": 25}), engine="exact")
    woman = next(row for row in made.rows if row.outcome != "eir" and row.estimand == "risk_difference")
    assert made.interval("risk_difference@woman") == pytest.approx((woman.ci_low, woman.ci_high))
    assert made.interval("risk_difference") != made.interval("risk_difference@woman")


@pytest.mark.parametrize(
    ("method", "arguments", "options", "where"),
    [
        ("probability", ("control_risk",), {}, "above, below"),
        ("probability", ("control_risk",), {"above": 0.4, "below": 0.3}, "above, below"),
        ("probability", ("control_risk",), {"above": float("nan")}, "above"),
        ("probability", ("nothing",), {"above": 0}, "estimand"),
        ("probability", ("control_risk@woman",), {"above": 0}, "estimand"),
        ("interval", ("control_risk", 95), {}, "prob"),
        ("interval", ("control_risk", 0.9, "central"), {}, "kind"),
        ("quantile", ("control_risk", 1), {}, "probability"),
        ("density", ("control_risk", [0.1, 0.1, 0.2]), {}, "x"),
        ("summary", (), {"round_to": 2}, "fit.summary()"),
    ],
)
def test_questions_without_an_answer_are_refused(beta, method, arguments, options, where, faults_of):
    (fault,) = faults_of(getattr(beta, method), *arguments, **options)
    assert fault.where == where


def test_a_fit_travels_and_still_answers(beta):
    before = beta.probability("risk_difference", above=0)
    for again in (pickle.loads(pickle.dumps(beta)), copy.deepcopy(beta)):  # noqa: S301
        assert again.probability("risk_difference", above=0) == before
