import numpy as np
import pytest
from scipy import integrate, special, stats

from bayes_ivf.errors import RequestError
from bayes_ivf.exact.behrens_fisher import solve_means_reference
from bayes_ivf.exact.means_with_effect_prior import solve_means
from bayes_ivf.priors.batched import BatchedPrior
from bayes_ivf.quadrature import adaptive_mesh

FSH = (5.81, 0.76, 40, 7.93, 0.82, 40)
MD, SMD, RATIO = "mean_difference", "standardized_mean_difference", "ratio_of_means"


def normal(sd, mean=0.0):
    return BatchedPrior("Normal", {"mu": mean, "sigma": sd})


def legendre(low, high, count):
    x, w = np.polynomial.legendre.leggauss(count)
    return (low + high) / 2 + (high - low) / 2 * x, (high - low) / 2 * w


class Brute:
    """The posterior by a product of fixed Gauss-Legendre rules over (log sigma_t, log sigma_c, d), eta integrated.

    Written from the model: each printed mean is normal given its arm's mean, the level is integrated out by the formula of
    the marginal bivariate normal, not by the conditional decomposition that the package uses.
    """

    def __init__(self, data, effect, box_t, box_c, box_d, level=None, coding="average", sigma=None, common=False):
        m_t, s_t, n_t, m_c, s_c, n_c = data
        a, w_a = legendre(*box_t, 60)
        b, w_b = legendre(*box_c, 60) if not common else (np.zeros(1), np.ones(1))
        d, w_d = legendre(*box_d, 160)
        a, b, d = np.meshgrid(a, b, d, indexing="ij")
        if common:
            b = a
        self.d, self.s_t, self.s_c = d, np.exp(a), np.exp(b)
        self.pooled = np.sqrt((self.s_t**2 + self.s_c**2) / 2)
        weight = w_a[:, None, None] * w_b[None, :, None] * w_d
        log = effect.logpdf(d)
        for sd, n, sample in ((self.s_t, n_t, s_t), (self.s_c, n_c, s_c)):
            log = log + stats.gamma.logpdf(sample**2, (n - 1) / 2, scale=2 * sd**2 / (n - 1))
        if sigma is not None:
            log = log + sigma.logpdf(self.s_t) + a
            if not common:
                log = log + sigma.logpdf(self.s_c) + b
        v_t, v_c = self.s_t**2 / n_t, self.s_c**2 / n_c
        k_t, k_c = (0.5, -0.5) if coding == "average" else (1.0, 0.0)
        x, y = m_t - k_t * d * self.pooled, m_c - k_c * d * self.pooled
        if level is None:
            log = log + stats.norm.logpdf(x - y, 0, np.sqrt(v_t + v_c))
            self.eta = (x / v_t + y / v_c) / (1 / v_t + 1 / v_c)
            self.eta_sd = np.sqrt(1 / (1 / v_t + 1 / v_c))
        else:
            mean, sd = level
            x, y = x - mean, y - mean
            det = v_t * v_c + sd**2 * (v_t + v_c)
            quadratic = (x * x * (v_c + sd**2) - 2 * x * y * sd**2 + y * y * (v_t + sd**2)) / det
            log = log - 0.5 * quadratic - 0.5 * np.log(det) - np.log(2 * np.pi)
            precision = 1 / v_t + 1 / v_c + 1 / sd**2
            self.eta = mean + (x / v_t + y / v_c) / precision
            self.eta_sd = precision**-0.5
        self.top = log.max()
        kernel = np.exp(log - self.top) * weight
        self.total = kernel.sum()
        self.share = kernel / self.total
        self.k_t, self.k_c = k_t, k_c

    @property
    def log_marginal(self):
        return self.top + np.log(self.total)

    def moments(self, values):
        mean = (values * self.share).sum()
        return mean, np.sqrt(((values - mean) ** 2 * self.share).sum())

    def below_arm(self, k, t):
        return (stats.norm.cdf((t - self.eta - k * self.d * self.pooled) / self.eta_sd) * self.share).sum()


