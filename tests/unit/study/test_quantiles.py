"""A median with quartiles or a range: every usual spelling, and what cannot be read to one meaning or cannot hold."""

import pytest

import bayes_ivf as bi
from bayes_ivf.study import Quantiles, Unusable, parse_study, study_table
from bayes_ivf.study.quantile_cell import read_quantiles

QUARTILES = {"q1": "4.9", "median": "5.8", "q3": "6.7"}
RANGE = {"low": "2", "median": "5.8", "high": "11"}
BOTH = QUARTILES | RANGE


@pytest.mark.parametrize(
    ("text", "declared", "numbers", "bare"),
    [
        ("5.8 (4.9-6.7)", None, QUARTILES, True),
        ("5.8 (4.9–6.7)", "quartiles", QUARTILES, False),
        ("5.8 [4.9; 6.7]", None, QUARTILES, True),
        ("5.8 (4.9, 6.7)", "quartiles", QUARTILES, False),
        ("5.8 (4.9 to 6.7)", "quartiles", QUARTILES, False),
        ("median 5.8 [IQR 4.9, 6.7]", None, QUARTILES, False),
        ("5.8, IQR: 4.9–6.7", None, QUARTILES, False),
        ("5.8 (Q1–Q3: 4.9–6.7)", None, QUARTILES, False),
        ("5.8 (25th-75th percentile 4.9-6.7)", None, QUARTILES, False),
        ("5.8 (interquartile range, 4.9-6.7)", None, QUARTILES, False),
        ("5.8 (4.9-6.7 IQR)", None, QUARTILES, False),
        ("5.8 (2-11)", "range", RANGE, False),
        ("5.8 (range 2–11)", None, RANGE, False),
        ("5.8 (min-max 2 to 11)", None, RANGE, False),
        ("5.8 [4.9; 6.7], range 2 to 11", None, BOTH, True),
        ("5.8 (IQR 4.9-6.7; range 2-11)", None, BOTH, False),
        ("5.8 (4.9-6.7) [2-11]", "quartiles+range", BOTH, False),
        ("5.8 (range 2-11) (4.9-6.7)", None, BOTH, True),
        ("2, 4.9, 5.8, 6.7, 11", None, BOTH, False),
        ("2 / 4.9 / 5.8 / 6.7 / 11", None, BOTH, False),
        ("min 2, Q1 4.9, median 5.8, Q3 6.7, max 11", None, BOTH, False),
        ("median 5.8; min 2; max 11", None, RANGE, False),
        ("−0,5 (−1,2 to 0,3)", None, {"q1": "−1,2", "median": "−0,5", "q3": "0,3"}, True),
        ("5 (95-110)", None, {"q1": "95", "median": "5", "q3": "110"}, True),
    ],
)
def test_spellings(text, declared, numbers, bare):
    cell = read_quantiles(text, declared)
    assert {name: str(number) for name, number in cell.numbers.items()} == numbers
    assert cell.bare is bare


@pytest.mark.parametrize(
    ("text", "declared", "words"),
    [
        ("5.8 (1.8)", None, "distance alone"),
        ("5.8 (IQR 1.8)", None, "distance alone"),
        ("5.8 ± 1.8", None, "kind = mean_sd"),
        ("5.8 (95% CI 4.9 to 6.7)", None, "unavailable"),
        ("5.8", None, "median alone"),
        ("5.8 (4.9-6.7", None, "closing bracket"),
        ("1,234 (900-2,000)", None, "one meaning"),
        ("5.8 (range 2-11)", "quartiles", "spread"),
        ("5.8 (4.9-6.7)", "quartiles+range", "spread"),
        ("5.8 (4.9-6.7) (2-11) (1-12)", None, "at most"),
        ("5.8 (range 4.9-6.7) (range 2-11)", None, "say of each pair"),
        ("1, 2, 3", None, "in brackets"),
        ("", None, "median first"),
        ("1, 2, 3, 4, 5, 6", None, "quartiles"),
        ("q1 1, q1 2, median 3", None, "median first"),
    ],
)
def test_what_has_no_single_meaning(text, declared, words, faults_of):
    (fault,) = faults_of(read_quantiles, text, declared)
    assert words in f"{fault.allowed} {fault.action}"
    assert repr(text) in fault.found


def study_of(treatment, control="4.1 (3.2-5.0)", **keys):
    arms = {"treatment": {"label": "t", "n": 44}, "control": {"label": "c", "n": 48}}
    row = {"id": "x", "label": "Oocytes", "kind": "quantiles", "benefit": "none", "treatment": treatment}
    rows = [row | {"control": control} | keys]
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": rows}, "test")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5.8 (6.7-4.9)", "lower quartile lies above the median"),
        ("7.8 (4.9-6.7)", "median lies above the upper quartile"),
        ("5.8 (4.9-6.7), range 5 to 11", "minimum lies above the lower quartile"),
        ("5 (5-5)", "the same"),
    ],
)
def test_what_cannot_hold_is_a_finding(text, words):
    study = study_of(text)
    datum = study.items[0].data["treatment"]
    assert isinstance(datum, Unusable)
    assert words in study.items[0].left_out
    assert [finding.subject for finding in bi.audit(study).findings.itertuples() if finding.check == "printed_values"]
    assert parse_study(study_table(study), "again") == study


def test_a_row_is_read_written_and_read_again():
    study = study_of("5 (5-8), range 1 to 20", spread="quartiles+range", control="4 (3-8), 2-19")
    datum = study.items[0].data["treatment"]
    assert datum == Quantiles(44, **read_quantiles("1, 5, 5, 8, 20").numbers)
    assert str(datum) == "5 (quartiles 5 to 8; range 1 to 20)"
    assert read_quantiles(str(datum)).numbers == datum.numbers
    assert parse_study(study_table(study), "again") == study


def test_a_spread_of_another_kind_is_a_fault(faults_of):
    (fault, _) = faults_of(study_of, "5.8 (4.9-6.7)", spread="se")
    assert "quartiles" in fault.allowed
    keys = {"kind": "mean_sd", "spread": "quartiles", "control": "4.1 ± 2"}
    assert "quantiles" in faults_of(study_of, "5.8 ± 2", **keys)[0].allowed


def test_a_median_typed_as_a_mean_names_the_kind(faults_of):
    fault = faults_of(study_of, "5 (3-8)", kind="mean_sd")[0]
    assert 'kind = "quantiles"' in fault.action


def test_constructor(faults_of):
    study = bi.Study.from_quantiles(
        (5.8, 4.9, 6.7, 2, 11, 40), ("5", "3", "8", "1", "12", 41), spread="quartiles+range"
    )
    assert study.sizes == {"treatment": 40, "control": 41}
    assert study.outcomes.treatment[0] == "5.8 (quartiles 4.9 to 6.7; range 2 to 11)"
    assert parse_study(study_table(study), "again").items[0].data == study.items[0].data
    bad = faults_of(bi.Study.from_quantiles, (5, 6, 8, 40), (5, 5, 5, 3))
    assert "above" in bad[0].found
    assert "n" in bad[1].where
    assert faults_of(bi.Study.from_quantiles, (5, 4, 8, 40), (5, 4, 8, 40), spread="iqr")[0].where == "spread"
    assert len(faults_of(bi.Study.from_quantiles, (5, 4, 8), (5, 5, 5, 9))) == 2
