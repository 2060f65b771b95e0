"""What was printed and cannot hold is a finding: the study is read, the rest stays, and files stay as they were."""

from __future__ import annotations

import pickle

import pytest

from bayes_ivf.auditing import audit
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.problem import applicable
from bayes_ivf.study import ARMS, Counts, MeanSD, Percent, Unusable, parse_study, study_table


def study_of(*rows, n=(40, 40), **head):
    arms = {arm: {"label": arm, "n": size} for arm, size in zip(ARMS, n, strict=True)}
    base = {"benefit": "higher", "kind": "counts"}
    outcomes = [base | {"id": f"o{i}", "label": f"Outcome {i}"} | row for i, row in enumerate(rows)]
    return parse_study(
        {"schema_version": 1, "id": "s", "title": "t", "arms": arms, "outcomes": outcomes} | head, "f.toml"
    )


EFFECT = {"scale": "risk_ratio", "estimate": "1.3", "low": "0.6", "high": "2.9"}
IMPOSSIBLE = {
    "events": ({"treatment": "43/40", "control": "12/40"}, "43 events among 40"),
    "nobody": ({"treatment": "5/0", "control": "12/40"}, "5 events among 0"),
    "above 100": ({"kind": "percent", "treatment": "102%", "control": "30%"}, "102%"),
    "below 0": ({"kind": "percent", "treatment": "−5%", "control": "30%"}, "outside 0% to 100%"),
    "no counts": ({"kind": "percent", "treatment": "34%", "control": "30%"}, "34% for Outcome 0"),
    "events and percent": ({"treatment": "16 (44%)", "control": "12 (30%)"}, "16 of the 40 women"),
    "sd below 0": ({"kind": "mean_sd", "treatment": "5.3 ± −0.7", "control": "5.1 ± 0.7"}, "never below 0"),
    "implanted": (
        {"per": "embryo", "treatment": "40 women, 80 embryos, 16 pregnant, 12 implanted", "control": "12/40"},
        "12 implanted",
    ),
    "reversed": ({"kind": "effect_ci", "effect": EFFECT | {"low": "2.9", "high": "0.6"}}, "reverse order"),
    "outside": ({"kind": "effect_ci", "effect": EFFECT | {"estimate": "3.1"}}, "outside its own interval"),
    "limit 0": ({"kind": "effect_ci", "effect": EFFECT | {"low": "0.00"}}, "printed as 0.00"),
    "P": ({"kind": "claim_only", "claim": {"text": "c", "direction": "higher", "p": "P = 1.2"}}, "no probability"),
}


