"""Printed medians with quartiles or ranges: likelihood and posterior against integrals that share no code with them."""

import numpy as np
import pytest
from scipy import integrate, stats

from bayes_ivf.exact import ArmLikelihood, log_likelihood_of_arm, quantile_nodes, solve_quantiles
from bayes_ivf.exact.quantile_solution import QuantileSolution
from bayes_ivf.priors import BatchedPrior

T3 = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})


def by_betas(low, high, rank, n, mu, sigma):
    """Given the median's place, the quartiles are independent betas: one integral, ordered by clipping."""
    alpha = np.diff(np.concatenate([[0], rank, [n + 1]]))
    edges = [stats.norm.cdf(ends, mu, sigma) for ends in (low, high)]
    center = stats.beta(alpha[0] + alpha[1], alpha[2] + alpha[3])
    left, right = stats.beta(alpha[0], alpha[1]), stats.beta(alpha[2], alpha[3])

    def integrand(u):
        below = left.cdf(min(1, edges[1][0] / u)) - left.cdf(edges[0][0] / u)
        above = right.cdf((edges[1][2] - u) / (1 - u)) - right.cdf(max(0, (edges[0][2] - u) / (1 - u)))
        return center.pdf(u) * below * above

    return integrate.quad(integrand, edges[0][1], edges[1][1], epsabs=0, epsrel=1e-11, limit=200)[0]


@pytest.mark.parametrize(
    ("numbers", "half", "n"),
    [
        ((4.9, 5.8, 6.7), 0.05, 40),
        ((5, 5, 8), 0.5, 60),
        ((3, 5, 8), 0.5, 9),
        ((5, 8, 8), 0.5, 200),
        ((5, 6, 7), 0.5, 1000),
    ],
)
def test_likelihood_with_rounding_and_ties(numbers, half, n):
    q, rank = np.array(numbers, dtype=float), np.array([0.25, 0.5, 0.75]) * (n + 1)
    nodes = quantile_nodes(q - half, q + half, rank, n)
    sigma = (q[2] - q[0]) / 1.349
    for mu, scale in ((q[1], 1.0), (q[1] + 0.1 * sigma, 1.2), (q[1] - 0.1 * sigma, 0.9)):
        ours = log_likelihood_of_arm(nodes, np.array(mu), np.array(scale * sigma))
        expected = np.log(by_betas(q - half, q + half, rank, n, mu, scale * sigma))
        assert ours == pytest.approx(expected, abs=1e-8)


def test_likelihood_of_a_range_is_that_of_order_statistics():
    """Minimum, median and maximum of five values, rounded so finely that the density serves."""
    q, half = np.array([1.2, 2.0, 3.7]), 5e-6
    nodes = quantile_nodes(q - half, q + half, np.array([1.0, 3.0, 5.0]), 5)
    law = stats.norm(2.2, 1.1)
    f, below = law.pdf(q), law.cdf(q)
    density = 120 * f.prod() * (below[1] - below[0]) * (below[2] - below[1])
    ours = log_likelihood_of_arm(nodes, np.array(2.2), np.array(1.1))
    assert ours == pytest.approx(np.log(density * (2 * half) ** 3), abs=1e-9)


def test_five_numbers_are_chances_of_sorted_samples():
    rng, n = np.random.default_rng(5), 7
    values = np.sort(rng.normal(0.3, 1.4, (400_000, n)), axis=1)[:, [0, 1, 3, 5, 6]]
    q, half = np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), 0.5
    inside = (np.abs(values - q) < half).all(axis=1)
    nodes = quantile_nodes(q - half, q + half, np.array([1.0, 2.0, 4.0, 6.0, 7.0]), n)
    chance = np.exp(float(log_likelihood_of_arm(nodes, np.array(0.3), np.array(1.4))))
    assert abs(inside.mean() - chance) < 4.5 * np.sqrt(chance / len(values))


def arm(numbers, n, half=0.5, log=False, shares=(0.25, 0.5, 0.75)):
    q = np.array(numbers, dtype=float)
    low, high = q - half, q + half
    if log:
        low, high = np.log(low), np.log(high)
    return ArmLikelihood(low, high, np.array(shares) * (n + 1), n)


