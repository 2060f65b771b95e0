"""Random and adversarial problems: an answer may be wrong only where it says so. ``make adversarial`` asks many more.

Asked are the first two rounds of all kinds, as they are drawn. Their right answers are stored, and problems with
priors of the same families are solved as one batch, so that only the engine takes time.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hard_problems import KINDS, SEED, draw
from judge import TOLERANCE, judge, judge_all
from right import FILE, mark, read, right

from bayes_ivf.batches.numerics import numerics

ROUNDS = 2
HERE = ROUNDS * len(KINDS)
WANTED = 10_000
"""Problems that the stored result must hold."""
STORED = Path(__file__).resolve().parents[2] / "calibration" / "adversarial.json"


@pytest.fixture(scope="module")
def known():
    return read()


@pytest.fixture(scope="module")
def judged(known):
    block = {index: (draw(index), known[index][1]) for index in range(HERE)}
    return {index: (block[index][0]["kind"], *found) for index, found in judge_all(block).items()}


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
def test_a_wrong_answer_fails(kind, judged):
    of_kind = {index: found for index, found in judged.items() if found[0] == kind}
    assert len(of_kind) == ROUNDS * KINDS.count(kind)
    assert not {i: found for i, found in of_kind.items() if not found[2] <= TOLERANCE and found[1] != "fail"}


def test_a_wrong_answer_would_be_seen(known):
    problem, answers = draw(1), known[1][1]
    moved = {
        name: replace(each, **{side: tuple(np.add(getattr(each, side), 2 * TOLERANCE * each.spread)) for side in ("low", "high")})
        for name, each in answers.items()
    }  # fmt: skip
    assert judge([problem], [answers])[0][1] < TOLERANCE < judge([problem], [moved])[0][1]


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
def test_stored_answers_are_those_of_plain_panels(kind, known):
    index = KINDS.index(kind)
    for name, found in right(draw(index)).items():
        kept = known[index][1][name]
        for each in ("mean", "sd", "low", "high", "below_zero"):
            # stored to some hundred-thousandths of a standard deviation
            expected = pytest.approx(getattr(found, each), abs=2e-4 * found.spread, rel=1e-5, nan_ok=True)
            assert getattr(kept, each) == expected, (name, each)


def test_stored_answers_belong_to_the_problems(known):
    assert [index for index, (found, _) in known.items() if found != mark(draw(index))] == []
    assert FILE.stat().st_size < 3e6


def test_the_stored_result_is_of_this_engine():
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert (stored["seed"], stored["numerics"]) == (SEED, numerics("exact")), "run make adversarial"
    assert stored["wrong_without_fail"] == []
    assert stored["problems"] >= WANTED
    judged = sum(sum(found.values()) for found in stored["kinds"].values())
    assert judged == stored["problems"] - len(stored["without_answer"])
    assert len(stored["without_answer"]) <= stored["problems"] / 200
