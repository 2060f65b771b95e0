"""Spreads of unknown kind: the mixture of both readings, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

import bayes_ivf as bi
from bayes_ivf.auditing import audit
from bayes_ivf.cards import load_card
from bayes_ivf.forms import unknown_spread
from bayes_ivf.problem import build_problem
from bayes_ivf.study import parse_study, study_table

SMD = "standardized_mean_difference"
E2 = (("120.75", "9.81", 40), ("191.14", "13.46", 40))


def study_of(spread="unknown", arms=E2):
    return bi.Study.from_means(*arms, outcome="e2", benefit="lower", spread=spread)


def fitted(spread="unknown", weight=None, prior="weakly_informative", arms=E2):
    options = {} if weight is None else {"options": {"sd_weight": weight}}
    return bi.fit(study_of(spread, arms), engine="exact", prior=prior, **options)


def random_arms(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(6, 90, 2)
    mean, sd = rng.normal(20, 2, 2), rng.uniform(0.5, 4, 2)
    return tuple((round(float(m), 2), round(float(s), 2), int(k)) for m, s, k in zip(mean, sd, n, strict=True))


@pytest.mark.parametrize("weight", [0.5, 0.2, 0.9])
@pytest.mark.parametrize("prior", ["weakly_informative", "reference", "skeptical_moderate"])
def test_it_is_the_weighted_sum_of_both_readings(weight, prior):
    mixed, sd, se = fitted(weight=weight, prior=prior), fitted("sd", prior=prior), fitted("se", prior=prior)
    assert mixed.verdict.level == "pass"
    for at in (-6.0, -3.0, -0.9, -0.5, 0.0):
        each = [fit.probability(SMD, below=at) for fit in (sd, se)]
        assert mixed.probability(SMD, below=at) == pytest.approx(weight * each[0] + (1 - weight) * each[1], abs=1e-7)
    rows = [next(row for row in fit.rows if row.estimand == SMD) for fit in (mixed, sd, se)]
    mean = weight * rows[1].mean + (1 - weight) * rows[2].mean
    assert rows[0].mean == pytest.approx(mean, abs=1e-6)
    second = weight * (rows[1].sd ** 2 + rows[1].mean ** 2) + (1 - weight) * (rows[2].sd ** 2 + rows[2].mean ** 2)
    assert rows[0].sd == pytest.approx(np.sqrt(second - mean**2), rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_one_reading_alone_is_that_reading(seed):
    arms = random_arms(seed)
    for weight, spread in ((1, "sd"), (0, "se")):
        here, there = fitted(weight=weight, arms=arms), fitted(spread, arms=arms)
        for a, b in zip(here.rows, there.rows, strict=True):
            assert a.estimand == b.estimand
            assert [a.median, a.ci_low, a.ci_high] == pytest.approx([b.median, b.ci_low, b.ci_high], abs=1e-6, rel=1e-6)


def test_by_a_plain_grid():
    """Known sigmas integrate out under flat priors: each mean is a shifted t, and the mixture of their difference a plain sum."""
    found = bi.fit(study_of(), engine="exact", prior="reference")
    (m1, s1, n1), (m2, s2, n2) = ((float(m), float(s), n) for m, s, n in E2)
    u = (np.arange(2000) + 0.5) / 2000
    below = 0.0
    at = -65.0
    for factor in (1.0, np.sqrt(40)):
        other = m2 + s2 * factor / np.sqrt(n2) * special.stdtrit(n2 - 1, u)
        t = (at + other - m1) / (s1 * factor / np.sqrt(n1))
        below += 0.5 * special.stdtr(n1 - 1, t).mean()
    assert found.probability("mean_difference", below=at) == pytest.approx(below, abs=1e-5)


def test_swapped_arms_turn_the_sign():
    here, there = fitted(arms=random_arms(7)), fitted(arms=random_arms(7)[::-1])
    for p in (0.1, 0.5, 0.8):
        assert there.quantile(SMD, p) == pytest.approx(-here.quantile(SMD, 1 - p), abs=1e-6)


def test_another_unit_is_the_same_result():
    scaled = tuple((1000 * m, 1000 * s, n) for m, s, n in random_arms(8))
    assert fitted(arms=scaled).quantile(SMD, 0.3) == pytest.approx(
        fitted(arms=random_arms(8)).quantile(SMD, 0.3), abs=1e-6
    )


def test_the_sampler_is_refused(faults_of):
    (fault,) = faults_of(bi.fit, study_of(), engine="nuts", draws=50, chains=2)
    assert "too far apart" in fault.found
    assert bi.fit(study_of()).rows[0].engine == "exact"


def test_twins_of_the_likelihood():
    """PyTensor's density and NumPy's differ by a constant, whatever the weights."""
    import pymc as pm

    problem = build_problem(study_of(), "e2", load_card("two_arm"), "weakly_informative")
    data = dict(problem.data) | {"log_factor": np.log([0.3, 0.7]) + np.array([4.0, 150.0])}
    with pm.Model(coords={"arm": ["treatment", "control"]}) as model:
        mu, sigma = (pm.Flat(name, shape=2) for name in ("mu", "sigma"))
        unknown_spread.observe(data, mu, sigma)
    rng = np.random.default_rng(3)
    points = [(rng.normal([120, 190], 3), np.exp(rng.normal(scale, 0.2, 2))) for scale in (2.4, 4.2) for _ in range(5)]
    log = model.compile_logp(vars=model.observed_RVs)
    gaps = [
        float(log({"mu": mu, "sigma": sigma})) - float(unknown_spread.log_likelihood(data, mu, sigma))
        for mu, sigma in points
    ]
    assert np.ptp(gaps) < 1e-8


def test_what_is_said_and_kept():
    study = study_of()
    assert parse_study(study_table(study), "again") == study
    fit = fitted()
    assert "mixture of both readings" in fit.problem.caveats[0]
    assert dict(fit.problem.options)["sd_weight"] == "0.5"
    card = load_card("two_arm")
    with pytest.raises(bi.errors.BayesIvfError if hasattr(bi, "errors") else Exception, match="sd_weight"):
        build_problem(study_of("sd"), "e2", card, "weakly_informative", {"sd_weight": 0.5})


def test_the_audit_offers_it():
    arms = (("14.89", "0.78", 44), ("16.06", "0.82", 48))
    for spread, offered in ((None, True), ("unknown", False)):
        table = study_table(bi.Study.from_means(*arms, outcome="oocytes", benefit="higher", spread=spread))
        table["outcomes"][0] |= {"whole": True, "unit": "count", "label": "Oocytes retrieved"}
        found = [finding for finding in audit(parse_study(table, "file")).found if finding.check == "sd_or_se"]
        assert found
        assert ['spread = "unknown"' in finding.alternatives for finding in found] == [offered] * len(found)