@pytest.mark.parametrize("log", [False, True])
def test_posterior_against_a_plain_grid(log):
    """Trapezoidal sums over all four parameters, of a likelihood by betas; moments to 1e-6 sd."""
    arms = arm((4.9, 5.8, 6.7), 24, 0.05, log), arm((4.1, 5.2, 6.3), 19, 0.05, log)
    posterior = solve_quantiles([arms], effect=T3, log_normal=log, workers=1)
    tables, axes = [], []
    for each in arms:
        sigma = (each.low[2] - each.low[0]) / 1.349
        mu = each.low[1] + 1.3 * sigma / np.sqrt(each.n) * np.linspace(-15, 15, 85)
        spread = np.log(sigma) + np.linspace(-6, 12, 55) / np.sqrt(each.n)
        nodes = quantile_nodes(each.low, each.high, each.rank, each.n)
        tables.append(np.exp(log_likelihood_of_arm(nodes, mu[:, None], np.exp(spread))))
        axes.append((mu, np.exp(spread)))
    (mu_t, sigma_t), (mu_c, sigma_c) = axes
    pooled = np.sqrt((sigma_t[:, None] ** 2 + sigma_c**2) / 2)
    total = first = second = of_d = square_d = 0.0
    of_means, of_control = np.zeros(2), np.zeros(2)
    gap = mu_t[:, None] - mu_c
    for i in range(len(sigma_t)):
        d = gap[:, :, None] / pooled[i]
        weight = stats.t.pdf(d, 3) / pooled[i] * tables[0][:, i, None, None] * tables[1]
        total, of_d, square_d = total + weight.sum(), of_d + (d * weight).sum(), square_d + (d * d * weight).sum()
        first, second = first + (gap[:, :, None] * weight).sum(), second + (gap[:, :, None] ** 2 * weight).sum()
        apart = gap[:, :, None] + (sigma_t[i] ** 2 - sigma_c**2) / 2
        control = mu_c[:, None] + sigma_c**2 / 2
        of_means += [(apart * weight).sum(), (apart**2 * weight).sum()]
        of_control += [(control * weight).sum(), (control**2 * weight).sum()]
    mean, sd = first / total, np.sqrt(second / total - (first / total) ** 2)
    if log:
        # on the log scale, where moments exist: the ratio of medians, the ratio of means and the control mean
        solution = posterior.problem.solve([posterior.problem.rules[1]])[0]
        nodes = solution._plane(0.0).columns
        assert (nodes.d * nodes.share).sum() == pytest.approx(mean, abs=1e-6 * sd)
        nodes = solution._plane(0.5).columns
        for values, sums in ((nodes.d, of_means), (nodes.lines.anchor + nodes.lines.lean_c * nodes.d, of_control)):
            mean, square = sums / total
            sd = np.sqrt(square - mean**2)
            ours = (values * nodes.share).sum()
            assert ours == pytest.approx(mean, abs=1e-6 * sd)
            # variances have a tail of a fourth power, of which rows that are left out (1e-9) hold some 1e-6
            assert np.sqrt(((values - ours) ** 2 * nodes.share).sum()) == pytest.approx(sd, rel=1e-5)
        return
    names = ("mean_difference", "standardized_mean_difference")
    summary, d = (posterior.summaries(names)[name] for name in names)
    assert summary.mean[0] == pytest.approx(mean, abs=1e-6 * sd)
    assert summary.sd[0] == pytest.approx(sd, rel=1e-6)
    sd_d = np.sqrt(square_d / total - (of_d / total) ** 2)
    assert d.mean[0] == pytest.approx(of_d / total, abs=1e-6 * sd_d)
    assert d.sd[0] == pytest.approx(sd_d, rel=1e-6)
    assert posterior.accurate.all()


PLANES = {
    "plain": (((4.9, 5.8, 6.7), 24, 0.05), ((4.1, 5.2, 6.3), 19, 0.05), {"effect": T3}),
    "unequal arms": (((3, 5, 8), 150), ((2, 4, 7), 20), {"effect": T3}),
    "control coding": (
        ((3, 5, 8), 30),
        ((2, 4, 7), 31),
        {"effect": T3, "level": BatchedPrior("Normal", {"mu": 1.5, "sigma": 0.5}), "coding": "control"},
    ),
    "level": (
        ((3, 5, 8), 30),
        ((2, 4, 7), 31),
        {
            "effect": T3,
            "level": BatchedPrior("Normal", {"mu": 1.5, "sigma": 0.5}),
            "sigma": BatchedPrior("HalfNormal", {"sigma": 1.5}),
        },
    ),
    "tight": (
        ((4.9, 5.8, 6.7), 40, 0.05),
        ((4.1, 5.2, 6.3), 39, 0.05),
        {"effect": BatchedPrior("Normal", {"mu": 0.0, "sigma": 0.05})},
    ),
    "flat": (((3, 5, 8), 40), ((2, 4, 7), 31), {}),
    "one sigma": (((3, 5, 8), 40), ((2, 4, 7), 31), {"effect": T3, "common_sigma": True}),
    "kink": (((3, 5, 8), 40), ((2, 4, 7), 31), {"effect": BatchedPrior("Laplace", {"mu": 0.0, "b": 0.4})}),
}


