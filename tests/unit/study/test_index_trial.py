from __future__ import annotations

import pytest

IDS = [
    "cpr",
    "eir",
    "mcr",
    "fsh",
    "e2",
    "lh",
    "bhcg",
    "ca125",
    "il6",
    "qol_physiological",
    "qol_role",
    "qol_social",
    "qol_emotional",
    "qol_mental",
    "social_support",
    "adverse_reactions",
    "age",
    "bmi",
    "prior_miscarriages",
    "prior_transfers",
    "education",
]


def test_every_outcome_of_the_contract_is_present(lei):
    assert set(IDS) <= set(lei.ids)
    assert len(set(lei.ids)) == len(lei.ids)


@pytest.mark.parametrize("outcome", IDS)
def test_every_outcome_says_where_it_stands(lei, outcome):
    assert lei.outcome(outcome).source.strip()


@pytest.mark.parametrize("outcome", ["bhcg", "social_support"])
def test_what_was_not_visible_is_listed_without_a_number(lei, outcome):
    item = lei.outcome(outcome)
    assert item.kind == "unavailable"
    assert item.note
    assert item.data is None


@pytest.mark.parametrize(
    ("outcome", "arm", "mean", "sd"),
    [
        ("fsh", "treatment", "5.81", "0.76"),
        ("fsh", "control", "7.93", "0.82"),
        ("e2", "treatment", "120.75", "9.81"),
        ("lh", "control", "169.22", "10.05"),
        ("prior_transfers", "control", "1.69", "0.24"),
    ],
)
def test_means_keep_their_printed_text(lei, outcome, arm, mean, sd):
    datum = lei.outcome(outcome).data[arm]
    assert (datum.mean.text, datum.sd.text, datum.n) == (mean, sd, 40)


@pytest.mark.parametrize(("outcome", "benefit"), [("fsh", "none"), ("e2", "none"), ("lh", "none"), ("mcr", "lower")])
def test_benefit(lei, outcome, benefit):
    assert lei.outcome(outcome).benefit == benefit


@pytest.mark.parametrize(
    ("outcome", "mcid"), [("cpr", 0.05), ("eir", 0.05), ("mcr", 0.05), ("qol_mental", 0.3), ("ca125", None)]
)
def test_smallest_differences_that_matter(lei, outcome, mcid):
    assert lei.outcome(outcome).mcid == mcid


def test_the_table_has_one_row_for_each_outcome(lei):
    table = lei.outcomes
    assert list(table.outcome) == list(lei.ids)
    assert table.set_index("outcome").loc["eir", "counts_control"] == "19/84"
    assert table.set_index("outcome").loc["eir", "control"] == "22.62%"


def test_an_unknown_outcome_is_refused_with_the_known_ones(lei, faults_of):
    (fault,) = faults_of(lei.outcome, "live_birth")
    assert "cpr" in fault.allowed
