"""Standard deviations: what a range allows, constants, equal ones in both arms; and shares known from outside."""

import numpy as np
import pytest

from bayes_ivf.auditing import audit
from bayes_ivf.auditing.checks.identical_spreads import chance_of_equal_sds
from bayes_ivf.auditing.checks.spreads import largest_sd
from bayes_ivf.study import MeanSD, Printed, parse_study


def told(*rows, check=None, n=40, **keys):
    arms = {arm: {"label": arm, "n": n} for arm in ("treatment", "control")}
    rows = [{"benefit": "none", "label": row["id"], "kind": "mean_sd", **row} for row in rows]
    table = {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": rows, **keys}
    return [f for f in audit(parse_study(table, "test")).found if check in (None, f.check)]


# --- largest sd ---------------------------------------------------------------------------------------------------


def test_largest_sd_bounds_every_sample_and_is_nearly_attained():
    rng = np.random.default_rng(5)
    for _ in range(300):
        n = int(rng.integers(2, 30))
        values = rng.choice([0.0, 10.0, rng.uniform(0, 10)], n, p=[0.6, 0.3, 0.1])
        mean, sd = values.mean(), values.std(ddof=1)
        for high in (10.0, None):
            assert sd <= largest_sd((mean, mean), n, 0.0, high) + 1e-9
        assert sd <= largest_sd((mean, mean), n, None, 10.0) + 1e-9
    ends = np.array([0.0] * 30 + [10.0] * 10)
    assert ends.std(ddof=1) == pytest.approx(largest_sd((2.5, 2.5), 40, 0.0, 10.0))
    one = np.array([0.0] * 39 + [100.0])
    assert one.std(ddof=1) == pytest.approx(largest_sd((2.5, 2.5), 40, 0.0, None))


def test_a_score_cannot_spread_beyond_its_range():
    row = {"id": "vas", "treatment": "0.4 ± 2.5", "control": "0.5 ± 0.6", "minimum": 0.0, "maximum": 10.0}
    (finding,) = told(row, check="spreads", n=50)
    assert finding.severity == "impossible"
    assert "2.09 at a mean of 0.45" in finding.evidence
    assert told({**row, "treatment": "0.4 ± 2.0"}, check="spreads", n=50) == []


@pytest.mark.parametrize(
    ("keys", "severity"),
    [
        ({"treatment": "3.0 ± 20.0", "control": "3.1 ± 2.0", "minimum": 0.0}, "impossible"),
        ({"treatment": "3.0 ± 18.9", "control": "3.1 ± 2.0", "minimum": 0.0}, None),
        ({"treatment": "97.0 ± 20.0", "control": "96.0 ± 3.0", "unit": "%"}, "caution"),
        ({"treatment": "97.0 ± 15.0", "control": "96.0 ± 3.0", "unit": "%"}, None),
        ({"treatment": "97.0 ± 20.0", "control": "96.0 ± 3.0", "unit": "%", "label": "Change of motility"}, None),
        ({"treatment": "130.0 ± 80.0", "control": "96.0 ± 3.0", "unit": "%"}, None),
        ({"treatment": "2.1 ± 21.0", "control": "2.0 ± 1.5", "unit": "ng/ml", "label": "AMH"}, "caution"),
        ({"treatment": "2.1 ± 2.5", "control": "2.0 ± 1.5", "unit": "ng/ml", "label": "AMH"}, None),
        # As a standard error 0.4 is an sd of 2.5.
        ({"treatment": "0.4 ± 0.4", "control": "0.5 ± 0.1", "minimum": 0.0, "maximum": 10.0, "spread": "se"}, "impossible"),
        ({"treatment": "0.4 ± 3.0", "control": "0.5 ± 0.1", "minimum": 0.0, "maximum": 10.0, "spread": "range"}, None),
        ({"treatment": "0.4 ± 3.0", "control": "0.5 ± 0.1", "minimum": 0.0, "maximum": 10.0, "spread": "unknown"}, "caution"),
    ],
)  # fmt: skip
def test_sign_and_unit_bound_the_sd_too(keys, severity):
    found = [f.severity for f in told({"id": "x", **keys}, check="spreads")]
    assert found == ([] if severity is None else [severity])


# --- constants ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("treatment", "whole", "check", "severity"),
    [
        ("2.00 ± 0.00", True, "spreads", "info"),
        ("2.05 ± 0.00", True, "integer_moments", "impossible"),
        ("9.1 ± 0.0", False, "spreads", "caution"),
    ],
)
def test_an_sd_of_zero_is_read_and_weighed(treatment, whole, check, severity):
    rows = [{"id": "t", "treatment": treatment, "control": "1.95 ± 0.22", "whole": whole, "unit": "count"},
            {"id": "other", "treatment": "30.1 ± 4.2", "control": "31.0 ± 4.4", "role": "baseline"},
            {"id": "third", "treatment": "22.1 ± 2.2", "control": "22.4 ± 2.4", "role": "baseline"}]  # fmt: skip
    found = told(*rows)
    assert [(f.check, f.severity) for f in found if f.subject == "t" and f.severity in ("impossible", severity)] == [
        (check, severity)
    ]
    assert [f.check for f in found if f.subject == "baseline"] == ["baseline"]


