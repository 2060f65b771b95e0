"""Readings of several outcomes together: every combination is counted, single ones are their own fits, shares add up."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special, stats

import bayes_ivf as bi
from bayes_ivf.errors import RequestError
from bayes_ivf.priors import make_prior
from bayes_ivf.reading_choices.nothing_known import prior_of_difference

INDEX = bi.load_study("lei-2026")
DOUBTS = [0, 0.25, 0.5, 0.75, 1]
FACTORS = {"Uniform": stats.uniform(), "Beta": stats.beta(2, 3)}


def main_row(fit):
    """The row of an outcome's risk difference."""
    rows = fit.effects()
    return rows[(rows.estimand == "risk_difference") & (rows.outcome == rows.outcome[0])].iloc[0]


@pytest.fixture(scope="module")
def both():
    choices = {
        "mechanism": ["beta_binomial", "receptivity", "independent"],
        "arms": ["as printed", "swapped"],
        "doubt of cpr": DOUBTS,
        "doubt of eir": DOUBTS,
    }
    return bi.readings(INDEX, ["cpr", "eir"], choices=choices, workers=1)


def test_every_combination_is_a_reading(both):
    # of M, weights and mechanism four fit the totals and one leaves M and weights without meaning
    assert len(both) == 5 * 2 * 5 * 5
    assert len(both.table) == (2 * 3 * 2 + 1) * 2 * 5 * 5
    assert both.weight.sum() == pytest.approx(1)
    assert both.stated.sum() == pytest.approx(1)
    table = both.table
    alone = table[table.mechanism == "independent"]
    assert set(alone["M"]) == set(alone["weights"]) == {"not applicable"}
    assert set(both["eir"].choices) == {"arms", "M", "weights", "mechanism", "doubt"}
    assert set(both.choices) == {"arms", "doubt of cpr", "M", "weights", "mechanism", "doubt of eir"}
    assert both.accurate


def test_single_readings_are_their_own_fits(both):
    rng = np.random.default_rng(7)
    table = both.table
    sure = table[(table.weight > 0) & (table["doubt of cpr"] == "0") & (table["doubt of eir"] == "0")]
    for _, row in sure.iloc[rng.permutation(len(sure))[:5]].iterrows():
        sign = 1 if row["arms"] == "as printed" else -1
        named = {name: row[name] for name in ("M", "weights", "mechanism")}
        fits = {
            "cpr": bi.fit(INDEX, "cpr", engine="exact"),
            "eir": bi.fit(INDEX, "eir", engine="exact", model="two_arm")
            if row["mechanism"] == "independent"
            else bi.fit(INDEX, "eir", engine="exact", options=named),
        }
        for outcome, fit in fits.items():
            told, found = main_row(fit), {name: row[f"{name} {outcome}"] for name in ("median", "ci_low", "p_benefit")}
            benefit = told["p_benefit"] if sign > 0 else 1 - told["p_benefit"]
            assert found["p_benefit"] == pytest.approx(benefit, abs=1e-8)
            assert found["median"] == pytest.approx(sign * told["median"], abs=1e-8)
            assert found["ci_low"] == pytest.approx(told["ci_low"] if sign > 0 else -told["ci_high"], abs=1e-8)


def test_exchanged_arms_are_the_fit_of_exchanged_counts():
    for prior in ("optimistic_strong", "weakly_informative"):
        found = bi.readings(INDEX, "cpr", choices={"arms": ["swapped"]}, prior=prior)
        fit = bi.fit(
            bi.Study.from_counts((12, 40), (16, 40), outcome="cpr", benefit="higher"), engine="exact", prior=prior
        )
        row = main_row(fit)
        (each,) = found.each
        numbers = [each.median, each.ci_low, each.ci_high, each.p_benefit]
        assert_allclose(numbers, row[["median", "ci_low", "ci_high", "p_benefit"]].astype(float), atol=1e-8)


def test_doubted_numbers_leave_the_prior(both):
    """Probabilities are the weighted sum; quantiles have that sum's probability below them."""
    table = both.table
    rows = table[(table.arms == "as printed") & (table.weight > 0) & (table.mechanism == "beta_binomial")]
    fit = bi.fit(INDEX, "cpr", engine="exact")
    prior = prior_of_difference("average", fit.problem.priors)
    for doubt in DOUBTS:
        row = rows[rows["doubt of cpr"] == str(doubt)].iloc[0]
        assert row["p_benefit cpr"] == pytest.approx((1 - doubt) * main_row(fit)["p_benefit"] + doubt / 2, abs=1e-8)
        for name, p in (("ci_low", 0.025), ("median", 0.5), ("ci_high", 0.975)):
            t = row[f"{name} cpr"]
            left = float(prior.below(np.arctanh(np.array([t])))[0])
            below = (1 - doubt) * fit.probability("risk_difference", below=t) + doubt * left
            assert below == pytest.approx(p, abs=1e-6)


