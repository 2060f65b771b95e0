"""Any table that is right is read to the digit; any part survives its bytes; any damage to the store is noticed."""

import csv
import io
from contextlib import suppress
from unicodedata import is_normalized

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bayes_ivf.batches.columns import parse_columns
from bayes_ivf.batches.part import Part, decode, encode
from bayes_ivf.batches.store import NAME, Store
from bayes_ivf.batches.table import check_columns
from bayes_ivf.effects import FIELDS
from bayes_ivf.errors import BayesIvfError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.results import EVIDENCE_NUMBERS
from bayes_ivf.spreadsheet import plain_text, safe_text

NAMES = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S"), include_characters=" "), min_size=1, max_size=20
).filter(
    lambda text: text.strip() == text and text.isprintable() and is_normalized("NFC", text) and plain_text(text) == text
)
ARM = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
ROW = st.tuples(NAMES, NAMES, st.sampled_from(["higher", "lower", "none"]), ARM, ARM)
HEADER = ["study", "outcome", "benefit", "events_treatment", "n_treatment", "events_control", "n_control"]


def _text(rows, separator=","):
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator)
    writer.writerow(HEADER)
    writer.writerows([(*row[:3], *row[3], *row[4]) for row in rows])
    return buffer.getvalue()


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8, unique_by=lambda row: row[:2]), st.sampled_from([",", ";", "\t", "|"]))
def test_any_right_table_is_read_to_the_digit(rows, separator):
    read = check_columns(parse_columns(_text(rows, separator), "t.csv", separator))
    assert list(zip(read.study, read.outcome, strict=True)) == [row[:2] for row in rows]
    assert read.events.tolist() == [[row[3][0], row[4][0]] for row in rows]
    assert read.n.tolist() == [[row[3][1], row[4][1]] for row in rows]


@given(st.text(max_size=30) | st.text(st.sampled_from("'=+-@ a1\uff1d"), max_size=6))
def test_any_text_comes_back_from_a_cell_that_nothing_runs(text):
    safe = safe_text(text)
    assert plain_text(safe) == text
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_words(text):
    with suppress(BayesIvfError):
        assert len(check_columns(parse_columns(text, "t.csv")))


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('0123456789.,;-+eE naninf"_x\n٣'), max_size=12))
def test_any_cell_is_a_count_or_refused(cell):
    text = _text([("a", "b", "none", (cell, 10), (1, 10))])
    try:
        read = check_columns(parse_columns(text, "t.csv"))
    except BayesIvfError:
        return
    assert float(cell.strip()) == read.events[0, 0]
    assert 0 <= read.events[0, 0] <= 10


def _part(number, fits, names):
    rng = np.random.default_rng(number)
    keys = tuple(bytes(rng.integers(0, 256, 32, dtype=np.uint8)) for _ in range(fits))
    figures = rng.normal(size=(fits, len(names), len(FIELDS)))
    figures[rng.uniform(size=figures.shape) < 0.2] = np.nan
    return Part(
        "exact", keys, names, figures, ("pass",) * fits, ("",) * fits, rng.normal(size=(fits, EVIDENCE_NUMBERS))
    )


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 9),
    st.lists(st.sampled_from(["a", "b", "a@b", "a_b", "b@a_b", "a@c"]), min_size=1, max_size=4, unique=True),
)
def test_any_part_survives_its_bytes(number, fits, names):
    part = _part(number, fits, tuple(map(EstimandId.parse, names)))
    back = decode(encode(part))
    assert (back.keys, back.ids, back.levels) == (part.keys, part.ids, part.levels)
    assert np.array_equal(back.figures, part.figures, equal_nan=True)
    assert np.array_equal(back.evidence, part.evidence)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), max_size=6), st.floats(0, 1), st.booleans())
@example(flips=[(0.0625, 128)], end=0.0, cut=False)  # SQLite quotes the byte in a message that is no UTF-8
def test_no_damage_changes_a_number(tmp_path_factory, flips, end, cut):
    folder = tmp_path_factory.mktemp("store")
    parts = [_part(number, 4, (EstimandId("a"), EstimandId("b"))) for number in range(12)]
    with Store(folder) as store:
        for part in parts:
            store.add(part)
    path = folder / NAME
    raw = bytearray(path.read_bytes())
    for place, bits in flips:
        raw[min(int(place * len(raw)), len(raw) - 1)] ^= bits
    path.write_bytes(bytes(raw[: int(end * len(raw))] if cut else raw))
    try:
        store = Store(folder)
    except BayesIvfError:  # the flip made it the file of a newer version
        return
    with store:
        for part in parts:
            found = store.find(part.keys[1])
            if found is not None:
                assert np.array_equal(found[0].figures[found[1]], part.figures[1], equal_nan=True)
            store.add(part)
        assert len(store.index) == 48
