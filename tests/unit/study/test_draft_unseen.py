"""Forms of print that published abstracts have and the texts of `test_draft_abstract` have not, in sentences of our own."""

from __future__ import annotations

import re
import tomllib

import pytest

from bayes_ivf.errors import BayesIvfError
from bayes_ivf.study import draft_text, lacks_sizes, parse_study

SIZED = "Women received letrozole (n = 40) or placebo (n = 41). "
FILLED = re.compile(r"^# n =   # confirm: .*$", re.M)


def drafted(text):
    """The tables of a draft, which pass once the sizes of arms that it asks for are filled in."""
    toml = draft_text(text, "draft")
    parse_study(tomllib.loads(FILLED.sub("n = 1000", toml)), "draft")
    return tomllib.loads(toml)


def cells(text):
    """Label, treatment and control of every outcome with numbers."""
    return [(row["label"], row["treatment"], row["control"]) for row in drafted(text)["outcomes"] if "treatment" in row]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Live births were 35% in the LMWH group and 27% in the control group.", ("LMWH group", "control group")),
        ("Live birth rates were 35% in group A and 27% in group B.", ("group A", "group B")),
        ("Women had scratching (Group A) or a sham procedure (Group B). Live birth was 35% in group A and 27% in group B.",
         ("scratching", "a sham procedure")),
        ("Live birth was seen in 12/40 with heparin and in 11/41 without heparin.", ("with heparin", "without heparin")),
        ("Women were randomly assigned to either letrozole or clomiphene for five days. "
         "Live birth was 35% with letrozole and 27% with clomiphene.", ("letrozole", "clomiphene")),
        ("The single dose group and the double dose group had live birth rates of 35% and 27%, respectively.",
         ("single dose group", "double dose group")),
        ("The study group took a tablet. Live birth was 35% in the study group and 27% in the placebo group; the control group "
         "came back later.", ("study group", "placebo group")),
    ],
)  # fmt: skip
def test_arms_without_sizes_are_drafted_and_asked_about(text, labels):
    tables = drafted(text)
    assert [tables["arms"][arm]["label"] for arm in ("treatment", "control")] == list(labels)
    assert not any("n" in tables["arms"][arm] for arm in ("treatment", "control"))
    toml = draft_text(text, "draft")
    assert lacks_sizes(toml)
    assert len(FILLED.findall(toml)) == 2
    (row,) = [row for row in tables["outcomes"] if row["id"] == "live_birth"]
    assert re.sub(r"\D.*", "", row["treatment"]) in ("35", "12")


def test_what_needs_no_size_is_checked_without_it():
    with pytest.raises(BayesIvfError, match="add n, as live_birth needs it"):
        parse_study(
            tomllib.loads(draft_text("Live births were 35% in the A group and 27% in the B group.", "draft")), "draft"
        )
    text = "With letrozole or placebo (letrozole group, placebo group) the odds ratio for live birth was 1.2, 95% CI 0.8-1.8."
    parse_study(tomllib.loads(draft_text(text, "draft")), "draft")


def test_counts_of_results_are_no_sizes_of_arms():
    text = (
        "OHSS occurred in 12 women in the control group and 3 women in the letrozole group. Live birth was 35% in the letrozole "
        "group and 27% in the control group."
    )
    tables = drafted(text)
    assert "n" not in tables["arms"]["treatment"]
    assert "n" not in tables["arms"]["control"]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Nausea was noted in 12% of women with letrozole and 30% with placebo.", [("Nausea", "12%", "30%")]),
        ("The letrozole group had less headache (12% vs. 30%, P = 0.03).", [("Headache", "12%", "30%")]),
        ("12% of women in the letrozole group reported a hot flush compared with 30% in the placebo group.",
         [("Hot flush", "12%", "30%")]),
        ("Nausea 12% vs 30%, headache 5% vs 7%, hot flushes 9% vs 8% were seen with letrozole and placebo.",
         [("Nausea", "12%", "30%"), ("Headache", "5%", "7%"), ("Hot flushes", "9%", "8%")]),
        ("One week after the scan, 5 of 40 (12.5%) women were diagnosed with a cyst in the letrozole group compared with 9 of 41 "
         "(22%) in the placebo group.", [("Cyst", "5/40 (12.5%)", "9/41 (22%)")]),
        ("The need for surgery and a second course of tablets were lower in the letrozole group (12% vs. 30% and 5% vs. 7%, "
         "respectively).", [("Need for surgery", "12%", "30%"), ("Second course of tablets", "5%", "7%")]),
        ("Nausea was noted in 12% (6.1%-20.2%) of the letrozole group and 30% (20% to 41%) of the placebo group.",
         [("Nausea", "12%", "30%")]),
        ("The rate of nausea was 12% in both groups.", [("Rate of nausea", "12%", "12%")]),
        ("Time to recovery was significantly shorter (P < 0.01) in the letrozole group (49.0 ± 12.8 min) compared to the placebo "
         "group (62.5 ± 18.3 min).", [("Time to recovery", "49.0 ± 12.8", "62.5 ± 18.3")]),
    ],
)  # fmt: skip
def test_outcomes_of_no_list_are_named_by_the_sentence_and_marked(sentence, found):
    assert cells(SIZED + sentence) == found
    toml = draft_text(SIZED + sentence, "draft")
    assert toml.count("confirm: named as the text does") == len(found)