CASES = {
    "student": {"effect": BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})},
    "conflict": {"effect": normal(0.5)},
    "common": {"effect": normal(1.0), "common_sigma": True},
    "level": {
        "effect": normal(0.7, -0.3),
        "level": normal(2.0, 6.0),
        "sigma": BatchedPrior("HalfNormal", {"sigma": 1.5}),
    },
    "control": {
        "effect": BatchedPrior("Logistic", {"mu": 0.0, "s": 0.5}),
        "level": normal(1.0, 7.5),
        "sigma": BatchedPrior("LogNormal", {"mu": 0.0, "sigma": 0.5}),
        "coding": "control",
    },
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_product_rule_agrees(name):
    case = CASES[name]
    center = np.log(0.79)
    level = None if "level" not in case else tuple(float(case["level"].parameters[key]) for key in ("mu", "sigma"))
    brute = Brute(
        FSH, case["effect"], (center - 0.75, center + 1.1), (center - 0.75, center + 1.1), (-5.0, 0.6), level,
        case.get("coding", "average"), case.get("sigma"), case.get("common_sigma", False),
    )  # fmt: skip
    posterior = solve_means(*FSH, **case)
    summaries = posterior.summaries((SMD, MD))
    for estimand, values in ((SMD, brute.d), (MD, brute.d * brute.pooled)):
        mean, sd = brute.moments(values)
        assert summaries[estimand].mean[0] == pytest.approx(mean, abs=2e-6)
        assert summaries[estimand].sd[0] == pytest.approx(sd, abs=2e-6)
    for estimand, k, t in (("control_mean", brute.k_c, 7.8), ("treatment_mean", brute.k_t, 5.9)):
        assert posterior.cdf(estimand, t)[0] == pytest.approx(brute.below_arm(k, t), abs=5e-7)
    if "level" in case:
        assert posterior.log_marginal_likelihood[0] == pytest.approx(brute.log_marginal, abs=1e-6)
    else:
        assert np.isnan(posterior.log_marginal_likelihood[0])
    assert posterior.accurate.all()


def test_distribution_functions_by_simulation_of_the_conditionals():
    """P(MD <= t) and P(ratio <= r) from draws of an importance sampler that knows only the densities."""
    rng = np.random.default_rng(7)
    n = 400_000
    m_t, s_t, n_t, m_c, s_c, n_c = 1.0, 0.8, 12, 2.4, 1.1, 9
    effect, mean, sd = normal(0.8), 2.0, 1.5
    # Draws of the reference posterior, weighted by prior over proposal.
    sig_t, sig_c = (
        s_t * np.sqrt((n_t - 1) / rng.chisquare(n_t - 1, n)),
        s_c * np.sqrt((n_c - 1) / rng.chisquare(n_c - 1, n)),
    )
    mu_t, mu_c = (
        m_t + sig_t / np.sqrt(n_t) * rng.standard_normal(n),
        m_c + sig_c / np.sqrt(n_c) * rng.standard_normal(n),
    )
    pooled = np.sqrt((sig_t**2 + sig_c**2) / 2)
    d = (mu_t - mu_c) / pooled
    weight = np.exp(effect.logpdf(d) + stats.norm.logpdf((mu_t + mu_c) / 2, mean, sd)) / pooled
    weight /= weight.sum()
    error = 5 * np.sqrt((weight**2).sum())
    posterior = solve_means(m_t, s_t, n_t, m_c, s_c, n_c, effect=effect, level=normal(sd, mean))
    for name, values, t in (
        (MD, mu_t - mu_c, -1.0),
        (SMD, d, -0.9),
        ("control_mean", mu_c, 2.2),
        (RATIO, mu_t / mu_c, 0.6),
    ):
        assert posterior.cdf(name, t)[0] == pytest.approx((weight * (values <= t)).sum(), abs=error), name


