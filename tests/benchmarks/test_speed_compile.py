"""What a model takes until its first draw: machine code from its graph, beside the usual way of nutpie."""

from __future__ import annotations

import nutpie
import pytest

from bayes_ivf import load_study
from bayes_ivf.cards import load_card
from bayes_ivf.inference.density import compile_model
from bayes_ivf.problem import build_problem
from bayes_ivf.structures import build_model


@pytest.mark.parametrize(("outcome", "card"), [("cpr", "two_arm"), ("eir", "embryo_cluster"), ("ca125", "two_arm")])
def test_machine_code_is_made_in_a_third_of_the_time(alternating, say, outcome, card):
    model = build_model(build_problem(load_study("lei-2026"), outcome, load_card(card), "weakly_informative"))
    usual, ours = alternating(lambda: nutpie.compile_pymc_model(model), lambda: compile_model(model), runs=3)
    say(f"{outcome}, {card}: {ours:.2f} s; nutpie.compile_pymc_model, its cache warm: {usual:.2f} s")
    say(f"ratio {ours / usual:.2f}  (at most 0.33)")
    assert ours / usual <= 1 / 3
