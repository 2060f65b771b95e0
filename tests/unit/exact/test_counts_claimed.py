"""Two risks of which a set of tables is known, against sums over a plain grid and closed forms that share no code with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

from bayes_ivf.auditing import p_of_tables
from bayes_ivf.errors import RequestError
from bayes_ivf.exact import solve_beta_arms, solve_claimed_tables, solve_counts
from bayes_ivf.exact.table_surface import TableSurface
from bayes_ivf.priors import BatchedPrior


def prior(dist, **parameters):
    return BatchedPrior(dist, {name: float(value) for name, value in parameters.items()})


def normal(mu, sigma):
    return prior("Normal", mu=mu, sigma=sigma)


def side(n_t, n_c):
    return np.sign(np.arange(n_t + 1)[:, None] * n_c - np.arange(n_c + 1) * n_t)


def fisher(n_t, n_c):
    """Two-sided P of every table by SciPy's hypergeometric distribution."""
    p = np.ones((n_t + 1, n_c + 1))
    for total in range(n_t + n_c + 1):
        i = np.arange(max(0, total - n_c), min(n_t, total) + 1)
        chance = stats.hypergeom.pmf(i, n_t + n_c, total, n_t)
        for k, events in enumerate(i):
            p[events, total - events] = min(1.0, chance[chance <= chance[k] * (1 + 1e-7)].sum())
    return p


def claims(n_t, n_c):
    p = fisher(n_t, n_c)
    return {
        "none": (p >= 0.05).astype(float),
        "higher": ((p < 0.05) & (side(n_t, n_c) > 0)).astype(float),
        "differs": (p < 0.05).astype(float),
        "exact": ((p >= 0.035) & (p < 0.045)).astype(float),
    }


def plain(tables, mu, sd, doubt=0.0, control=False, step=0.04):
    """Log evidence, mean and sd of the log odds ratio, mean and sd of the risk difference, P(log OR < 0.3), by trapezoids."""
    n_t, n_c = tables.shape[0] - 1, tables.shape[1] - 1
    m, d = np.arange(mu[0] - 9 * sd[0], mu[0] + 9 * sd[0], step), np.arange(-7.0 * sd[1], 7.0 * sd[1], step) + mu[1]
    first, effect = np.meshgrid(m, d, indexing="ij")
    x_t, x_c = (first + effect, first) if control else (first + effect / 2, first - effect / 2)
    p_t, p_c = special.expit(x_t).ravel(), special.expit(x_c).ravel()
    chance = np.concatenate(
        [
            np.einsum(
                "ki,ij,kj->k",
                stats.binom.pmf(np.arange(n_t + 1), n_t, p_t[s, None]),
                tables,
                stats.binom.pmf(np.arange(n_c + 1), n_c, p_c[s, None]),
                optimize=True,
            )
            for s in np.array_split(np.arange(len(p_t)), 40)
        ]
    )
    kernel = ((1 - doubt) * chance + doubt) * (
        stats.norm.pdf(first, mu[0], sd[0]) * stats.norm.pdf(effect, mu[1], sd[1])
    ).ravel()
    total = kernel.sum()
    found = [np.log(total * step * step)]
    for value in (effect.ravel(), p_t - p_c):
        mean = (kernel * value).sum() / total
        found += [mean, np.sqrt((kernel * (value - mean) ** 2).sum() / total)]
    return np.array(found)


@pytest.mark.parametrize("sizes", [(40, 40), (12, 25)], ids=str)
@pytest.mark.parametrize("claim", ["none", "higher", "differs", "exact"])
@pytest.mark.parametrize("coding", ["average", "control"])
def test_a_plain_grid(sizes, claim, coding):
    tables = claims(*sizes)[claim]
    mu, sd, doubt = (-0.5, 0.2), (1.2, 0.8), 0.25 if claim == "differs" else 0.0
    posterior = solve_claimed_tables(
        (tables,), first=normal(mu[0], sd[0]), effect=normal(mu[1], sd[1]), doubt=doubt, coding=coding
    )
    effect, difference = posterior.summarize("log_odds_ratio"), posterior.summarize("risk_difference")
    found = [posterior.log_marginal_likelihood, effect.mean, effect.sd, difference.mean, difference.sd]
    expected = plain(tables, mu, sd, doubt, coding == "control")
    scale = np.array([1.0, expected[2], expected[2], expected[4], expected[4]])
    assert np.abs((np.concatenate(found) - expected) / scale).max() < 1e-6
    assert posterior.accurate.all()


FIXTURES = [
    ((0.0, 1.5), (0.7238, 0.2388, 0.6269, 0.7238, 0.7198)),
    ((-2.0, 1.0), (0.8213, 0.1878, 0.4773, 0.5658, 0.8146)),
]
"""Average; sd of the log odds ratio, end of the interval of the difference, Pr(more than 5 points), before, evidence."""


