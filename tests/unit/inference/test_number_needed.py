"""Numbers needed to benefit and to harm: what the risk difference says, at the other end of 1 / x, by either engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import bayes_ivf as bi
from bayes_ivf.effects import FIELDS, derived_figures, number_needed
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference.answers import DrawAnswers
from bayes_ivf.inference.derived_answers import WithDerived
from bayes_ivf.results import EFFECTS, diff, number_needed_words, value_of, with_derived

BENEFIT, HARM = "number_needed_benefit", "number_needed_harm"
UNIFORM = {slot: {"dist": "Beta", "alpha": 1.0, "beta": 1.0} for slot in ("treatment", "control")}
TOTALS = {"women": 20, "embryos": 40, "pregnant": 8, "implanted": 15}


def solved(treatment=(16, 40), control=(12, 40), benefit="higher", prior=UNIFORM):
    study = bi.Study.from_counts(treatment, control, outcome="cpr", benefit=benefit)
    return bi.fit(study, engine="exact", prior=prior)


@pytest.fixture(scope="module")
def fit():
    return solved()


def ends(row):
    return [row.median, row.ci_low, row.ci_high]


def exceeds(difference):
    """P(p_t - p_c >= difference) for Beta(17, 25) and Beta(13, 29), by an integral of its own."""
    treatment, control = stats.beta(17, 25), stats.beta(13, 29)
    return integrate.quad(lambda p: control.pdf(p) * treatment.sf(p + difference), 0, 1, epsabs=1e-12)[0]


@pytest.mark.parametrize("count", [2.5, 5.0, 12.0, 40.0, 1000.0])
def test_distributions_are_those_of_the_risk_difference(fit, count):
    assert fit.probability(BENEFIT, below=count) == pytest.approx(exceeds(1 / count), abs=1e-6)
    assert fit.probability(HARM, below=count) == pytest.approx(1 - exceeds(-1 / count), abs=1e-6)
    # the rest lies beyond: at numbers that are larger, or at infinity
    assert fit.probability(BENEFIT, above=count) == pytest.approx(1 - exceeds(1 / count), abs=1e-6)


def test_quantiles_invert_the_distribution(fit):
    for share in (0.025, 0.1, 0.5, 0.8):
        assert exceeds(1 / fit.quantile(BENEFIT, share)) == pytest.approx(share, abs=1e-6)
    assert fit.probability("risk_difference", above=0) == pytest.approx(0.822153, abs=1e-6)
    assert np.isfinite(fit.quantile(BENEFIT, 0.822))
    assert fit.quantile(BENEFIT, 0.823) == np.inf


def test_rows_are_the_ends_of_the_risk_difference(fit):
    source, benefit, harm = (fit.row(name) for name in ("risk_difference", BENEFIT, HARM))
    assert [row.estimand for row in fit.rows[-2:]] == [BENEFIT, HARM]
    assert ends(benefit) == [1 / source.median, 1 / source.ci_high, np.inf]
    assert ends(harm) == [np.inf, -1 / source.ci_low, np.inf]
    assert fit.interval(BENEFIT) == pytest.approx((benefit.ci_low, benefit.ci_high))
    assert (fit.quantile(BENEFIT, 0.5), fit.quantile(BENEFIT, 0.025)) == pytest.approx((benefit.median, benefit.ci_low))
    for row in (benefit, harm):
        assert (row.scale, row.verdict, row.problem) == ("units", source.verdict, source.problem)
        empty = ("mean", "sd", "hdi_low", "hdi_high", "p_benefit", "mcid", "p_beyond_mcid", "p_in_rope", "mcse")
        assert all(getattr(row, name) is None for name in empty)
    assert np.isnan(fit.interval(BENEFIT, kind="hdi")).all()


def test_the_density_is_that_of_a_number(fit):
    x, density = fit.density(BENEFIT, np.linspace(-1, 60, 6101))
    assert (density[x < 1] == 0).all()
    assert np.trapezoid(density, x) == pytest.approx(fit.probability(BENEFIT, below=60), abs=1e-4)
    with pytest.raises(bi.errors.RequestError, match="inf"):
        fit.density(BENEFIT)


@pytest.mark.parametrize(("treatment", "control", "of"), [((36, 40), (4, 40), BENEFIT), ((4, 40), (36, 40), HARM)])
def test_an_effect_on_one_side_has_one_segment(treatment, control, of):
    fit = solved(treatment, control)
    other = HARM if of == BENEFIT else BENEFIT
    median, low, high = ends(fit.row(of))
    assert 1 < low < median < high < 3
    assert ends(fit.row(other)) == [np.inf] * 3
    side = of.rpartition("_")[2]
    assert f"number needed to treat {median:.1f} to {side} (95% credible interval {low:.1f} to {high:.1f})" in (
        fit.number_needed()
    )


def test_equal_arms_are_as_far_from_benefit_as_from_harm():
    fit = solved((16, 40), (16, 40))
    benefit, harm = fit.row(BENEFIT), fit.row(HARM)
    assert benefit.ci_low == pytest.approx(harm.ci_low, rel=1e-7)
    # the median of the difference is 0 up to rounding, so that of a number is infinite or nearly so
    assert min(benefit.median, harm.median) > 1e6
    assert max(benefit.median, harm.median) == benefit.ci_high == harm.ci_high == np.inf
    chances = [fit.probability(name, below=1e12) for name in (BENEFIT, HARM)]
    assert chances == pytest.approx([0.5, 0.5], abs=1e-6)


def test_swapped_arms_and_swapped_directions_swap_benefit_and_harm(fit):
    for other in (solved((12, 40), (16, 40)), solved(benefit="lower")):
        for mine, theirs in ((BENEFIT, HARM), (HARM, BENEFIT)):
            assert ends(other.row(mine)) == pytest.approx(ends(fit.row(theirs)), rel=1e-7)


def test_without_a_direction_there_is_none():
    fit = solved(benefit="none")
    assert not {BENEFIT, HARM} & {row.estimand for row in fit.rows}
    with pytest.raises(bi.errors.RequestError, match="direction"):
        fit.number_needed()


def test_draws_say_the_same_within_their_error(fit):
    rng = np.random.default_rng(1)
    draws = rng.beta(17, 25, 40_000) - rng.beta(13, 29, 40_000)
    sampled = WithDerived(fit.problem, DrawAnswers({EstimandId("risk_difference"): draws.reshape(4, -1)}))
    benefit, harm = EstimandId(BENEFIT), EstimandId(HARM)
    for side in (benefit, harm):
        for count in (4.0, 10.0, 50.0):
            exact = fit.probability(side, below=count)
            assert sampled.below(side, count) == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 40_000))
    assert sampled.quantile(benefit, 0.1) == pytest.approx(fit.quantile(BENEFIT, 0.1), rel=0.03)
    assert sampled.interval(harm, 0.95, "eti") == pytest.approx(fit.interval(HARM), rel=0.05)
    # a draw that is the bound itself counts as at most it
    one = WithDerived(fit.problem, DrawAnswers({EstimandId("risk_difference"): np.array([[0.25, -0.25]])}))
    assert (one.below(benefit, 4.0), one.below(harm, 4.0), one.below(benefit, -1.0)) == (0.5, 0.5, 0.0)


def test_a_sampled_fit_has_the_rows_of_its_own_difference(fit):
    sampled = fit.sample(draws=500, tune=300, seed=3)
    source, benefit = sampled.row("risk_difference"), sampled.row(BENEFIT)
    assert ends(benefit) == [1 / source.median, 1 / source.ci_high, np.inf]
    assert (benefit.r_hat, benefit.ess_bulk, benefit.ess_tail) == (source.r_hat, source.ess_bulk, source.ess_tail)
    assert (benefit.mean, benefit.sd, benefit.mcse) == (None, None, None)
    assert benefit.median == pytest.approx(fit.row(BENEFIT).median, rel=0.2)
    assert not {BENEFIT, HARM} & set(sampled.estimands)  # a tree holds what is finite
    assert sampled.agreement().estimand.tolist() == [row.estimand for row in fit.rows[:-2]]


def test_embryos_and_women_have_numbers_of_their_own():
    study = bi.Study.from_clusters(TOTALS, TOTALS | {"pregnant": 6, "implanted": 9})
    fit = bi.fit(study, model="embryo_cluster", engine="exact")
    table = fit.effects()
    assert [name for name in table.estimand if name in (BENEFIT, HARM)] == [BENEFIT, HARM] * 3
    differences = table[table.estimand == "risk_difference"]
    numbers = table[table.estimand == BENEFIT]
    assert numbers.outcome.tolist() == differences.outcome.tolist()
    np.testing.assert_array_equal(numbers["ci_low"], 1 / differences["ci_high"].to_numpy())
    assert ", counted per embryo, under the prior" in fit.number_needed()
    assert ", counted per" not in fit.about("pregnancy_per_woman").number_needed()
    name = f"{BENEFIT}@woman"
    assert fit.probability(name, below=8) == pytest.approx(fit.probability("risk_difference@woman", above=1 / 8))


def test_numbers_of_fewer_than_all_problems():
    source = np.full((3, len(FIELDS)), np.nan)
    places = [FIELDS.index(name) for name in ("median", "ci_low", "ci_high")]
    source[:, places] = 0.1, -0.2, 0.5
    found = derived_figures(BENEFIT, [1, -1, 0], source)[:, places]
    np.testing.assert_array_equal(found, [[10, 2, np.inf], [np.inf, 5, np.inf], [np.nan] * 3])
    assert np.isnan(derived_figures(BENEFIT, [1], np.full((1, len(FIELDS)), np.nan))).all()


def test_infinity_is_written_and_read(fit, tmp_path):
    frame = fit.effects()
    EFFECTS.write(frame, tmp_path)
    assert ",inf," in (tmp_path / "effects.csv").read_text().splitlines()[-1]
    again = EFFECTS.read(tmp_path)
    pd.testing.assert_frame_equal(again, frame)
    assert EFFECTS.rows(again) == tuple(replace(row) for row in fit.rows)


@pytest.fixture(scope="module")
def study():
    counts = [("cpr", "higher", (16, 12)), ("mcr", "lower", (3, 5)), ("twins", "none", (3, 5))]
    return bi.Study.combine(
        [bi.Study.from_counts((a, 40), (b, 40), outcome=name, benefit=benefit) for name, benefit, (a, b) in counts]
    )


def test_a_run_gives_the_rows_and_its_page_does_not_mind(study, tmp_path):
    run = bi.reanalyze(study, tmp_path / "run", models=["two_arm"], priors=["weakly_informative"], engine="exact")
    assert run.effects.estimand.value_counts()[BENEFIT] == 2
    assert run.effects[run.effects.outcome == "twins"].estimand.nunique() == 6
    assert "inf" not in (tmp_path / "run/report.md").read_text().split()
    assert "number_needed" in (tmp_path / "run/effects.csv").read_text()


def test_a_batch_gives_the_rows_of_single_fits(study, tmp_path):
    for out in ("one", "two"):
        bi.batch(study, "two_arm", ["weakly_informative"], out=tmp_path / out, workers=1)
    table = EFFECTS.read(tmp_path / "one")
    single = [bi.fit(study, name, engine="exact").effects() for name in ("cpr", "mcr", "twins")]
    pd.testing.assert_frame_equal(table, pd.concat(single, ignore_index=True))
    assert diff(tmp_path / "one", tmp_path / "two").empty
    few = bi.batch(
        study, "two_arm", ["weakly_informative"], out=tmp_path / "few", workers=1, quantities="probabilities"
    )
    assert set(few.effects.estimand) == {"risk_difference"}


def test_a_number_is_shown_without_false_digits(fit):
    benefit, harm = fit.row(BENEFIT), fit.row(HARM)
    shown = [value_of(benefit, name).text for name in ("median", "ci_low", "ci_high")]
    assert shown == ["10.4", "3.4", "infinity"]
    assert value_of(harm, "median").text == "infinity"
    assert number_needed_words(0.0, -0.5, 0.25, 0.95).startswith(
        "infinity (95% credible interval from 4.0 to benefit, through"
    )
    assert number_needed([0.0, -1.0]).tolist() == [np.inf, np.inf]


def test_nothing_is_added_twice(fit):
    assert with_derived(fit.problem, fit.rows[:-2]) == fit.rows
