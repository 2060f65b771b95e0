import numpy as np
import pytest
from scipy import integrate, special, stats

from bayes_ivf.errors import RequestError
from bayes_ivf.exact import claim
from bayes_ivf.exact.claim import claim_nodes, log_claim_probability, solve_claim
from bayes_ivf.exact.claim_few import critical_value, few, log_claim_of_few
from bayes_ivf.priors.batched import BatchedPrior
from bayes_ivf.problem.claim_nodes import claim_nodes as nodes_for_nuts
from bayes_ivf.problem.claim_nodes import near_enough
from bayes_ivf.quadrature.refinement import RULES

SMD = "standardized_mean_difference"


def normal(sd, mean=0.0):
    return BatchedPrior("Normal", {"mu": mean, "sigma": sd})


def test_fixtures_of_the_design():
    cochrane = solve_claim("lower", 40, 40, effect=BatchedPrior("StudentT", {"nu": 5.0, "mu": 0.0, "sigma": 0.38}))
    s = cochrane.summarize(SMD)
    values = [s.mean[0], s.median[0], s.ci_low[0], s.ci_high[0], cochrane.cdf(SMD, 0)[0]]
    assert np.round(values, 4).tolist() == [-0.6234, -0.5595, -1.5733, -0.0689, 0.9886]
    doubts = solve_claim("lower", 40, 40, effect=normal(1), doubt=[0, 0.25, 0.5, 0.75])
    s = doubts.summarize(SMD)
    values = [s.mean[0], s.sd[0], s.median[0], s.ci_low[0], s.ci_high[0]]
    assert np.round(values, 4).tolist() == [-1.0653, 0.5610, -0.9682, -2.3948, -0.2308]
    below = doubts.cdf(SMD, 0)
    assert below[0].round(4) == 0.9974
    assert below[1:].round(3).tolist() == [0.748, 0.624, 0.550]


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.2])
@pytest.mark.parametrize("n", [(2, 3), (12, 9), (40, 40), (5000, 400)])
def test_probabilities_are_those_of_the_t_test(alpha, n):
    """Against SciPy's noncentral t where it is reliable."""
    n_t, n_c = n
    df = n_t + n_c - 2
    scale = np.sqrt(1 / n_t + 1 / n_c)
    critical = stats.t.isf(alpha / 2, df)
    ncp = np.array([-6.0, -2.0, -0.5, 0.0, 0.5, 2.0, 4.0])
    nodes = claim_nodes(np.array([df]), np.array([alpha]))
    lower, higher = stats.nct.cdf(-critical, df, ncp), stats.nct.sf(critical, df, ncp)
    expected = {"lower": lower, "higher": higher, "differs": lower + higher, "no difference": 1 - lower - higher}
    for direction, values in expected.items():
        found = np.exp(log_claim_probability(ncp[:, None] * scale, direction, np.array([scale]), *nodes))[:, 0]
        assert found == pytest.approx(values, abs=2e-9), direction


def test_far_tails_stay_finite_and_right():
    """A claim against data twelve standard errors the other way, by adaptive quadrature in logs."""
    df, alpha, ncp = 78, 0.05, 12.0
    critical = stats.t.isf(alpha / 2, df)
    shift = -90.0

    def integrand(s):
        return np.exp(stats.norm.logcdf(-critical * s - ncp) + stats.chi.logpdf(s * np.sqrt(df), df) - shift) * np.sqrt(
            df
        )

    expected = shift + np.log(integrate.quad(integrand, 0.2, 1.6, points=[0.6, 0.8, 1.0], epsabs=0, epsrel=1e-11)[0])
    scale = np.array([np.sqrt(2 / 40)])
    nodes = claim_nodes(np.array([df]), np.array([alpha]))
    found = log_claim_probability(np.array([[ncp * scale[0]]]), "lower", scale, *nodes)[0, 0]
    assert found == pytest.approx(expected, abs=1e-9)
    for d in (-60.0, 60.0):
        for direction in ("lower", "higher", "differs", "no difference"):
            assert np.isfinite(log_claim_probability(np.array([[d]]), direction, scale, *nodes)).all()


