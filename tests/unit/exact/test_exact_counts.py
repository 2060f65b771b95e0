import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from bayes_ivf.errors import RequestError
from bayes_ivf.exact.counts_logistic import solve_counts
from bayes_ivf.priors.batched import BatchedPrior

ORACLE = json.loads((Path(__file__).parents[2] / "reference" / "exact_counts.json").read_text(encoding="utf-8"))
NAMES = {"norm": "Normal", "t": "StudentT", "laplace": "Laplace", "logistic": "Logistic", "uniform": "Uniform"}


def normal(sd, mean=0.0):
    return BatchedPrior("Normal", {"mu": mean, "sigma": sd})


def slot(spec):
    name, *numbers = spec
    return BatchedPrior(NAMES[name], dict(zip(Slot_parameters(NAMES[name]), numbers, strict=True)))


def Slot_parameters(dist):  # noqa: N802
    return {
        "Normal": ("mu", "sigma"),
        "StudentT": ("nu", "mu", "sigma"),
        "Laplace": ("mu", "b"),
        "Logistic": ("mu", "s"),
        "Uniform": ("lower", "upper"),
    }[dist]


@pytest.mark.parametrize("row", ORACLE, ids=lambda row: f"{row['counts']}-{row['coding']}-{row['effect'][0]}")
def test_brute_force_grid_agrees(row):
    posterior = solve_counts(*row["counts"], first=slot(row["first"]), effect=slot(row["effect"]), coding=row["coding"])
    # A third of the tolerance that is promised, and what the oracle says of itself.
    slack = 3e-7 + 3 * row["error"]
    assert posterior.cdf("risk_difference", np.array([row["rd"]]))[0] == pytest.approx(row["rd_cdf"], abs=slack)
    assert posterior.cdf("risk_ratio", np.array([row["rr"]]))[0] == pytest.approx(row["rr_cdf"], abs=slack)
    assert posterior.cdf("log_odds_ratio", np.array([[-0.5, 0.0, 0.7]]))[0] == pytest.approx(row["lor_cdf"], abs=slack)
    assert posterior.log_marginal_likelihood[0] == pytest.approx(row["log_marginal"], abs=max(slack, 1e-6))
    (lor, rd, control) = (posterior.summarize(name) for name in ("log_odds_ratio", "risk_difference", "control_risk"))
    assert lor.mean[0] == pytest.approx(row["lor_mean"], abs=10 * slack)
    assert lor.sd[0] == pytest.approx(row["lor_sd"], abs=10 * slack)
    assert rd.mean[0] == pytest.approx(row["rd_mean"], abs=slack)
    assert rd.sd[0] == pytest.approx(row["rd_sd"], abs=slack)
    assert control.mean[0] == pytest.approx(row["control_mean"], abs=slack)
    ratio = posterior.summarize("risk_ratio").mean[0]
    assert np.isnan(ratio) or ratio == pytest.approx(row["rr_mean"], rel=1e-6)
    assert posterior.accurate.all()


def test_adaptive_cubature_agrees():
    """One case by SciPy's adaptive cubature, live."""

    def density(x):
        b, m = x[:, 0], x[:, 1]
        x_t, x_c = m + b / 2, m - b / 2
        likelihood = stats.binom.pmf(3, 9, special.expit(x_t)) * stats.binom.pmf(5, 8, special.expit(x_c))
        return likelihood * stats.norm.pdf(m, 0, 1.5) * stats.cauchy.pdf(b, 0.2, 0.7)

    low, high = (
        integrate.cubature(density, [-25, -8], [0.3, 8], rtol=1e-9),
        integrate.cubature(density, [0.3, -8], [25, 8], rtol=1e-9),
    )
    total = low.estimate + high.estimate
    posterior = solve_counts(
        3, 9, 5, 8, first=normal(1.5), effect=BatchedPrior("Cauchy", {"alpha": 0.2, "beta": 0.7}), workers=1
    )
    assert posterior.cdf("log_odds_ratio", 0.3)[0] == pytest.approx(low.estimate / total, abs=3e-7)
    assert posterior.log_marginal_likelihood[0] == pytest.approx(np.log(total), abs=3e-7)