@pytest.mark.parametrize(
    "shared", [None, ("Uniform", {"lower": 0.0, "upper": 1.0}), ("Beta", {"alpha": 2.0, "beta": 3.0})]
)
def test_the_prior_of_a_difference_is_that_of_a_plain_sum(shared):
    """Nodes over the average, the effect's distribution function at it, and nodes of what multiplies both risks."""
    slots = {"average": make_prior("Normal", mu=0.3, sigma=1.5), "effect": make_prior("Normal", mu=0.4, sigma=1)}
    if shared is not None:
        slots["q"] = make_prior(shared[0], **shared[1])
    found = prior_of_difference("average", slots)
    average = np.linspace(-13, 13, 4001)
    weight = stats.norm.pdf(average, 0.3, 1.5)
    weight /= weight.sum()

    def below(t):
        # tanh-free: expit(a + d/2) - expit(a - d/2) = t is a quadratic in exp(d/2)
        if abs(t) >= 1:
            return float(t > 0)
        cosh = np.cosh(average)
        effect = 2 * np.log((t * cosh + np.sqrt(t**2 * cosh**2 + 1 - t**2)) / (1 - t))
        return float(weight @ special.ndtr(effect - 0.4))

    for t in (-0.4, -0.02, 0.05, 0.3):
        wanted = below(t) if shared is None else _over(below, t, FACTORS[shared[0]])
        assert float(found.below(np.arctanh(np.array([t])))[0]) == pytest.approx(wanted, abs=2e-6)


def _over(below, t, family):
    """Mean over what multiplies both risks, on midpoints of a fine grid where it exceeds the difference."""
    edges = np.linspace(abs(t), 1, 1201)
    q = (edges[1:] + edges[:-1]) / 2
    inside = sum(below(t / each) * family.pdf(each) for each in q) * (edges[1] - edges[0])
    return inside + (family.cdf(abs(t)) if t > 0 else 0.0)


def test_shares_add_up_and_nothing_varies_without_choices(both):
    for outcome in ("cpr", "eir"):
        assert sum(both.shares[outcome].values()) == pytest.approx(1)
    assert both.shares["cpr"]["mechanism"] == both.shares["cpr"]["doubt of eir"] == 0
    assert max(both.shares["eir"], key=both.shares["eir"].__getitem__) == "arms"
    plain = bi.readings(
        INDEX, ["cpr", "eir"], choices={"mechanism": ["beta_binomial"], "weights": ["equal"]}, workers=1
    )
    assert len(plain) == 1
    assert plain.shares == {"cpr": {}, "eir": {}}


def test_mixtures_are_weighted_sums(both):
    table = both.table[both.table.weight > 0]
    for outcome in ("cpr", "eir"):
        assert both[outcome].p_benefit == pytest.approx((table.weight * table[f"p_benefit {outcome}"]).sum(), abs=1e-9)
        assert both[outcome].p_benefit == pytest.approx(0.5, abs=1e-6)  # both directions are as likely
        assert both[outcome].median == pytest.approx(0, abs=1e-6)
        assert both[outcome].probability(above=both[outcome].ci_low) == pytest.approx(0.975, abs=1e-6)
    least = ((table["p_benefit cpr"] >= 0.8) & (table["p_benefit eir"] >= 0.8)).to_numpy()
    assert both.agreement(0.8) == pytest.approx(table.weight.to_numpy()[least].sum())
    assert "joint readings" in both.sentence()
    assert both._repr_html_().count("<tr") == 51
    back = pickle.loads(pickle.dumps(both))  # noqa: S301
    assert back.table.equals(both.table)


def test_a_shared_label_is_one_choice():
    """FSH, E2 and LH have one table and one label: by evidence it is "sd" with 0.004 of 0.5."""
    found = bi.readings(INDEX, ["fsh", "e2", "lh"], "evidence", choices={"spread": ["sd", "se"]})
    assert len(found) == 2
    assert found.table.weight[0] == pytest.approx(0.004, abs=5e-4)
    alone = {f"spread of {outcome}": ["sd", "se"] for outcome in ("fsh", "e2", "lh")}
    assert len(bi.readings(INDEX, ["fsh", "e2", "lh"], choices=alone)) == 8


def test_what_makes_no_sense_together_is_refused():
    for choices, words in (
        ({"tie": ["a"]}, "tie"),
        ({"tie of cpr": ["a"]}, "tie"),
        ({"doubt": ["much"]}, "much"),
        ({"doubt": ["2"]}, "0 to 1"),
    ):
        with pytest.raises(RequestError, match=words):
            bi.readings(INDEX, ["cpr", "eir"], choices=choices)
    with pytest.raises(RequestError, match="count twice"):
        bi.readings(INDEX, ["cpr", "eir"], "evidence")
    with pytest.raises(RequestError, match="no likelihood"):
        bi.readings(INDEX, "cpr", "evidence", choices={"doubt": ["0", "0.5"]})
    with pytest.raises(RequestError, match="empty list"):
        bi.readings(INDEX, [])