def test_reference_is_behrens_fisher():
    posterior = solve_means_reference(*FSH)
    summaries = posterior.summaries()
    md = summaries[MD]
    assert md.mean[0] == pytest.approx(-2.12, abs=1e-12)
    assert md.sd[0].round(4) == 0.1815
    # Convolution of the two t distributions by adaptive quadrature.
    scales = 0.76 / np.sqrt(40), 0.82 / np.sqrt(40)

    def below(t):
        return integrate.quad(
            lambda x: stats.t.cdf((t + 2.12 + x) / scales[0], 39) * stats.t.pdf(x / scales[1], 39) / scales[1],
            -1.5, 1.5, epsabs=1e-12, epsrel=1e-11, points=[0],
        )[0]  # fmt: skip

    for end, probability in ((md.ci_low[0], 0.025), (md.ci_high[0], 0.975)):
        assert below(end) == pytest.approx(probability, abs=1e-7)
    assert [md.ci_low[0], md.ci_high[0]] == pytest.approx([-2.476, -1.763], abs=1e-3)
    assert summaries["control_mean"].ci_high[0] == pytest.approx(7.93 + stats.t.ppf(0.975, 39) * scales[1], abs=1e-9)
    assert np.isnan(posterior.log_marginal_likelihood[0])


def test_reference_by_simulation():
    rng = np.random.default_rng(3)
    n = 1_000_000
    data = (1.2, 0.5, 5, 2.0, 0.9, 8)
    sig_t, sig_c = 0.5 * np.sqrt(4 / rng.chisquare(4, n)), 0.9 * np.sqrt(7 / rng.chisquare(7, n))
    mu_t, mu_c = 1.2 + sig_t / np.sqrt(5) * rng.standard_normal(n), 2 + sig_c / np.sqrt(8) * rng.standard_normal(n)
    posterior = solve_means_reference(*data)
    d = (mu_t - mu_c) / np.sqrt((sig_t**2 + sig_c**2) / 2)
    for name, values, t in ((MD, mu_t - mu_c, -0.5), (SMD, d, -1.0), (RATIO, mu_t / mu_c, 0.7)):
        assert posterior.cdf(name, t)[0] == pytest.approx((values <= t).mean(), abs=0.0025), name
    assert posterior.summarize(SMD).mean[0] == pytest.approx(d.mean(), abs=5e-3)


def test_small_samples_say_which_moments_do_not_exist():
    data = (np.array([1.0]), 1.0, np.array([2, 3, 4, 5]), 10.0, 1.0, np.array([9]))
    mean = solve_means_reference(*data).summarize("treatment_mean")
    assert np.isfinite(mean.mean).tolist() == [False, True, True, True]
    assert np.isfinite(mean.sd).tolist() == [False, False, True, True]
    assert mean.median == pytest.approx(1.0)
    with_prior = solve_means(1, 1, [2, 3], 3, 1, [9], effect=normal(1)).summarize(MD)
    assert np.isfinite(with_prior.mean).tolist() == [True, True]
    assert np.isfinite(with_prior.sd).tolist() == [False, True]


def test_a_ratio_is_shown_only_where_the_control_mean_is_positive():
    posterior = solve_means_reference([1, 1], [1, 1], [20, 20], [3, 0.3], [1, 1], [20, 20])
    ratio = posterior.summarize(RATIO)
    assert np.isfinite(ratio.median).tolist() == [True, False]
    assert np.isnan(ratio.mean).all()
    assert posterior.accurate.all()


@pytest.mark.parametrize("effect", [normal(1), BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})])
def test_extreme_differences_stay_accurate(effect):
    # SMD of 6 at n = 40, and of 6 at n = 5,000.
    posterior = solve_means([1.0, 1.0], 0.1, [40, 5000], 0.4, 0.1, [40, 5000], effect=effect)
    s = posterior.summarize(SMD)
    assert posterior.accurate.all()
    assert s.sd[1] == pytest.approx(np.sqrt(2 / 5000 + 36 / 4 / 5000), rel=0.02)
    assert s.mean[1] == pytest.approx(6, abs=0.02)
    # A tail that lets the data speak, against one that pulls.
    assert (s.mean[0] > 5.5) == (effect.dist == "StudentT")