@pytest.mark.parametrize(("average", "numbers"), FIXTURES, ids=["middle", "low"])
def test_no_difference_of_forty_and_forty(average, numbers):
    tables = (p_of_tables("fisher", 40, 40) >= 0.05).astype(float)
    posterior = solve_claimed_tables((tables,), first=normal(*average), effect=normal(0, 1), doubt=np.array([0.0, 1.0]))
    difference = posterior.summarize("risk_difference")
    assert posterior.summarize("log_odds_ratio").sd[0].round(4) == numbers[0]
    assert (difference.ci_low[0].round(4), difference.ci_high[0].round(4)) == (-numbers[1], numbers[1])
    within = np.diff(posterior.cdf("risk_difference", np.array([[-0.05, 0.05]] * 2)))[:, 0]
    np.testing.assert_array_equal((1 - within).round(4), numbers[2:4])
    np.testing.assert_array_equal(np.exp(posterior.log_marginal_likelihood).round(4), [numbers[4], 1.0])


def test_numbers_of_qualifying_tables():
    found = {test: int((p_of_tables(test, 40, 40) >= 0.05).sum()) for test in ("fisher", "pearson")}
    assert found == {"fisher": 621, "pearson": 549}
    for sizes in ((40, 40), (7, 19)):
        p = p_of_tables("fisher", *sizes)
        np.testing.assert_allclose(p, fisher(*sizes), rtol=1e-9)
        assert p[0, 0] == p[-1, -1] == 1
        for test in ("pearson", "yates"):
            p = p_of_tables(test, *sizes)
            for i, j in ((3, 1), (5, 14), (0, 9)):
                table = np.array([[i, sizes[0] - i], [j, sizes[1] - j]])
                expected = stats.chi2_contingency(table, correction=test == "yates").pvalue
                assert p[i, j] == pytest.approx(expected, rel=1e-9)
            assert p[0, 0] == p[-1, -1] == 1


@pytest.mark.parametrize("coding", ["average", "control", "arms"])
def test_one_table_is_its_counts(coding):
    tables = np.zeros((41, 31))
    tables[16, 9] = 1.0
    if coding == "arms":
        beta = prior("Beta", alpha=0.5, beta=0.5)
        ours = solve_claimed_tables((tables,), first=beta, effect=beta, coding=coding)
        counts = solve_beta_arms(16, 40, 9, 30, treatment=beta, control=beta)
    else:
        priors = {"first": normal(-0.3, 1.5), "effect": prior("StudentT", nu=3, mu=0, sigma=1)}
        ours = solve_claimed_tables((tables,), coding=coding, **priors)
        counts = solve_counts(16, 40, 9, 30, coding=coding, **priors)
    for name, expected in counts.summaries().items():
        found = ours.summarize(name)
        for field in ("mean", "median", "sd", "ci_low", "ci_high", "hdi_low", "hdi_high"):
            np.testing.assert_allclose(
                getattr(found, field), getattr(expected, field), rtol=1e-5, atol=3e-6 * expected.sd[0], equal_nan=True
            )
    assert ours.log_marginal_likelihood == pytest.approx(counts.log_marginal_likelihood, abs=1e-7)
    assert ours.log_bayes_factor_null == pytest.approx(counts.log_bayes_factor_null, abs=1e-6)


def test_independent_arms_are_a_mixture_of_their_tables():
    """Weights are beta-binomial chances, components products of Beta distributions."""
    tables, a, b = claims(12, 12)["none"], 0.7, 1.3
    beta = prior("Beta", alpha=a, beta=b)
    ours = solve_claimed_tables((tables,), first=beta, effect=beta, coding="arms")
    k = np.arange(13)
    chance = stats.betabinom(12, a, b).pmf(k)
    weights = tables * chance[:, None] * chance
    assert ours.log_marginal_likelihood[0] == pytest.approx(np.log(weights.sum()), abs=1e-8)
    weights /= weights.sum()
    mean = (a + k) / (a + b + 12)
    assert ours.summarize("risk_difference").mean[0] == pytest.approx(
        (weights * (mean[:, None] - mean)).sum(), abs=1e-8
    )
    below = (weights.sum(axis=0) * stats.beta(a + k, b + 12 - k).cdf(0.3)).sum()
    assert ours.cdf("control_risk", 0.3)[0] == pytest.approx(below, abs=1e-6)


@pytest.mark.parametrize("claim", ["none", "higher", "differs"])
def test_arms_exchanged(claim):
    """Treatment and control exchanged: differences change their sign, probabilities their side, evidence nothing."""
    tables = claims(25, 12)[claim]
    priors = {"first": normal(-1, 1.5), "effect": prior("StudentT", nu=3, mu=0, sigma=0.7)}
    one, other = (solve_claimed_tables((each,), **priors) for each in (tables, tables.T.copy()))
    assert one.cdf("risk_difference", 0.1)[0] + other.cdf("risk_difference", -0.1)[0] == pytest.approx(1, abs=2e-6)
    assert one.log_marginal_likelihood == pytest.approx(other.log_marginal_likelihood, abs=1e-7)
    if claim == "differs":  # even in the effect only if the arms are of one size
        assert abs(one.cdf("log_odds_ratio", 0.0)[0] - 0.5) > 1e-3
        even = solve_claimed_tables((claims(25, 25)[claim],), **priors)
        assert even.cdf("log_odds_ratio", 0.0)[0] == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("claim", ["none", "higher", "differs"])
