"""A difference alone is estimated: by its own standard deviation where the women are known, else under a flat prior."""

from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.errors import PriorError

Z = NormalDist().inv_cdf(0.975)
SE = (3.9 - 2.5) / (2 * Z)
SD = SE / np.sqrt(1 / 58 + 1 / 59)


def pain(**given):
    given = {"n": (58, 59), "outcome": "pain", "benefit": "lower"} | given
    return bi.Study.from_effect("mean_difference", "3.2", ci=("2.5", "3.9"), **given)


def test_the_standard_deviation_follows_from_the_interval():
    """Student t(3, 0, 1) standard deviations of 1.93 and a normal estimate, on a grid that shares no code."""
    fitted = bi.fit(pain(), engine="exact")
    at = np.linspace(-20, 20, 400_001)
    weight = stats.t.pdf(at / SD, 3) * stats.norm.pdf(3.2, at, SE)
    mean = (weight * at).sum() / weight.sum()
    sd = np.sqrt((weight * (at - mean) ** 2).sum() / weight.sum())
    (row,) = fitted.rows
    assert row.prior == "weakly_informative"
    assert row.mean == pytest.approx(mean, abs=1e-6 * sd)
    assert row.sd == pytest.approx(sd, rel=1e-6)
    assert pytest.approx(1.93, abs=0.005) == SD
    assert any("1.93" in each and "if both arms have the same" in each for each in fitted.problem.caveats)


@pytest.mark.parametrize(
    ("dist", "slots"), [("optimistic_strong", -1), ("skeptical_moderate", 0), ("cochrane_fertility", 0)]
)
def test_every_set_on_means_is_in_the_unit_of_the_difference(dist, slots):
    prior = bi.fit(pain(), prior=dist, engine="exact").problem.priors["effect"]
    standardized = bi.priors.load_prior_set(dist).directed("means", -1, "x")["effect"]
    assert prior.dist == standardized.dist
    assert prior.ppf([0.1, 0.7]) == pytest.approx(SD * standardized.ppf([0.1, 0.7]))
    assert np.sign(round(float(prior.ppf(0.5)), 9)) == slots


def test_the_reference_set_is_flat_on_it():
    fitted = bi.fit(pain(), prior="reference", engine="exact")
    assert (fitted.rows[0].median, fitted.rows[0].sd) == pytest.approx((3.2, SE))
    assert fitted.rows[0].p_benefit < 1e-12


@pytest.mark.parametrize(
    "study",
    [
        pain(n=None),
        bi.Study.from_effect("risk_difference", "4.7", ci=("-0.3", "9.7"), level=0.9, outcome="rd", benefit="higher"),
    ],
)
def test_without_a_standard_deviation_the_prior_is_flat(study):
    fitted = bi.fit(study, engine="exact")
    assert fitted.rows[0].prior == "reference"
    assert not fitted.problem.proper
    if study.ids == ("rd",):
        found = fitted.rows[0]
        assert (found.ci_low, found.ci_high) == pytest.approx((-0.0126, 0.1066), abs=1e-4)
        assert found.p_benefit == pytest.approx(0.939, abs=5e-4)
    with pytest.raises(PriorError) as failed:
        bi.fit(study, prior="skeptical_moderate", engine="exact")
    assert "reference" in failed.value.faults[0].action


def test_a_design_whose_units_are_not_independent_has_no_such_standard_deviation():
    from dataclasses import replace

    study = pain()
    paired = replace(study, items=(replace(study.items[0], paired=True),))
    assert bi.fit(paired, engine="exact").rows[0].prior == "reference"


def test_a_flat_prior_leaves_no_evidence():
    from bayes_ivf.exact import solve_effect
    from bayes_ivf.priors import BatchedPrior

    found = solve_effect([0.4], [0.2], effect=BatchedPrior("Flat", {}), estimands=("mean_difference",))
    assert np.isnan(found.log_marginal_likelihood).all()
    assert np.isnan(found.log_bayes_factor_null).all()
    assert found.summarize("mean_difference").median == pytest.approx([0.4])


def test_a_run_leaves_nothing_that_can_be_estimated(tmp_path):
    rd = bi.Study.from_effect("risk_difference", "4.7", ci=("-0.3", "9.7"), level=0.9, outcome="rd", benefit="higher")
    told = bi.reanalyze(
        bi.Study.combine([pain(), rd]), out=tmp_path / "run", engine="exact", models=["two_arm"]
    ).comparison.set_index("outcome")
    assert told.bayes_effect.notna().all()
    page = (tmp_path / "run" / "report.md").read_text(encoding="utf-8")
    assert "under Reference" in page
    assert "Not estimable" not in page
    assert "fit estimates" not in page


def test_nuts_agrees_under_a_flat_prior():
    study = bi.Study.from_effect("mean_difference", "-7060", ci=("-12816", "-1304"), outcome="cost", benefit="lower")
    fitted = bi.fit(study, prior="reference", engine="nuts", draws=500, tune=500, chains=4, seed=3)
    row = next(row for row in fitted.rows if row.engine == "nuts")
    assert row.verdict != "fail"
    assert row.mean == pytest.approx(-7060, abs=5 * row.mcse)
