"""Random and adversarial tables: an answer may be wrong only where it says so. ``make adversarial`` asks many more."""

from __future__ import annotations

import pytest
from hard_problems import KINDS, draw
from judge import TOLERANCE, judge


@pytest.mark.parametrize("index", range(len(KINDS)))
def test_a_wrong_answer_fails(index):
    _, verdict, error = judge(draw(index))
    assert error <= TOLERANCE or verdict == "fail"
