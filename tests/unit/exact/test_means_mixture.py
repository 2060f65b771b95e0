"""Means under normal and t priors as mixtures of normal posteriors: closed forms, panels, neighbors, hard cases."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from bayes_ivf.exact import means_with_effect_prior, solve_means
from bayes_ivf.exact.means_data import MEAN_ESTIMANDS, MeansData
from bayes_ivf.exact.means_mixture import MeansMixture
from bayes_ivf.priors import BatchedPrior

FLAT = BatchedPrior("Flat", {})


def normal(mu, sigma):
    return BatchedPrior("Normal", {"mu": mu, "sigma": sigma})


def student(nu, sigma):
    return BatchedPrior("StudentT", {"nu": nu, "mu": 0.0, "sigma": sigma})


CASES = {
    "typical": (((5.81, 0.76, 40), (7.93, 0.82, 40)), {"effect": student(3, 1.0)}),
    "conflict": (((5.81, 0.76, 40), (7.93, 0.82, 40)), {"effect": normal(0.0, 0.113)}),
    "conflict with a t": (((9.0, 1.0, 12), (3.0, 1.2, 15)), {"effect": student(4, 0.1)}),
    "many sds": (((90.0, 1.0, 90), (30.0, 1.3, 50)), {"effect": BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 0.7})}),
    "four women": (((0.4, 2.5, 4), (0.1, 2.1, 5)), {"effect": student(5, 0.38)}),
    "hundred thousand": (((120.5, 30.2, 200000), (121.1, 31.0, 150000)), {"effect": normal(0.1, 0.5)}),
    "one sigma": (((5.1, 1.2, 31), (5.9, 1.6, 28)), {"effect": student(3, 1.0), "common_sigma": True}),
    "all proper": (
        ((5.1, 1.2, 11), (5.9, 1.6, 18)),
        {
            "effect": student(7, 0.5),
            "level": normal(4.0, 3.0),
            "coding": "control",
            "sigma": BatchedPrior("HalfStudentT", {"nu": 3.0, "sigma": 1.0}),
        },
    ),
}


def solved(arms, **options):
    (treatment, control) = arms
    return solve_means(*treatment, *control, workers=1, **options)


def on_panels(monkeypatch, arms, options):
    with monkeypatch.context() as patch:
        patch.setattr(means_with_effect_prior, "_MIXTURE_RULES", {})
        posterior = solved(arms, **options)
        return posterior, posterior.summaries()


@pytest.mark.parametrize("name", CASES)
def test_the_mixture_is_what_panels_give(monkeypatch, name):
    arms, options = CASES[name]
    mixture = solved(arms, **options)
    found = mixture.summaries()
    panels, expected = on_panels(monkeypatch, arms, options)
    assert mixture.accurate.all()
    assert mixture.log_bayes_factor_null[0] == pytest.approx(panels.log_bayes_factor_null[0], abs=2e-6)
    if panels.problem.proper:
        assert mixture.log_marginal_likelihood[0] == pytest.approx(panels.log_marginal_likelihood[0], abs=2e-6)
    # panels say how far they may be off; the mixture is better, most of all where they are lost
    slack = (
        (1 if panels.accurate.all() else 5) * float(panels.error_quantile[0]) + float(mixture.error_quantile[0]) + 5e-6
    )
    for estimand in MEAN_ESTIMANDS:
        new, old = found[estimand], expected[estimand]
        assert np.isnan(new.mean).all() == np.isnan(old.mean).all()
        if np.isnan(old.median).all():
            assert np.isnan(new.median).all()
            continue
        spread = np.fmin(old.sd, (old.ci_high - old.ci_low) / 4)[0]
        for field in ("mean", "median", "sd", "ci_low", "ci_high", "hdi_low", "hdi_high"):
            one, other = getattr(new, field)[0], getattr(old, field)[0]
            if np.isfinite(other):
                assert one == pytest.approx(other, abs=slack * spread), (estimand, field)


def test_a_prior_that_says_nothing_is_the_t_distribution():
    posterior = solved(((9.1, 3.0, 20), (8.2, 2.5, 15)), effect=normal(0.0, 1e6), common_sigma=True)
    scale = np.sqrt((19 * 3.0**2 + 14 * 2.5**2) / 34 * (1 / 20 + 1 / 15))
    at = np.array([[-1.0, 0.0, 0.5, 2.0]])
    assert posterior.cdf("mean_difference", at)[0] == pytest.approx(stats.t(34).cdf((at[0] - 0.9) / scale), abs=1e-8)


@pytest.mark.parametrize(("nu", "scale"), [(1.0, 0.7), (3.0, 1.0), (5.0, 0.1)])
def test_a_large_trial_is_the_prior_times_a_normal_likelihood(nu, scale):
    """With so many women both sigmas are known: p(d) is the t prior times N(D / s; d, V / s**2)."""
    n, spread = 4_000_000, 20.0
    posterior = solved(((3.01 * spread, spread, n), (3.0 * spread, spread, n)), effect=student(nu, scale))
    error = np.sqrt(2 / n)

    def density(d):
        return stats.t(nu, scale=scale).pdf(d) * stats.norm(0.01, error).pdf(d)

    total = integrate.quad(density, 0.01 - 10 * error, 0.01 + 10 * error, epsabs=0, epsrel=1e-12)[0]
    below = integrate.quad(density, 0.01 - 10 * error, 0.0105, epsabs=0, epsrel=1e-12)[0] / total
    assert posterior.cdf("standardized_mean_difference", np.array([[0.0105]]))[0, 0] == pytest.approx(below, abs=2e-6)


def test_no_problem_depends_on_its_neighbors():
    asked = ("standardized_mean_difference", "ratio_of_means", "control_mean")  # one of each way to be answered
    means, sds = np.array([5.1, 9.0, 0.4, 90.0, 5.8]), np.array([1.2, 1.0, 2.5, 1.0, 0.8])
    n = np.array([31, 12, 4, 90, 3])
    effect = student(np.array([3.0, 4.0, 5.0, 2.0, 3.0]), np.array([1.0, 0.1, 0.4, 0.7, 1.0]))
    batch = solve_means(means, sds, n, 5.9, 1.6, 28, effect=effect, workers=1).summaries(asked)
    for i in range(len(n)):
        alone = solve_means(
            means[i], sds[i], n[i], 5.9, 1.6, 28, effect=effect.take(np.array([i]), len(n)), workers=1
        ).summaries(asked)
        for estimand in asked:
            for field, value in vars(alone[estimand]).items():
                assert np.array_equal(value, getattr(batch[estimand], field)[i : i + 1], equal_nan=True)


def test_swapping_the_arms_mirrors_the_difference():
    (treatment, control), options = CASES["typical"]
    one, other = solved((treatment, control), **options), solved((control, treatment), **options)
    at = np.array([[-3.0, -2.0, -1.5]])
    mirrored = 1 - other.cdf("mean_difference", -at)
    assert one.cdf("mean_difference", at) == pytest.approx(mirrored, abs=1e-9)


def test_a_second_hump_far_from_the_printed_sds_is_within_the_nodes():
    """A prior that denies the printed difference leaves sigmas of its size: no hump may be overlooked."""
    data = MeansData(*(np.array([value]) for value in (30.0, 1.0, 5.0, 3.0, 1.2, 6.0)))
    mixture = MeansMixture(data, student(30, 0.02), FLAT, "average", FLAT, common=False)
    x = mixture.seen[:, mixture.heights > mixture.top - 20]
    back = np.linalg.solve(mixture.axes, x - mixture.mode[:, None])
    assert (back >= mixture.reach[:, :1]).all()
    assert (back <= mixture.reach[:, 1:]).all()