def test_swapping_the_arms_flips_the_sign():
    for extra in ({}, {"level": normal(2, 6), "sigma": BatchedPrior("HalfNormal", {"sigma": 2.0})}):
        one = solve_means(1.2, 0.5, 7, 2.0, 0.9, 12, effect=normal(1), **extra)
        two = solve_means(2.0, 0.9, 12, 1.2, 0.5, 7, effect=normal(1), **extra)
        t = np.array([[-1.0, -0.3, 0.0]])
        for name in (MD, SMD):
            assert one.cdf(name, t) == pytest.approx(1 - two.cdf(name, -t), abs=1e-6)
    same = solve_means(3.0, 0.9, 12, 3.0, 0.9, 12, effect=normal(0.3))
    assert same.cdf(MD, 0)[0] == pytest.approx(0.5, abs=1e-9)
    assert same.cdf(RATIO, 1)[0] == pytest.approx(0.5, abs=1e-7)


def test_savage_dickey_equals_the_ratio_of_marginal_likelihoods():
    priors = {"level": normal(2.0, 6.0), "sigma": BatchedPrior("HalfNormal", {"sigma": 1.5})}
    posterior = solve_means(5.9, 0.8, 11, 6.6, 1.0, 9, effect=normal(0.7), **priors)
    # A prior of sd 1e-4 holds the effect at zero.
    null = solve_means(5.9, 0.8, 11, 6.6, 1.0, 9, effect=normal(1e-4), **priors)
    expected = null.log_marginal_likelihood - posterior.log_marginal_likelihood
    assert posterior.log_bayes_factor_null == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"n_treatment": 1}, "n_treatment"),
        ({"sd_control": 0.0}, "sd_control"),
        ({"mean_control": np.nan}, "mean_control"),
        ({"effect": BatchedPrior("Flat", {})}, "effect"),
        ({"level": BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 1.0})}, "average"),
        ({"sigma": normal(1)}, "sigma"),
        ({"coding": "both"}, "coding"),
    ],
)
def test_bad_input_is_named(change, where):
    names = ("mean_treatment", "sd_treatment", "n_treatment", "mean_control", "sd_control", "n_control")
    given = dict(zip(names, FSH, strict=True)) | {"effect": normal(1)} | change
    with pytest.raises(RequestError) as caught:
        solve_means(**given)
    assert caught.value.faults[0].where == where


def test_special_functions_hold():
    # The Behrens-Fisher mean of a mean with n = 2 is a Cauchy variable: quartiles one scale away.
    s = solve_means_reference(0, 1, 2, 0, 1, 2).summarize("control_mean", 0.5)
    assert s.ci_high[0] == pytest.approx(1 / np.sqrt(2), abs=1e-9)
    assert special.stdtr(1, 1.0) == pytest.approx(0.75)


def test_flat_priors_with_one_sigma_are_students_t():
    data = (5.81, 0.76, 40, 7.93, 0.82, 33)
    posterior = solve_means_reference(*data, common_sigma=True)
    (m1, s1, n1), (m2, s2, n2) = data[:3], data[3:]
    df = n1 + n2 - 2
    pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
    for name, center, scale in (
        (MD, m1 - m2, pooled * np.sqrt(1 / n1 + 1 / n2)),
        ("control_mean", m2, pooled / np.sqrt(n2)),
        ("treatment_mean", m1, pooled / np.sqrt(n1)),
    ):
        right, found = stats.t(df, center, scale), posterior.summarize(name)
        values = (found.mean[0], found.sd[0], found.ci_low[0], found.ci_high[0])
        assert values == pytest.approx((center, right.std(), *right.ppf([0.025, 0.975])), rel=1e-6)
    # the textbook interval of the equal-variance t test
    found = posterior.summarize(MD)
    assert (round(found.ci_low[0], 4), round(found.ci_high[0], 4)) == (-2.4893, -1.7507)
    sigma = pooled * np.sqrt(df / stats.chi2.ppf((np.arange(20_000) + 0.5) / 20_000, df))
    for d in (-3.3, -2.7, -2.1):
        right = stats.norm.cdf(d, (m1 - m2) / sigma, np.sqrt(1 / n1 + 1 / n2)).mean()
        assert posterior.cdf(SMD, d)[0] == pytest.approx(right, abs=1e-6)
    for ratio in (0.70, 0.7327, 0.77):
        # treatment - ratio * control is t around its own center
        scale = pooled * np.sqrt(1 / n1 + ratio**2 / n2)
        assert posterior.cdf(RATIO, ratio)[0] == pytest.approx(stats.t.cdf((ratio * m2 - m1) / scale, df), abs=1e-6)
    assert posterior.accurate.all()