class ByColumns(QuantileSolution):
    """The same posterior from nodes of all four parameters, as it is solved for priors with kinks."""

    def _is_smooth(self, shift):
        return False


@pytest.mark.parametrize("name", PLANES)
def test_the_plane_of_locations_agrees_with_rows_and_columns(name):
    """Log-normal values, for which two planes are made."""
    treatment, control, priors = PLANES[name]
    problem = solve_quantiles([(arm(*treatment, log=True), arm(*control, log=True))], log_normal=True, **priors).problem
    plane, columns = (
        kind(problem.arms[0], problem.priors, True, problem.rules[1]) for kind in (QuantileSolution, ByColumns)
    )
    assert plane.log_total == pytest.approx(columns.log_total, abs=1e-6)
    asked = {"ratio_of_medians": 1.05, "ratio_of_means": 1.05, "standardized_mean_difference": 0.1}
    asked |= {"control_median": 4.8, "treatment_mean": 6.1, "median_difference": 0.1, "mean_difference": -0.1}
    # columns follow a kink less well: halved steps bring them to the plane's numbers
    wide = 30 if name == "kink" else 1
    for estimand, point in asked.items():
        at = np.array([[point]])
        below, density = plane.evaluate(estimand, at)
        other, other_density = columns._block(estimand, at)
        assert below == pytest.approx(other, abs=1e-6 * wide), estimand
        assert density == pytest.approx(other_density, rel=1e-4 * wide), estimand
    assert plane.missed() == 0


@pytest.mark.parametrize("log", [False, True])
def test_swap_of_arms_and_change_of_unit(log):
    one, other = ((4.9, 5.8, 6.7), 24), ((4.1, 5.2, 6.3), 19)
    scale = 3.0
    base = solve_quantiles([(arm(*one, 0.05, log), arm(*other, 0.05, log))], effect=T3, log_normal=log, workers=1)
    swapped = solve_quantiles([(arm(*other, 0.05, log), arm(*one, 0.05, log))], effect=T3, log_normal=log, workers=1)
    larger = tuple(arm(tuple(scale * q for q in numbers), n, 0.05 * scale, log) for numbers, n in (one, other))
    wide = solve_quantiles([larger], effect=T3, log_normal=log, workers=1)
    # each way of asking once: of rows, and of normal values of columns, which is far slower
    asked = {"standardized_mean_difference": 0.2} | ({"ratio_of_medians": 1.1} if log else {"control_mean": 5.1})
    mirrored = {"standardized_mean_difference": -0.2} | (
        {"ratio_of_medians": 1 / 1.1} if log else {"treatment_mean": 5.1}
    )
    base.prefetch(asked)
    swapped.prefetch(mirrored)
    wide.prefetch({name: scale * point if "control" in name else point for name, point in asked.items()})
    for (name, point), (other_name, other_point) in zip(asked.items(), mirrored.items(), strict=True):
        below, beside = base.cdf(name, point)[0], swapped.cdf(other_name, other_point)[0]
        assert beside == pytest.approx(below if "control" in name else 1 - below, abs=1e-7)
        there = scale * point if "control" in name else point
        assert wide.cdf(name, there)[0] == pytest.approx(below, abs=1e-7)


def test_flat_priors_and_common_sigma_give_about_what_large_samples_do():
    """With 2,000 women, the median has its usual standard error 1.2533 sigma / sqrt(n), made smaller by the quartiles."""
    arms = arm((4.3255, 5.0, 5.6745), 1999, 5e-5), arm((4.3255, 5.0, 5.6745), 1999, 5e-5)
    for common in (False, True):
        posterior = solve_quantiles([arms], common_sigma=common, workers=1)
        summary = posterior.summarize("mean_difference")
        assert summary.mean[0] == pytest.approx(0, abs=1e-6)
        # the best linear unbiased estimate of mu from three quartiles has 1.0786 times sigma ** 2 / n
        assert 1.03 < summary.sd[0] / np.sqrt(2 / 1999) < 1.10


def test_refused_priors_are_named(faults_of):
    arms = [(arm((3, 5, 8), 62), arm((2, 4, 7), 51))]
    level = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})
    faults = faults_of(solve_quantiles, arms, effect=BatchedPrior("Flat", {}), level=level)
    assert [fault.where for fault in faults] == ["effect", "average"]
