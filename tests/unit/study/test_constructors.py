from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from bayes_ivf import Study, audit
from bayes_ivf.study import Clusters, Counts, Size


@pytest.mark.parametrize(
    ("treatment", "control", "where"),
    [
        ((41, 40), (12, 40), "treatment, events"),
        ((-1, 40), (12, 40), "treatment, events"),
        ((0, 0), (12, 40), "treatment, n"),
        ((1, 40), (1, -3), "control, n"),
        ((1.5, 40), (12, 40), "treatment, events"),
        ((True, 40), (12, 40), "treatment, events"),
        (("1", 40), (12, 40), "treatment, events"),
        ((1, 40, 2), (12, 40), "treatment"),
        ("16", (12, 40), "treatment"),
        (None, (12, 40), "treatment"),
        ((float("nan"), 40), (12, 40), "treatment, events"),
    ],
)
def test_counts_that_are_refused(treatment, control, where, faults_of):
    assert where in [fault.where for fault in faults_of(Study.from_counts, treatment, control)]


def test_both_arms_are_checked_before_anything_is_raised(faults_of):
    faults = faults_of(Study.from_counts, (41, 40), (1, 0))
    assert [fault.where for fault in faults] == ["treatment, events", "control, n"]


@pytest.mark.parametrize(
    ("treatment", "where"),
    [
        ((5.81, 0, 40), "treatment, sd"),
        ((5.81, -0.76, 40), "treatment, sd"),
        ((5.81, 0.76, 1), "treatment, n"),
        ((5.81, 0.76, 2.5), "treatment, n"),
        ((5.81, 0.76), "treatment"),
        ((float("nan"), 0.76, 40), "treatment, mean"),
        ((5.81, float("inf"), 40), "treatment, sd"),
        (("5.81%", "0.76", 40), "treatment"),
        ((5.81, 0.76, True), "treatment, n"),
    ],
)
def test_means_that_are_refused(treatment, where, faults_of):
    faults = faults_of(Study.from_means, treatment, (7.93, 0.82, 40))
    assert [fault.where for fault in faults] == [where]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"alpha": 0}, "alpha"),
        ({"alpha": 1}, "alpha"),
        ({"alpha": -0.05}, "alpha"),
        ({"alpha": float("nan")}, "alpha"),
        ({"alpha": "0.05"}, "alpha"),
        ({"direction": "up"}, "direction"),
        ({"direction": None}, "direction"),
        ({"n": (40, 1)}, "n, control"),
        ({"n": (0, 40)}, "n, treatment"),
        ({"n": 40}, "n"),
        ({"n": (40.5, 40)}, "n, treatment"),
        ({"benefit": "up"}, "benefit"),
    ],
)
def test_claims_that_are_refused(change, where, faults_of):
    given = {"n": (40, 40), "direction": "lower", "alpha": 0.05} | change
    assert where in [fault.where for fault in faults_of(Study.from_claim, **given)]


TOTALS = {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"women": 0}, "treatment, women"),
        ({"embryos": 39}, "treatment, embryos"),
        ({"embryos": 121}, "treatment, embryos"),
        ({"pregnant": 41}, "treatment, pregnant"),
        ({"implanted": 15}, "treatment, implanted"),
        ({"implanted": 81}, "treatment, implanted"),
        ({"implanted": -1}, "treatment, implanted"),
        ({"women": 40.5}, "treatment, women"),
        ({"births": 3}, "treatment, births"),
    ],
)
def test_clusters_that_are_refused(change, where, faults_of):
    faults = faults_of(Study.from_clusters, TOTALS | change, TOTALS)
    assert where in [fault.where for fault in faults]


def test_a_missing_total_is_named(faults_of):
    given = {name: value for name, value in TOTALS.items() if name != "embryos"}
    (fault,) = faults_of(Study.from_clusters, given, TOTALS)
    assert (fault.where, fault.found) == ("treatment, embryos", "'nothing'")


@pytest.mark.parametrize(
    ("benefit", "mcid", "where"), [("up", None, "benefit"), ("higher", 0, "mcid"), ("higher", "x", "mcid")]
)
def test_benefit_and_mcid_are_checked(benefit, mcid, where, faults_of):
    (fault,) = faults_of(Study.from_counts, (1, 2), (1, 2), benefit=benefit, mcid=mcid)
    assert fault.where == where


@pytest.mark.parametrize("mcid", [float("nan"), float("inf")])
def test_an_mcid_is_finite(mcid, faults_of):
    (fault,) = faults_of(Study.from_counts, (1, 2), (1, 2), mcid=mcid)
    assert fault.where == "mcid"


@pytest.mark.parametrize("outcome", ["", "A B", "<script>", "../x", 5])
def test_ids_are_checked_as_in_a_file(outcome, faults_of):
    (fault,) = faults_of(Study.from_counts, (1, 2), (1, 2), outcome=outcome)
    assert repr(outcome) in fault.found


@pytest.mark.parametrize("claim", ["", "P=nan", "P<5", "P", "P<0.05; rm", 0.05])
def test_the_p_of_a_claim_is_checked(claim, faults_of):
    (fault,) = faults_of(Study.from_counts, (1, 2), (1, 2), claim=claim)
    assert fault.where == "claim"


@pytest.mark.parametrize("alpha", [0.0012345678, 1e-7, 1 / 3])
def test_the_level_of_a_claim_keeps_its_digits(alpha):
    assert Study.from_claim((40, 40), "lower", alpha).items[0].claim.level == alpha


def test_numpy_numbers_are_means():
    item = Study.from_means((np.float64(5.81), np.float64(0.76), 40), (np.int64(8), 1, 40)).items[0]
    assert str(item.data["treatment"]) == "5.81 ± 0.76"
    assert str(item.data["control"]) == "8 ± 1"


