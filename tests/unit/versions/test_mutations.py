"""The stored study of mutations: complete, not stale, and ten of them tried again as texts."""

from __future__ import annotations

import csv
import json

import pytest

from bayes_ivf.versions import SOLVERS, fingerprint, package_sources, reached
from tests.mutations.sites import sites
from tests.mutations.study import CODE, STORED, place_of

SUMMARY = json.loads((STORED / "manifest.json").read_text(encoding="utf-8"))
with (STORED / "results.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))
SOURCES = package_sources()
AGAIN = [row for row in ROWS if row["outcome"] == "number" and row["version"] == "code" and place_of(row, SOURCES)]
TEN = AGAIN[:: max(1, len(AGAIN) // 10)][:10]
"""Of places that are still as they were when they were tried."""


def test_the_study_is_not_stale():
    assert SUMMARY["code"] == fingerprint(CODE), "the code that makes versions has changed; run `make mutations`"
    studied = {row["module"] for row in ROWS}
    now = {each.partition(":")[0] for engine in SOLVERS for each in reached(engine)}
    missing = {each for each in now - studied if any(s.function for s in sites(SOURCES[each]))}
    # named, so that none slips in; `make mutations` tries them, after which the list must be emptied
    untried = set((STORED / "untried.txt").read_text(encoding="utf-8").split())
    assert not missing - untried, (
        f"modules that no mutation has tried: {', '.join(sorted(missing - untried))}; run `make mutations`"
    )
    assert not untried - missing, (
        f"tried by now, to be taken out of untried.txt: {', '.join(sorted(untried - missing))}"
    )


def test_no_number_changed_under_an_old_version():
    assert SUMMARY["stale"] == []
    assert SUMMARY["uncovered"] == []
    assert SUMMARY["problems"] >= 40
    assert [row["module"] for row in ROWS if row["outcome"] == "number" and not row["version"]] == []
    assert sum(row["outcome"] == "number" for row in ROWS) == SUMMARY["changed"] >= 60


def test_ten_can_be_tried_again():
    assert len(TEN) == 10, "too few places are as they were; run `make mutations`"


@pytest.mark.parametrize(
    "row", TEN, ids=[f"{row['module'].removeprefix('bayes_ivf.')}:{row['function']}" for row in TEN]
)
def test_mutations_change_the_version(row):
    place = place_of(row, SOURCES)
    edited = {**SOURCES, row["module"]: place.apply(SOURCES[row["module"]])}
    assert fingerprint(row["engine"], edited) != fingerprint(row["engine"], SOURCES)
