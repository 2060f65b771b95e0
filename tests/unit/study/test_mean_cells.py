"""Means with something else than a standard deviation beside them: intervals, ranges, standard errors, nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.auditing import audit
from bayes_ivf.cards import load_card
from bayes_ivf.problem import applicable, build_problem
from bayes_ivf.study import parse_study, sd_factor, study_table

N = 40


def study_of(treatment, control, **keys):
    arms = {arm: {"label": arm, "n": N} for arm in ("treatment", "control")}
    row = {"id": "x", "label": "FSH", "kind": "mean_sd", "benefit": "lower", "treatment": treatment, "control": control}
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [row | keys]}, "file")


def sds(study):
    problem = build_problem(study, "x", load_card("two_arm"), "weakly_informative")
    return np.sqrt(problem.data["variance"]), " ".join(problem.caveats)


T = np.sqrt(N) / stats.t.ppf(0.975, N - 1)
RANGE = 1 / stats.norm.ppf((N - 0.375) / (N + 0.25))


@pytest.mark.parametrize(
    ("treatment", "control", "spread", "halves", "factor", "words"),
    [
        ("5.81 ± 0.12 (SE)", "7.93 ± 0.13 (SE)", None, (0.12, 0.13), np.sqrt(N), "standard errors"),
        ("5.81 ± 0.12", "7.93 ± 0.13", "se", (0.12, 0.13), np.sqrt(N), "standard errors"),
        ("5.8 (5.1 to 6.5)", "7.9 (7.0-8.8)", "ci95", (0.7, 0.9), T, "95% intervals"),
        ("5.8 (95% CI 5.1-6.5)", "7.9 [95% CI: 7.0; 8.8]", None, (0.7, 0.9), T, "95% intervals"),
        ("5.8 mIU/mL, 95% CI 5.1 to 6.5", "7.9 (7.0, 8.8; 95% CI)", None, (0.7, 0.9), T, "95% intervals"),
        ("5.8 ± 0.7", "7.9 ± 0.9", "half_width", (0.7, 0.9), T, "95% intervals"),
        ("5.8 (3.0 to 9.1)", "7.9 (4.0-12.0)", "range", (3.05, 4.0), RANGE, "Wan 2014"),
        ("5.8 (range 3.0-9.1)", "7.9 [min-max 4.0-12.0]", None, (3.05, 4.0), RANGE, "Wan 2014"),
        ("-0.5 (-1.0 to 0.0)", "0.1 (-0.6 to 0.8)", "ci95", (0.5, 0.7), T, "95% intervals"),
        ("5,8 (5,1 bis 6,5)".replace("bis", "to"), "7,9 (7,0 to 8,8)", "ci95", (0.7, 0.9), T, "95% intervals"),
    ],
)
def test_standard_deviations_and_the_rule_by_which_they_follow(treatment, control, spread, halves, factor, words):
    study = study_of(treatment, control, **({} if spread is None else {"spread": spread}))
    found, told = sds(study)
    assert found == pytest.approx(np.array(halves) * factor, rel=1e-12)
    assert words in told
    assert parse_study(study_table(study), "again") == study
    assert study.items[0].printed("treatment") == treatment


@pytest.mark.parametrize("n", [5, 10, 40, 200])
def test_the_rule_is_near_the_expected_range_of_normal_values(n):
    """The expected distance of smallest and largest of n standard normal values, by a plain sum, to 2%."""
    x = np.linspace(-9, 9, 100_001)
    below = stats.norm.cdf(x)
    expected = np.trapezoid(1 - below**n - (1 - below) ** n, x)
    assert 2 / sd_factor("half_range", n) == pytest.approx(expected, rel=0.02)


def test_a_declared_sd_says_nothing():
    assert sds(study_of("5.81 ± 0.76", "7.93 ± 0.82", spread="sd"))[1] == ""


def test_two_ends_need_a_word(faults_of):
    fault = faults_of(study_of, "5.8 (5.1 to 6.5)", "7.9 (7.0 to 8.8)")[0]
    assert 'spread = "ci95"' in fault.action
    assert '"quantiles"' in fault.action
    fault = faults_of(study_of, "5.8 (95% CI 5.1 to 6.5)", "7.9 (95% CI 7.0 to 8.8)", spread="range")[0]
    assert "declared" in fault.allowed


@pytest.mark.parametrize(
    ("cell", "spread", "word"),
    [
        ("2.0 (1.1 to 4.5)", "ci95", "middle"),
        ("9.0 (5.1 to 6.5)", "range", "outside"),
        ("5.8 (6.5 to 5.1)", "ci95", "above"),
    ],
)
def test_ends_that_cannot_be(cell, spread, word):
    study = study_of(cell, "7.9 (7.0 to 8.8)", spread=spread)
    (found,) = study.items[0].impossible
    assert word in found.why
    assert "Not estimated" in applicable(study, study.items[0], load_card("two_arm"))
    assert "printed_values" in {finding.check for finding in audit(study).found}


def test_a_range_need_not_be_even():
    assert sds(study_of("5.8 (5.0 to 12.0)", "7.9 (4.0 to 12.0)", spread="range"))[0][0] == pytest.approx(3.5 * RANGE)


def test_rounding_of_ends_is_rounding_of_half_their_distance():
    """Half of 5.1 to 6.4 is 0.65, and may be anything from 0.6 to 0.7."""
    datum = study_of("5.7 (5.1 to 6.4)", "7.9 (7.0 to 8.8)", spread="ci95").items[0].data["treatment"]
    assert [float(end) for end in datum.sd_interval] == pytest.approx([0.6, 0.7])
    assert str(datum.sd) == "0.65"


def test_means_alone_with_a_p_are_a_claim():
    """The words are data by the likelihood of claims, and the means stay as printed."""
    study = study_of("5.81", "7.93", claim={"text": "lower", "direction": "lower", "p": "P<0.05"})
    item = study.items[0]
    alone = bi.fit(bi.Study.from_claim((N, N), "lower", 0.05, outcome="x", benefit="lower"), engine="exact")
    here = bi.fit(study, engine="exact")
    assert [row.mean for row in here.rows] == [row.mean for row in alone.rows]
    assert (item.printed("treatment"), item.printed("control")) == ("5.81", "7.93")
    assert item.impossible == ()
    assert parse_study(study_table(study), "again") == study


def test_means_that_contradict_their_claim_are_said():
    study = study_of("8.81", "7.93", claim={"text": "lower", "direction": "lower", "p": "P<0.05"})
    (found,) = study.items[0].impossible
    assert found.severity == "caution"
    assert "other way" in found.why
    assert applicable(study, study.items[0], load_card("two_arm")) is None


@pytest.mark.parametrize("cells", [("5.81", "7.93"), ("5.81", "7.93 ± 0.82"), ("5.81 mIU/mL", "7.93")])
def test_means_alone_without_a_p_say_what_is_missing(cells):
    study = study_of(*cells)
    reason = applicable(study, study.items[0], load_card("two_arm"))
    assert "without a spread" in reason
    assert "the P of the comparison" in reason
    assert "give n" not in reason
    assert parse_study(study_table(study), "again") == study


def test_a_study_without_a_file():
    interval = bi.Study.from_means(("5.8", ("5.1", "6.5"), N), (7.9, (7.0, 8.8), N), outcome="x", spread="ci95")
    typed = study_of("5.8 (5.1 to 6.5)", "7.9 (7.0-8.8)", spread="ci95")
    assert sds(interval)[0] == pytest.approx(sds(typed)[0])
    for study in (
        interval,
        bi.Study.from_means((5.8, (3.0, 9.1), N), (7.9, (4.0, 12.0), N), spread="range"),
        bi.Study.from_means(("5.81", "0.12", N), ("7.93", "0.13", N), spread="se"),
    ):
        assert parse_study(study_table(study), "again") == study


@pytest.mark.parametrize(
    ("treatment", "spread", "where"),
    [
        ((5.8, (6.5, 5.1), N), "ci95", "treatment"),
        ((5.8, (5.8, 5.8), N), "range", "treatment"),
        ((5.8, (5.1, 6.5), N), None, "treatment"),
        ((5.8, (5.1, 6.5), N), "se", "treatment"),
        ((5.8, (5.1,), N), "ci95", "treatment, sd"),
        ((5.8, (5.1, 6.5), 1), "ci95", "treatment, n"),
        ((5.8, 0.7, N), "variance", "spread"),
    ],
)
def test_what_a_study_without_a_file_refuses(treatment, spread, where, faults_of):
    control = (7.9, (7.0, 8.8), N) if spread in ("ci95", "range") else (7.9, 0.8, N)
    assert [fault.where for fault in faults_of(bi.Study.from_means, treatment, control, spread=spread)] == [where]


@pytest.mark.parametrize("spread", ["ci95", "range", "se"])
def test_swapped_arms_and_other_units(spread):
    """Both turn or scale the posterior, and nothing else."""
    first, second = ((5.8, (5.1, 6.5), N), (7.9, (7.0, 8.8), N)) if spread != "se" else ((5.8, 0.3, N), (7.9, 0.4, N))

    def scaled(arm, by):
        mean, sd, n = arm
        return (
            round(by * mean, 3),
            tuple(round(by * end, 3) for end in sd) if isinstance(sd, tuple) else round(by * sd, 3),
            n,
        )

    rows = {}
    for name, arms in {"here": (first, second), "swapped": (second, first),
                       "scaled": (scaled(first, 1000), scaled(second, 1000))}.items():  # fmt: skip
        fit = bi.fit(bi.Study.from_means(*arms, spread=spread), engine="exact")
        rows[name] = {row.estimand: row for row in fit.rows}
    name = "standardized_mean_difference"
    assert rows["swapped"][name].mean == pytest.approx(-rows["here"][name].mean, abs=1e-7)
    assert rows["scaled"][name].mean == pytest.approx(rows["here"][name].mean, abs=1e-7)
    assert rows["scaled"]["mean_difference"].mean == pytest.approx(
        1000 * rows["here"]["mean_difference"].mean, rel=1e-7
    )
