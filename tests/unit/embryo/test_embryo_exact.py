"""The exact posterior: fixtures, symmetries, and a plain grid as an independent way to the same numbers."""

import numpy as np
import pytest
from scipy import interpolate, special, stats

from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.likelihood import prepare_arm
from bayes_ivf.embryo.posterior import solve_embryo
from bayes_ivf.embryo.women import clinical_pregnancy
from bayes_ivf.errors import RequestError
from bayes_ivf.priors import Prior


@pytest.fixture(scope="module")
def posterior(arms, priors):
    return solve_embryo(*arms("beta_binomial"), priors)


@pytest.fixture(scope="module")
def receptivity(arms, priors):
    return solve_embryo(*arms("receptivity"), priors)


def grid_posterior(treatment, control, icc, step=0.1, nodes=24):
    """Trapezoidal rule over average and effect, Gauss-Legendre over the icc, with the default normal priors."""
    m, b, eta = np.arange(-6, 4.5, step), np.arange(-5.2, 5.3, 2 * step), np.arange(-9.2, 8, step)
    points, weights = np.polynomial.legendre.leggauss(nodes)
    rho = (points + 1) / 2
    ours, theirs = (arm.log_likelihood(eta[:, None], rho) for arm in (treatment, control))
    at_t = np.rint((m[:, None] + b / 2 - eta[0]) / step).astype(int)
    at_c = np.rint((m[:, None] - b / 2 - eta[0]) / step).astype(int)
    prior = stats.norm.pdf(m, 0, 1.5)[:, None] * stats.norm.pdf(b)
    mass = np.exp(ours[at_t] + theirs[at_c]) * prior[..., None] * weights / 2 * icc.pdf(rho) * step * 2 * step
    return m, b, rho, mass


def test_fixture_beta_binomial(posterior):
    effect, icc = posterior.summarize("log_odds_ratio"), posterior.summarize("icc")
    assert effect.mean[0] == pytest.approx(0.493, abs=5e-4)
    assert effect.sd[0] == pytest.approx(0.426, abs=5e-4)
    # written as 0.876 in the design; 0.87671 by this engine and by the grid below
    assert 1 - posterior.cdf("log_odds_ratio", 0.0)[0] == pytest.approx(0.876, abs=1e-3)
    assert icc.mean[0] == pytest.approx(0.773, abs=5e-4)
    assert icc.sd[0] == pytest.approx(0.122, abs=6e-4)
    assert posterior.accurate.all()


def test_fixture_receptivity(receptivity):
    effect = receptivity.summarize("log_odds_ratio_receptivity")
    assert effect.mean[0] == pytest.approx(0.432, abs=5e-4)
    assert effect.sd[0] == pytest.approx(0.451, abs=5e-4)
    assert 1 - receptivity.cdf("log_odds_ratio_receptivity", 0.0)[0] == pytest.approx(0.832, abs=5e-4)
    assert receptivity.summarize("q").mean[0] == pytest.approx(0.826, abs=5e-4)


def test_against_a_plain_grid(arms, priors):
    treatment, control = arms("beta_binomial", ArmTotals(20, 41, 8, 13), ArmTotals(20, 44, 6, 8))
    posterior = solve_embryo(treatment, control, priors)
    m, b, rho, mass = grid_posterior(treatment, control, stats.uniform())
    total = mass.sum()
    assert posterior.log_marginal_likelihood[0] == pytest.approx(np.log(total), abs=1e-6)
    density = mass.sum(axis=(0, 2)) / total
    spline = interpolate.make_interp_spline(b, density, k=7)
    above = spline.integrate(0.0, b[-1]) / spline.integrate(b[0], b[-1])
    assert 1 - posterior.cdf("log_odds_ratio", 0.0)[0] == pytest.approx(above, abs=2e-7)
    at_null = np.log(float(spline(0.0)) / 0.2) - stats.norm.logpdf(0)
    assert posterior.log_bayes_factor_null[0] == pytest.approx(at_null, abs=1e-6)
    x_t, x_c = m[:, None, None] + b[:, None] / 2, m[:, None, None] - b[:, None] / 2
    share = mass / total
    difference = special.expit(x_t) - special.expit(x_c)
    assert posterior.summarize("risk_difference").mean[0] == pytest.approx((share * difference).sum(), abs=1e-7)
    assert posterior.summarize("icc").mean[0] == pytest.approx((share * rho).sum(), abs=1e-7)
    ours, theirs = (clinical_pregnancy(arm, x, rho) for arm, x in ((treatment, x_t), (control, x_c)))
    women = posterior.summarize("woman_risk_difference")
    assert women.mean[0] == pytest.approx((share * (ours - theirs)).sum(), abs=2e-6)
    assert women.sd[0] == pytest.approx(np.sqrt((share * (ours - theirs - women.mean[0]) ** 2).sum()), abs=2e-6)
    assert posterior.summarize("woman_control_risk").mean[0] == pytest.approx((share * theirs).sum(), abs=2e-6)


