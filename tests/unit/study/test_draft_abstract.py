"""A study file drafted from an abstract: facts of published trials in sentences of our own, cell by cell."""

from __future__ import annotations

import random
import re
import tomllib

import pytest

from bayes_ivf.errors import BayesIvfError
from bayes_ivf.study import draft_text, parse_study

INTRALIPID = """Trial of a fat emulsion in 102 women whose earlier transfers had failed.
METHODS: Patients in the study group (n = 52) received intralipid by infusion; the control group (n = 50)
received saline.
RESULTS: Positive pregnancy tests differed between the intralipid group (40.38%) and control group (16%) (p =
0.006, RR = 2.5 (1.23-5.16)); so did clinical pregnancy rates (34.62% vs 14%; p = 0.006; RR 2.5 [1.13-5.40]),
implantation rates (16.6% vs 6.6%, p = 0.012, RR = 2.5 (1.18 to 5.41)) and the take-home baby rate (28.8% vs
10%, p = 0.024, RR 2.8 (1.1-7.3))."""

LETROZOLE = """In this randomized trial 98 women (294 cycles) received letrozole; 106 women (318 cycles) received clomiphene. P
values less than 0.05 were considered significant. The number of dominant follicles in the letrozole group and
the clomiphene group was 1.86±0.26 and 1.92±0.17, respectively (P=0.126). There were 196 (66.6%) ovulatory
cycles; see below. Endometrial thickness was 9.1±0.3 mm in the letrozole group and 6.3±1.1 in the clomiphene
group (P=0.014). Estradiol was significantly higher in the clomiphene group (364.2±71.4 pg/mL) than in the
letrozole group (248.2± 42.2 pg/mL). 43 women of the letrozole group (43.8%) and 28 women of the clomiphene
group (26.4%) conceived."""

MELATONIN = """One hundred and sixty women were randomized to placebo (n = 40) or to melatonin 2 mg (n = 41), melatonin 4 mg (n
= 39) or melatonin 8 mg (n = 40). Live birth rates did not differ between the four groups (p = 0.5). With all
doses of melatonin pooled and compared with placebo, the CPR was 21.7% in the former and 15.0% in the latter (OR
1.57; 95% CI 0.59 to 4.14; p = 0.4)."""

DALTEPARIN = """Women were allocated at random to either LPS alone (Ctrl; n = 40) or LPS plus dalteparin (Exp; n = 40). Levels
of β-hCG, FSH, E2, LH, CA-125 and IL-6 were measured. The Exp group had significantly higher clinical pregnancy
rates (CPR) and embryo implantation rates (EIR) than the Ctrl group (P < 0 .0 5). The miscarriage rate was
significantly lower in the Exp group (P<0.05). CA-125 and IL-6 were significantly lower in the Exp group
(P<0.05). Quality of life improved, with significant increases in physiological function, physiological role,
social function, emotional function, and mental health in the Exp group (P<0.05). No significant difference in
adverse reactions was found (P>0.05)."""

PER_TRANSFER = """172 women were randomly allocated to treatment (n=86) and control (n=86) groups. The treatment group received
dalteparin. Implantation rates were 15% and 12% in the dalteparin and control groups, respectively. Clinical
pregnancy rates per embryo transfer were 26% (19/73) and 20% (16/80) in the dalteparin and control groups,
respectively."""

ONE_ARM_AT_A_TIME = """Allocated were the experimental (Exp) group (n = 40) and the control (Ctrl) group (n = 40). In the
Exp group the CPR was 40%, the EIR was 41.25%, and the MCR was 6.25%. In the Ctrl group, the CPR, EIR, and MCR were 30%,
22.62%, and 8.33%, respectively. The CPR and EIR of the Exp group were significantly higher, while the MCR was
lower (P<0.05). In the Exp group FSH was 5.81±0.76 pg/L and LH was 109.48±11.52 nmol/L. In the Ctrl group FSH
and LH were 7.93±0.82 pg/L and 169.22±10.05 nmol/L, respectively. FSH and LH were significantly lower in the Exp
group (P<0.05)."""

