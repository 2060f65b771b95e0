"""Rows of a table with numbers that nobody has measured: left out by name, and the rest is done."""

from __future__ import annotations

from bayes_ivf.batches.blocks import TableBlock
from bayes_ivf.batches.table import read_trials
from bayes_ivf.cards import load_card
from bayes_ivf.priors import load_prior_set

HEAD = "study,outcome,benefit,mean_treatment,sd_treatment,n_treatment,mean_control,sd_control,n_control\n"
ROWS = (
    "a,x,lower,5,1.0000000000000000000000000000001,40,5,1,40",
    "b,x,lower,5,1,40,5,1,40",
    "c,x,lower,5.0000000000000000000000000000001,1,40,5,1,40",
    "d,x,lower,5,1,2,5,1,2",
)


def test_each_row_is_a_problem_or_named(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(HEAD + "\n".join(ROWS) + "\n", encoding="utf-8")
    block = TableBlock(read_trials(path), [load_card("two_arm")], [load_prior_set("weakly_informative")])
    made = [block.problem(place) for place in range(len(block))]
    assert [problem is not None for problem in made] == [False, True, False, True]
    assert [reason.partition(":")[0] for reason in block.left_out] == ["a/x", "c/x"]


def test_sizes_that_no_measurement_has_are_refused_by_line(tmp_path, faults_of):
    path = tmp_path / "table.csv"
    path.write_text(HEAD + "a,x,lower,5,1e-300,40,5,1,40\nb,x,lower,1e308,1,40,5,1,40\n", encoding="utf-8")
    assert [fault.where for fault in faults_of(read_trials, path)] == [
        "table.csv, line 2, sd_treatment",
        "table.csv, line 3, mean_treatment",
    ]
