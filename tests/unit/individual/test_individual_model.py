from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, special, stats

from bayes_ivf import Study, fit
from bayes_ivf.cards import load_card
from bayes_ivf.forms.embryo_rows import intercept_nodes, log_chance
from bayes_ivf.priors import Prior
from bayes_ivf.problem import build_problem
from bayes_ivf.structures.individual.women import embryo_chances, latent_icc, probability_icc
from tests.unit.individual.conftest import embryo_frame

LME4 = json.loads((Path(__file__).parents[2] / "reference" / "individual_lme4.json").read_text(encoding="utf-8"))[
    "cases"
]
HERMITE_X, HERMITE_W = np.polynomial.hermite_e.hermegauss(120)
HERMITE_W = HERMITE_W / HERMITE_W.sum()


def _direct(function, log_odds, sigma):
    """Average over a normal intercept by adaptive integration; the step of the logistic function is given as a break."""
    center = np.clip(-log_odds / sigma, -8, 8)
    breaks = np.unique(np.clip([-8, center - 8 / sigma, center, center + 8 / sigma, 8], -9, 9))
    pieces = [
        integrate.quad(
            lambda x: stats.norm.pdf(x) * function(special.expit(log_odds + sigma * x)),
            low,
            high,
            epsabs=1e-12,
            limit=200,
        )[0]
        for low, high in itertools.pairwise(breaks)
    ]
    return sum(pieces)


