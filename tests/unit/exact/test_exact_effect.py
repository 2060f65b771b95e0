"""A normal estimate with a prior: conjugate formulas, SciPy's quadrature, and the two roads of the engine against each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from bayes_ivf.exact.effect_normal import EffectBatch, solve_effect
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import RULES

Z = stats.norm.ppf(0.975)
ODDS = ("odds_ratio", "log_odds_ratio")


def test_conjugate_formulas():
    """OR 1.61 (1.03 to 2.53) with N(0, 1): everything in closed form."""
    y, se, s0 = np.log(1.61), np.log(2.53 / 1.03) / (2 * Z), 1.0
    weight = s0**2 / (s0**2 + se**2)
    mean, sd = weight * y, np.sqrt(weight) * se
    found = solve_effect([y], [se], effect=BatchedPrior("Normal", {"mu": 0.0, "sigma": s0}), estimands=ODDS)
    log, ratio = (found.summarize(name) for name in reversed(ODDS))
    assert [log.mean[0], log.sd[0], log.median[0]] == pytest.approx([mean, sd, mean], abs=1e-12)
    assert [log.ci_low[0], log.ci_high[0]] == pytest.approx([mean - Z * sd, mean + Z * sd], abs=1e-8)
    assert [log.hdi_low[0], log.hdi_high[0]] == pytest.approx([mean - Z * sd, mean + Z * sd], abs=1e-5)
    law = stats.lognorm(sd, scale=np.exp(mean))
    assert [ratio.mean[0], ratio.sd[0], ratio.median[0]] == pytest.approx(
        [law.mean(), law.std(), law.median()], rel=1e-9
    )
    assert [ratio.ci_low[0], ratio.ci_high[0]] == pytest.approx(law.ppf([0.025, 0.975]), rel=1e-8)
    assert ratio.hdi_low[0] < ratio.ci_low[0]
    assert ratio.hdi_high[0] - ratio.hdi_low[0] < ratio.ci_high[0] - ratio.ci_low[0]
    assert found.cdf("odds_ratio", 1.2)[0] == pytest.approx(law.cdf(1.2), abs=1e-12)
    evidence = stats.norm(0, np.hypot(s0, se)).logpdf(y)
    assert found.log_marginal_likelihood[0] == pytest.approx(evidence, abs=1e-12)
    factor = stats.norm(mean, sd).logpdf(0) - stats.norm(0, s0).logpdf(0)
    assert found.log_bayes_factor_null[0] == pytest.approx(factor, abs=1e-12)
    assert found.accurate.all()


def test_quadrature_is_the_closed_form():
    """Both roads for 60 normal priors, from narrow to flat, near to far: 1e-9."""
    rng = np.random.default_rng(5)
    y, se = rng.normal(0, 1, 60), np.exp(rng.normal(-1, 1, 60))
    prior = BatchedPrior("Normal", {"mu": rng.normal(0, 1, 60), "sigma": np.exp(rng.normal(-0.5, 1.5, 60))})
    batch = EffectBatch(y, se, prior, ("mean_difference",))
    closed, panels = batch.conjugate(), batch.integrate(RULES[-1:])[0]
    points = closed.mean + closed.sd * np.array([-4.0, -1.96, 0.0, 0.5, 1.96, 4.0])[:, None]
    for ours, exact in zip(panels.evaluate("", points), closed.evaluate("", points), strict=True):
        assert np.abs((ours - exact) / (exact.max(axis=0) + 1e-300)).max() < 1e-9
    assert panels.log_total == pytest.approx(closed.log_total, abs=1e-9)
    (mean, sd), (mean_closed, sd_closed) = panels.moments("mean_difference"), closed.moments("mean_difference")
    assert np.abs((mean - mean_closed) / sd_closed).max() < 1e-9
    assert np.abs(sd / sd_closed - 1).max() < 1e-9
    assert panels.log_density_at_null() == pytest.approx(closed.log_density_at_null(), abs=1e-7, rel=1e-9)


@pytest.mark.parametrize(
    ("dist", "parameters", "law"),
    [
        ("StudentT", {"nu": 3.0, "mu": 0.1, "sigma": 0.4}, stats.t(3, 0.1, 0.4)),
        ("Cauchy", {"alpha": 0.0, "beta": 0.3}, stats.cauchy(0, 0.3)),
        ("Laplace", {"mu": 0.2, "b": 0.2}, stats.laplace(0.2, 0.2)),
        ("Logistic", {"mu": 0.0, "s": 0.5}, stats.logistic(0, 0.5)),
        ("Uniform", {"lower": -0.5, "upper": 1.0}, stats.uniform(-0.5, 1.5)),
    ],
)
@pytest.mark.parametrize(("y", "se"), [(0.476, 0.229), (1.5, 0.3), (-0.2, 2.0)])
def test_other_priors_are_scipys_integrals(dist, parameters, law, y, se):
    found = solve_effect([y], [se], effect=BatchedPrior(dist, parameters), estimands=("risk_ratio",))
    low, high = law.support()
    low, high = max(low, y - 12 * se), min(high, y + 12 * se)
    marks = sorted({low, high, *(x for x in (y, 0.0, 0.1, 0.2, 0.3) if low < x < high)})

    def integral(function, until=high):
        edges = [x for x in marks if x < until] + [until]
        value = lambda x: function(x) * law.pdf(x) * stats.norm.pdf(y, x, se)  # noqa: E731
        parts = [integrate.quad(value, a, b, epsabs=0, epsrel=1e-12, limit=200)[0] for a, b in pairwise(edges)]
        return sum(parts)

    total = integral(lambda x: 1.0)
    assert found.log_marginal_likelihood[0] == pytest.approx(np.log(total), abs=1e-8)
    mean = integral(np.exp) / total
    sd = np.sqrt(integral(lambda x: (np.exp(x) - mean) ** 2) / total)
    told = found.summarize("risk_ratio")
    assert [told.mean[0], told.sd[0]] == pytest.approx([mean, sd], rel=1e-6)
    for at in (0.8, 1.0, 1.2):
        expected = integral(lambda x: 1.0, np.log(at)) / total
        assert found.cdf("risk_ratio", at)[0] == pytest.approx(expected, abs=1e-8)
    assert found.accurate.all()


def test_far_and_narrow_problems_are_accurate():
    """Estimates far from their prior, and priors far narrower or wider than the estimate, without a warning."""
    y, se = np.array([5.0, 0.3, 0.3, -8.0, 0.0]), np.array([0.1, 0.2, 1e-3, 0.5, 2.0])
    scale = np.array([0.1, 1e-3, 10.0, 0.05, 0.5])
    for dist, names in (("StudentT", {"nu": 4.0, "mu": 0.0, "sigma": scale}), ("Laplace", {"mu": 0.0, "b": scale})):
        batch = solve_effect(y, se, effect=BatchedPrior(dist, names), estimands=ODDS)
        told = batch.summarize("log_odds_ratio")
        assert batch.accurate.all()
        assert np.isfinite([told.mean, told.sd, told.hdi_low, told.hdi_high]).all()


def test_rows_of_a_batch_are_their_own():
    y, se = np.linspace(-1, 1, 9), np.linspace(0.1, 0.9, 9)
    prior = {"nu": 3.0, "mu": 0.0, "sigma": np.linspace(0.2, 1, 9)}
    whole = solve_effect(y, se, effect=BatchedPrior("StudentT", prior), estimands=ODDS)
    one = {"nu": 3.0, "mu": 0.0, "sigma": prior["sigma"][4]}
    alone = solve_effect(y[4], se[4], effect=BatchedPrior("StudentT", one), estimands=ODDS)
    assert whole.summarize("odds_ratio").ci_high[4] == pytest.approx(alone.summarize("odds_ratio").ci_high[0], rel=1e-9)
    assert whole.cdf("odds_ratio", 1)[4] == pytest.approx(alone.cdf("odds_ratio", 1)[0], abs=1e-10)


def test_faults_are_listed_together(faults_of):
    given = {"effect": BatchedPrior("Flat", {}), "estimands": ODDS}
    where = [fault.where for fault in faults_of(lambda: solve_effect([np.nan], [0.0], **given))]
    assert where == ["estimate", "se"]