@pytest.mark.parametrize(("row", "said"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_hold_is_a_finding(row, said):
    study = study_of(row, {"id": "whole", "treatment": "16/40", "control": "12/40"})
    found = [each for each in audit(study).found if each.check == "printed_values"]
    assert [(each.subject, each.severity) for each in found] == [("o0", "impossible")]
    assert said in found[0].statement
    assert study.outcome("whole").counts("treatment") == Counts(16, 40)
    assert parse_study(study_table(study), "again") == study
    assert pickle.loads(pickle.dumps(study)) == study  # noqa: S301  made here


@pytest.mark.parametrize("row", [row for row, _ in IMPOSSIBLE.values()], ids=IMPOSSIBLE)
def test_no_model_is_for_what_cannot_hold(row):
    study = study_of(row)
    reasons = [applicable(study, study.items[0], load_card(card)) for card in bundled_cards()]
    assert all(reasons)
    assert study.items[0].left_out in " ".join(str(reason) for reason in reasons)


def test_an_effect_that_cannot_hold_leaves_its_counts_alone():
    study = study_of({"treatment": "16/40", "control": "12/40", "effect": EFFECT | {"estimate": "3.1"}})
    (item,) = study.items
    assert (item.effect, item.set_aside.estimate.text, item.left_out) == (None, "3.1", "")
    assert applicable(study, item, load_card("two_arm")) is None
    assert [each.severity for each in item.impossible] == ["impossible"]


def test_a_percentage_of_fewer_women_names_them():
    study = study_of({"kind": "percent", "treatment": "44.4%", "control": "38.5%"}, n=(151, 160))
    (found,) = study.items[0].impossible
    assert (found.arm, found.found) == ("control", "38.5% of 160")
    # by hand: 57/148 = 38.514, 60/156 = 38.462, 50/130 = 38.462; 160 itself gives 38.125 and 38.75
    for pair in ("57/148", "60/156"):
        assert pair in found.alternatives
    assert "61/160 = 38.1%" in found.why or "62/160 = 38.8%" in found.why


def test_a_percentage_that_was_cut_off_is_read_and_names_what_else_fits():
    # 59/153 = 38.562, so 38.5 is cut off; 57/148, 55/143, 52/135 and 50/130 round to it
    study = study_of({"kind": "percent", "treatment": "44.4%", "control": "38.5%"}, n=(151, 153))
    (item,) = study.items
    assert item.counts("control") is None
    (found,) = item.impossible
    for pair in ("50/130", "52/135", "55/143", "57/148", "59/153"):
        assert pair in found.why + found.alternatives
    assert item.left_out


def test_cycles_that_were_cut_off():
    n = {"treatment": 294, "control": 318}
    study = study_of({"kind": "percent", "per": "cycle", "treatment": "66.6%", "control": "67.9%", "n": n}, n=(98, 106))
    (item,) = study.items
    assert [item.counts(arm) for arm in ARMS] == [Counts(196, 294), Counts(216, 318)]
    assert item.data["treatment"].truncated
    assert [each.severity for each in item.impossible] == ["info"]
    assert item.left_out == ""
    assert parse_study(study_table(study), "again") == study


def test_counts_with_another_percentage_are_used_and_said():
    study = study_of({"treatment": "16/40 (41%)", "control": "12/40 (30%)"})
    (item,) = study.items
    assert [item.counts(arm) for arm in ARMS] == [Counts(16, 40), Counts(12, 40)]
    (found,) = item.impossible
    assert (found.arm, found.severity) == ("treatment", "caution")
    assert "40.0%, printed as 41%" in found.why
    assert item.printed("treatment") == "16/40 (41%)"
    assert parse_study(study_table(study), "again") == study


def test_a_spread_of_zero_is_read_and_left_to_the_audit():
    study = study_of({"kind": "mean_sd", "whole": True, "treatment": "2.00 ± 0.00", "control": "1.95 ± 0.22"})
    (item,) = study.items
    assert isinstance(item.data["treatment"], MeanSD)
    assert item.impossible == ()
    assert all(applicable(study, item, load_card(card)) for card in bundled_cards())


def test_what_hangs_on_the_impossible_has_no_finding_of_its_own():
    study = study_of(
        {
            "id": "mcr",
            "kind": "percent",
            "per": "clinical_pregnancy",
            "denominator": "cpr",
            "treatment": "10%",
            "control": "25%",
        },
        {"id": "cpr", "kind": "percent", "treatment": "34%", "control": "30%"},
    )
    assert study.ids == ("mcr", "cpr")
    assert study.outcome("mcr").impossible == ()
    assert isinstance(study.outcome("mcr").data["treatment"], Unusable)
    assert "events of cpr" in study.outcome("mcr").left_out
    assert study.outcome("mcr").counts("control") == Counts(3, 12)
    assert [each.arm for each in study.outcome("cpr").impossible] == ["treatment"]


def test_denominators_that_several_counts_fit_are_all_tried():
    study = study_of(
        {
            "id": "cpr",
            "kind": "percent",
            "per": "transfer",
            "n": {"treatment": "30-40", "control": 40},
            "treatment": "40%",
            "control": "30%",
        },
        {
            "id": "mcr",
            "kind": "percent",
            "per": "clinical_pregnancy",
            "denominator": "cpr",
            "treatment": "25%",
            "control": "25%",
        },
    )
    events = {pair.events for pair in study.outcome("cpr").data["treatment"].candidates}
    found = study.outcome("mcr").data["treatment"]
    assert isinstance(found, Percent)
    # 40% of 30, 35 and 40; 25% of 12 is 3, of 16 is 4, and none of 14
    assert events == {12, 14, 16}
    assert [(pair.events, pair.n) for pair in found.candidates] == [(3, 12), (4, 16)]


def test_an_order_of_three_is_read_whatever_the_order():
    rows = [
        {
            "id": "mcr",
            "kind": "percent",
            "per": "clinical_pregnancy",
            "denominator": "cpr",
            "treatment": "25%",
            "control": "50%",
        },
        {
            "id": "cpr",
            "kind": "percent",
            "per": "pregnancy",
            "denominator": "hcg",
            "treatment": "80%",
            "control": "80%",
        },
        {"id": "hcg", "kind": "percent", "treatment": "50%", "control": "25%"},
    ]
    for order in ((0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1)):
        study = study_of(*(rows[i] for i in order))
        assert study.ids == tuple(rows[i]["id"] for i in order)
        assert study.outcome("mcr").counts("treatment") == Counts(4, 16)


def test_words_for_a_p_are_read_and_said():
    study = study_of(
        {"treatment": "16/40", "control": "12/40", "claim": {"text": "c", "direction": "none", "p": "n.s."}}
    )
    (item,) = study.items
    assert (item.claim.p, item.claim.printed, item.claim.relation, item.claim.level) == ("P>0.05", "n.s.", ">", 0.05)
    assert [each.severity for each in item.impossible] == ["info"]
    assert parse_study(study_table(study), "again") == study


def test_points_of_a_risk_difference():
    row = {"treatment": "16/40", "control": "12/40"}
    for low, estimate, high in (("-10.8", "10.0", "30.8"), ("-10.8%", "10.0%", "30.8%"), ("-0.108", "0.100", "0.308")):
        effect = {"scale": "risk_difference", "estimate": estimate, "low": low, "high": high}
        (item,) = study_of(row | {"effect": effect}).items
        assert item.effect.values == pytest.approx((0.1, -0.108, 0.308))


def test_brackets_hold_an_sd_only_if_the_file_says_so(faults_of):
    row = {"kind": "mean_sd", "treatment": "9.8 (1.6) mm", "control": "9.5 (1.7) mm"}
    (item,) = study_of(row | {"spread": "sd"}).items
    assert (str(item.data["treatment"]), item.unit, item.printed("treatment")) == ("9.8 ± 1.6", "mm", "9.8 (1.6) mm")
    faults = faults_of(study_of, row)
    assert len(faults) == 2
    assert 'spread = "sd"' in faults[0].action


def test_weeks_and_days_are_days_and_said_so():
    (item,) = study_of({"kind": "mean_sd", "treatment": "38+4 ± 1+2", "control": "38+1 ± 1+3"}).items
    assert (float(item.data["treatment"].mean), float(item.data["treatment"].sd), item.unit) == (270, 9, "days")
    assert item.printed("treatment") == "38+4 ± 1+2"
    assert [each.severity for each in item.impossible] == ["info", "info"]
    assert "270 ± 9 days" in item.impossible[0].why


@pytest.mark.parametrize(
    ("row", "told"),
    [
        # by hand: log RR 0.28768, se 0.30957: 1.333 (0.727 to 2.446)
        (
            {
                "treatment": "16/40",
                "control": "12/40",
                "effect": EFFECT | {"estimate": "1.33", "low": "0.73", "high": "2.45"},
            },
            "1.333 (0.727 to 2.446)",
        ),
        (
            {
                "treatment": "16/40",
                "control": "12/40",
                "effect": {"scale": "risk_difference", "estimate": "10.0", "low": "-10.8", "high": "30.8"},
            },
            "0.100 (-0.108 to 0.308)",
        ),
        ({"treatment": "16/40", "control": "12/40", "effect": EFFECT | {"estimate": "1.53"}}, None),
    ],
)
def test_an_effect_that_agrees_is_said_to_agree(row, told):
    found = [each for each in audit(study_of(row)).found if each.check == "effect_agrees"]
    assert [each.severity for each in found] == ([] if told is None else ["info"])
    assert all(told in each.statement for each in found)