@pytest.mark.parametrize("direction", ["lower", "higher", "differs", "no difference"])
def test_posterior_agrees_with_a_fixed_rule(direction):
    n, eps = 25, 0.1
    df, scale = 2 * n - 2, np.sqrt(2 / n)
    critical = stats.t.isf(0.025, df)

    def density(d):
        # SciPy's far tail is NaN where it should be nothing.
        lower = np.nan_to_num(stats.nct.cdf(-critical, df, d / scale), nan=0.0)
        higher = np.nan_to_num(stats.nct.sf(critical, df, d / scale), nan=0.0)
        claim = {"lower": lower, "higher": higher, "differs": lower + higher, "no difference": 1 - lower - higher}
        return ((1 - eps) * claim[direction] + eps) * stats.norm.pdf(d, 0.1, 0.7)

    # Gauss-Legendre, since the last digits of the noncentral t are too rough for an adaptive rule.
    x, w = np.polynomial.legendre.leggauss(120)
    low, high = ((b - a) / 2 * (w @ density((a + b) / 2 + (b - a) / 2 * x)) for a, b in ((-5.5, 0.3), (0.3, 5.5)))
    total, below = low + high, low
    posterior = solve_claim(direction, n, n, effect=normal(0.7, 0.1), doubt=eps)
    assert posterior.cdf(SMD, 0.3)[0] == pytest.approx(below / total, abs=2e-7)
    assert posterior.log_marginal_likelihood[0] == pytest.approx(np.log(total), abs=1e-7)
    assert posterior.log_bayes_factor_null[0] == pytest.approx(
        np.log(density(0.0) / stats.norm.pdf(0, 0.1, 0.7) / total), abs=1e-7
    )
    assert posterior.accurate.all()


def test_full_doubt_returns_the_prior():
    posterior = solve_claim("differs", 30, 20, effect=normal(0.8, -0.2), doubt=1.0)
    s = posterior.summarize(SMD)
    assert [s.mean[0], s.sd[0]] == pytest.approx([-0.2, 0.8], abs=1e-9)
    assert s.ci_high[0] == pytest.approx(-0.2 + 0.8 * 1.959963985, abs=1e-6)
    assert posterior.log_marginal_likelihood[0] == pytest.approx(0, abs=1e-9)


def test_directions_mirror_each_other():
    prior = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 0.5})
    lower, higher = (solve_claim(side, 18, 31, effect=prior, alpha=0.01) for side in ("lower", "higher"))
    t = np.array([[-1.0, -0.2, 0.1]])
    assert lower.cdf(SMD, t) == pytest.approx(1 - higher.cdf(SMD, -t), abs=1e-7)
    assert solve_claim("differs", 18, 31, effect=prior).cdf(SMD, 0)[0] == pytest.approx(0.5, abs=1e-9)


def test_a_heavy_tailed_prior_leaves_moments_out():
    prior = BatchedPrior("StudentT", {"nu": np.array([0.9, 1.5, 2.5]), "mu": 0.0, "sigma": 0.25})
    claimed = solve_claim("lower", 40, 40, effect=prior).summarize(SMD)
    assert np.isfinite(claimed.mean).tolist() == [False, True, True]
    assert np.isfinite(claimed.sd).tolist() == [False, False, True]
    # "No difference" bounds the effect on both sides, unless it is doubted.
    assert np.isfinite(solve_claim("no difference", 40, 40, effect=prior).summarize(SMD).sd).all()
    assert not np.isfinite(solve_claim("no difference", 40, 40, effect=prior, doubt=0.1).summarize(SMD).sd[0])


@pytest.mark.parametrize(
    ("change", "where"),
    [({"direction": "less"}, "direction"), ({"alpha": 0.0}, "alpha"), ({"alpha": 1.0}, "alpha"), ({"doubt": 1.1}, "doubt"),
     ({"doubt": -0.1}, "doubt"), ({"n_treatment": 1}, "n_treatment"), ({"effect": BatchedPrior("Flat", {})}, "effect")],
)  # fmt: skip
def test_bad_input_is_named(change, where):
    given = {"direction": "lower", "n_treatment": 40, "n_control": 40, "effect": normal(1)} | change
    with pytest.raises(RequestError) as caught:
        solve_claim(**given)
    assert caught.value.faults[0].where == where


