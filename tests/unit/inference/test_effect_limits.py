"""Limits of printed effects: one of them, one-sided levels, and intervals about whose middle the estimate does not lie."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.study import parse_study, study_table

Z = NormalDist().inv_cdf
NORMAL = {"effect": {"dist": "Normal", "mu": 0, "sigma": 1}}


def made(measure="odds_ratio", estimate="1.61", ci=("1.03", "2.53"), **more):
    return bi.Study.from_effect(measure, estimate, ci=ci, outcome="cpr", benefit="higher", **more)


def effect(*given, **more):
    return made(*given, **more).only_outcome().effect


def fitted(study):
    return bi.fit(study, prior=NORMAL, engine="exact")


def told(study):
    return " ".join(fitted(study).problem.caveats)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_the_level_gives_the_normal_quantile(level):
    se = np.log(2.53 / 1.03) / (2 * Z((1 + level) / 2))
    assert effect(level=level).standard_error == pytest.approx(se, rel=1e-14)
    row = next(row for row in fitted(made(level=level)).rows if row.estimand == "log_odds_ratio")
    assert row.sd == pytest.approx(se / np.hypot(1, se), abs=1e-10)
    assert row.mean == pytest.approx(np.log(1.61) / (1 + se**2), abs=1e-10)
    assert f"a {100 * level:.0f}% interval" in told(made(level=level))


@pytest.mark.parametrize(
    ("ci", "more", "z", "words"),
    [
        (("1.03", None), {}, Z(0.95), "a one-sided 95% limit"),
        (("1.03", None), {"level": 0.975}, Z(0.975), "a one-sided 97.5% limit"),
        (("1.03", None), {"sides": 2}, Z(0.975), "one limit of a 95% interval"),
        ((None, "2.53"), {}, Z(0.95), "a one-sided 95% limit"),
        (("1.03", "2.53"), {"sides": 1}, Z(0.95), "one-sided 95% limits"),
    ],
)
def test_one_sided_limits(ci, more, z, words):
    """One limit is one-sided unless it is said to be an end of a two-sided interval."""
    found = effect(ci=ci, **more)
    ends = np.abs(np.log([float(end) for end in ci if end is not None]) - np.log(1.61))
    if len(ends) == 1:
        assert found.standard_error == pytest.approx(ends[0] / z, rel=1e-14)
    assert found.standard_error == pytest.approx(ends.mean() / z, rel=1e-14)
    assert words in told(made(ci=ci, **more))
    # what is not printed follows from the rest
    low, high = found.values[1:]
    shown = found.bounds[1:]
    assert [x for x, y in zip((low, high), shown, strict=True) if np.isfinite(y)] == [
        y for y in shown if np.isfinite(y)
    ]
    if len(ends) == 1:
        assert low * high == pytest.approx(1.61**2, rel=1e-12)


def test_one_limit_of_a_difference():
    found = effect("mean_difference", "-2.0", (None, "0.5"), level=0.975)
    assert found.standard_error == pytest.approx(2.5 / Z(0.975), rel=1e-14)
    assert found.values == pytest.approx((-2.0, -4.5, 0.5), abs=1e-12)
    assert str(found) == "-2.0 (to 0.5)"


def test_uneven_limits_show_both_errors_and_use_the_larger():
    study = made(estimate="1.90")
    found = study.only_outcome().effect
    assert found.middle == "neither"
    lower, upper = np.log(1.90 / 1.03) / Z(0.975), np.log(2.53 / 1.90) / Z(0.975)
    assert found.side_errors == pytest.approx((lower, upper), rel=1e-14)
    assert found.standard_error == pytest.approx(max(lower, upper), rel=1e-14)
    words = told(study)
    assert f"{lower:.3g}" in words
    assert f"{upper:.3g}; the larger is used" in words
    (row,) = bi.audit(study).ledger
    assert row.recomputed_p == pytest.approx(2 * NormalDist().cdf(-np.log(1.90) / lower), abs=1e-9)


@pytest.mark.parametrize("estimate", ["1.6", "1.61", "1.62", "1.6142800252744254"])
def test_rounding_is_not_taken_for_unevenness(estimate):
    found = effect(estimate=estimate)
    assert found.middle == "model"
    assert "larger is used" not in told(made(estimate=estimate))


def test_a_ratio_is_tried_on_its_own_scale():
    """1.50 (0.90 to 2.10) is 1.5 plus or minus 0.6: the error of the log is 0.306 / 1.5."""
    study = made("risk_ratio", "1.50", ("0.90", "2.10"))
    found = study.only_outcome().effect
    assert found.middle == "own"
    assert found.standard_error == pytest.approx(0.6 / Z(0.975) / 1.5, rel=1e-12)
    assert "symmetrically about the ratio itself" in told(study)
    (row,) = bi.audit(study).ledger
    assert row.recomputed_p == pytest.approx(2 * NormalDist().cdf(-0.5 / (0.6 / Z(0.975))), abs=1e-9)
    # a log scale that fits goes first, whatever else fits
    assert effect("risk_ratio", "1.05", ("1.03", "1.07")).middle == "model"
    # differences have no other scale
    assert effect("risk_difference", "0.05", ("-0.01", "0.20")).middle == "neither"


@pytest.mark.parametrize(
    "given",
    [
        ("odds_ratio", "1.90", ("1.03", "2.53"), {}),
        ("hazard_ratio", "0.80", (None, "1.00"), {"adjusted": "age and center"}),
        ("risk_difference", "5%", ("-1%", None), {"level": 0.975}),
        ("risk_ratio", "1.50", ("0.90", "2.10"), {"sides": 1, "level": 0.9}),
    ],
)
def test_files_keep_what_was_printed(given):
    measure, estimate, ci, more = given
    study = made(measure, estimate, ci, **more)
    assert parse_study(study_table(study), "again") == study


def test_adjusted_effects_say_so():
    assert ", adjusted for age and center," in told(made(adjusted="age and center"))
    assert ", adjusted for age," in told(made(adjusted="adjusted for age"))
    assert "adjusted" not in told(made())


def inverted(measure, estimate, ci, **more):
    one = [None if end is None else 1 / float(end) for end in (ci[1], ci[0])]
    return bi.Study.from_effect(measure, 1 / float(estimate), ci=one, outcome="cpr", benefit="lower", **more)


@pytest.mark.parametrize(
    ("estimate", "ci"),
    [("1.61", ("1.03", "2.53")), ("1.90", ("1.03", "2.53")), ("1.61", ("1.03", None)), ("0.5", (None, "1.2"))],
)
def test_an_inverted_ratio_swaps_the_arms(estimate, ci):
    here, there = (
        {row.estimand: row for row in fitted(study).rows}
        for study in (made(estimate=estimate, ci=ci), inverted("odds_ratio", estimate, ci))
    )
    assert there["log_odds_ratio"].mean == pytest.approx(-here["log_odds_ratio"].mean, abs=1e-12)
    assert there["log_odds_ratio"].sd == pytest.approx(here["log_odds_ratio"].sd, abs=1e-12)
    assert there["odds_ratio"].ci_low == pytest.approx(1 / here["odds_ratio"].ci_high, rel=1e-9)
    assert there["odds_ratio"].p_benefit == pytest.approx(here["odds_ratio"].p_benefit, abs=1e-12)


@pytest.mark.parametrize("ci", [("-0.5", "1.1"), ("-0.5", None), ("-0.9", "1.1")])
def test_another_unit_is_the_same_result(ci):
    """Grams and milligrams, with a prior in the same unit."""

    def row(factor):
        scaled = [None if end is None else f"{float(end) * factor:.1f}" for end in ci]
        study = bi.Study.from_effect("mean_difference", f"{0.3 * factor:.1f}", ci=scaled)
        prior = {"effect": {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": 0.4 * factor}}
        (found,) = bi.fit(study, prior=prior, engine="exact").rows
        return found

    small, large = row(1), row(1000)
    assert [large.mean, large.sd, large.ci_low] == pytest.approx(
        [1000 * x for x in (small.mean, small.sd, small.ci_low)], rel=1e-6
    )


def test_percent_and_points_are_one():
    rows = [
        bi.fit(
            made("risk_difference", *given), prior={"effect": {"dist": "Normal", "mu": 0, "sigma": 0.1}}, engine="exact"
        ).rows[0]
        for given in (("5%", ("-1%", "11%")), ("0.05", ("-0.01", "0.11")))
    ]
    assert rows[0].mean == pytest.approx(rows[1].mean, abs=1e-15)
    assert rows[0].sd == pytest.approx(rows[1].sd, abs=1e-15)


def test_beside_counts_it_is_a_check_and_never_data():
    """The posterior of counts is the same whatever effect stands beside them; the effect is compared with the counts."""
    plain = study_table(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher"))
    posteriors = []
    for beside in (None, {"scale": "risk_ratio", "estimate": "1.33", "low": "0.73", "high": "2.45"},
                   {"scale": "odds_ratio", "estimate": "9.90", "low": "8.00", "high": "12.25"},
                   {"scale": "risk_ratio", "estimate": "1.33", "low": "0.73", "sides": 2}):  # fmt: skip
        table = plain | {"outcomes": [plain["outcomes"][0] | ({} if beside is None else {"effect": beside})]}
        study = parse_study(table, "file")
        fit = bi.fit(study, engine="exact")
        posteriors.append((fit.problem.likelihood, fit.problem.hash, [row.mean for row in fit.rows]))
        checks = {finding.check for finding in bi.audit(study).found}
        if beside is not None:
            agrees = beside["scale"] == "risk_ratio"
            assert ("effect_agrees" in checks, "printed_interval" in checks) == (agrees, not agrees), beside
    assert all(each == posteriors[0] for each in posteriors)