def test_a_narrow_prior_on_the_icc(arms, priors):
    # the scan of the posterior reaches the ends of such a prior: no panel may be taken for empty
    treatment, control = arms("beta_binomial", ArmTotals(15, 30, 6, 9), ArmTotals(15, 30, 4, 5))
    prior = stats.beta(30, 70)
    posterior = solve_embryo(treatment, control, priors | {"icc": Prior("Beta", {"alpha": 30.0, "beta": 70.0})})
    _, _, rho, mass = grid_posterior(treatment, control, prior, nodes=72)
    share = mass.sum(axis=(0, 1)) / mass.sum()
    icc = posterior.summarize("icc")
    assert icc.mean[0] == pytest.approx(share @ rho, abs=1e-6)
    assert icc.sd[0] == pytest.approx(np.sqrt(share @ (rho - share @ rho) ** 2), abs=1e-6)
    assert posterior.log_marginal_likelihood[0] == pytest.approx(np.log(mass.sum()), abs=1e-6)


def test_summary_and_distribution_function_agree(posterior):
    for name in ("risk_difference", "risk_ratio", "icc", "woman_risk_ratio", "woman_treatment_risk_standardized"):
        summary = posterior.summarize(name, 0.9)
        t = np.array([[summary.ci_low[0], summary.median[0], summary.ci_high[0]]])
        np.testing.assert_allclose(posterior.cdf(name, t)[0], [0.05, 0.5, 0.95], atol=2e-6)
        ends = posterior.cdf(name, np.array([[summary.hdi_low[0], summary.hdi_high[0]]]))[0]
        assert ends[1] - ends[0] == pytest.approx(0.9, abs=1e-5)
        assert summary.hdi_high[0] - summary.hdi_low[0] <= summary.ci_high[0] - summary.ci_low[0] + 1e-6


@pytest.mark.parametrize("mechanism", ["beta_binomial", "receptivity"])
def test_identical_arms_and_swapped_arms(mechanism, arms, priors):
    same = ArmTotals(15, 30, 6, 9)
    posterior = solve_embryo(*arms(mechanism, same, same), priors)
    for name in ("risk_difference", "woman_risk_difference"):
        assert posterior.cdf(name, 0.0)[0] == pytest.approx(0.5, abs=1e-7)
    other = ArmTotals(15, 33, 4, 6)
    forth = solve_embryo(*arms(mechanism, same, other), priors)
    back = solve_embryo(*arms(mechanism, other, same), priors)
    assert forth.cdf("risk_difference", 0.1)[0] == pytest.approx(1 - back.cdf("risk_difference", -0.1)[0], abs=1e-6)
    name = "woman_risk_difference_standardized"
    assert forth.summarize(name).mean[0] == pytest.approx(-back.summarize(name).mean[0], abs=1e-7)


def test_standardized_women_under_receptivity_have_the_embryos_risk_ratio(receptivity):
    ours, theirs = (receptivity.summarize(name) for name in ("woman_risk_ratio_standardized", "risk_ratio"))
    for field in ("mean", "sd", "median", "ci_low", "ci_high"):
        np.testing.assert_allclose(getattr(ours, field), getattr(theirs, field), rtol=2e-6)


def test_one_embryo_each_is_the_binomial_model(priors):
    totals = ArmTotals(40, 40, 16, 16), ArmTotals(40, 40, 12, 12)
    posterior = solve_embryo(*[prepare_arm(each, 1) for each in totals], priors)
    summary = posterior.summarize("log_odds_ratio")
    assert summary.mean[0] == pytest.approx(0.3679, abs=5e-5)
    assert 1 - posterior.cdf("log_odds_ratio", 0.0)[0] == pytest.approx(0.8041, abs=5e-5)
    # nothing is learned about the icc from single embryos
    assert posterior.summarize("icc").mean[0] == pytest.approx(0.5, abs=1e-9)
    assert posterior.summarize("woman_risk_difference").mean[0] == pytest.approx(
        posterior.summarize("risk_difference").mean[0], abs=1e-8
    )


def test_control_coding(priors):
    totals = ArmTotals(40, 40, 16, 16), ArmTotals(40, 40, 12, 12)
    slots = {"control": priors["average"], "effect": priors["effect"]}
    posterior = solve_embryo(*[prepare_arm(each, 1) for each in totals], slots)
    assert posterior.summarize("log_odds_ratio").mean[0] == pytest.approx(0.3346, abs=5e-5)
    assert 1 - posterior.cdf("log_odds_ratio", 0.0)[0] == pytest.approx(0.7848, abs=5e-5)


def test_without_correlation_embryos_are_binomial(arms, priors):
    # all implantations in different women but two: the icc pinned near zero
    slots = {**priors, "icc": Prior("Uniform", {"lower": 0.0, "upper": 1e-6})}
    posterior = solve_embryo(*arms("beta_binomial", ArmTotals(20, 40, 9, 12), ArmTotals(20, 40, 6, 8)), slots)
    assert posterior.summarize("icc").mean[0] == pytest.approx(5e-7, rel=1e-3)
    assert posterior.accurate.all()


