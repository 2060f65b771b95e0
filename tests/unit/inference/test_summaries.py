from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.effects import ESTIMANDS, kernel_density, share_above, summarize_draws

STACKED = np.stack([np.random.default_rng(1).normal(3, 2, 4000), np.random.default_rng(2).exponential(1, 4000)])


def test_moments_and_quantiles_are_those_of_numpy():
    found = summarize_draws(STACKED)
    assert found.mean == pytest.approx(STACKED.mean(axis=1))
    assert found.sd == pytest.approx(STACKED.std(axis=1, ddof=1))
    assert found.median == pytest.approx(np.median(STACKED, axis=1))
    assert pytest.approx(np.quantile(STACKED, [0.025, 0.975], axis=1)) == found.ci.T


@pytest.mark.parametrize("prob", [0.5, 0.89, 0.95])
def test_intervals_are_those_of_arviz(prob):
    from arviz_stats.base import array_stats

    found = summarize_draws(STACKED, prob)
    for row, draws in enumerate(STACKED):
        assert found.ci[row] == pytest.approx(array_stats.eti(draws, prob), rel=1e-6)
        assert found.hdi[row] == pytest.approx(array_stats.hdi(draws, prob, skipna=False), rel=1e-6)


def test_the_shortest_interval_of_a_skewed_posterior_starts_at_its_edge():
    found = summarize_draws(STACKED)
    assert found.hdi[1, 0] < 0.01
    assert found.hdi[1, 1] == pytest.approx(-np.log(0.05), rel=0.05)
    assert np.ptp(found.hdi[1]) < np.ptp(found.ci[1])


def test_the_shortest_interval_holds_its_share():
    low, high = summarize_draws(STACKED).hdi[0]
    assert np.mean((STACKED[0] >= low) & (STACKED[0] <= high)) == pytest.approx(0.95, abs=0.001)


@pytest.mark.parametrize(
    ("values", "expected"), [([1.0, 2.0], 1.0), ([-1.0, 1.0], 0.5), ([0.0, 0.0], 0.5), ([0.0, 1.0], 0.75)]
)
def test_ties_count_half(values, expected):
    assert share_above(np.array(values), 0.0) == expected


def test_the_drawn_density_is_a_density():
    draws = np.random.default_rng(3).normal(1, 0.5, 20_000)
    x = np.linspace(-2, 4, 2001)
    density = kernel_density(draws, x)
    assert np.trapezoid(density, x) == pytest.approx(1, abs=1e-3)
    # the kernel widens a normal by (0.9 n^-0.2)^2 = 1.5%
    assert density == pytest.approx(stats.norm.pdf(x, 1, 0.5), abs=0.03)


def test_a_density_does_not_fall_at_the_bounds_of_what_is_possible():
    rng = np.random.default_rng(4)
    size, risk = np.abs(rng.normal(0, 0.5, 20_000)), rng.uniform(size=20_000)
    x = np.linspace(-1, 3, 2001)
    for draws, name, expected in (
        (size, "absolute_standardized_mean_difference", np.where(x < 0, 0, 2 * stats.norm.pdf(x, 0, 0.5))),
        (risk, "control_risk", stats.uniform.pdf(x)),
    ):
        density = kernel_density(draws, x, *ESTIMANDS[name].range)
        inside = np.abs(x * (x - 1)) > 1e-9  # at the bounds themselves the expected density jumps
        assert density[inside] == pytest.approx(expected[inside], abs=0.1)
        assert np.trapezoid(density, x) == pytest.approx(1, abs=5e-3)