CELLS = {
    "intralipid": (INTRALIPID, (52, 50), {
        "bpr": ("40.38%", "16%", "higher", "p = 0.006"),
        "cpr": ("34.62%", "14%", "higher", "p = 0.006"),
        "eir": ("16.6%", "6.6%", "higher", "p = 0.012"),
        "live_birth": ("28.8%", "10%", "higher", "p = 0.024"),
    }),
    "letrozole": (LETROZOLE, (98, 106), {
        "follicles": ("1.86±0.26", "1.92±0.17", "none", "P=0.126"),
        "endometrium": ("9.1±0.3", "6.3±1.1", "higher", "P=0.014"),
        "e2": ("248.2± 42.2", "364.2±71.4", "lower", "P<0.05"),
        "pregnancy": ("43/98 (43.8%)", "28/106 (26.4%)", None, None),
    }),
    "melatonin": (MELATONIN, (120, 40), {"cpr": ("21.7%", "15.0%", "none", "p = 0.4")}),
    "dalteparin": (DALTEPARIN, (40, 40), {
        "cpr": (None, None, "higher", "P<0.05"),
        "eir": (None, None, "higher", "P<0.05"),
        "mcr": (None, None, "lower", "P<0.05"),
        "ca125": (None, None, "lower", "P<0.05"),
        "il6": (None, None, "lower", "P<0.05"),
        "qol_physiological": (None, None, "higher", "P<0.05"),
        "qol_role": (None, None, "higher", "P<0.05"),
        "qol_social": (None, None, "higher", "P<0.05"),
        "qol_emotional": (None, None, "higher", "P<0.05"),
        "qol_mental": (None, None, "higher", "P<0.05"),
        "adverse_reactions": (None, None, "none", "P>0.05"),
    }),
    "per transfer": (PER_TRANSFER, (86, 86), {
        "eir": ("15%", "12%", None, None),
        "cpr": ("19/73 (26%)", "16/80 (20%)", None, None),
    }),
    "one arm at a time": (ONE_ARM_AT_A_TIME, (40, 40), {
        "cpr": ("40%", "30%", "higher", "P<0.05"),
        "eir": ("41.25%", "22.62%", "higher", "P<0.05"),
        "mcr": ("6.25%", "8.33%", "lower", "P<0.05"),
        "fsh": ("5.81±0.76", "7.93±0.82", "lower", "P<0.05"),
        "lh": ("109.48±11.52", "169.22±10.05", "lower", "P<0.05"),
    }),
}  # fmt: skip


def drafted(text):
    """The tables of a draft; it must pass check as it is."""
    tables = tomllib.loads(draft_text(text, "draft"))
    parse_study(tables, "draft")
    return tables


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_is_found(name):
    text, sizes, cells = CELLS[name]
    tables = drafted(text)
    rows = {row["id"]: row for row in tables["outcomes"]}
    found = {
        key: (
            *(rows[key].get(arm) for arm in ("treatment", "control")),
            *(rows[key].get("claim", {}).get(part) for part in ("direction", "p")),
        )
        for key in cells
        if key in rows
    }
    assert tuple(tables["arms"][arm]["n"] for arm in ("treatment", "control")) == sizes
    assert found == cells
    assert all(row["source"] == "abstract" for row in rows.values())


@pytest.mark.parametrize("name", CELLS)
def test_every_number_stands_where_its_comment_says(name):
    text = CELLS[name][0]
    toml = draft_text(text, "draft")
    places = re.findall(
        r"^(?:treatment|control|n) = \"?([^\"{\n]*?)\"?  # (?:confirm: )?line (\d+), column (\d+), characters (\d+)-(\d+)$",
        toml,
        re.M,
    )
    assert places
    for cell, line, column, start, end in places:
        printed = text[int(start) : int(end)]
        assert text.splitlines()[int(line) - 1][int(column) - 1 :].startswith(printed.splitlines()[0])
        numbers = re.findall(r"\d+(?:\.\d+)?", printed)
        if "/" in cell and "/" not in printed:  # events and a percentage: the denominator is that of the arm
            cell = re.sub(r"/\d+", "", cell)
        assert sorted(re.findall(r"\d+(?:\.\d+)?", cell)) == sorted(numbers)


@pytest.mark.parametrize("name", CELLS)
def test_no_number_of_the_text_is_lost(name):
    text = CELLS[name][0]
    toml = draft_text(text, "draft")
    for number in re.findall(r"\d+(?:\.\d+)?(?!\d)", text):
        assert number in toml


def test_what_was_measured_and_not_told_is_unavailable():
    rows = {row["id"]: row for row in drafted(DALTEPARIN)["outcomes"]}
    assert {key for key, row in rows.items() if row["kind"] == "unavailable"} == {"bhcg", "fsh", "e2", "lh"}


def test_effects_stand_beside_their_cells():
    rows = {row["id"]: row for row in drafted(INTRALIPID)["outcomes"]}
    assert rows["bpr"]["effect"] == {"scale": "risk_ratio", "estimate": "2.5", "low": "1.23", "high": "5.16"}
    assert "the level is not printed" in draft_text(INTRALIPID, "draft")
    (effect,) = [row["effect"] for row in drafted(MELATONIN)["outcomes"] if "effect" in row]
    assert effect == {"scale": "odds_ratio", "estimate": "1.57", "low": "0.59", "high": "4.14"}