@pytest.mark.parametrize("direction", ["lower", "higher", "differs", "no difference"])
@pytest.mark.parametrize("dist", ["Normal", "StudentT", "Laplace"])
def test_a_step_in_a_wide_prior_is_resolved(direction, dist):
    """Beliefs between none and all turn a claim into a step, narrow beside a wide prior and many women."""
    doubt, sd, n = (each.ravel() for each in np.meshgrid([0, 0.01, 0.5, 0.99, 1], [0.1, 1, 3, 10], [5, 400]))
    scale = {"Normal": "sigma", "StudentT": "sigma", "Laplace": "b"}[dist]
    effect = BatchedPrior(dist, {"mu": 0.3, scale: sd} | ({"nu": 3.0} if dist == "StudentT" else {}))
    posterior = solve_claim(direction, n, n, effect=effect, doubt=doubt, workers=1)
    posterior.prefetch({SMD: np.tile([-0.2, 0.0, 0.3], (len(n), 1))}, [SMD], evidence=True)
    assert posterior.accurate.all()


def test_a_claim_of_five_women_at_a_small_level():
    """By mpmath with 15 digits: 96 nodes of the pooled sd leave steps that are 1 / 192 wide."""
    d = np.array([[0.2], [1.0], [3.0], [8.0], [15.0], [25.0]])
    right = [2.3313414695164872e-07, 9.158096952471794e-07, 8.886125769122e-06]
    right += [0.00013680415563308904, 0.0008733890462880407, 0.003968245421684173]
    df, critical = np.array([3.0]), -special.stdtrit(np.array([3.0]), np.array([3.127758100526595e-07 / 2]))
    scale = np.array([np.sqrt(1 / 2 + 1 / 3)])
    for sign, direction in ((1, "higher"), (-1, "lower")):
        found = np.exp(log_claim_of_few(sign * d, direction, scale, df, critical))
        assert found[:, 0] == pytest.approx(right, rel=1e-9)


@pytest.mark.parametrize("direction", ["lower", "higher", "differs", "no difference"])
@pytest.mark.parametrize("df", [4.0, 9.0])
def test_both_averages_agree_where_both_are_smooth(direction, df):
    alpha, scale = np.array([0.3]), np.array([0.5])
    d = np.linspace(-4, 4, 33)[:, None]
    nodes = claim_nodes(np.array([df]), alpha)
    critical = -special.stdtrit(np.array([df]), alpha / 2)
    expected = log_claim_probability(d, direction, scale, *nodes)
    assert log_claim_of_few(d, direction, scale, np.array([df]), critical) == pytest.approx(expected, abs=1e-7)


LEVELS = (0.2, 0.05, 1e-3, 1e-6, 1e-10, 1e-20, 1e-40, 1e-100, 1e-250)


