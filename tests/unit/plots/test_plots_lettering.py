"""Texts are broken so that they fit, whatever they are."""

from __future__ import annotations

import pytest

from bayes_ivf.plots.lettering import clean, width_of, wrap
from bayes_ivf.plots.ticks import ratios

LABELS = ["", " ", "Clinical pregnancy", "x" * 300, "a b " * 100, "漢" * 60, "line\nbreak\ttab", "\x00\x1b[31mred"]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("width", [12.0, 60.0, 230.0])
def test_every_line_fits(label, width):
    lines = wrap(label, width, 7.0, most=3)
    assert 1 <= len(lines) <= 3
    assert all(width_of(line, 7.0) <= width for line in lines)
    assert all(line == clean(line) for line in lines)


def test_nothing_is_lost_where_there_is_room():
    words = "Miscarriage per clinical pregnancy in women with three earlier failures"
    assert " ".join(wrap(words, 90, 7.0, most=9)) == words


def test_what_is_lost_is_marked():
    assert wrap("one two three four five six", 40, 7.0, most=2)[-1].endswith("…")


@pytest.mark.parametrize(("low", "high"), [(0.9, 1.2), (0.4, 6), (0.05, 20), (1e-4, 1e5), (0.99, 1.01)])
def test_ratios_are_few_and_inside(low, high):
    found = ratios(low, high, 5)
    assert 2 <= len(found) <= 8
    assert all(low <= value <= high for value in found)
