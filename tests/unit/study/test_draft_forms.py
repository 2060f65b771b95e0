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