def test_what_has_no_spread_is_left_out_with_the_reason():
    from bayes_ivf.cards import bundled_cards, load_card
    from bayes_ivf.problem import applicable

    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    row = {
        "id": "t",
        "label": "T",
        "kind": "mean_sd",
        "benefit": "none",
        "treatment": "2.0 ± 0.0",
        "control": "1.9 ± 0.2",
    }
    study = parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [row]}, "test")
    for name in bundled_cards():
        assert "treatment arm is printed as 0" in applicable(study, study.items[0], load_card(name))


# --- equal sds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "sd", "decimals"), [(45, 4.2, 2), (45, 4.2, 1), (20, 0.6, 1), (300, 3.0, 1)])
def test_chance_of_equal_sds_against_simulation(n, sd, decimals):
    rng = np.random.default_rng(3)
    # Population sds around the printed one, so that the grid falls anywhere.
    true = sd + rng.uniform(-0.5, 0.5, 200_000) * 10.0**-decimals
    a, b = (np.round(true * np.sqrt(rng.chisquare(n - 1, true.size) / (n - 1)), decimals) for _ in range(2))
    arm = MeanSD(Printed("1"), Printed(f"{sd:.{decimals}f}"), n)
    assert chance_of_equal_sds(arm, arm) == pytest.approx((a == b).mean(), rel=0.06)


def rows_with(sds):
    pairs = {"age": (29.4, 29.9), "bmi": (23.1, 23.6), "dur": (4.4, 4.1), "fsh": (7.2, 7.6), "lh": (6.1, 5.5)}
    return [
        {"id": name, "role": "baseline", "treatment": f"{a} ± {s}", "control": f"{b} ± {t}"}
        for (name, (a, b)), (s, t) in zip(pairs.items(), sds, strict=True)
    ]


def test_identical_sds_are_told_with_their_chance():
    same = [(s, s) for s in ("4.21", "3.07", "2.33", "2.18", "3.02")]
    (finding,) = told(*rows_with(same), check="identical_spreads")
    assert finding.severity == "caution"
    assert "5 of 5" in finding.statement
    assert "pooled" in finding.alternatives
    # One pair of equal sds, or several with coarse digits, are no news.
    one = [("4.21", "4.21"), ("3.07", "3.11"), ("2.33", "2.40"), ("2.18", "2.30"), ("3.02", "2.90")]
    assert told(*rows_with(one), check="identical_spreads") == []
    coarse = [("4", "4"), ("3", "3"), ("2", "2"), ("2", "2"), ("3", "3")]
    assert told(*rows_with(coarse), check="identical_spreads") == []


# --- rates from outside -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "treatment", "control", "keys", "severity"),
    [
        ("Female newborns", "378/640", "377/640", {}, "caution"),
        ("Female newborns (%)", "318/640", "307/640", {}, None),
        ("Girls", "378/640", "377/640", {}, "caution"),
        ("Girls", "378/640", "250/640", {}, "caution"),
        ("Girls", "345/640", "290/640", {}, "info"),
        ("Infant sex (female)", "378/640", "377/640", {}, "caution"),
        ("Male babies", "378/640", "377/640", {}, "caution"),
        ("Male factor", "378/640", "377/640", {}, None),
        ("Female", "640/640", "640/640", {}, None),
        ("Nulliparous", "378/640", "377/640", {"external": {"x": {"rate": 0.45}}}, "caution"),
        ("Nulliparous", "378/640", "377/640", {"external": {"x": {"rate": 0.59}}}, None),
    ],
)
def test_shares_against_a_rate_from_outside(label, treatment, control, keys, severity):
    row = {"id": "x", "label": label, "kind": "counts", "treatment": treatment, "control": control, "role": "baseline"}
    found = told(row, check="external_rate", n=640, **keys)
    assert [f.severity for f in found] == ([] if severity is None else [severity])


def test_the_sex_ratio_tells_both_arms_together():
    row = {"id": "x", "label": "Female newborns", "kind": "counts", "treatment": "378/640", "control": "377/640"}
    (finding,) = told(row, check="external_rate", n=640)
    assert "755 of 1280" in finding.statement
    assert "0.488" in finding.statement
