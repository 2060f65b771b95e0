"""Stages of a pregnancy: read from what is declared or from a whole label, and fitted into each other."""

import pytest

from bayes_ivf.auditing import audit
from bayes_ivf.auditing.stages import possible_role, role
from bayes_ivf.study import parse_study


def row(label, treatment, control, **keys):
    id_ = keys.pop("id", label.lower().replace(" ", "_").replace(",", ""))
    return {"id": id_, "label": label, "kind": "counts", "benefit": "higher", "treatment": treatment,
            "control": control, **keys}  # fmt: skip


def told(*rows, n=40):
    arms = {arm: {"label": arm, "n": n} for arm in ("treatment", "control")}
    study = parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": list(rows)}, "test")
    return [(f.subject, f.severity) for f in audit(study).found if f.check == "stages"]


CLINICAL = row("Clinical pregnancy", "16/40", "14/40", id="cpr")
ONGOING = row("Ongoing pregnancy", "13/40", "12/40", id="ongoing")


@pytest.mark.parametrize(
    ("label", "stage"),
    [
        ("Clinical pregnancy rate per embryo transfer (%)", "clinical pregnancy"),
        ("Clinical pregnancy after the first transfer", "first-transfer clinical pregnancy"),
        ("Cumulative live birth over three transfers", "cumulative live birth"),
        ("clbr", "cumulative live birth"),
        ("live_birth", "live birth"),
        ("Live birth within 12 months", "cumulative live birth"),
        ("Miscarriage after clinical pregnancy", "miscarriage"),
        ("Ongoing pregnancy beyond 20 weeks", "ongoing pregnancy"),
        ("Biochemical pregnancy loss", "biochemical loss"),
        ("Positive β-hCG", "positive test"),
        ("Preterm live birth", "birth of one kind"),
        ("Twin live birth", "birth of one kind"),
        ("Number of live births", None),
        ("No live birth", None),
        ("Clinical pregnancy loss", None),
        ("Live birth among women under 35", None),
        ("Deliveries from later transfers", None),
    ],
)
def test_a_label_is_a_stage_only_as_a_whole(label, stage):
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    table = {
        "schema_version": 1,
        "id": "s",
        "title": "s",
        "arms": arms,
        "outcomes": [row(label, "1/40", "1/40", id="x")],
    }
    (item,) = parse_study(table, "test").items
    assert (None if role(item) is None else str(role(item))) == stage
    assert stage is None or possible_role(item) is None


def test_later_transfers_and_losses_alone_are_no_impossibility():
    first = row("Clinical pregnancy after the first transfer", "160/400", "150/400", id="cpr")
    assert told(first, row("Cumulative live birth over three transfers", "210/400", "200/400"), n=400) == []
    assert told(row("Biochemical pregnancy", "3/40", "4/40"), CLINICAL) == []


def test_all_transfers_hold_the_first():
    first = row("Live birth, first transfer", "22/40", "12/40", id="lb1")
    assert told(first, row("Cumulative live birth", "20/40", "14/40", id="clbr")) == [("clbr", "impossible")]


@pytest.mark.parametrize(("ongoing", "expected"), [("15/40", [("ongoing", "impossible")]), ("11/40", [])])
def test_lost_pregnancies_do_not_go_on(ongoing, expected):
    lost = row("Miscarriage", "5/16", "2/14", id="mcr", per="clinical_pregnancy", denominator="cpr")
    assert told(CLINICAL, lost, row("Ongoing pregnancy", ongoing, "12/40", id="ongoing")) == expected


@pytest.mark.parametrize(
    ("label", "per", "expected"),
    [
        ("Early pregnancy loss", "clinical_pregnancy", [("ongoing", "impossible")]),
        ("Abortion rate", "clinical pregnancy", [("ongoing", "impossible")]),
        ("First-trimester miscarriage", "woman", [("ongoing", "impossible")]),
        # It may count losses before the clinical stage.
        ("Early pregnancy loss", "woman", []),
    ],
)
def test_losses_among_clinical_pregnancies_are_miscarriages(label, per, expected):
    lost = row(label, "5/16" if "preg" in per else "5/40", "1/14" if "preg" in per else "1/40", id="m", per=per)
    assert told(CLINICAL, lost, ONGOING) == expected


@pytest.mark.parametrize(
    ("ongoing", "lost", "severity"),
    [
        ("Ongoing pregnancy", "Miscarriage", "impossible"),
        # A loss in week 15 is a miscarriage of a pregnancy that went on at 12 weeks.
        ("Ongoing pregnancy at 12 weeks", "Miscarriage", "caution"),
        ("Ongoing pregnancy at 12 weeks", "Early miscarriage", "impossible"),
        ("Ongoing pregnancy at 12 weeks", "Miscarriage before 12 weeks", "impossible"),
        ("Ongoing pregnancy beyond 20 weeks", "Miscarriage", "impossible"),
    ],
)
def test_losses_after_a_stated_week(ongoing, lost, severity):
    rows = [CLINICAL, row(lost, "4/40", "2/40", id="m"), row(ongoing, "13/40", "12/40", id="o")]
    assert told(*rows) == [("o", severity)]


