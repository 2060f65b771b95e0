"""Distribution functions, quantiles, moments and constants of one coordinate against closed forms and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from bayes_ivf.defaults import EXACT_PROBABILITY_TOLERANCE
from bayes_ivf.quadrature import (
    IDENTITY,
    LOG,
    Curves,
    ExactPosterior,
    SinhMap,
    SupportFinder1D,
    find_quantiles,
    tabulate_quantiles,
)
from tests.unit.quadrature.known_densities import Family, Solution

ONE, ZERO = np.ones(1), np.zeros(1)


def logs_of(frozen):
    def log(x):
        with np.errstate(all="ignore"):
            return frozen.logpdf(x)

    return log


LAPLACE, UNIFORM = stats.laplace(), stats.uniform(-1, 2)
HUMPS = {"weights": (0.3, 0.7), "means": (-4.0, 3.0), "sds": (0.5, 1.0)}
CASES = {
    "normal": (stats.norm(0.3, 2.0), 0.3, 2.0, [], [], 15.0),
    "t(1.5)": (stats.t(1.5), 0.0, 1.0, [], [], 30.0),
    "cauchy": (stats.cauchy(1.0, 3.0), 1.0, 3.0, [], [], 40.0),
    "laplace, a kink": (LAPLACE, 0.0, 1.0, [], [0.0], 15.0),
    "uniform, two jumps": (UNIFORM, 0.0, 0.6, [], [-1.0, 1.0], 15.0),
    "log gamma": (stats.loggamma(2.0), 0.4, 0.8, [], [], 15.0),
    "off center": (stats.norm(8.0, 0.01), 0.0, 1.0, [8.0], [], 15.0),
}


class Located(Solution):
    """A solution without moments: searches start from the sinh map."""

    def location(self, quantity):
        return self.grid.stretch.center, self.grid.stretch.scale


def grid_of(name, panels=20):
    frozen, center, scale, marks, kinks, radius = CASES[name]
    points = [[np.array([value]) for value in values] for values in (marks, kinks)]
    finder = SupportFinder1D(logs_of(frozen), SinhMap(center * ONE, scale * ONE), *points, radius * ONE)
    return frozen, finder.grid(panels)


@pytest.mark.parametrize("name", CASES)
def test_total_and_distribution_function(name):
    frozen, grid = grid_of(name)
    assert grid.log_total[0] == pytest.approx(0.0, abs=1e-7)
    x = frozen.ppf(np.array([1e-6, 1e-4, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-4]))
    below, density = grid.marginal(x[:, None])
    np.testing.assert_allclose(below[:, 0], frozen.cdf(x), atol=1e-8)
    inside = (x > frozen.ppf(0.001)) & (x < frozen.ppf(0.999))
    np.testing.assert_allclose(density[inside, 0], frozen.pdf(x[inside]), rtol=1e-4)


def test_beyond_the_panels_nothing_is_left():
    _, grid = grid_of("normal")
    below, density = grid.marginal(np.array([[-np.inf], [-1e9], [1e9], [np.inf]]))
    np.testing.assert_allclose(below[:, 0], [0, 0, 1, 1], atol=1e-20)
    np.testing.assert_array_equal(density[:, 0], 0)


def test_two_humps_share_the_mass():
    def log_kernel(x):
        parts = [
            np.log(weight) + stats.norm(mean, sd).logpdf(x)
            for weight, mean, sd in zip(HUMPS["weights"], HUMPS["means"], HUMPS["sds"], strict=True)
        ]
        return special.logsumexp(parts, axis=0)

    grid = SupportFinder1D(log_kernel, SinhMap(ZERO, ONE), [], [], 15 * ONE).grid(20)
    assert grid.marginal(np.array([[-1.0]]))[0][0, 0] == pytest.approx(0.3, abs=1e-4)
    exact = 0.3 * stats.norm(-4, 0.5).cdf(-3.5) + 0.7 * stats.norm(3, 1).cdf(-3.5)
    assert grid.marginal(np.array([[-3.5]]))[0][0, 0] == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("name", ["normal", "laplace, a kink", "log gamma"])
def test_quantiles_far_into_both_tails(name):
    frozen, grid = grid_of(name, panels=36)
    curves = Curves(Located(grid, IDENTITY), ("x",))
    probability = np.array([1e-6, 1e-4, 0.025, 0.5, 0.975, 1 - 1e-4, 1 - 1e-6])
    found = find_quantiles(curves, tabulate_quantiles(curves), probability)
    np.testing.assert_allclose(frozen.cdf(found[:, 0]), probability, rtol=1e-4, atol=1e-9)


def gamma_batch(shape):
    return Family(
        lambda s, shape: shape * s - np.exp(np.minimum(s, 300.0)),
        {"shape": shape},
        np.log(shape),
        shape**-0.5,
        radius=9.0,
        transform=LOG,
    )


def test_summaries_and_evidence_of_gamma_densities():
    shape = np.array([1.5, 3.0, 40.0])
    posterior = ExactPosterior(gamma_batch(shape), workers=1)
    summary, gamma = posterior.summarize("x"), stats.gamma(shape)
    np.testing.assert_allclose(summary.mean, shape, rtol=1e-6)
    np.testing.assert_allclose(summary.sd, np.sqrt(shape), rtol=1e-5)
    np.testing.assert_allclose(summary.median, gamma.ppf(0.5), rtol=1e-6)
    np.testing.assert_allclose(summary.ci_low, gamma.ppf(0.025), rtol=1e-5)
    np.testing.assert_allclose(gamma.cdf(summary.hdi_high) - gamma.cdf(summary.hdi_low), 0.95, atol=1e-6)
    np.testing.assert_allclose(gamma.logpdf(summary.hdi_high), gamma.logpdf(summary.hdi_low), atol=1e-4)
    np.testing.assert_allclose(posterior.log_marginal_likelihood, special.gammaln(shape), atol=1e-6)
    assert posterior.accurate.all()


def test_a_density_that_rises_to_its_bound_has_an_interval_that_ends_there():
    """Gamma with shape 1 and 1/2: highest at zero."""
    shape = np.array([1.0, 0.5])
    summary = ExactPosterior(gamma_batch(shape), workers=1).summarize("x")
    np.testing.assert_array_equal(summary.hdi_low, 0.0)
    np.testing.assert_allclose(summary.hdi_high, stats.gamma(shape).ppf(0.95), rtol=1e-5)


def test_a_row_alone_and_in_a_batch_is_the_same_to_the_last_bit():
    rng = np.random.default_rng(5)
    shape = rng.uniform(0.3, 60, 70)
    asked = rng.uniform(0, 60, (70, 4))
    together = ExactPosterior(gamma_batch(shape), workers=1)
    summary, below = together.summarize("x"), together.cdf("x", asked)
    for row in (0, 31, 69):
        alone = ExactPosterior(gamma_batch(shape[[row]]), workers=1)
        np.testing.assert_array_equal(alone.cdf("x", asked[[row]])[0], below[row])
        for name in summary.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(alone.summarize("x"), name)[0], getattr(summary, name)[row])


RNG = np.random.default_rng(11)
SIZE = 50
SHAPE, DF, DISTANCE = RNG.uniform(0.2, 30, SIZE), RNG.uniform(0.8, 30, SIZE), RNG.uniform(0, 8, SIZE)
OFF, FACTOR, WEIGHT = RNG.uniform(-4, 4, SIZE), 10 ** RNG.uniform(-0.7, 0.7, SIZE), RNG.uniform(0, 1, SIZE)


def two_normal(function, x, distance, weight):
    return weight * function(x) + (1 - weight) * function(x - distance)


RANDOM = {
    "t": (lambda x, df: stats.t.logpdf(x, df), lambda x, df: stats.t.cdf(x, df), {"df": DF}),
    "log gamma": (
        lambda x, shape: shape * x - np.exp(np.minimum(x, 300.0)) - special.gammaln(shape),
        lambda x, shape: special.gammainc(shape, np.exp(x)),
        {"shape": SHAPE},
    ),
    "laplace, no edge at the kink": (lambda x: LAPLACE.logpdf(x), lambda x: LAPLACE.cdf(x), {}),
    "two humps": (
        lambda x, distance, weight: np.logaddexp(
            np.log(weight) + stats.norm.logpdf(x), np.log1p(-weight) + stats.norm.logpdf(x - distance)
        ),
        lambda x, distance, weight: two_normal(stats.norm.cdf, x, distance, weight),
        {"distance": DISTANCE, "weight": WEIGHT},
    ),
}


@pytest.mark.parametrize("name", RANDOM)
def test_stated_errors_of_200_random_problems_are_honest(name):
    """Centers off by up to 4, scales by up to 5 times: unmarked answers meet the tolerance, marked ones their stated error."""
    log_kernel, cdf, parameters = RANDOM[name]
    batch = Family(log_kernel, parameters, OFF, FACTOR, radius=40.0)
    posterior = ExactPosterior(batch, workers=1)
    asked = np.tile(np.array([-20.0, -2.0, -0.3, 0.0, 1.0, 3.0, 8.0]), (SIZE, 1))
    below, error = posterior.cdf_with_error("x", asked)
    exact = cdf(asked, **{key: values[:, None] for key, values in parameters.items()})
    true = np.abs(below - exact).max(axis=1)
    assert (true <= np.where(posterior.accurate, EXACT_PROBABILITY_TOLERANCE, error)).all()
    # a kink inside a panel leaves no problem within the tolerance, and none unmarked
    assert posterior.accurate.mean() > 0.6 or "kink" in name


def test_a_quantile_beyond_the_table_is_stated_as_an_error():
    """The table of quantiles reaches to 40 spreads: a Cauchy quantile of 1e-4 lies 3,183 scales away."""
    _, grid = grid_of("cauchy", panels=36)
    curves = Curves(Located(grid, IDENTITY), ("x",))
    found = find_quantiles(curves, tabulate_quantiles(curves), np.array([1e-4]))
    assert stats.cauchy(1.0, 3.0).cdf(found[0, 0]) > 1e-3
