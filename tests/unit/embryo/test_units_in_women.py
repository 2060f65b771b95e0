"""Cycles, transfers or eyes nested in women, from totals: the model of nested embryos in the words of another unit."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import special, stats

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.problem import applicable
from bayes_ivf.study import Clusters, parse_study, study_table

ARMS = {"treatment": {"label": "A", "n": 12}, "control": {"label": "B", "n": 11}}
EYES = {
    "id": "edema",
    "label": "Retinal edema",
    "kind": "counts",
    "per": "eye",
    "benefit": "lower",
    "treatment": "12 women, 24 eyes, 3 with events, 5 events",
    "control": "11 women, 22 eyes, 6 with at least one event, 9 events",
}
CYCLES = EYES | {
    "id": "pregnancy",
    "label": "Pregnancy per cycle",
    "per": "cycles",
    "most": 3,
    "benefit": "higher",
    "treatment": "12 women, 25 cycles, 5 with at least one pregnancy, 7 pregnancies",
    "control": "11 women, 23 cycles, 4 pregnant, 4 events",
}


def study_of(*outcomes):
    return {"schema_version": 1, "id": "s", "title": "T", "arms": ARMS, "outcomes": list(outcomes)}


def test_a_file_is_read_and_written():
    study = parse_study(study_of(EYES, CYCLES), "file")
    eyes, cycles = study.items
    assert eyes.data["treatment"] == Clusters(12, 24, 3, 5, unit="eye")
    assert (eyes.most, cycles.most, cycles.per) == (2, 3, "cycle")
    assert str(cycles.data["control"]) == "11 women, 23 cycles, 4 with events, 4 events"
    assert parse_study(study_table(study), "file") == study


@pytest.mark.parametrize(
    ("change", "where", "found"),
    [
        ({"most": None}, ".most", "nothing"),
        ({"most": 2}, ".most", "2, with 25 cycles of 12 women"),
        ({"per": "transfer"}, ", treatment", "totals of cycles beside per = 'transfer'"),
        ({"per": "embryo", "treatment": "7/25", "control": "4/23"}, ".most", "3 beside per = 'embryo'"),
        ({"treatment": "12 women, 25 cycles, 5 stopped, 7 pregnancies"}, ", treatment", "5 stopped"),
        ({"treatment": "12 women, 25 women, 5 pregnant, 7 events"}, ", treatment", "25 women"),
        ({"pregnancies": "edema", "women_with_event": "edema"}, "pregnancy", "which mean the same"),
    ],
)
def test_what_cannot_be_read_is_a_fault(change, where, found, faults_of):
    row = {key: value for key, value in (CYCLES | change).items() if value is not None}
    (fault, *_) = faults_of(parse_study, study_of(EYES, row), "file")
    assert where in fault.where
    assert found in f"{fault.found} {fault.allowed}"


def test_totals_that_contradict_each_other_are_a_finding():
    row = CYCLES | {"treatment": "12 women, 25 cycles, 8 with events, 7 events"}
    (found,) = parse_study(study_of(row), "file").items[0].impossible
    assert "7 events, where there can be at least one for each of 8 women with events" in found.why
    assert "embryo" not in f"{found.why} {found.alternatives} {found.assumption}"


def pairs(women, having, events, p, icc):
    """Probability of the totals of women with two units each: no allocation, plain beta-binomial."""
    a, b = p * (1 - icc) / icc, (1 - p) * (1 - icc) / icc
    chance = [stats.betabinom.pmf(k, 2, a, b) for k in range(3)]
    two = events - having
    ways = comb(women, having) * comb(having, two)
    return ways * chance[0] ** (women - having) * chance[1] ** (having - two) * chance[2] ** two


def test_eyes_against_a_plain_grid():
    """Everybody has two eyes, so that the likelihood is one multinomial; summed on a grid that shares no code."""
    found = bi.fit(parse_study(study_of(EYES), "file"), engine="exact")
    nodes, weight = np.polynomial.legendre.leggauss(40)
    icc, weight = (nodes + 1) / 2, weight / 2
    x = np.linspace(-9, 6, 601)
    table = [
        np.array([[pairs(*totals, special.expit(each), r) for r in icc] for each in x])
        for totals in ((12, 3, 5), (11, 6, 9))
    ]
    t, c = np.meshgrid(x, x, indexing="ij")
    prior = stats.norm.pdf((t + c) / 2, 0, 1.5) * stats.norm.pdf(t - c)
    joint = np.einsum("ir,jr,r->ij", *table, weight) * prior
    joint /= joint.sum()
    mean = (joint * (t - c)).sum()
    sd = np.sqrt((joint * (t - c - mean) ** 2).sum())
    row = found.row("log_odds_ratio")
    assert row.mean == pytest.approx(mean, abs=1e-6 * sd)
    assert row.sd == pytest.approx(sd, rel=1e-6)
    at = np.einsum("ir,jr,ij->r", *table, prior) * weight
    assert found.row("icc").mean == pytest.approx((at * icc).sum() / at.sum(), abs=1e-6)


def test_swapping_the_arms_turns_the_sign():
    one = bi.fit(parse_study(study_of(CYCLES), "file"), engine="exact").row("log_odds_ratio")
    swapped = CYCLES | {"treatment": CYCLES["control"], "control": CYCLES["treatment"]}
    arms = {"treatment": ARMS["control"], "control": ARMS["treatment"]}
    other = bi.fit(parse_study(study_of(swapped) | {"arms": arms}, "file"), engine="exact").row("log_odds_ratio")
    assert other.mean == pytest.approx(-one.mean, abs=1e-9)
    assert other.p_benefit == pytest.approx(1 - one.p_benefit, abs=1e-9)


def test_the_same_totals_of_embryos_give_the_same_numbers():
    totals = [{"women": 12, "with_events": 5, "events": 7}, {"women": 11, "with_events": 4, "events": 6}]
    named = [dict(zip(("women", "pregnant", "implanted"), each.values(), strict=True)) for each in totals]
    cycles = bi.Study.from_clusters(
        *(each | {"cycles": n} for each, n in zip(totals, (25, 23), strict=True)), outcome="eir", per="cycle", most=3
    )
    embryos = bi.Study.from_clusters(*(each | {"embryos": n} for each, n in zip(named, (25, 23), strict=True)))
    one, other = (bi.fit(each, engine="exact") for each in (cycles, embryos))
    assert (one.problem.model, other.problem.model) == ("unit_cluster", "embryo_cluster")
    assert one.row("risk_difference").mean == other.row("risk_difference").mean
    assert {row.outcome for row in one.rows} == {"eir", "eir_per_woman"}


def test_women_with_an_event_may_stand_in_another_outcome():
    women = {"id": "any", "label": "Women with edema", "kind": "counts", "benefit": "lower",
             "treatment": "3/12", "control": "6/11"}  # fmt: skip
    row = EYES | {"treatment": "5/24", "control": "9/22", "women_with_event": "any"}
    study = parse_study(study_of(women, row), "file")
    fit = bi.fit(study, "edema", engine="exact")
    assert (
        fit.row("log_odds_ratio").mean
        == bi.fit(parse_study(study_of(EYES), "file"), engine="exact").row("log_odds_ratio").mean
    )
    assert {row.outcome for row in fit.rows} == {"edema", "any"}
    assert parse_study(study_table(study), "file") == study


def test_without_the_women_with_an_event_units_are_independent_and_it_is_said():
    study = parse_study(study_of(EYES | {"treatment": "5/24", "control": "9/22"}), "file")
    fit = bi.fit(study, engine="exact")
    assert fit.problem.model == "two_arm"
    assert fit.problem.assumes == "Eyes of one woman are taken as independent; there are more of them than women."


def test_only_the_correlation_is_offered(faults_of):
    study = parse_study(study_of(CYCLES), "file")
    assert load_card("unit_cluster").options["mechanism"].allowed == ("beta_binomial",)
    (fault,) = faults_of(bi.fit, study, engine="exact", options={"mechanism": "receptivity"})
    assert "beta_binomial" in fault.allowed


def test_words_are_those_of_the_unit(tmp_path):
    result = bi.reanalyze(parse_study(study_of(CYCLES), "file"), engine="exact", priors=["weakly_informative"])
    page = result.report(tmp_path / "page.html").read_text("utf-8")
    told = page.split('<script type="application/json"')[0]
    assert "Cycles nested in women" in told
    assert "Cycles of one woman are alike" in told
    assert "Taken as independent, cycles would give" in result.comparison.reading[0]
    assert "embryo" not in " ".join(result.comparison.reading)
    # a fourth pregnancy of four pregnant women in one arm, but seven of five in the other: nobody stopped for sure
    assert "stop at the first one" not in told


def test_women_who_stop_at_an_event_are_told():
    row = CYCLES | {"treatment": "12 women, 25 cycles, 5 with events, 5 events"}
    fit = bi.fit(parse_study(study_of(row), "file"), engine="exact")
    assert any("No woman had a second event in either arm" in each for each in fit.problem.caveats)


def test_many_ways_of_sharing_out_are_taken_as_even():
    arms = [
        {"women": 60, "cycles": 160, "with_events": 30, "events": 38},
        {"women": 60, "cycles": 150, "with_events": 24, "events": 30},
    ]
    study = bi.Study.from_clusters(*arms, outcome="pregnancy", per="cycle", most=5)
    problem = bi.fit(study, engine="exact").problem
    assert (problem.options["M"], problem.options["weights"]) == ("5", "least_spread")


def test_too_many_of_one_woman_are_left_to_a_stated_correlation():
    row = CYCLES | {"most": 9, "treatment": "12 women, 100 cycles, 5 with events, 7 events"}
    study = parse_study(study_of(row), "file")
    assert "at most 8 cycles a woman" in str(applicable(study, study.items[0], load_card("unit_cluster")))
    assert bi.fit(study, engine="exact").problem.model == "two_arm"


def test_readings_of_cycles_speak_of_cycles():
    found = bi.readings(parse_study(study_of(CYCLES), "file"))
    assert found.choices["M"] == "most cycles that one woman had"
    assert "mechanism" not in found.choices


@pytest.mark.parametrize(
    ("more", "where"),
    [({"per": "cycle"}, "most"), ({"per": "planet", "most": 2}, "per"), ({"per": "embryo", "most": 2}, "most")],
)
def test_faults_of_the_constructor(more, where, faults_of):
    totals = {"women": 12, "cycles": 25, "with_events": 5, "events": 7}
    (fault, *_) = faults_of(bi.Study.from_clusters, totals, totals, **more)
    assert fault.where == where