def jzs(t, n1, n2, r):
    """Bayes factor against the null of a two-sample t test with a Cauchy prior: Rouder and others 2009, equation 1."""
    size, df = n1 * n2 / (n1 + n2), n1 + n2 - 2

    def inside(g):
        wide = 1 + size * g * r * r
        return (
            wide**-0.5 * (1 + t * t / (wide * df)) ** (-(df + 1) / 2) * g**-1.5 * np.exp(-0.5 / g) / np.sqrt(2 * np.pi)
        )

    return integrate.quad(inside, 0, np.inf, epsabs=0, epsrel=1e-10)[0] / (1 + t * t / df) ** (-(df + 1) / 2)


@pytest.mark.parametrize(
    ("difference", "n"), [(-58.55, (10, 12)), (0.0, (10, 12)), (30.0, (40, 25)), (200.0, (40, 25))]
)
def test_the_bayes_factor_of_a_t_test_with_a_cauchy_effect(difference, n):
    r = np.sqrt(0.5)
    (n1, n2), (s1, s2) = n, (38.62584, 52.23570)
    posterior = solve_means(
        218.75 + difference,
        s1,
        n1,
        218.75,
        s2,
        n2,
        effect=BatchedPrior("Cauchy", {"alpha": 0.0, "beta": r}),
        common_sigma=True,
    )
    pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    right = jzs(difference / pooled / np.sqrt(1 / n1 + 1 / n2), n1, n2, r)
    assert -posterior.log_bayes_factor_null[0] == pytest.approx(np.log(right), abs=1e-6)
    assert np.isnan(posterior.log_marginal_likelihood[0])
    if difference == -58.55:
        # chick weights, horsebean against linseed
        assert round(right, 3) == 5.976


FAR = ((3.321677238581676, 1.620684054655729, 7), (0.0, 0.006565677157882798, 1048))
LAPLACE = BatchedPrior("Laplace", {"mu": 0.1505991924847692, "b": 0.017704329882194773})


def test_a_laplace_prior_far_from_the_data_pulls_by_its_rate():
    posterior = solve_means(*FAR[0], *FAR[1], effect=LAPLACE, common_sigma=True, workers=1)
    # by a trapezoid of 1,601 x 14,001 points over log sigma and the effect
    right = {4.645803342775757: 0.0249989, 5.691607636659134: 0.4999961, 6.747982002919925: 0.9749988}
    found = posterior.cdf("standardized_mean_difference", [list(right)])[0]
    assert found == pytest.approx(list(right.values()), abs=1e-6)
    assert posterior.accurate.all()


@pytest.mark.parametrize("common", [True, False])
def test_misplaced_panels_of_sigma_are_seen(common, monkeypatch):
    if common:
        monkeypatch.setattr(BatchedPrior, "tail_rate", lambda self: np.asarray(np.inf))
        posterior = solve_means(*FAR[0], *FAR[1], effect=LAPLACE, common_sigma=True, workers=1)
    else:
        # panels that end where a sigma is still likely
        monkeypatch.setattr(adaptive_mesh, "_WINDOW", 2.0)
        posterior = solve_means(1.0, 1.0, 20, 0.5, 1.2, 30, effect=LAPLACE, workers=1)
    posterior.summarize("standardized_mean_difference")
    assert not posterior.accurate.any()
    assert max(posterior.error_probability[0], posterior.error_quantile[0]) > 1e-3
