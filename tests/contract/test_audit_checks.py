"""Every check of the audit keeps the same promises: adding a check is adding a file."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest

import bayes_ivf.auditing.checks as folder
from bayes_ivf.auditing import Check, Finding, all_checks, audit
from bayes_ivf.study import Study, bundled_studies, load_study, parse_study

CHECKS = all_checks()
ROWS = [
    {"treatment": "43/40", "control": "16/40 (41%)"},
    {"kind": "percent", "treatment": "34%", "control": "102%"},
    {"kind": "percent", "treatment": "2.4%", "control": "40%"},
    {"treatment": "16 (44%)", "control": "40 women, 30 embryos, 16 pregnant, 12 implanted"},
    {"kind": "mean_sd", "treatment": "5 ± −1", "control": "5.00 ± 0.00"},
    {"kind": "effect_ci", "effect": {"scale": "risk_ratio", "estimate": "3.1", "low": "2.9", "high": "0.00"}},
    {"kind": "claim_only", "claim": {"text": "t", "direction": "differs", "p": "P=1.2"}},
    {"treatment": "16/40", "control": "12/40", "claim": {"text": "t", "direction": "none", "p": "NS"}},
    {"treatment": "16/40", "control": "12/40", "statistic": "χ²(1) = −3.84"},
    {
        "treatment": "16/40",
        "control": "12/40",
        "statistic": "χ²(1, N = 78) = 9.1",
        "claim": {"text": "t", "direction": "none", "p": "P=0.2"},
    },
]
CANNOT_BE = {
    "schema_version": 1,
    "id": "cannot-be",
    "title": "What cannot be",
    "arms": {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")},
    "outcomes": [
        {"kind": "counts", "id": f"o{i}", "label": "O", "benefit": "higher"} | row for i, row in enumerate(ROWS)
    ],
}
DOSES = {
    "schema_version": 1,
    "id": "doses",
    "title": "Doses",
    "arms": {arm: {"label": f"dose {arm}", "n": 40} for arm in ("control", "low", "high")},
    "outcomes": [
        {
            "id": "a",
            "label": "A",
            "kind": "counts",
            "benefit": "higher",
            "cells": {"control": "6/40", "low": "9/40", "high": "8/40"},
        }
    ],
}
STUDIES = [
    parse_study(DOSES, "doses"),
    parse_study({**CANNOT_BE, "design_words": ["cluster-randomized"]}, "cannot-be"),
    *(load_study(name) for name in bundled_studies()),
    parse_study(CANNOT_BE, "cannot-be"),
    Study.from_counts((0, 1), (1, 1)),
    Study.from_counts((0, 5), (0, 9), claim="P>0.05"),
    Study.from_means(("1.0", "0.1", 2), ("1.0", "0.1", 2)),
    Study.from_quantiles(("5", "3", "8", 62), ("4", "2", "7", 51)),
    Study.from_counts((3, 9), (4, 9), label="Girls among newborns"),
    Study.from_claim((2, 2), "differs"),
    Study.from_clusters(
        {"women": 10, "embryos": 20, "pregnant": 0, "implanted": 0},
        {"women": 10, "embryos": 10, "pregnant": 10, "implanted": 10},
    ),
]
ACCUSING = re.compile(
    r"fraud|fabricat|falsif|misconduct|fake|cheat|suspicious|manipulat|dishonest|invented", re.IGNORECASE
)


def test_the_folder_and_the_list_agree():
    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - {"__init__"}
    assert {check.NAME for check in CHECKS} == files
    assert len(files) >= 14


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.NAME)
def test_a_check_offers_the_protocol(check):
    assert isinstance(check, Check)
    module = importlib.import_module(f"{folder.__name__}.{check.NAME}")
    assert module.QUESTION.endswith("?")
    assert module.__doc__


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.NAME)
def test_a_check_answers_any_study_with_complete_neutral_findings(check, study):
    applies = check.applies_to(study)
    assert isinstance(applies, bool)
    if not applies:
        return
    found = check.run(study)
    assert isinstance(found, tuple)
    for finding in found:
        assert isinstance(finding, Finding)
        assert (finding.check, finding.study) == (check.NAME, study.id)
        text = " ".join((finding.statement, finding.assumption, finding.evidence, finding.alternatives))
        assert not ACCUSING.search(text)
        if finding.severity == "impossible":
            # The whole assumption stands in the statement: each of its parts, in its words.
            for part in re.split(r"; all \d+ decodings.*|; ", finding.assumption):
                assert part in finding.statement, part
            assert " if " in finding.statement


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.NAME)
def test_every_check_applies_to_something(check):
    assert any(check.applies_to(study) for study in STUDIES) or check.NAME in {"debit"}


def test_every_check_speaks_to_an_item_of_inspect_sr():
    lines = [line for line in _items() if line]
    # Power and shared arms are about what a trial could show, not about whether its numbers can be trusted.
    assert {name for line in lines for name in line} == {check.NAME for check in CHECKS} - {"power", "several_arms"}


def _items():
    text = (Path(folder.__file__).parents[1] / "tables" / "inspect_sr.toml").read_text(encoding="utf-8")
    return [item["checks"] for item in tomllib.loads(text)["items"]]


def test_running_twice_gives_the_same():
    study = load_study("lei-2026")
    assert audit(study) == audit(study)


@pytest.mark.parametrize("changed", ["statement", "assumption", "evidence", "alternatives"])
def test_a_finding_without_a_part_is_refused(changed):
    values = dict.fromkeys(("study", "check", "subject", "statement", "assumption", "evidence", "alternatives"), "x")
    Finding(**values, severity="info")
    with pytest.raises(ValueError, match=changed):
        Finding(**{**values, changed: " "}, severity="info")
    with pytest.raises(ValueError, match="severity"):
        Finding(**values, severity="terrible")