@pytest.mark.parametrize("log_odds", [-3.0, 0.4])
@pytest.mark.parametrize("sigma", [0.01, 0.7, 2.0, 7.5])
def test_chances_of_women_agree_with_direct_integration(log_odds, sigma):
    prior = Prior("HalfNormal", {"sigma": 2.0})
    received, implanted = np.array([1, 2, 2, 3, 3, 8]), np.array([1, 0, 1, 3, 1, 3])
    nodes, log_weights = intercept_nodes(prior, 8)
    at, spread = np.array(log_odds), np.array(sigma)
    found = np.exp(log_chance(received, implanted, at, spread, nodes, log_weights))
    expected = [
        _direct(lambda p, m=m, k=k: stats.binom.pmf(k, m, p), log_odds, sigma)
        for m, k in zip(received, implanted, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    data = {"received": received, "nodes": nodes, "log_weights": log_weights}
    per_embryo, per_woman = embryo_chances(data, at, spread)
    mean = _direct(lambda p: p, log_odds, sigma)
    np.testing.assert_allclose(per_embryo, mean, rtol=1e-6)
    sizes = (1, 2, 3, 8)
    np.testing.assert_allclose(
        per_woman, [_direct(lambda p, m=m: 1 - (1 - p) ** m, log_odds, sigma) for m in sizes], rtol=1e-6
    )
    variance = _direct(lambda p: (p - mean) ** 2, log_odds, sigma)
    np.testing.assert_allclose(probability_icc(data, at, spread), variance / (mean * (1 - mean)), rtol=1e-5)


def test_a_wide_prior_gets_closer_nodes():
    wide = intercept_nodes(Prior("HalfNormal", {"sigma": 10.0}), 3)
    found = np.exp(log_chance(np.array([3]), np.array([2]), np.array(1.0), np.array(35.0), *wide))
    assert found[0] == pytest.approx(_direct(lambda p: stats.binom.pmf(2, 3, p), 1.0, 35.0), rel=1e-5)


def test_chances_of_all_outcomes_add_up_to_one():
    nodes = intercept_nodes(Prior("HalfNormal", {"sigma": 2.0}), 5)
    found = log_chance(np.full(6, 5), np.arange(6), np.array([-2.0, 0.0, 1.0]), np.array([0.5, 3.0, 6.0]), *nodes)
    np.testing.assert_allclose(special.logsumexp(found, axis=-1), 0, atol=1e-12)


def test_the_latent_icc_of_the_logistic_distribution():
    assert latent_icc(np.array(0.0)) == 0
    assert latent_icc(np.array(np.pi / np.sqrt(3))) == pytest.approx(0.5)


def _table(case):
    arms = {}
    for row in case["table"]:
        arms.setdefault(row["arm"], []).append((row["m"], row["k"], row["women"]))
    return arms


def _frame(case):
    """Rows of embryos that give the table of a reference case."""
    import pandas as pd

    rows, woman = [], 0
    for arm, cells in _table(case).items():
        for m, k, women in cells:
            for _ in range(women):
                rows += [(arm, woman, int(j < k)) for j in range(m)]
                woman += 1
    return pd.DataFrame(rows, columns=["arm", "woman", "eir"])


def _problem(case):
    study = Study.from_frame(_frame(case), "eir", per="embryo")
    return build_problem(study, "eir", load_card("individual"), "weakly_informative")


def _log_likelihood(problem, average, effect, sigma):
    data = problem.data
    total = 0.0
    for share, women in zip((0.5, -0.5), data["women"], strict=True):
        at = np.array(average + share * effect)
        chance = log_chance(
            data["received"], data["implanted"], at, np.array(sigma), data["nodes"], data["log_weights"]
        )
        total += float(chance @ women)
    return total


@pytest.mark.parametrize("name", LME4)
def test_the_likelihood_is_largest_where_lme4_says(name):
    case, problem = LME4[name], _problem(LME4[name])
    best = np.array([case["average"], case["effect"], case["sigma"]])
    top = _log_likelihood(problem, *best)
    steps = np.array([case["se_average"], case["se_effect"], 0.15])
    for i, step in enumerate(steps):
        h = np.eye(3)[i] * step * 0.02
        low, high = _log_likelihood(problem, *(best - h)), _log_likelihood(problem, *(best + h))
        # the summit lies within a hundredth of a standard error
        assert abs(high - low) / 2 / (2 * top - low - high) * 0.02 < 0.01
        assert high < top + 1e-4
        assert low < top + 1e-4


def test_standard_errors_of_lme4():
    case, problem = LME4["moderate"], _problem(LME4["moderate"])
    best = np.array([case["average"], case["effect"], case["sigma"]])
    steps = np.array([case["se_average"], case["se_effect"], 0.15]) * 0.05
    basis = np.diag(steps)
    hessian = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            value = [_log_likelihood(problem, *(best + a * basis[i] + b * basis[j])) for a in (1, -1) for b in (1, -1)]
            hessian[i, j] = (value[0] - value[1] - value[2] + value[3]) / (4 * steps[i] * steps[j])
    errors = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    assert errors[1] == pytest.approx(case["se_effect"], rel=0.02)


@pytest.fixture(scope="module")
def sampled():
    """One compiled model for both data sets."""
    frame = embryo_frame()
    study = Study.from_frame(frame, "eir", per="embryo", mcid=0.05)
    many = Study.from_frame(_frame(LME4["moderate"]), "eir", per="embryo")
    return tuple(fit(each, "eir", "individual", draws=1500, seed=2) for each in (study, many))


def test_nuts_agrees_with_quadrature_over_everything(sampled):
    found = sampled[0]
    assert found.verdict.level == "pass", found.verdict
    data = found.problem.data
    # a grid in three parameters, and Gauss-Hermite nodes over the intercept, which the model does not use
    average, effect, sigma = np.meshgrid(
        np.linspace(-3, 3, 61), np.linspace(-2.5, 4, 66), np.linspace(0.02, 7, 71), indexing="ij"
    )
    log = stats.norm.logpdf(average, 0, 1.5) + stats.norm.logpdf(effect) - sigma**2 / 8
    risks = []
    for share, women in zip((0.5, -0.5), data["women"], strict=True):
        cells = dict.fromkeys(zip(data["received"], data["implanted"], strict=True), 0.0)
        mean = np.zeros_like(log)
        for x, weight in zip(HERMITE_X, HERMITE_W, strict=True):
            if weight < 1e-12:
                continue
            p = special.expit(average + share * effect + sigma * x)
            mean += weight * p
            for m, k in cells:
                cells[m, k] = cells[m, k] + weight * p**k * (1 - p) ** (m - k)
        log += sum(number * np.log(cells[cell]) for cell, number in zip(cells, women, strict=True))
        risks.append(mean)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    targets = {
        "log_odds_ratio": effect,
        "risk_difference": risks[0] - risks[1],
        "control_risk": risks[1],
    }
    for row in found.rows:
        if row.outcome == "eir" and row.estimand in targets:
            mean = (weight * targets[row.estimand]).sum()
            sd = np.sqrt((weight * (targets[row.estimand] - mean) ** 2).sum())
            assert row.mean == pytest.approx(mean, abs=4 * row.mcse), row.estimand
            assert row.sd == pytest.approx(sd, rel=0.08), row.estimand
    icc = next(row for row in found.rows if row.options == "icc=latent")
    assert icc.mean == pytest.approx((weight * latent_icc(sigma)).sum(), abs=4 * icc.mcse)


def test_nuts_agrees_with_lme4_where_the_data_speak(sampled):
    case = LME4["moderate"]
    draws = sampled[1].draws
    # 600 women: the priors move the posterior by less than a third of a standard error
    assert draws["effect"].mean() == pytest.approx(case["effect"], abs=case["se_effect"] / 3)
    assert draws["effect"].std() == pytest.approx(case["se_effect"], rel=0.1)
    assert draws["average"].mean() == pytest.approx(case["average"], abs=case["se_average"] / 3)
    assert draws["sigma"].mean() == pytest.approx(case["sigma"], rel=0.1)


def test_rows_and_places(sampled):
    rows = {(row.outcome, row.options, row.estimand): row for row in sampled[0].rows}
    assert ("eir", "", "risk_difference") in rows
    assert ("pregnancy_per_woman", "", "risk_difference") in rows
    assert ("pregnancy_per_woman", "allocation=pooled", "risk_difference") in rows
    assert rows["eir", "icc=probability", "icc"].mean < rows["eir", "icc=latent", "icc"].mean
    assert rows["eir", "", "odds_ratio"].p_benefit == rows["eir", "", "log_odds_ratio"].p_benefit
    assert "eir" in sampled[0].sentence()


def test_the_tree_holds_no_rows_and_predicts_whole_arms(sampled):
    tree = sampled[0].tree
    text = "".join(str(tree[name].to_dataset().to_dict()) for name in tree.children)
    assert "patient" not in text
    predicted = tree["posterior_predictive"]["women_observed"]
    women = tree["constant_data"]["women"]
    received = tree["constant_data"]["received"].values
    for m in (1, 2, 3):
        expected = women.values[:, received == m].sum(axis=1)
        assert (predicted.values[..., received == m].sum(axis=-1) == expected).all()
    assert tree["log_likelihood"]["women_observed"].shape[-2:] == women.shape
    mean = predicted.mean(("chain", "draw")).values
    assert np.abs(mean - women.values).max() < 6
