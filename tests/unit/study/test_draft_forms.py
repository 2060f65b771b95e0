"""Intervals, spreads and medians in the words of abstracts: read whole, or left as comments beside the counts."""

from __future__ import annotations

import tomllib

import pytest

from bayes_ivf.study import draft_text, parse_study

SIZED = "Women received letrozole (n = 58) or placebo (n = 59). "
BIRTHS = "Live birth occurred in 11 (19%) women with letrozole and 14 (24%) with placebo "


def rows(text):
    tables = tomllib.loads(draft_text(SIZED + text, "draft"))
    parse_study(tables, "draft")
    return {row["id"]: row for row in tables["outcomes"]}


@pytest.mark.parametrize(
    "interval",
    [
        "95% confidence interval of 0.30 to 1.92", "95% confidence interval from 0.30 to 1.92", "95% CI was 0.30-1.92",
        "95% CI ranging from 0.30 to 1.92", "with a 95% confidence interval ranging from 0.30 to 1.92", "95% CI 0.30 to 1.92",
        "95% CI: between 0.30 and 1.92",
    ],
)  # fmt: skip
def test_an_interval_is_read_behind_any_words_for_it(interval):
    row = rows(BIRTHS + f"(OR 0.76, {interval}).")["live_birth"]
    assert (row["treatment"], row["control"]) == ("11/58 (19%)", "14/59 (24%)")
    assert row["effect"] == {"scale": "odds_ratio", "estimate": "0.76", "low": "0.30", "high": "1.92"}


@pytest.mark.parametrize(
    "effect",
    [
        "OR 0.76, where the 95% confidence interval is said to reach down to 0.30 and up to 1.92",
        "OR 0.76, 95% confidence limits 0.30 to 1.92",
        "OR 2.5, 95% CI 0.30 to 1.92",
        "OR 0.76%, 95% CI 0.30% to 1.92%",
        "RR 0.7.6 (0.30-1.92)",
        "OR 0.76 0.30 to 95% CI",
    ],
)
def test_what_is_not_understood_of_an_effect_leaves_the_counts(effect):
    row = rows(BIRTHS + f"({effect}).")["live_birth"]
    assert (row["kind"], row["treatment"], row["control"]) == ("counts", "11/58 (19%)", "14/59 (24%)")
    assert "effect" not in row
    comments = [line for line in draft_text(SIZED + BIRTHS + f"({effect}).", "draft").splitlines() if line[:1] == "#"]
    assert "0.30" in "".join(comments[-4:])


@pytest.mark.parametrize("number", ["3.2", "13.25", ".5", "-3.2"])
def test_no_number_is_torn(number):
    low, high = (-20, 20)
    effect = rows(f"The mean difference in pain was {number}, 95% confidence interval of {low} to {high}.")[
        "pain_effect"
    ]
    assert [effect["effect"][key] for key in ("estimate", "low", "high")] == [number, str(low), str(high)]


@pytest.mark.parametrize(
    ("before", "behind", "after", "spread"),
    [
        ("", " (mean ± SEM)", "", "se"), ("", " (SEM)", "", "se"), ("Values are mean ± SEM. ", "", "", "se"),
        ("Data are presented as means and standard errors. ", "", "", "se"), ("", " (mean ± SD)", "", "sd"),
        ("Results are given as mean ± standard deviation. ", "", "", "sd"), ("", "", " (mean ± SE)", "se"), ("", "", "", None),
        ("Values are means ± SD. ", " (SEM)", "", "se"), ("Values are means ± SD. Data are means ± SEM. ", "", "", None),
        ("The growth rate had a mean with SE 0.3. ", "", "", None),
    ],
)  # fmt: skip
def test_what_follows_a_mean_is_what_the_text_says(before, behind, after, spread):
    text = (
        f"{before}Endometrial thickness was 9.1 ± 0.3{behind} mm with letrozole and 8.2 ± 0.4 mm with placebo{after}."
    )
    row = rows(text)["endometrium"]
    assert (row["treatment"], row["control"], row["unit"], row.get("spread")) == (
        "9.1 ± 0.3",
        "8.2 ± 0.4",
        "mm",
        spread,
    )
    assert ("# as the text says, line 1, column" in draft_text(SIZED + text, "draft")) == (spread is not None)


def test_two_kinds_of_spread_are_asked_about():
    text = "Values are means ± SD. Data are means ± SEM. The endometrium was 9 ± 1 mm with letrozole, 8 ± 1 mm with placebo."
    assert "confirm: the text speaks of standard deviations and of standard errors" in draft_text(SIZED + text, "draft")