def test_a_claim_about_four_arms_is_not_one_about_two():
    rows = {row["id"]: row for row in drafted(MELATONIN)["outcomes"]}
    assert (rows["live_birth"]["kind"], rows["live_birth"].get("claim")) == ("unavailable", None)
    assert "p = 0.5" in draft_text(MELATONIN, "draft")
    assert "41 + 39 + 40" in draft_text(MELATONIN, "draft")


@pytest.mark.parametrize(
    ("id", "effect", "sentence"),
    [
        ("cpr_effect", ("odds_ratio", "1.61", "1.03", "2.53", None),
         "The odds ratio for clinical pregnancy was 1.61, 95% CI 1.03-2.53."),
        ("live_birth_effect", ("hazard_ratio", "0.80", "0.61", "1.05", 0.9),
         "The hazard ratio for live birth was 0.80 (90% CI 0.61 to 1.05)."),
        ("live_birth_adjusted", ("odds_ratio", "1.4", "0.9", "2.2", None),
         "The adjusted OR for live birth was 1.4 (95% CI: 0.9; 2.2)."),
    ],
)  # fmt: skip
def test_an_effect_alone(id, effect, sentence):
    row = next(
        row
        for row in drafted(f"Drug (n = 40) or placebo (n = 41) was given. {sentence}")["outcomes"]
        if row["id"] == id
    )
    assert tuple(row["effect"].get(key) for key in ("scale", "estimate", "low", "high", "level")) == effect


@pytest.mark.parametrize(
    ("sentence", "cells"),
    [
        ("The clinical pregnancy rate was 40% vs 30% (P<0.05).", ("40%", "30%")),
        ("Placebo and letrozole gave clinical pregnancy rates of 30% and 40%, respectively.", ("40%", "30%")),
        ("The clinical pregnancy rate was 30% with placebo and 40% with letrozole.", ("40%", "30%")),
        (
            "Clinical pregnancy occurred in 16/40 of the letrozole group versus 12/41 in the placebo group.",
            ("16/40", "12/41"),
        ),
        ("The placebo group had a lower clinical pregnancy rate (40% vs 30%).", ("40%", "30%")),
        ("The letrozole group had a higher clinical pregnancy rate (30% vs 40%).", ("40%", "30%")),
    ],
)
def test_the_arm_of_a_number_follows_from_words(sentence, cells):
    text = f"Women received letrozole (n = 40) or placebo (n = 41). {sentence}"
    (row,) = [row for row in drafted(text)["outcomes"] if row["id"] == "cpr"]
    assert (row["treatment"], row["control"]) == cells


def test_medians_say_what_stands_in_brackets():
    text = (
        "Women received letrozole (n = 40) or placebo (n = 41). The median number of oocytes retrieved was 8 (IQR 5-11) "
        "with letrozole and 7 (IQR 5-10) with placebo (P = 0.2)."
    )
    (row,) = drafted(text)["outcomes"]
    assert (row["kind"], row["spread"]) == ("quantiles", "quartiles")
    assert (row["treatment"], row["control"]) == ("8 (IQR 5-11)", "7 (IQR 5-10)")
    assert row["claim"]["direction"] == "none"
    (row,) = drafted(text.replace("IQR ", ""))["outcomes"]
    assert (row["kind"], "spread" in row) == ("unavailable", False)
    assert "8 (5-11)" in draft_text(text.replace("IQR ", ""), "draft")


def test_an_order_that_nobody_says_is_marked():
    text = "Women received letrozole (n = 40) or placebo (n = 41). The clinical pregnancy rate was 40% vs 30%."
    assert "confirm: which number belongs to which arm is not said" in draft_text(text, "draft")


def test_what_cannot_be_carried_stands_as_comments():
    text = (
        "Women received letrozole (n = 40) or placebo (n = 41). "
        "Miscarriage rates were 10% with letrozole and 20% with placebo."
    )
    toml = draft_text(text, "draft")
    (row,) = tomllib.loads(toml)["outcomes"]
    assert (row["id"], row["kind"]) == ("mcr", "unavailable")
    assert '# treatment = "10%"' in toml
    assert '# control = "20%"' in toml


@pytest.mark.parametrize(
    ("words", "direction"),
    [
        ("The clinical pregnancy rate was significantly higher in the letrozole group (P<0.05).", "higher"),
        ("The clinical pregnancy rate was significantly higher in the placebo group (P<0.05).", "lower"),
        ("The placebo group had significantly fewer clinical pregnancies (P<0.05).", "higher"),
        ("Clinical pregnancy rates were significantly lower than in the placebo group (P<0.05).", "lower"),
        ("The clinical pregnancy rate was not significantly higher in the letrozole group (P>0.05).", "none"),
        ("No significant difference in clinical pregnancy rates was seen (P = 0.4).", "none"),
        ("Clinical pregnancy rates were similar (P = 0.4).", "none"),
        ("Letrozole improved clinical pregnancy rates (P<0.01).", "higher"),
        ("Clinical pregnancy rates differed significantly (P<0.01).", "differs"),
    ],
)
def test_directions_in_words(words, direction):
    text = f"Women received letrozole (n = 40) or placebo (n = 41). {words}"
    (row,) = [row for row in drafted(text)["outcomes"] if row["id"] == "cpr"]
    assert (row["kind"], row["claim"]["direction"]) == ("claim_only", direction)