@pytest.mark.parametrize(
    ("treatment", "control"),
    [((15, 30, 0, 0), (15, 30, 5, 7)), ((15, 30, 15, 30), (15, 30, 5, 7)), ((15, 30, 5, 5), (15, 31, 5, 13))],
)
def test_arms_at_the_edge_stay_valid(treatment, control, arms, priors):
    posterior = solve_embryo(*arms("beta_binomial", ArmTotals(*treatment), ArmTotals(*control)), priors)
    for name in ("risk_difference", "risk_ratio", "icc", "woman_risk_difference"):
        summary = posterior.summarize(name)
        assert np.isfinite([summary.mean[0], summary.sd[0], summary.hdi_low[0]]).all()
        assert summary.ci_low[0] < summary.median[0] < summary.ci_high[0]
    assert posterior.accurate.all()


def test_biochemical_against_a_sum_over_lambda(arms, priors):
    totals = ArmTotals(12, 24, 4, 8), ArmTotals(12, 22, 3, 4)
    prepared = arms("biochemical", *totals, max_embryos=2)
    posterior = solve_embryo(*prepared, priors)
    nodes, weights = np.polynomial.legendre.leggauss(10)
    loss = (nodes + 1) / 2
    evidence = first = 0.0
    for value, weight in zip(loss, weights / 2 * stats.beta.pdf(loss, 1, 9), strict=True):

        class At:
            def __init__(self, arm, value=value):
                self.arm, self.value = arm, value

            def log_likelihood(self, log_odds, within):
                return self.arm.log_likelihood(log_odds, within, self.value)

        *_, mass = grid_posterior(At(prepared[0]), At(prepared[1]), stats.uniform(), step=0.2)
        evidence += weight * mass.sum()
        first += weight * value * mass.sum()
    assert posterior.log_marginal_likelihood[0] == pytest.approx(np.log(evidence), abs=2e-4)
    assert posterior.summarize("lambda").mean[0] == pytest.approx(first / evidence, abs=2e-5)


def test_heavy_tails_have_no_mean_but_quantiles(arms):
    slots = {
        "average": Prior("Normal", {"mu": 0.0, "sigma": 1.5}),
        "effect": Prior("Cauchy", {"alpha": 0.0, "beta": 1.0}),
    }
    posterior = solve_embryo(*arms("beta_binomial", ArmTotals(10, 20, 0, 0), ArmTotals(10, 20, 0, 0)), slots)
    summary = posterior.summarize("odds_ratio")
    assert np.isnan(summary.mean[0])
    assert summary.ci_low[0] < 1 < summary.ci_high[0]
    assert posterior.cdf("odds_ratio", 1.0)[0] == pytest.approx(0.5, abs=1e-6)


def test_many_tables_by_interpolation_agree_with_few(arms):
    priors = {
        "average": Prior("Normal", {"mu": -0.5, "sigma": 0.5}),
        "effect": Prior("Normal", {"mu": 0.0, "sigma": 0.5}),
        "icc": Prior("Beta", {"alpha": 6.0, "beta": 6.0}),
    }
    treatment, control = ArmTotals(15, 30, 6, 9), ArmTotals(15, 31, 5, 7)
    few = solve_embryo(*arms("beta_binomial", treatment, control), priors)
    many = solve_embryo(*[prepare_arm(each, 3, limit=0) for each in (treatment, control)], priors)
    assert many.log_marginal_likelihood[0] == pytest.approx(few.log_marginal_likelihood[0], abs=1e-6)
    for name in ("risk_difference", "woman_risk_difference_standardized"):
        ours, theirs = (posterior.summarize(name) for posterior in (few, many))
        np.testing.assert_allclose([ours.mean[0], ours.ci_low[0]], [theirs.mean[0], theirs.ci_low[0]], atol=2e-6)


def test_bad_requests_are_explained(arms, priors, posterior):
    prepared = arms("beta_binomial")
    flat = {**priors, "average": Prior("Flat", {})}
    wide = {**priors, "icc": Prior("Uniform", {"lower": 0.0, "upper": 2.0})}
    for slots, where in (
        ({"effect": priors["effect"]}, "prior"),
        ({"average": priors["average"]}, "prior.effect"),
        ({**priors, "q": priors["effect"]}, "prior.q"),
        (flat, "prior.average"),
        (wide, "prior.icc"),
    ):
        with pytest.raises(RequestError) as error:
            solve_embryo(*prepared, slots)
        assert where in {fault.where for fault in error.value.faults}
    with pytest.raises(RequestError, match="mechanism"):
        solve_embryo(prepared[0], arms("receptivity")[1], priors)
    with pytest.raises(RequestError, match="risk_difference"):
        posterior.cdf("tau", 0.0)