def test_fixtures_of_the_design():
    sds = np.array([0.35, 1.0, 2.5])
    average = solve_counts(16, 40, 12, 40, first=normal(1.5), effect=normal(sds))
    assert average.summarize("log_odds_ratio").mean.round(4).tolist() == [0.1581, 0.3679, 0.4368]
    assert (1 - average.cdf("odds_ratio", 1.0)).round(4).tolist() == [0.7130, 0.8041, 0.8244]
    control = solve_counts(16, 40, 12, 40, first=normal(1.5), effect=normal(sds), coding="control")
    assert control.summarize("log_odds_ratio").mean.round(4).tolist() == [0.1459, 0.3346, 0.3953]
    assert (1 - control.cdf("risk_ratio", 1.0)).round(4).tolist() == [0.6989, 0.7848, 0.8041]
    biased = solve_counts(8, 8, 8, 8, first=normal(1.5), effect=normal(1), coding="control")
    assert round(1 - biased.cdf("odds_ratio", 1)[0], 2) == 0.71


@pytest.mark.parametrize("coding", ["average", "control"])
@pytest.mark.parametrize(
    "effect", [normal(1), normal(0.01), BatchedPrior("StudentT", {"nu": 2, "mu": 0, "sigma": 0.25})]
)
def test_every_estimand_agrees_on_the_sign(coding, effect):
    counts = np.array([[16, 40, 12, 40], [0, 40, 3, 40], [1, 1, 0, 1], [30, 500000, 20, 400000]]).T
    posterior = solve_counts(*counts, first=normal(1.5), effect=effect, coding=coding)
    probabilities = [
        posterior.cdf(name, null)
        for name, null in (("risk_difference", 0), ("risk_ratio", 1), ("odds_ratio", 1), ("log_odds_ratio", 0))
    ]
    assert np.ptp(probabilities, axis=0).max() < 1e-6
    assert posterior.accurate.all()


def test_large_numbers_approach_the_normal_limit():
    k_t, k_c, n = 400_000, 300_000, 1_000_000
    posterior = solve_counts(k_t, n, k_c, n, first=normal(1.5), effect=normal(5))
    summary = posterior.summarize("log_odds_ratio")
    sd = np.sqrt(1 / k_t + 1 / (n - k_t) + 1 / k_c + 1 / (n - k_c))
    assert summary.sd[0] == pytest.approx(sd, rel=1e-4)
    assert summary.mean[0] == pytest.approx(np.log(k_t * (n - k_c) / (k_c * (n - k_t))), abs=2e-2 * sd)
    assert posterior.accurate.all()
    # Far beyond the window the Bayes factor still has a finite log.
    assert -1.2e4 < posterior.log_bayes_factor_null[0] < -1e4


def test_unequal_arms_follow_the_small_one():
    posterior = solve_counts(4, 10, 400_000, 1_000_000, first=normal(50), effect=normal(50))
    risk = posterior.summarize("treatment_risk")
    # With flat log odds the small arm's risk is Beta(k, n - k) to the order of the priors' curvature.
    assert risk.mean[0] == pytest.approx(0.4, abs=2e-3)
    difference = posterior.summarize("risk_difference")
    assert difference.sd[0] == pytest.approx(risk.sd[0], rel=1e-3)
    assert posterior.accurate.all()


def test_savage_dickey_equals_the_ratio_of_marginal_likelihoods():
    posterior = solve_counts(7, 20, 12, 22, first=normal(1.2), effect=normal(0.9, 0.1))

    def null(m):
        p = special.expit(m)
        return stats.binom.pmf(7, 20, p) * stats.binom.pmf(12, 22, p) * stats.norm.pdf(m, 0, 1.2)

    marginal = integrate.quad(null, -8, 8, epsabs=0, epsrel=1e-11)[0]
    expected = np.log(marginal) - posterior.log_marginal_likelihood[0]
    assert posterior.log_bayes_factor_null[0] == pytest.approx(expected, abs=1e-8)


def test_prior_comes_back_when_the_data_are_silent():
    # One woman per arm with opposite priors on the effect cannot say much; a wide effect prior keeps its scale.
    posterior = solve_counts(0, 1, 0, 1, first=normal(0.01), effect=normal(0.01))
    summary = posterior.summarize("log_odds_ratio")
    assert summary.sd[0] == pytest.approx(0.01, rel=1e-4)
    assert summary.ci_high[0] == pytest.approx(0.0196, rel=1e-3)


@pytest.mark.parametrize(
    ("effect", "counts", "mean", "sd"),
    [
        # exp(b) against a power-law prior: the likelihood has to outrun it (rate 18 here, (1 + 1) / 2 and 0 below).
        ("StudentT", [16, 40, 12, 40], True, True),
        ("StudentT", [39, 40, 1, 40], False, False),
        ("StudentT", [38, 40, 1, 40], True, False),
        ("StudentT", [40, 40, 0, 40], False, False),
        ("Normal", [40, 40, 0, 40], True, True),
    ],
)
def test_moments_that_do_not_exist_are_nan(effect, counts, mean, sd):
    prior = normal(1) if effect == "Normal" else BatchedPrior("StudentT", {"nu": 2, "mu": 0, "sigma": 0.25})
    summary = solve_counts(*counts, first=normal(1.5), effect=prior).summarize("odds_ratio")
    assert (np.isfinite(summary.mean[0]), np.isfinite(summary.sd[0])) == (mean, sd)
    assert np.isfinite(summary.median[0])


