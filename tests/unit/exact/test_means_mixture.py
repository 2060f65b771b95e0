"""Means under normal and t priors as mixtures of normal posteriors: closed forms, panels, neighbors, hard cases."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from bayes_ivf.defaults import EXACT_PROBABILITY_TOLERANCE
from bayes_ivf.exact import means_mixture, means_with_effect_prior, solve_means
from bayes_ivf.exact.means_data import MEAN_ESTIMANDS, MeansData
from bayes_ivf.exact.means_given_sigmas import given_sigmas
from bayes_ivf.exact.means_mixture import MeansMixture
from bayes_ivf.exact.means_mixture_solution import MixtureSolution, ratio_of
from bayes_ivf.exact.means_solution import MeansSolution
from bayes_ivf.exact.normal_components import NormalComponents
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature.questions import Questions

SMD = "standardized_mean_difference"

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


def on_panels(monkeypatch, arms, options, estimands=None):
    with monkeypatch.context() as patch:
        patch.setattr(means_with_effect_prior, "_MIXTURES", ())
        posterior = solved(arms, **options)
        return posterior, posterior.summaries(estimands)


@pytest.mark.parametrize("name", CASES)
def test_the_mixture_is_what_panels_give(monkeypatch, name):
    arms, options = CASES[name]
    # panels take four seconds a quantity there
    asked = (SMD, "control_mean") if name == "conflict" else MEAN_ESTIMANDS
    mixture = solved(arms, **options)
    found = mixture.summaries(asked)
    panels, expected = on_panels(monkeypatch, arms, options, asked)
    assert mixture.accurate.all()
    assert mixture.log_bayes_factor_null[0] == pytest.approx(panels.log_bayes_factor_null[0], abs=2e-6)
    if panels.problem.proper:
        assert mixture.log_marginal_likelihood[0] == pytest.approx(panels.log_marginal_likelihood[0], abs=2e-6)
    # panels say how far they may be off; the mixture is better, most of all where they are lost
    slack = (
        (1 if panels.accurate.all() else 5) * float(panels.error_quantile[0]) + float(mixture.error_quantile[0]) + 5e-6
    )
    for estimand in asked:
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


DENIED = ((5.81, 0.76, 40), (7.93, 0.82, 40)), {"effect": normal(0.0, 0.25)}
NARROW = ((0.51, 0.59, 23), (0.19, 0.35, 49)), {"effect": BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 0.05})}


@pytest.mark.parametrize(("arms", "options"), [DENIED, NARROW], ids=["denied", "narrow"])
def test_what_the_first_nodes_leave_open_is_answered_by_finer_ones(monkeypatch, arms, options):
    """A normal prior against the data, and a peak in a heavy prior: panels took seconds, and the mixture is as right."""
    batch = solved(arms, **options).problem
    first = Questions(estimands=(SMD,)).evaluate_questions(batch.scale, *batch.solve(batch.rules[1::-1]))
    assert first["summary " + SMD]["error_probability"][0] > EXACT_PROBABILITY_TOLERANCE
    with monkeypatch.context() as patch:
        patch.setattr(means_with_effect_prior, "MeansKernel", None)
        mixture = solved(arms, **options)
        found = mixture.summaries((SMD,))[SMD]
    assert mixture.accurate.all()
    panels, _ = on_panels(monkeypatch, arms, options, (SMD,))
    expected = panels.summaries((SMD,))[SMD]
    slack = float(panels.error_quantile[0]) + 1e-6
    for field in ("mean", "median", "sd", "ci_low", "ci_high"):
        assert getattr(found, field)[0] == pytest.approx(getattr(expected, field)[0], abs=slack * expected.sd[0]), field


def test_too_many_nodes_are_left_to_panels(monkeypatch):
    arms, options = CASES["conflict with a t"]
    monkeypatch.setattr(means_mixture, "_MOST", 2e4)
    batch = solved(arms, **options).problem
    assert type(batch.solve(batch.rules[2:0:-1])[0]) is MeansSolution
    # a few nodes stand for those that are too many, and are not believed
    coarse = batch.solve(batch.rules[1::-1])[0]
    assert coarse.missed() == [1.0]
    assert len(coarse.components[0].share) < 2e4


def test_sigmas_without_bounds_lose_no_digits():
    """Where one sigma is huge the data say nothing: products of densities would cancel to noise."""
    data = MeansData(*(np.array([value]) for value in (23.1, 2.1, 13.0, 10.0, 5.9, 4.0)))
    given = given_sigmas(data, normal(12.0, 1.7), FLAT, (0.5, -0.5), False, np.array([[0.8, 0.8], [28.0, 29.0]]))
    mass = given.log_mass(-0.4, np.array([3.3]))
    # by one unit of log sigma: n - 1 degrees of freedom, the density of a mean, and that of the effect at nearly zero
    assert mass[0] - mass[1] == pytest.approx(3 + 1 + 1, abs=1e-6)


@pytest.mark.parametrize("r", [-2.0, 0.4, 1.0, 1.9])
def test_a_ratio_of_normal_variables_is_its_integral(r):
    """T = A + 0.6 d and C = A - 0.4 d with A ~ N(2, 0.3), d ~ N(0.5, 0.09): C is negative with probability 7e-4."""
    one = np.ones(1)
    posterior = NormalComponents(one, 0.5 * one, 0.09 * one, one, 2.0 * one, 0.3 * one, 0.6 * one, -0.4 * one, 0.0, 0.0)
    below, density = ratio_of(posterior, np.array([r]))
    both, var_c = 0.3 - 0.6 * 0.4 * 0.09, 0.3 + 0.16 * 0.09

    def given_c(c):
        mean, var = 2.3 + both / var_c * (c - 1.8), 0.3 + 0.36 * 0.09 - both**2 / var_c
        at, weight = (r * c - mean) / np.sqrt(var), stats.norm(1.8, np.sqrt(var_c)).pdf(c)
        side = stats.norm.cdf(at) if c > 0 else stats.norm.sf(at)
        return side * weight, abs(c) * stats.norm.pdf(at) / np.sqrt(var) * weight

    for k, found in enumerate((below, density)):
        expected = integrate.quad(lambda c, k=k: given_c(c)[k], -6, 8, points=[0.0, 1.8], epsabs=1e-12, limit=200)[0]
        assert found[0] == pytest.approx(expected, abs=1e-10)


def test_merged_components_are_close_to_all():
    posterior = solved(*CASES["typical"][:1], **CASES["typical"][1]).problem
    solution = MixtureSolution(*posterior._mixtures, 0.6, 20)
    assert len(solution._merged[0].share) < len(solution.components[0].share) * 0.8
    for estimand in MEAN_ESTIMANDS:
        center, spread = solution.location(estimand)
        s = center + spread * np.linspace(-4, 4, 9)[:, None]
        assert solution.sketch(estimand, s)[0] == pytest.approx(solution.evaluate(estimand, s)[0], abs=1e-5)


@pytest.mark.parametrize(
    ("difference", "prior", "effect"),
    [
        (0.3, student(1.5, 0.04), stats.t(1.5, scale=0.04)),
        (0.9, student(1.0, 0.05), stats.cauchy(scale=0.05)),
        (2.5, normal(0.0, 0.3), stats.norm(0, 0.3)),
    ],
    ids=["peak", "two humps", "denied"],
)
def test_a_plain_sum_over_sigma_and_the_effect(difference, prior, effect):
    """One sigma, a flat level: p(d, sigma) = p(d) N(D; d sigma, V) p(sd | sigma), summed where it is not smooth, too."""
    n_t, n_c, df = 18, 25, 41
    posterior = solved(((5.0 + difference, 1.0, n_t), (5.0, 1.0, n_c)), effect=prior, common_sigma=True)
    log_sigma = np.linspace(-0.9, 1.6, 500)[:, None]
    sigma, nodes, weights = np.exp(log_sigma), *np.polynomial.legendre.leggauss(8)
    edges = np.sinh(np.linspace(-np.arcsinh(400), np.arcsinh(400), 241)) * 0.01
    d = (edges[:-1, None] + np.diff(edges)[:, None] / 2 * (1 + nodes)).ravel()
    per_d = (np.diff(edges)[:, None] / 2 * weights).ravel()
    log = effect.logpdf(d) - 0.5 * ((difference - d * sigma) / sigma) ** 2 / (1 / n_t + 1 / n_c)
    mass = np.exp(log - (df + 1) * log_sigma - df / 2 / sigma**2) * per_d
    mass /= mass.sum()
    found = posterior.summaries((SMD, "mean_difference"))
    assert posterior.accurate.all()
    for estimand, value in ((SMD, d + 0 * sigma), ("mean_difference", d * sigma)):
        mean = float((mass * value).sum())
        sd = float(np.sqrt((mass * (value - mean) ** 2).sum()))
        assert found[estimand].mean[0] == pytest.approx(mean, abs=1e-8 * sd), estimand
        assert found[estimand].sd[0] == pytest.approx(sd, rel=1e-8), estimand


def test_a_ratio_under_a_prior_that_denies_the_difference():
    """Twenty nodes of the anchor put the median 0.08 sd off: given sigma and the effect, the ratio is a bound on the level."""
    (m_t, s_t, n_t), (m_c, s_c, n_c), prior = (-3.2, 0.4, 12), (2.8, 0.6, 15), stats.norm(-0.3, 0.59)
    posterior = solved(((m_t, s_t, n_t), (m_c, s_c, n_c)), effect=normal(-0.3, 0.59), common_sigma=True)
    found = posterior.summarize("ratio_of_means")
    assert posterior.accurate.all()
    log_sigma, d = np.linspace(-1.0, 3.5, 1200)[:, None], np.linspace(-12, 2.5, 1200)
    sigma, squares = np.exp(log_sigma), (n_t - 1) * s_t**2 + (n_c - 1) * s_c**2
    log = prior.logpdf(d) - 0.5 * (m_t - m_c - d * sigma) ** 2 / (sigma**2 * (1 / n_t + 1 / n_c))
    log = log - (n_t + n_c - 1) * log_sigma - squares / 2 / sigma**2
    mass = np.exp(log - log.max())
    mass /= mass.sum()
    half, sd = d * sigma / 2, sigma / np.sqrt(n_t + n_c)
    level = (n_t * (m_t - half) + n_c * (m_c + half)) / (n_t + n_c)
    for r, expected in ((found.ci_low[0], 0.025), (found.median[0], 0.5), (found.ci_high[0], 0.975)):
        # (m + half) / (m - half) <= r < 0 where the control mean is positive: m <= -half (1 + r) / (1 - r), m > half
        bound = -half * (1 + r) / (1 - r)
        below = stats.norm.cdf((bound - level) / sd) - stats.norm.cdf((half - level) / sd)
        assert float((mass * np.maximum(below, 0)).sum()) == pytest.approx(expected, abs=2e-6)
