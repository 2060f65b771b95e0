"""The store: what was committed is there and right, whatever happened to the file."""

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from bayes_ivf.batches import read_trials
from bayes_ivf.batches.cells import Cell
from bayes_ivf.batches.part import Part, decode, encode
from bayes_ivf.batches.store import NAME, SCHEMA_VERSION, Store
from bayes_ivf.effects import FIELDS
from bayes_ivf.errors import OutputError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.lock import locked
from bayes_ivf.results import EVIDENCE_NUMBERS


def _part(number, fits=3):
    rng = np.random.default_rng(number)
    return Part(
        "exact",
        tuple(bytes([number, i]) * 16 for i in range(fits)),
        (EstimandId("risk_difference"), EstimandId("odds_ratio", "woman")),
        rng.normal(size=(fits, 2, len(FIELDS))),
        ("pass",) * fits,
        ("",) * fits,
        rng.normal(size=(fits, EVIDENCE_NUMBERS)),
    )


def _cell(i, prior="p"):
    return Cell(f"s{i}", "o", "m", "", prior, "exact", "label", 1, None, "Normal", f"{i:064x}", bytes([i]) * 32)


def _same(part, other):
    assert (part.engine, part.keys, part.ids, part.levels, part.reasons, part.summaries) == (
        other.engine, other.keys, other.ids, other.levels, other.reasons, other.summaries
    )  # fmt: skip
    assert np.array_equal(part.figures, other.figures, equal_nan=True)
    assert np.array_equal(part.evidence, other.evidence, equal_nan=True)


def test_parts_survive_bytes_to_the_last_bit():
    part = _part(1)
    part.figures[0, 0, 0], part.figures[0, 0, 1], part.evidence[0, 0] = np.nan, np.inf, -0.0
    _same(part, decode(encode(part)))


def test_stores_name_quantities_by_their_text():
    """As those do that were written when text was all there was."""
    header, _, numbers = encode(_part(1)).partition(b"\n")
    assert json.loads(header)["names"] == ["risk_difference", "odds_ratio@woman"]
    _same(_part(1), decode(header + b"\n" + numbers))


def test_fits_are_found_after_reopening(tmp_path):
    with Store(tmp_path) as store:
        for number in range(5):
            store.add(_part(number))
    with Store(tmp_path) as store:
        assert store.damaged == 0
        for number in range(5):
            found, place = store.find(_part(number).keys[2])
            assert place == 2
            _same(found, _part(number))
        assert store.find(b"x" * 32) is None


def test_a_fit_is_kept_once(tmp_path):
    with Store(tmp_path) as store:
        store.add(_part(1))
        store.add(_part(1))
        assert len(store.index) == 3
    with sqlite3.connect(tmp_path / NAME) as connection:
        assert connection.execute("SELECT count(*) FROM parts").fetchone() == (1,)
    connection.close()


def test_cells_keep_their_order_and_are_replaced_by_name(tmp_path):
    with Store(tmp_path) as store:
        store.put_cells([_cell(1), _cell(2), _cell(3)])
        changed = replace(_cell(2), key=b"new" * 8, spec="spec")
        store.put_cells([changed, _cell(4)])
        assert list(store.cells()) == [_cell(1), changed, _cell(3), _cell(4)]
        store.drop_cells([_cell(3)])
        assert [cell.study for cell in store.cells()] == ["s1", "s2", "s4"]


def test_a_failure_is_forgotten_when_the_fit_succeeds(tmp_path):
    with Store(tmp_path) as store:
        key = _part(1).keys[1]
        store.put_failure(key, "fit", "because")
        assert store.failures() == {key: ("fit", "because")}
        store.add(_part(1))
        assert store.failures() == {}


def _corrupt_body(path):
    with sqlite3.connect(path) as connection:
        body = bytearray(connection.execute("SELECT body FROM parts WHERE id = 2").fetchone()[0])
        body[-9] ^= 1
        connection.execute("UPDATE parts SET body = ? WHERE id = 2", (bytes(body),))
    connection.close()


def test_a_changed_number_is_detected_and_dropped(tmp_path):
    with Store(tmp_path) as store:
        for number in range(3):
            store.add(_part(number))
    _corrupt_body(tmp_path / NAME)
    with Store(tmp_path) as store:
        assert store.damaged == 1
        assert store.find(_part(1).keys[0]) is None
        _same(store.find(_part(0).keys[0])[0], _part(0))
        store.add(_part(1))
        _same(store.find(_part(1).keys[0])[0], _part(1))


def test_a_changed_name_is_detected_and_dropped(tmp_path):
    with Store(tmp_path) as store:
        store.put_cells([_cell(1), _cell(2)])
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("UPDATE cells SET body = replace(CAST(body AS TEXT), 's1', 's9') WHERE id = 1")
    connection.close()
    with Store(tmp_path) as store:
        assert [cell.study for cell in store.cells()] == ["s2"]
        assert store.damaged == 1


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.6, 0.95])
def test_a_truncated_file_keeps_what_is_readable(tmp_path, share):
    with Store(tmp_path) as store:
        for number in range(60):
            store.add(_part(number, fits=8))
    path = tmp_path / NAME
    size = path.stat().st_size
    os.truncate(path, int(size * share))
    with Store(tmp_path) as store:
        for number in range(60):
            found = store.find(_part(number, fits=8).keys[0])
            if found is not None:
                _same(found[0], _part(number, fits=8))
        if share == 0.95:
            assert len(store.index) > 0
        for number in range(60):
            store.add(_part(number, fits=8))
        assert len(store.index) == 480


def test_a_file_of_something_else_is_replaced(tmp_path):
    (tmp_path / NAME).write_bytes(b"no database at all" * 100)
    with Store(tmp_path) as store:
        assert store.damaged == 1
        store.add(_part(1))
        assert len(store.index) == 3


def test_a_newer_schema_is_refused(tmp_path, faults_of):
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    (fault,) = faults_of(Store, tmp_path)
    assert str(SCHEMA_VERSION + 1) in fault.found


def _fill(store):
    for number in range(2, 200):
        store.add(_part(number, fits=60))


def test_a_full_disk_is_an_error_that_keeps_what_was_committed(tmp_path):
    with Store(tmp_path) as store:
        store.add(_part(1))
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OutputError, match="full"):
            _fill(store)
    with Store(tmp_path) as store:
        assert store.damaged == 0
        _same(store.find(_part(1).keys[0])[0], _part(1))


def test_two_writers_are_refused_and_a_dead_one_is_not_in_the_way(tmp_path, faults_of):
    def enter():
        with locked(tmp_path):
            pass

    with locked(tmp_path):
        (fault,) = faults_of(enter)
        assert "another run" in fault.found
    enter()
    hold = (
        "import sys, time; from pathlib import Path; from bayes_ivf.lock import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline().strip() == "held"
        faults_of(enter)
        other.kill()
        other.wait()
    enter()


def test_nothing_is_pickled(root):
    text = "".join(path.read_text(encoding="utf-8") for path in (root / "bayes_ivf" / "batches").rglob("*.py"))
    assert "import pickle" not in text
    assert "cloudpickle" not in text


def test_reading_100000_rows_takes_seconds(tmp_path):
    import time

    path = tmp_path / "many.csv"
    rows = "".join(f"s{i},o,higher,{i % 20},20,{i % 30},30\n" for i in range(100_000))
    path.write_text("study,outcome,benefit,events_treatment,n_treatment,events_control,n_control\n" + rows)
    start = time.process_time()
    assert len(read_trials(path)) == 100_000
    assert time.process_time() - start < 15