def test_log_odds_ratio_moments_follow_the_prior_tail_at_complete_separation():
    prior = BatchedPrior("StudentT", {"nu": np.array([0.9, 1.5, 2.5]), "mu": 0.0, "sigma": 0.25})
    summary = solve_counts(40, 40, 0, 40, first=normal(1.5), effect=prior).summarize("log_odds_ratio")
    assert np.isfinite(summary.mean).tolist() == [False, True, True]
    assert np.isfinite(summary.sd).tolist() == [False, False, True]


def test_far_moments_of_ratios_are_exact():
    """E OR ** k under normal priors and no information is a ratio of normal integrals."""
    posterior = solve_counts(0, 1, 0, 1, first=normal(1), effect=normal(4))

    def integrand(m, b, order):
        x_t, x_c = m + b / 2, m - b / 2
        log = -np.logaddexp(0, x_t) - np.logaddexp(0, x_c) - m * m / 2 - b * b / 32 + order * b
        return np.exp(log)

    x, w = np.polynomial.legendre.leggauss(400)
    m, b = np.meshgrid(12 * x, 90 * x, indexing="ij")
    weight = np.outer(w, w)
    total, first, second = (float((integrand(m, b, order) * weight).sum()) for order in (0, 1, 2))
    summary = posterior.summarize("odds_ratio")
    assert summary.mean[0] == pytest.approx(first / total, rel=1e-6)
    assert summary.sd[0] == pytest.approx(np.sqrt(second / total - (first / total) ** 2), rel=1e-6)


def test_intervals_have_their_probability_and_the_hdi_is_shortest():
    posterior = solve_counts([16, 0, 1], [40, 40, 3], [12, 5, 2], [40, 40, 3], first=normal(1.5), effect=normal(1))
    for name, summary in posterior.summaries(("risk_ratio", "risk_difference", "control_risk"), ci_prob=0.9).items():
        for low, high in ((summary.ci_low, summary.ci_high), (summary.hdi_low, summary.hdi_high)):
            inside = posterior.cdf(name, high) - posterior.cdf(name, low)
            assert inside == pytest.approx(0.9, abs=1e-7), name
        assert posterior.cdf(name, summary.median) == pytest.approx(0.5, abs=1e-8)
        assert (summary.hdi_high - summary.hdi_low <= summary.ci_high - summary.ci_low + 1e-9).all()
        # A little to either side no interval of the same probability is shorter.
        for shift in (-0.003, 0.003):
            low = posterior.cdf(name, summary.hdi_low) + shift
            if (low > 0.004).all() and (low < 0.096).all():
                other = np.diff(_quantiles(posterior, name, np.stack([low, low + 0.9], axis=1)), axis=1)[:, 0]
                assert (other >= summary.hdi_high - summary.hdi_low - 1e-7).all()


def _quantiles(posterior, name, probability):
    summary = posterior.summarize(name)
    low = np.broadcast_to((summary.ci_low - 3 * summary.sd)[:, None], probability.shape).copy()
    high = np.broadcast_to((summary.ci_high + 4 * summary.sd)[:, None], probability.shape).copy()
    if name != "log_odds_ratio":
        low = np.maximum(low, -1.0 if name == "risk_difference" else 1e-9)
    for _ in range(34):
        middle = (low + high) / 2
        below = posterior.cdf(name, middle) < probability
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def test_batch_threads_and_order_change_nothing():
    rng = np.random.default_rng(4)
    n = rng.integers(1, 300, (2, 150))
    k = rng.binomial(n, 0.3)
    sd = rng.uniform(0.05, 4, 150)

    def solve(index, workers):
        return solve_counts(
            k[0][index],
            n[0][index],
            k[1][index],
            n[1][index],
            first=normal(1.5),
            effect=normal(sd[index]),
            workers=workers,
        )

    whole = solve(np.arange(150), 2)
    thresholds = np.tile([0.0, 0.05], (150, 1))
    reference = whole.cdf("risk_difference", thresholds)
    summary = whole.summarize("risk_ratio")
    some = np.array([140, 3, 77])
    few = solve(some, 1)
    assert np.array_equal(few.cdf("risk_difference", thresholds[:3]), reference[some])
    assert np.array_equal(few.summarize("risk_ratio").hdi_high, summary.hdi_high[some])
    for i in (0, 88):
        alone = solve(np.array([i]), 1)
        assert np.array_equal(alone.cdf("risk_difference", thresholds[:1]), reference[[i]])
        assert np.array_equal(alone.summarize("risk_ratio").ci_low, summary.ci_low[[i]])
    assert whole.accurate.all()


counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
effects = st.one_of(
    st.floats(0.02, 6).map(normal),
    st.floats(0.05, 2).map(lambda s: BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": s})),
    st.floats(0.05, 2).map(lambda s: BatchedPrior("Laplace", {"mu": 0.0, "b": s})),
)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(arm=counts, effect=effects)
def test_identical_arms_give_one_half(arm, effect):
    posterior = solve_counts(*arm, *arm, first=normal(1.5), effect=effect, workers=1)
    for name, null in (("risk_difference", 0), ("risk_ratio", 1), ("log_odds_ratio", 0)):
        assert posterior.cdf(name, null)[0] == pytest.approx(0.5, abs=1e-9)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(first=counts, second=counts, effect=effects)
def test_swapping_the_arms_flips_the_sign(first, second, effect):
    one = solve_counts(*first, *second, first=normal(1.5), effect=effect, workers=1)
    two = solve_counts(*second, *first, first=normal(1.5), effect=effect, workers=1)
    assert one.cdf("risk_difference", 0.05)[0] == pytest.approx(1 - two.cdf("risk_difference", -0.05)[0], abs=1e-6)
    assert one.cdf("risk_ratio", 1.2)[0] == pytest.approx(1 - two.cdf("risk_ratio", 1 / 1.2)[0], abs=1e-6)
    assert one.log_marginal_likelihood[0] == pytest.approx(two.log_marginal_likelihood[0], abs=1e-7)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(first=counts, second=counts, effect=effects)
def test_distribution_functions_rise_from_zero_to_one(first, second, effect):
    posterior = solve_counts(*first, *second, first=normal(1.5), effect=effect, workers=1)
    grid = np.linspace(-1, 1, 41)[None]
    for name, points in (("risk_difference", grid), ("risk_ratio", np.exp(5 * grid)), ("control_risk", (grid + 1) / 2)):
        below = posterior.cdf(name, points)[0]
        assert (np.diff(below) >= -1e-9).all()
        assert below[0] >= 0
        assert below[-1] <= 1
    assert posterior.cdf("risk_difference", np.array([[-1.0, 1.0]]))[0] == pytest.approx([0, 1], abs=1e-12)


def test_an_inaccurate_answer_is_marked():
    # Complete separation under two Cauchy priors: tails over forty orders of magnitude.
    wide = BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 2.0})
    posterior = solve_counts([16, 0], [40, 40], [12, 5], [40, 40], first=wide, effect=wide, coding="control", workers=1)
    value, error = posterior.cdf_with_error("risk_difference", np.full((2, 1), -0.2475))
    assert ((value >= 0) & (value <= 1)).all()
    assert posterior.accurate.tolist() == (error <= 1e-6).tolist()
    assert posterior.accurate[0]


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"events_treatment": 41}, "events_treatment"),
        ({"events_control": -1}, "events_control"),
        ({"n_control": 0, "events_control": 0}, "events_control"),
        ({"events_control": 1.5}, "events_control"),
        ({"coding": "both"}, "coding"),
        ({"effect": BatchedPrior("HalfNormal", {"sigma": 1.0})}, "effect"),
        ({"first": BatchedPrior("Flat", {})}, "first"),
    ],
)
def test_bad_input_is_named(arguments, where):
    good = {"events_treatment": 16, "n_treatment": 40, "events_control": 12, "n_control": 40}
    slots = {"first": normal(1.5), "effect": normal(1), "coding": "average"}
    given = good | slots | arguments
    with pytest.raises(RequestError) as caught:
        solve_counts(
            *(given[name] for name in good), first=given["first"], effect=given["effect"], coding=given["coding"]
        )
    assert caught.value.faults[0].where == where


def test_bad_requests_are_named():
    posterior = solve_counts(16, 40, 12, 40, first=normal(1.5), effect=normal(1))
    with pytest.raises(RequestError, match="hazard_ratio"):
        posterior.cdf("hazard_ratio", 1)
    with pytest.raises(RequestError, match="ci_prob"):
        posterior.summarize("risk_ratio", 95)
    with pytest.raises(RequestError, match="nu"):
        BatchedPrior("StudentT", {"nu": -1.0, "mu": 0.0, "sigma": 1.0})
    with pytest.raises(RequestError, match="sigma"):
        BatchedPrior("Normal", {"mu": 0.0})
