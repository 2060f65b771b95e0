"""Mixtures by quantiles."""

import numpy as np
from scipy import stats

from bayes_ivf.embryo.quantile_mixture import QuantileMixture


def test_quantiles_of_normals_give_their_mixture():
    scores = np.linspace(-5.6, 5.6, 80)
    mean, sd = np.array([-1.0, 0.5, 2.0]), np.array([0.3, 1.0, 2.0])
    weights = np.array([0.2, 0.5, 0.3])
    mixture = QuantileMixture(scores, mean + sd * scores[:, None], sd * np.ones((80, 1)), weights)
    s = np.linspace(-9, 9, 37)[:, None]
    below, density = mixture.evaluate(s)
    np.testing.assert_allclose(below[:, 0], stats.norm.cdf(s, mean, sd) @ weights, atol=1e-12)
    np.testing.assert_allclose(density[:, 0], stats.norm.pdf(s, mean, sd) @ weights, atol=1e-12)


def test_skewed_quantiles_are_met_by_cubics():
    scores = np.linspace(-5.6, 5.6, 80)
    shape = np.array([0.3, 0.6])
    quantiles = np.exp(shape * scores[:, None])
    mixture = QuantileMixture(scores, quantiles, shape * quantiles, np.array([0.5, 0.5]))
    s = np.linspace(0.2, 4, 50)[:, None]
    below, density = mixture.evaluate(s)
    expected = stats.lognorm(shape)
    np.testing.assert_allclose(below[:, 0], expected.cdf(s).mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(density[:, 0], expected.pdf(s).mean(axis=1), rtol=1e-3)