def test_numpy_integers_are_counts():
    study = Study.from_counts((np.int64(16), np.int32(40)), (12, 40), outcome="cpr")
    assert study.outcome("cpr").counts("treatment") == Counts(16, 40)
    assert type(study.outcome("cpr").counts("treatment").events) is int


def test_zero_and_all_events_are_data():
    item = Study.from_counts((0, 40), (40, 40)).items[0]
    assert item.counts("treatment") == Counts(0, 40)
    assert item.counts("control") == Counts(40, 40)


def test_means_keep_trailing_zeros_given_as_text():
    item = Study.from_means(("5.80", "0.70", 40), (7.93, 0.82, 40), outcome="fsh").items[0]
    assert str(item.data["treatment"]) == "5.80 ± 0.70"
    assert item.data["treatment"].mean.decimals == 2


@pytest.mark.parametrize("value", [1e-7, 123456789012.5, 1e22])
def test_means_of_any_size_are_read_as_given(value):
    item = Study.from_means((value, value / 4, 10), (value, value / 3, 10)).items[0]
    assert float(item.data["treatment"].mean) == pytest.approx(value, rel=1e-15)
    assert float(item.data["control"].sd) == pytest.approx(value / 3, rel=1e-15)


@pytest.mark.parametrize(
    ("direction", "p", "relation"), [("lower", "P<0.01", "<"), ("none", "P>0.01", ">"), ("differs", "P<0.01", "<")]
)
def test_claims_say_their_level(direction, p, relation):
    item = Study.from_claim((40, 38), direction, 0.01).items[0]
    assert (item.claim.p, item.claim.relation, item.claim.level) == (p, relation, 0.01)
    assert (item.data["treatment"], item.data["control"]) == (Size(40), Size(38))


def test_clusters_hold_their_totals():
    item = Study.from_clusters(TOTALS, TOTALS | {"embryos": 84}).items[0]
    assert item.data["control"] == Clusters(40, 84, 16, 33)
    assert item.per == "embryo"


def test_a_study_says_what_it_is_in_one_line():
    text = repr(Study.from_counts((16, 40), (12, 41)))
    assert "40 vs 41 women" in text
    assert "\n" not in text


def test_a_study_shows_itself_escaped():
    shown = Study.from_counts((16, 40), (12, 40), label="<script>alert(1)</script>")._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    ("treatment", "control"),
    [
        ((16.0, 40.0), (12.0, 40.0)),
        (np.array([16, 40]), np.array([12, 40])),
        (np.array([16.0, 40.0]), [np.float32(12), np.int8(40)]),
        (pd.Series([16, 40], index=["a", "b"]), pd.Series([12.0, 40.0])),
    ],
)
def test_whole_floats_arrays_and_columns_are_counts(treatment, control):
    item = Study.from_counts(treatment, control).items[0]
    assert (item.counts("treatment"), item.counts("control")) == (Counts(16, 40), Counts(12, 40))


def test_the_digits_of_a_short_float_are_kept():
    item = Study.from_means((np.float32(5.81), np.float32(0.76), 40.0), np.array([7.93, 0.82, 40])).items[0]
    assert (str(item.data["treatment"]), str(item.data["control"])) == ("5.81 ± 0.76", "7.93 ± 0.82")
    assert item.data["control"].n == 40
    assert (
        Study.from_means((Decimal("5.810"), Decimal("0.70"), 40), (1, 2, 3)).items[0].printed("treatment")
        == "5.810 ± 0.70"
    )


def test_whole_floats_are_sizes_totals_and_levels():
    item = Study.from_claim(np.array([40.0, 38.0]), "lower", np.float32(0.05), mcid=np.float64(0.2)).items[0]
    assert (item.data["control"].n, item.claim.p, item.mcid) == (38, "P<0.05", 0.2)
    totals = {name: float(value) for name, value in TOTALS.items()}
    assert Study.from_clusters(totals, TOTALS).items[0].data["treatment"] == Clusters(40, 80, 16, 33)


@pytest.mark.parametrize(
    ("claim", "direction", "read"),
    [
        ("P>0.05", None, ("none", "no difference, P>0.05")),
        ("P<0.05", None, ("differs", "differs, P<0.05")),
        ("P=0.712", None, ("none", "no difference, P=0.712")),
        ("P=0.013", None, ("differs", "differs, P=0.013")),
        ("P=0.05", None, ("none", "no difference, P=0.05")),
        ("P<0.05", "lower", ("lower", "lower, P<0.05")),
        ("P>0.05", "higher", ("higher", "higher, P>0.05")),
    ],
)
@pytest.mark.parametrize("benefit", ["higher", "lower", "none"])
def test_no_direction_is_made_up_from_benefit(claim, direction, read, benefit):
    made = (
        Study.from_counts((12, 40), (16, 40), benefit=benefit, claim=claim, direction=direction),
        Study.from_means((1, 2, 40), (3, 4, 40), benefit=benefit, claim=claim, direction=direction),
        Study.from_clusters(TOTALS, TOTALS, benefit=benefit, claim=claim, direction=direction),
    )
    for study in made:
        assert (study.items[0].claim.direction, study.items[0].claim.text) == read


def test_no_difference_is_judged_as_no_difference():
    row = audit(Study.from_counts((12, 40), (16, 40), outcome="cpr", benefit="higher", claim="P>0.05")).claims.iloc[0]
    assert row.recomputed_p == pytest.approx(0.4823, abs=5e-5)
    assert row.supported == "yes"


def test_a_direction_is_one_of_four(faults_of):
    (fault,) = faults_of(Study.from_counts, (1, 2), (1, 2), claim="P<0.05", direction="better")
    assert fault.where == "direction"
