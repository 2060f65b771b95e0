"""Densities of a panel come from quadrature where it is of record."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf import Study, plots
from bayes_ivf.results import effect_curve as curve_of

PRIOR = {
    "average": {"dist": "Normal", "mu": 0, "sigma": 1.5},
    "effect": {"dist": "Normal", "mu": 0, "sigma": 1},
}


@pytest.fixture(scope="module")
def fit(exact):
    study = Study.from_counts(treatment=(16, 40), control=(12, 40), outcome="cpr", benefit="higher")
    return exact(study, "cpr", PRIOR)


def test_density_is_that_of_a_plain_grid(fit):
    curve = curve_of(fit)
    average, effect = np.linspace(-6, 6, 1201)[:, None], np.linspace(-5, 5, 2001)[None, :]
    high, low = 1 / (1 + np.exp(-(average + effect / 2))), 1 / (1 + np.exp(-(average - effect / 2)))
    joint = stats.binom.pmf(16, 40, high) * stats.binom.pmf(12, 40, low)
    joint = joint * stats.norm.pdf(average, 0, 1.5) * stats.norm.pdf(effect, 0, 1)
    density = joint.sum(axis=0)
    density /= density.sum() * 0.005
    assert curve.engine == "exact"
    assert curve.posterior_density == pytest.approx(np.interp(curve.x, effect[0], density), abs=2e-3)
    assert curve.prior_density == pytest.approx(stats.norm.pdf(curve.x, 0, 1))
    assert curve.p_benefit == pytest.approx(density[effect[0] > 0].sum() * 0.005, abs=2e-3)


def test_an_exact_fit_can_be_drawn(fit):
    figure = plots.prior_posterior(fit)
    assert any("P(benefit) 0." in text.get_text() for text in figure.texts)


def test_the_density_of_a_risk_is_whole_at_zero():
    study = Study.from_counts(treatment=(0, 20), control=(3, 20), outcome="loss", benefit="lower")
    fit = bi.fit(study, model="two_arm", prior="beta_uniform", engine="exact")
    x, density = fit.density("treatment_risk", np.linspace(0, 1, 501))
    # the means of Beta(1, 21) between midpoints
    edges = np.clip(np.append(x - 0.001, 1.001), 0, 1)
    expected = np.diff(stats.beta.cdf(edges, 1, 21)) / np.diff(edges)
    assert density == pytest.approx(expected, abs=0.02)
    assert not fit.density("treatment_risk", [-0.3, -0.2, -0.1])[1].any()