def test_losses_of_several_transfers_leave_room_for_births():
    rows = [row("Cumulative clinical pregnancy", "16/40", "14/40"), row("Miscarriage", "5/40", "2/40"),
            row("Cumulative live birth", "14/40", "12/40")]  # fmt: skip
    assert told(*rows) == []


def test_women_are_women_across_denominators():
    per_transfer = {**CLINICAL, "treatment": "16/35", "control": "14/36", "per": "transfer"}
    assert told(per_transfer, row("Live birth", "19/40", "12/40", id="lb")) == [("lb", "caution")]
    # Births of several cycles may be one woman's.
    assert told(CLINICAL, row("Live birth", "19/90", "12/90", id="lb", per="cycle")) == []


@pytest.mark.parametrize("between", [[], [row("Preterm live birth", "2/40", "1/40", id="preterm")]])
def test_a_part_hides_no_whole(between):
    found = told(CLINICAL, ONGOING, *between, row("Live birth", "18/40", "12/40", id="lbr"))
    assert set(found) == {("lbr", "impossible")}


def test_a_declared_stage_needs_no_label():
    declared = row("Group B", "18/40", "12/40", id="b", stage="live_birth")
    assert told(CLINICAL, declared) == [("b", "impossible")]
    assert told(CLINICAL, {**declared, "cumulative": True}) == []


@pytest.mark.parametrize(
    "keys",
    [{"label": "Live birth", "role": "baseline"}, {"label": "Previous live birth"}, {"label": "History of live birth"}],
)
def test_what_was_before_the_trial_is_no_stage_of_it(keys):
    assert told(CLINICAL, {**row("Live birth", "30/40", "31/40", id="b"), **keys}) == []


def test_a_word_in_a_label_asks():
    assert told(CLINICAL, row("Live birth of any sibling", "18/40", "12/40", id="b")) == [("b", "info")]


@pytest.mark.parametrize(("tests", "expected"), [("18/40", [("t", "impossible")]), ("19/40", [])])
def test_positive_tests_hold_losses_and_clinical_pregnancies(tests, expected):
    lost = row("Biochemical pregnancy loss", "3/40", "4/40", id="lost")
    assert told(row("Positive hCG test", tests, "19/40", id="t"), lost, CLINICAL) == expected


def test_multiples_are_within_pregnancies():
    assert told(CLINICAL, row("Multiple pregnancy", "17/40", "1/40", id="m")) == [("m", "impossible")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Losses beyond pregnancies: with those before the clinical stage, perhaps.
        ([CLINICAL, row("Early miscarriage", "17/40", "2/40", id="m")], [("m", "caution")]),
        (
            [row("Positive hCG", "16/40", "20/40", id="t"), row("Miscarriage", "17/40", "2/40", id="m")],
            [("m", "impossible")],
        ),
        (
            [row("Positive hCG", "9/40", "9/40", id="t"), row("Ectopic pregnancy", "10/40", "2/40", id="e")],
            [("e", "impossible")],
        ),
        (
            [row("Live birth", "9/40", "20/40", id="lb"), row("Preterm birth", "10/40", "2/40", id="p")],
            [("p", "caution")],
        ),
        ([CLINICAL, row("Live-born children", "17/40", "2/40", id="b")], [("b", "info")]),
    ],
)
def test_parts_of_other_wholes(rows, expected):
    assert told(*rows) == expected


@pytest.mark.parametrize(("tests", "severity"), [("20/40", "caution"), ("21/40", None), ("25/40", "info")])
def test_positive_tests_are_clinical_lost_or_ectopic(tests, severity):
    rows = [row("Positive hCG", tests, "19/40", id="t"), CLINICAL, row("Biochemical pregnancy loss", "3/40", "4/40", id="l"),
            row("Ectopic pregnancy", "2/40", "1/40", id="e")]  # fmt: skip
    assert told(*rows) == ([] if severity is None else [("t", severity)])


@pytest.mark.parametrize(("lost", "keys", "severity"), [
    ("2/18", {}, "caution"), ("2/16", {}, None), ("2/15", {}, "info"), ("2/18", {"denominator": "cpr"}, "caution"),
    ("2/18", {"cumulative": True}, None), ("2/18", {"per": "pregnancy"}, None),
])  # fmt: skip
def test_a_denominator_of_pregnancies_is_their_number(lost, keys, severity):
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    item = row("Miscarriage", lost, "1/14", id="m", **{"per": "clinical_pregnancy", **keys})
    table = {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [CLINICAL, item]}
    found = [f for f in audit(parse_study(table, "test")).found if f.check == "totals" and " per " in f.statement]
    assert [f.severity for f in found] == ([] if severity is None else [severity])