def test_large_arms(claim):
    """300 women an arm, where the set's probability turns within a sixth of the prior's width, against an adaptive integral."""
    p = p_of_tables("pearson", 300, 300)
    masks = {"none": p >= 0.05, "higher": (p < 0.05) & (side(300, 300) > 0), "differs": p < 0.05}
    tables = masks[claim].astype(float)
    posterior = solve_claimed_tables((tables,), first=normal(0, 0.3), effect=normal(0.1, 1))
    k = np.arange(301)

    def of_effect(d):
        m = np.linspace(-2.1, 2.1, 141)
        p_t, p_c = special.expit(m + d / 2), special.expit(m - d / 2)
        chance = ((stats.binom.pmf(k, 300, p_t[:, None]) @ tables) * stats.binom.pmf(k, 300, p_c[:, None])).sum(axis=1)
        return integrate.trapezoid(chance * stats.norm.pdf(m, 0, 0.3), m) * stats.norm.pdf(d, 0.1, 1)

    d = np.linspace(-6.9, 7.1, 561)
    heights = np.array([of_effect(each) for each in d])
    total = integrate.trapezoid(heights, d)
    mean = integrate.trapezoid(heights * d, d) / total
    sd = np.sqrt(integrate.trapezoid(heights * (d - mean) ** 2, d) / total)
    summary = posterior.summarize("log_odds_ratio")
    assert posterior.log_marginal_likelihood[0] == pytest.approx(np.log(total), abs=1e-6)
    assert abs(summary.mean[0] - mean) < 1e-6 * sd
    assert abs(summary.sd[0] - sd) < 1e-6 * sd
    assert posterior.accurate.all()


@pytest.mark.parametrize("sizes", [(1, 1), (3, 40), (150, 20)], ids=str)
def test_the_surface_is_the_sum(sizes):
    """Interpolated log chances against sums in logs, also far out; half the tables, at random."""
    rng = np.random.default_rng(5)
    tables = (rng.random((sizes[0] + 1, sizes[1] + 1)) < 0.5).astype(float)
    tables[0, 0] = 1.0
    x_t, x_c = rng.normal(0, 3, (2, 300))
    logs = []
    for n, x in zip(sizes, (x_t, x_c), strict=True):
        i = np.arange(n + 1)
        logs.append(stats.binom.logpmf(i, n, special.expit(x)[:, None]))
    expected = special.logsumexp(logs[0][:, :, None] + logs[1][:, None], b=tables, axis=(1, 2))
    found = TableSurface.of(tables)(x_t, x_c)
    assert np.abs(np.exp(found) - np.exp(expected)).max() < 3e-7


def test_no_result_depends_on_its_neighbors():
    sets = [claims(40, 40)["none"], claims(12, 25)["higher"], claims(40, 40)["none"]]
    scales = np.array([1.0, 0.5, 0.3])
    doubt = np.array([0.0, 0.5, 1.0])
    together = solve_claimed_tables(
        sets, first=normal(0, 1.5), effect=BatchedPrior("Normal", {"mu": 0.0, "sigma": scales}), doubt=doubt
    )
    found = together.summarize("risk_ratio")
    for i, tables in enumerate(sets):
        alone = solve_claimed_tables((tables,), first=normal(0, 1.5), effect=normal(0, scales[i]), doubt=doubt[i])
        assert alone.summarize("risk_ratio").ci_high[0] == found.ci_high[i]
        assert alone.log_marginal_likelihood[0] == together.log_marginal_likelihood[i]


def test_moments_exist_as_far_as_tails_allow():
    """A power law bounds no odds ratio by itself; "no difference" does, "higher" does not."""
    heavy = prior("StudentT", nu=2, mu=0, sigma=0.4)
    found = {
        claim: solve_claimed_tables((claims(40, 40)[claim],), first=normal(0, 1.5), effect=heavy)
        .summarize("odds_ratio")
        .mean[0]
        for claim in ("none", "higher")
    }
    assert np.isnan(found["higher"])
    assert np.isnan(found["none"])
    sds = [
        solve_claimed_tables((claims(40, 40)["none"],), first=normal(0, 1.5), effect=heavy, doubt=doubt)
        .summarize("log_odds_ratio")
        .sd[0]
        for doubt in (0.0, 0.1)
    ]
    assert np.isfinite(sds[0])
    assert np.isnan(sds[1])


def test_bad_requests_name_every_fault(faults_of):
    faults = faults_of(
        solve_claimed_tables, (np.zeros((3, 3)),), first=prior("Flat"), effect=normal(0, 1), doubt=2, coding="arm"
    )
    assert [fault.where for fault in faults] == ["coding", "first", "tables", "doubt"]
    with pytest.raises(RequestError, match="Beta"):
        solve_claimed_tables((np.ones((3, 3)),), first=normal(0, 1), effect=normal(0, 1), coding="arms")
