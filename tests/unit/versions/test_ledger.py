"""A tenth of the ledger: numbers that no move of code may change."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bayes_ivf.effects import DERIVED
from bayes_ivf.problem import can_be_sampled
from tests.ledger.compare import differences
from tests.ledger.designs import TRIALS, all_designs, design_rows
from tests.ledger.numbers import exact_table, identity, read_table
from tests.ledger.pages import words_of
from tests.ledger.problems import WHOLE, ledger_problems

STORED = Path(__file__).resolve().parents[2] / "ledger" / "stored"
PROBLEMS = ledger_problems()
QUICKER = {
    "totals 1, biochemical, skeptical_strong": "totals 1, beta_binomial, skeptical_strong",
    "means 2, log_normal, uniform, separate": "means 3, gamma, cauchy, separate",
}
"""Half a minute for seconds: the first of each pair is solved when the ledger is written."""
SOME = [QUICKER.get(name, name) for name in list(PROBLEMS)[3::10]]
DESIGNS = all_designs()
TOLERANCE, GROSS = 1e-9, 1e-2


@pytest.fixture(scope="module")
def stored():
    return {
        name: read_table((STORED / f"{name}.csv").read_text(encoding="utf-8"))
        for name in ("problems", "exact", "sampled", "designs")
    }


def number(text):
    return float.fromhex(text) if text.lstrip("-").startswith("0x") else float(text) if text in ("nan", "inf") else None


def _spread(row):
    """Sd of a quantity, or a quarter of its interval where it has none."""
    sd, low, high = (number(row.get(name, "")) for name in ("sd", "ci_low", "ci_high"))
    if sd is not None and math.isfinite(sd):
        return sd
    return (high - low) / 4 if low is not None and high is not None and math.isfinite(high - low) else None


def test_the_ledger_is_whole(stored):
    assert len(PROBLEMS) == WHOLE
    assert len(SOME) == WHOLE // 10
    assert {key[0] for key in stored["problems"]} == set(PROBLEMS)
    assert len({key[0] for key in stored["exact"]}) > 0.9 * WHOLE
    assert {key[0] for key in stored["sampled"]} == {
        name for name, maker in PROBLEMS.items() if can_be_sampled(maker())
    }
    assert {key[-2:] for key in stored["designs"]} == {(name, str(trials)) for name in DESIGNS for trials in TRIALS}


@pytest.mark.parametrize("name", SOME)
def test_numbers_are_those_of_the_ledger(stored, name):
    """To 1e-9 of a posterior sd, so that another processor passes; problems and seeds to the last digit.

    What quadrature itself marks as not accurate, it need not find again to more digits than it states.
    """
    problem = PROBLEMS[name]()
    assert [row for key, row in stored["problems"].items() if key[0] == name] == [identity(name, problem)]
    expected = {key: row for key, row in stored["exact"].items() if key[0] == name}
    found = read_table(exact_table({name: PROBLEMS[name]}))
    assert set(found) == set(expected)
    for key, row in found.items():
        spread = _spread(expected[key])
        tolerance = TOLERANCE if row.get("verdict", "pass") == "pass" else GROSS
        derived = key[3] in DERIVED  # held to the tolerance where it comes from
        for column, value in row.items():
            was = expected[key][column]
            new, old = number(value), number(was)
            if new is None or old is None or not math.isfinite(old):
                assert value == was, (key, column)
            elif derived and column in ("median", "ci_low", "ci_high"):
                assert 1 / new == pytest.approx(1 / old, abs=tolerance * 0.1), (key, column)
            else:
                # what has no sd, such as a Bayes factor, to as many digits
                size = abs(old) if spread is None else max(spread, 1e-3)
                assert new == pytest.approx(old, abs=tolerance * max(size, abs(old) * 1e-3)), (key, column)


@pytest.mark.parametrize("name", DESIGNS)
def test_designs_simulate_the_trials_of_the_ledger(stored, name):
    (found,) = design_rows(DESIGNS[name], TRIALS[:1])
    assert found == next(row for key, row in stored["designs"].items() if key[-2:] == (name, str(TRIALS[0])))


def test_a_digest_sees_another_trial_and_another_question():
    design = DESIGNS["two_arm-counts-average"]

    def other_trial(rng):
        rng.random()
        return design.simulate(rng)

    def other_question(problem, posterior):
        return np.nextafter(np.float32(1), np.float32(2)) * design.log_likelihood(problem, posterior)

    (of_design,) = design_rows(design, (2,))
    (of_trial,) = design_rows(replace(design, simulate=other_trial), (2,))
    (of_question,) = design_rows(replace(design, log_likelihood=other_question), (2,))
    assert [name for name in of_design if of_design[name] != of_trial[name]] == ["problems", "truths", "quantities"]
    assert [name for name in of_design if of_design[name] != of_question[name]] == ["quantities"]


def test_a_changed_number_and_a_changed_word_are_named():
    before, after = "problem,estimand,median\na,rd,0x1.8p+1\n", "problem,estimand,median\na,rd,0x1.8p+2\n"
    assert list(differences("exact.csv", before, after)) == ["exact.csv: a, rd, median: 3.0 -> 6.0"]
    assert list(differences("exact.csv", before, before)) == []
    assert list(differences("page.txt", "one\ntwo\n", "one\nthree\n")) == ["page.txt: -two", "page.txt: +three"]


def test_words_of_a_page_leave_out_what_changes_from_day_to_day():
    page = "<head><title>x</title></head><p>Made on 2026-01-02, in 12.3 s.</p><svg><text>9</text></svg><td>0.5</td>"
    assert words_of(page) == ["Made on …, in ….", "0.5"]
