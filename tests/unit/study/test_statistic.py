"""Test statistics as papers print them: read to one meaning, or refused in words."""

from decimal import Decimal

import pytest

from bayes_ivf.errors import StudyError
from bayes_ivf.study import parse_study, read_statistic, study_table

SPELLINGS = {
    "t(28) = 2.20": [
        "t(28) = 2.20", "t(28)=2.20", "t28 = 2.20", "t₂₈=2.20", "t₍₂₈₎ = 2.20", "t = 2.20, df = 28", "t = 2.20 (df = 28)",
        "t=2.20, d.f.=28", "T(28) = 2.20", "|t|(28) = 2.20", "t(df = 28) = 2.20", "t [28] = 2.20", "Student's t(28) = 2.20",
        "t(28) = 2,20", "t(28) = 2·20", "t（28） = 2.20",
    ],
    "t(28) = -2.20": ["t(28) = −2.20", "t(28) = - 2.20", "t28 = –2.20"],
    "t(63.2) = 2.4": ["t(63.2) = 2.4", "t(63,2) = 2.4", "Welch's t(63.2) = 2.4"],
    "t = 2.05": ["t = 2.05", "t=2.05"],
    "F(1, 78) = 4.20": ["F(1, 78) = 4.20", "F1,78 = 4.20", "F₁,₇₈ = 4.20", "F(1;78) = 4.20", "F = 4.20, df = 1, 78"],
    "chi-square(1) = 3.84": [
        "χ²(1) = 3.84", "χ2(1) = 3.84", "chi2(1)=3.84", "chi-square(1) = 3.84", "Chi-squared (1) = 3.84", "X2(1) = 3.84",
        "x²(1) = 3.84", "chi square = 3.84, df = 1", "χ^2(1) = 3.84",
    ],
    "chi-square(1, N = 80) = 3.84": ["χ²(1, N = 80) = 3.84", "χ2(1, n=80)=3.84", "χ²(1) = 3.84, N = 80"],
    "z = 2.1": ["z = 2.1", "Z=2.1"],
    "r(28) = 0.22": ["r(28) = .22", "r(28) = 0.22"],
    "r(N = 30) = -0.22": ["r = -.22, n = 30", "r = −0.22 (N = 30)"],
    "Q(3) = 7.81": ["Q(3) = 7.81", "Qw(3) = 7.81", "Q-between(3) = 7.81"],
    "t(28) < 1": ["t(28) < 1", "t(28)<1"],
    "F(1, 78) > 12.5": ["F(1, 78) > 12.5"],
}  # fmt: skip
REFUSED = {
    "": "as printed",
    "t": "as printed",
    "2.20": "as printed",
    "U = 12": "as printed",
    "t(28) = 2.20, p = .03": "as printed",
    "t(28) = 2.20%": "as printed",
    "t(28 = 2.20": "as printed",
    "t() = 2.20": "degrees of freedom",
    "t(28, 3) = 2.20": "degrees of freedom of t, not 28, 3",
    "t(1,200) = 2.20": "one meaning",
    "F(78) = 4.20": "two degrees of freedom",
    "F = 4.20": "two degrees of freedom of F, not none",
    "χ² = 3.84": "degrees of freedom",
    "t(28) = 2.20 = 3": "as printed",
    "t(28) = " + "1" * 40: "at most 30 digits",
}


@pytest.mark.parametrize(("plain", "text"), [(plain, text) for plain, texts in SPELLINGS.items() for text in texts])
def test_every_spelling_is_read_alike(plain, text):
    assert str(read_statistic(text)) == plain


@pytest.mark.parametrize(("text", "allowed"), REFUSED.items())
def test_what_has_no_single_meaning_is_refused(text, allowed):
    with pytest.raises(StudyError) as caught:
        read_statistic(text)
    (fault,) = caught.value.faults
    assert allowed in fault.allowed
    assert fault.action


def test_a_p_beside_the_statistic_is_sent_where_it_belongs():
    with pytest.raises(StudyError, match="`p` of the claim"):
        read_statistic("t(28) = 2.20, p = .03")


def test_the_printed_decimals_are_kept():
    read = read_statistic("F(1, 78) = 4.20")
    assert (read.value.decimals, read.value.text, read.df, read.n) == (2, "4.20", (Decimal(1), Decimal(78)), None)


@pytest.mark.parametrize("text", ["t(0) = 2", "F(1, 78) = -3.1", "r(28) = 1.2", "χ²(1) = -3.84", "F(0, 78) = 2"])
def test_what_cannot_be_is_a_finding_and_no_fault(text, with_outcome):
    study = parse_study(with_outcome(kind="counts", treatment="10/30", control="8/32", statistic=text), "f.toml")
    (found,) = study.items[0].impossible
    assert found.found == text
    assert "cannot be if" in found.why


def test_a_fault_names_its_place(with_outcome):
    with pytest.raises(StudyError) as caught:
        parse_study(with_outcome(kind="counts", treatment="10/30", control="8/32", statistic="about 2"), "f.toml")
    assert caught.value.faults[0].where.endswith("statistic")


@pytest.mark.parametrize("text", ["t(28) = 2.20", "χ²(1, N = 62) = 3.84", "t(0) = 2"])
def test_a_statistic_is_written_as_it_is_read(text, with_outcome):
    study = parse_study(with_outcome(kind="counts", treatment="10/30", control="8/32", statistic=text), "f.toml")
    assert study_table(study)["outcomes"][0]["statistic"] == text
    assert parse_study(study_table(study), "again") == study
