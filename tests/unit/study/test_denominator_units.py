"""What an outcome per event of another may count: the events of that other outcome, or the women who had one."""

from __future__ import annotations

import pytest

from bayes_ivf.study import parse_study

COUNTS = {"kind": "counts", "treatment": "10/30", "control": "8/32"}
PERCENT = {"kind": "percent", "treatment": "30%", "control": "25%"}
CPR = COUNTS | {"id": "cpr", "label": "Clinical pregnancy rate", "benefit": "higher"}
SHARE = {"id": "m", "label": "M", "benefit": "lower", "denominator": "cpr"}


@pytest.mark.parametrize(
    ("other", "per", "right"),
    [
        ({}, "cycle", False),
        ({}, "transfer", False),
        ({}, "embryo", False),
        ({}, "clinical pregnancies", True),
        ({}, "woman", True),
        ({}, None, True),
        ({"per": "cycle", "n": {"treatment": 30, "control": 32}}, "cycle", True),
        ({"label": "Outcome", "id": "cpr"}, "cycle", False),
        ({"label": "Anything", "stage": "ongoing"}, "transfer", False),
        ({"label": "Anything", "stage": "ongoing"}, "ongoing_pregnancy", True),
        ({"label": "Reached transfer", "stage": "transferred"}, "transfer", True),
        ({"label": "Implantation", "per": "embryo"}, None, False),
        ({"label": "Implantation", "per": "embryo"}, "gestational_sac", True),
        ({"label": "Fertilized", "stage": "fertilized", "per": "mature_oocyte"}, "zygote", True),
        ({"label": "Fertilized", "stage": "fertilized", "per": "mature_oocyte"}, "clinical_pregnancy", False),
    ],
)
def test_the_unit_of_a_denominator_is_what_its_events_are(other, per, right, valid, faults_of):
    for share in (PERCENT | {"treatment": "30%", "control": "25%"}, COUNTS | {"treatment": "3/10", "control": "2/8"}):
        row = SHARE | share | ({} if per is None else {"per": per})
        file = valid | {"outcomes": [CPR | other, row]}
        if right:
            assert parse_study(file, "f.toml").outcome("m").counts("treatment").n == 10
            continue
        (fault,) = faults_of(parse_study, file, "f.toml")
        assert fault.where == "f.toml: outcome m.per"
        assert "denominator = 'cpr'" in fault.found
        assert 'write per = "' in fault.action


def test_other_units_stand_where_nothing_says_what_the_events_are(valid, faults_of):
    reached = CPR | {"id": "reached", "label": "Reached the lab"}
    row = SHARE | PERCENT | {"denominator": "reached", "per": "transfer"}
    assert parse_study(valid | {"outcomes": [reached, row]}, "f.toml").outcome("m").per == "transfer"
    (fault,) = faults_of(parse_study, valid | {"outcomes": [reached, row | {"per": "cycle"}]}, "f.toml")
    assert "no cycles" in fault.found


def test_a_denominator_without_events_is_one_fault(valid, faults_of):
    valid["outcomes"].append(SHARE | PERCENT | {"denominator": "b", "per": "cycle"})
    (fault,) = faults_of(parse_study, valid, "f.toml")
    assert fault.where == "f.toml: outcome m.denominator"