def test_a_p_ends_what_is_said_of_an_outcome():
    text = SIZED + (
        "The letrozole group had a shorter stay (21.3 vs. 32.4 h, P < 0.001), placebo was more often followed by nausea "
        "(53% vs. 28%, P = 0.01)."
    )
    rows = {row["label"]: row for row in drafted(text)["outcomes"]}
    assert rows["Shorter stay" if "Shorter stay" in rows else "Stay"]["claim"]["p"] == "P < 0.001"
    (nausea,) = [row for row in rows.values() if "treatment" in row]
    assert (nausea["treatment"], nausea["control"], nausea["claim"]["p"]) == ("28%", "53%", "P = 0.01")


@pytest.mark.parametrize(
    ("sentence", "effect"),
    [
        ("Headache was less frequent (odds ratio [95% CI] = 0.31 [0.04-0.94]).", ("odds_ratio", "0.31", "0.04", "0.94")),
        ("Letrozole was associated with a higher pain score on a scale (adjusted mean difference, 3.07; 95% CI, 2.53-3.60).",
         ("mean_difference", "3.07", "2.53", "3.60")),
        ("The hazard rate for pregnancy was 1.6, 95% confidence interval 1.13-2.27.", ("hazard_ratio", "1.6", "1.13", "2.27")),
    ],
)  # fmt: skip
def test_effects_without_cells_belong_to_the_words_before_them(sentence, effect):
    (row,) = [row for row in drafted(SIZED + sentence)["outcomes"] if "effect" in row]
    assert tuple(row["effect"][key] for key in ("scale", "estimate", "low", "high")) == effect


def test_this_difference_is_that_of_the_sentence_before():
    text = SIZED + (
        "Nausea was noted in 12% with letrozole compared with 30% with placebo. This difference was not significant "
        "(relative risk 0.41; 95% CI 0.14-1.16; P = 0.09)."
    )
    rows = {row["id"]: row for row in drafted(text)["outcomes"]}
    assert rows["nausea_effect"]["effect"]["estimate"] == "0.41"
    assert (rows["nausea"]["treatment"], rows["nausea"]["control"]) == ("12%", "30%")


def test_more_events_than_women_are_no_counts():
    text = SIZED + "The mean birth weight was 3391/56 ± 422 with letrozole and 3314/06 ± 341 with placebo (P = 0.2)."
    text += " Live birth was 35% with letrozole and 27% with placebo."
    assert cells(text) == [("Live birth", "35%", "27%")]
    assert "3391/56" in draft_text(text, "draft")


def test_a_text_that_names_no_design_is_drafted():
    assert drafted(SIZED + "Live birth was 35% with letrozole and 27% with placebo.")["design_words"] == ["not said"]


@pytest.mark.parametrize(
    "text",
    [
        "12% " * 4000,
        "with a " * 2500,
        "Group A: " * 2000,
        SIZED + "12% vs 30%, " * 400,
        "randomized to one or the other, " * 600,
        "a" * 30_000,
    ],
)
def test_nonsense_is_refused(text):
    with pytest.raises(BayesIvfError):
        draft_text(text, "draft")


def test_percent_may_be_a_word():
    assert cells(SIZED + "Live birth was 35 percent with letrozole and 27 per cent with placebo.") == [
        ("Live birth", "35%", "27%")
    ]


def test_counts_in_brackets_are_no_sizes_of_arms():
    text = "Live birth was 70% (n=37/53) in the letrozole group and 73% (n=33/45) in the placebo group."
    tables = drafted(text)
    assert [tables["arms"][arm].get("n") for arm in ("treatment", "control")] in ([None, None], [53, 45])


def test_lettered_groups_are_several_arms():
    text = (
        "Given were saline (Group I) or drug at 1 mg (Group II) or drug at 2 mg (Group III). "
        "Live birth was 35%, 27% and 20% in group I, group II and group III, respectively."
    )
    tables = drafted(text)
    assert len(tables["arms"]) == 3
    (row,) = [row for row in tables["outcomes"] if row["id"] == "live_birth"]
    assert list(row["cells"].values()) == ["27%", "20%", "35%"] or list(row["cells"].values()) == ["35%", "27%", "20%"]


@pytest.mark.parametrize(
    "words", ["two groups of 27 patients", "two groups, with 27 women in each group", "two groups (n = 27 each)"]
)
def test_a_size_of_each_group_is_that_of_both(words):
    text = f"Women were allocated to {words}. Live birth was 35% in the drug group and 27% in the placebo group."
    assert [arm["n"] for arm in drafted(text)["arms"].values()] == [27, 27]
    assert draft_text(text, "draft").count("confirm: the size, which the text gives for each of two groups") == 2


def test_what_it_means_is_the_outcome_before():
    text = SIZED + (
        "The live birth rate with one embryo was 35% (letrozole) and 27% (placebo), with two blastocysts it came to 45% "
        "(letrozole) and 37% (placebo)."
    )
    assert cells(text) == [("Live birth", "35%", "27%"), ("Live birth", "45%", "37%")]
    assert "confirm: the outcome is named only with what the numbers are of" in draft_text(text, "draft")


def test_what_an_outcome_is_of_is_not_the_outcome():
    text = SIZED + "The live birth rate after transfer of blastocysts was 35% with letrozole and 27% with placebo."
    assert cells(text) == [("Live birth", "35%", "27%")]


def test_a_text_of_very_many_lines_is_refused_at_once():
    with pytest.raises(BayesIvfError, match="400001 lines"):
        draft_text("a,b,c,d\n" * 400_001, "draft")
