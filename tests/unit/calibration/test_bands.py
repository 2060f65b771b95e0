from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.calibration import ecdf_band, ecdf_p_value


@pytest.mark.parametrize(("simulations", "draws", "prob"), [(40, 9, 0.8), (150, 19, 0.9), (300, 199, 0.95)])
def test_uniform_ranks_stay_inside_with_the_probability_that_is_asked(simulations, draws, prob):
    rng = np.random.default_rng(1)
    _, low, high = ecdf_band(simulations, draws, prob)
    repeats = 4000
    ranks = rng.integers(0, draws + 1, (repeats, simulations))
    share = (ranks[:, :, None] <= np.arange(draws)[None, None]).mean(axis=1) if draws < 50 else None
    if share is None:
        share = np.stack([np.cumsum(np.bincount(row, minlength=draws + 1))[:-1] / simulations for row in ranks])
    inside = ((share >= low - 1e-12) & (share <= high + 1e-12)).all(axis=1).mean()
    error = np.sqrt(prob * (1 - prob) / repeats)
    assert inside > prob - 4 * error
    # ranks are discrete, so that the band is a little too wide, but not much
    assert inside < prob + 4 * error + 0.03


def test_one_bin_is_a_binomial_test():
    ranks = np.array([0] * 15 + [1] * 5)
    assert ecdf_p_value(ranks, 1) == pytest.approx(stats.binomtest(15, 20).pvalue)
    _, low, high = ecdf_band(20, 1, 0.95)
    assert (low[0], high[0]) == (6 / 20, 14 / 20)


def test_p_values_of_uniform_ranks_are_uniform():
    rng = np.random.default_rng(2)
    p = [ecdf_p_value(rng.integers(0, 50, 200), 49) for _ in range(300)]
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_band_and_p_value_agree():
    rng = np.random.default_rng(3)
    _, low, high = ecdf_band(100, 19, 0.9)
    for _ in range(200):
        # some uniform, some not
        ranks = np.floor(20 * rng.beta(rng.uniform(0.6, 1.4), 1, 100)).astype(int)
        share = np.cumsum(np.bincount(ranks, minlength=20))[:-1] / 100
        inside = bool(((share >= low) & (share <= high)).all())
        assert inside == (ecdf_p_value(ranks, 19) > 0.1), ranks


@pytest.mark.parametrize("simulations", [200, 1000])
def test_bands_agree_with_those_of_arviz(simulations):
    from arviz_stats.ecdf_utils import ecdf_pit

    z, low, high = ecdf_band(simulations, 99, 0.95)
    x, _, below, above = ecdf_pit(np.linspace(0, 1, simulations), 0.95, n_simulations=2000)
    for theirs, ours in ((below, low), (above, high)):
        middle = np.interp([0.25, 0.5, 0.75], x, theirs), np.interp([0.25, 0.5, 0.75], z, ours)
        np.testing.assert_allclose(*middle, atol=0.012)


def test_gross_errors_are_found():
    rng = np.random.default_rng(4)
    n = 1000
    shifted = np.floor(200 * stats.norm.cdf(rng.normal(0.3, 1, n))).astype(int)
    narrow = np.floor(200 * stats.norm.cdf(rng.normal(0, 1.3, n))).astype(int)
    assert ecdf_p_value(shifted, 199) < 1e-6
    assert ecdf_p_value(narrow, 199) < 1e-5
    assert ecdf_p_value(np.zeros(n, dtype=int), 199) < 1e-12