@pytest.mark.parametrize("women", [3, 4, 5, 8, 12, 40, 80, 200, 800, 2000, 100_000])
@pytest.mark.parametrize("alpha", LEVELS)
def test_without_a_difference_a_claim_has_the_probability_of_its_level(women, alpha):
    """By definition of the level, whatever the number of women; and nodes for NUTS are right or known to be too coarse."""
    df = np.array([women - 2.0])
    critical = critical_value(df, np.array([alpha]))
    none, one = np.zeros((1, 1)), np.ones(1)
    if few(df, critical)[0]:
        found = log_claim_of_few(none, "differs", one, df, critical)
    else:
        found = log_claim_probability(none, "differs", one, *claim_nodes(df, alpha))
    assert found[0, 0] == pytest.approx(np.log(alpha), abs=1e-8)
    nodes, log_weights = nodes_for_nuts(women // 2, women - women // 2, alpha)
    if near_enough(nodes):
        ncp = np.linspace(-6, min(1.5 * critical[0] + 6, 60), 80)[:, None]
        either = special.logsumexp(log_weights + special.log_ndtr(-nodes)) + np.log(2)
        assert either == pytest.approx(np.log(alpha), abs=1e-6)
        sampled = special.logsumexp(log_weights + special.log_ndtr(ncp - nodes), axis=1)
        if few(df, critical)[0]:
            exact = log_claim_of_few(ncp, "higher", one, df, critical)[:, 0]
        else:
            exact = log_claim_probability(ncp, "higher", one, *claim_nodes(df, alpha))[:, 0]
        assert sampled == pytest.approx(exact, abs=1e-6)
    else:
        assert women <= 100


@pytest.mark.parametrize("direction", ["lower", "higher", "differs", "no difference"])
@pytest.mark.parametrize(("df", "alpha"), [(3.0, 0.2), (6.0, 0.05), (30.0, 3e-4), (78.0, 1e-8), (400.0, 1e-40)])
def test_both_ways_to_average_agree_where_they_meet(direction, df, alpha):
    df, one = np.array([df]), np.ones(1)
    critical = critical_value(df, np.array([alpha]))
    assert 0.5 < (critical / np.sqrt(df / 2))[0] < 2
    d = np.linspace(-8, 2 * critical[0] + 8, 60)[:, None]
    over_s = log_claim_probability(d, direction, one, *claim_nodes(df, alpha))
    over_u = log_claim_of_few(d, direction, one, df, critical)
    seen = over_u > -35
    assert over_s[seen] == pytest.approx(over_u[seen], abs=1e-7)


@pytest.mark.parametrize(("women", "alpha", "sd"), [(200, 1e-70, 0.05), (400, 1e-130, 0.2)])
def test_a_tiny_level_of_many_women_against_a_plain_grid(women, alpha, sd):
    """The numerator must be large and the standard deviation small: far from the middle of either."""
    df, scale = women - 2.0, 2 / np.sqrt(women)
    critical = critical_value(np.array([df]), np.array([alpha]))[0]
    d, u = np.linspace(-2 * sd, 20 * sd, 1500), np.linspace(1e-3, 60, 6000)
    x = df / 2 * (u / critical) ** 2
    log_below = df / 2 * np.log(x) - x - special.gammaln(df / 2 + 1)
    log_below += np.log(special.hyp1f1(1, df / 2 + 1, x))
    logs = special.logsumexp(log_below - 0.5 * (u - d[:, None] / scale) ** 2, axis=1) - 0.5 * (d / sd) ** 2
    share = np.cumsum(np.exp(logs - logs.max()))
    expected = np.interp(0.5, share / share[-1], d) + (d[1] - d[0]) / 2
    found = solve_claim("higher", women // 2, women // 2, effect=normal(sd), alpha=alpha)
    assert found.summarize(SMD).median[0] == pytest.approx(expected, abs=2e-3 * sd)
    assert found.accurate.all()


def test_a_wide_fall_beside_a_narrow_prior_is_seen():
    """No difference among five women bounds a Cauchy prior's tails far away, where the claim falls slowly."""
    center, width, alpha, df, scale = 3.15, 0.0107, 3e-6, 3.0, np.sqrt(1 / 2 + 1 / 3)
    critical = critical_value(np.array([df]), np.array([alpha]))
    y = np.linspace(-13, 13, 40001)
    d = center + width * np.sinh(y)
    log = log_claim_of_few(d[:, None], "no difference", np.array([scale]), np.array([df]), critical)[:, 0]
    kernel = np.exp(log) / (1 + np.sinh(y) ** 2) * np.cosh(y)
    mean = np.sum(kernel * d) / kernel.sum()
    sd = np.sqrt(np.sum(kernel * (d - mean) ** 2) / kernel.sum())
    found = solve_claim(
        "no difference", 2, 3, effect=BatchedPrior("Cauchy", {"alpha": center, "beta": width}), alpha=alpha
    )
    s = found.summarize(SMD)
    assert s.sd[0] == pytest.approx(sd, rel=1e-4)
    assert s.mean[0] == pytest.approx(mean, abs=1e-4 * sd)
    assert found.accurate.all()


@pytest.mark.parametrize("direction", ["lower", "differs", "no difference"])
def test_panels_that_end_too_early_are_a_stated_error(monkeypatch, direction):
    effect = {"mu": [0.0, 0.2], "sigma": [1.0, 0.5]}
    assert (
        not solve_claim(direction, 20, 30, effect=BatchedPrior("Normal", effect)).problem.solve(RULES)[0].missed().any()
    )
    whole = claim.SupportFinder1D.grid

    def cut(self, panels):
        kept = len(self.points) // 2
        return whole(replace_points(self, kept), panels)

    def replace_points(scout, kept):
        scout.points, scout.logs = scout.points[:kept], scout.logs[:kept]
        return scout

    monkeypatch.setattr(claim.SupportFinder1D, "grid", cut)
    made = solve_claim(direction, 20, 30, effect=BatchedPrior("Normal", effect))
    made.summarize(SMD)
    assert not made.accurate.any()