def test_one_percent_sign_for_three_numbers_is_asked_about():
    text = (
        "The live birth rates were 9/62 (14.5%) for growth hormone and 7/51 (13.7%) for placebo "
        "(risk difference 0.8%, 95% CI -12.1 to 13.7%)."
    )
    (row,) = drafted(text)["outcomes"]
    assert row["effect"] == {"scale": "risk_difference", "estimate": "0.8%", "low": "-12.1%", "high": "13.7%"}
    assert "confirm: the percent sign" in draft_text(text, "draft")
    assert "confirm: the denominator of an outcome, taken as the size of the arm" in draft_text(text, "draft")


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("Of 90 women, 40 women received letrozole and 50 women received placebo.", (40, 50)),
        ("40 received letrozole and 50 received placebo.", (40, 50)),
        ("40 women were treated with letrozole and 50 with placebo.", (40, 50)),
        ("Women were randomized to letrozole (n=40) or placebo (n = 50).", (40, 50)),
        ("The letrozole group (40 women) and the placebo group (50 women) were compared.", (40, 50)),
        ("There were 40 in the letrozole group and 50 in the placebo group.", (40, 50)),
        ("40 were assigned to letrozole group and 50 to placebo group.", (40, 50)),
        ("Placebo group of 50 women and letrozole group of 40 women.", (40, 50)),
    ],
)
def test_sizes_of_arms_are_found_in_many_wordings(text, sizes):
    tables = drafted(f"{text} The clinical pregnancy rate was 40% with letrozole and 30% with placebo.")
    assert tuple(tables["arms"][arm]["n"] for arm in ("treatment", "control")) == sizes
    (row,) = [row for row in tables["outcomes"] if row["id"] == "cpr"]
    assert (row["treatment"], row["control"]) == ("40%", "30%")


def test_a_text_without_arms_says_what_to_do():
    with pytest.raises(BayesIvfError, match=r"no arms(?s:.*)write the names into the text"):
        draft_text("Live birth rates were 34.7% and 26.7%.", "draft")


def test_three_arms_are_never_read_as_two():
    text = (
        "130 women were allocated to the HCG group, 128 to the OR group and 127 to the ET group. The ongoing pregnancy rate was "
        "20.8% in the HCG group versus 22.7 and 23.6% in the OR group and ET group, respectively."
    )
    tables = drafted(text)
    assert tables["compare"] == [["hcg", "et"], ["or", "et"]]
    assert "confirm: the source does not say which arm is the control" in draft_text(text, "draft")
    (row,) = [row for row in tables["outcomes"] if row["id"] == "opr"]
    assert row["cells"] == {"hcg": "20.8%", "or": "22.7%", "et": "23.6%"}
    assert [tables["arms"][arm]["n"] for arm in ("hcg", "or", "et")] == [130, 128, 127]


def test_an_outcome_of_two_of_three_arms_stands_as_comments():
    text = (
        "Given were letrozole (n = 40), clomiphene (n = 41) or placebo (n = 42). The CPR was 40%, 34% and 24%, respectively. "
        "Live birth was 30% with letrozole and 19% with placebo (P = 0.2)."
    )
    rows = {row["id"]: row for row in drafted(text)["outcomes"]}
    assert list(rows["cpr"]["cells"].values()) == ["40%", "34%", "24%"]
    assert rows["live_birth"]["kind"] == "unavailable"
    assert "--arms" in rows["live_birth"]["note"]
    assert '# treatment = "30%"' in draft_text(text, "draft")
    left = draft_text(text, "draft").split("# What follows was not understood")
    assert len(left) == 1 or "34%" not in left[1]


def test_a_text_cut_or_mixed_anywhere_is_drafted_or_refused():
    rng = random.Random(5)
    texts = [text for text, _, _ in CELLS.values()]
    pieces = " ".join(texts).split()
    for _ in range(60):
        text = rng.choice(texts)
        for _ in range(rng.randint(1, 20)):
            start = rng.randrange(len(text) + 1)
            piece = rng.choice(
                [
                    "",
                    rng.choice(pieces),
                    rng.choice("()[]%/.,;=<>± \n07"),
                    "\u202e",
                    "(n=7)",
                    "P<0.05",
                    "12/40",
                    "5 (3-8)",
                ]
            )
            text = text[:start] + piece + text[start + rng.randint(0, 20) :]
        try:
            drafted(text)
        except BayesIvfError:
            continue