def test_a_number_with_its_range_is_a_median_to_be_confirmed():
    text = "The number of oocytes was 9 (range 2-21) with letrozole and 7 (range 1-19) with placebo."
    row = rows(text)["number_of_oocytes"]
    assert (row["kind"], row["spread"], row["treatment"], row["control"]) == (
        "quantiles", "range", "9 (range 2-21)", "7 (range 1-19)",
    )  # fmt: skip
    assert "confirm: the text does not say that the numbers before the brackets are medians" in draft_text(
        SIZED + text, "d"
    )
    assert rows(text.replace("number", "mean number"))["mean_number_of_oocytes"]["kind"] == "unavailable"


def test_a_p_and_its_statistic_are_read_where_the_numbers_are_not():
    text = "Estradiol fell by 120 pg/ml with letrozole and by 30 pg/ml with placebo (t = 2.31, P = 0.02)."
    row = rows(text)["e2"]
    assert (row["kind"], row["statistic"], row["claim"]["p"]) == ("p_value", "t = 2.31", "P = 0.02")
    assert "confirm: which arm had more was not read" in draft_text(SIZED + text, "draft")
    assert "used: 120, 30" in " ".join(draft_text(SIZED + text, "draft").split())
    row = rows("Ovarian cysts were told apart by a test (χ2 = 5.2; P < 0.05).")
    assert [(each["kind"], each["claim"]["direction"]) for each in row.values()] == [("claim_only", "differs")]


@pytest.mark.parametrize(
    ("text", "treatment", "control"),
    [
        ("There were no miscarriages with letrozole and three with placebo.", "0/58", "3/59"),
        ("There was one miscarriage in the letrozole group, and none in the placebo group.", "1/58", "0/59"),
        ("Four women with placebo and 2 women with letrozole had a miscarriage.", "2/58", "4/59"),
    ],
)
def test_counts_in_words_are_counts_to_be_confirmed(text, treatment, control):
    row = rows(text)["mcr"]
    assert (row["kind"], row["treatment"], row["control"], row["label"]) == (
        "counts",
        treatment,
        control,
        "Miscarriage",
    )
    assert "confirm: the counts stand without a denominator" in draft_text(SIZED + text, "draft")
    assert "confirm: the denominators are taken as the women of the arms" in draft_text(SIZED + text, "draft")


@pytest.mark.parametrize(
    "text",
    [
        "There were no miscarriages with letrozole or with placebo, and one twin.",
        "Two weeks after letrozole and three with placebo a miscarriage was seen.",
        "Miscarriages were seen twice, one with letrozole after three scans and two or so with placebo.",
        "No change in miscarriages was seen with letrozole and three with placebo.",
    ],
)
def test_other_number_words_are_no_counts_and_are_not_lost(text):
    assert "treatment" not in rows(text)["mcr"]
    assert "used: " in draft_text(SIZED + text, "draft")


def test_a_text_that_names_an_outcome_is_drafted_with_what_was_not_read():
    text = "Estradiol came to 120 after letrozole, then 30 days of placebo followed."
    assert rows(text)["e2"]["kind"] == "unavailable"
    assert "used: 120, 30" in " ".join(draft_text(SIZED + text, "draft").split())


def test_arms_are_called_what_they_received_alone():
    text = (
        "Two groups: group K (n = 40) received the drug without surgery and group L (n = 41) had surgery. "
        "The continuing pregnancy rate (PR) was 35% in all. The continuing PR was 39% in group L and 18% in group K."
    )
    tables = tomllib.loads(draft_text(text, "draft"))
    assert [tables["arms"][arm]["label"] for arm in ("treatment", "control")] == [
        "surgery (group L)",
        "the drug without surgery",
    ]
    assert "confirm: what the arm had is taken for its name" in draft_text(text, "draft")
    (row,) = [row for row in tables["outcomes"] if "treatment" in row]
    assert (row["label"], row["treatment"], row["control"]) == ("Continuing pregnancy rate", "39%", "18%")
    text = "The full set included oil group (n = 40) and water group (n = 41). Live birth was 35% with oil and 27% with water."
    assert [arm["label"] for arm in tomllib.loads(draft_text(text, "draft"))["arms"].values()] == [
        "oil group",
        "water group",
    ]
    text = "Group K (n = 40) received the drug and group L (n = 41) had better embryos. Live birth: 35% (group K), 27% (group L)."
    assert "better" not in str(tomllib.loads(draft_text(text, "draft"))["arms"])
