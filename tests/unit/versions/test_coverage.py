"""Functions that run are in the version of their engine: a few quick problems, watched."""

from __future__ import annotations

from bayes_ivf.versions import fingerprint, package_sources
from tests.mutations.problems import make_problems
from tests.mutations.solve import numbers
from tests.mutations.study import LEAVE, Run, uncovered
from tests.mutations.trace import edited, traced


def test_everything_that_runs_is_covered():
    makers = make_problems()
    runs = []
    for name in ("counts", "counts, beta arms", "means, arms", "claim, differs"):
        problem = makers[name]()
        numbers(problem, "exact", name)  # what is imported at first is no part of a trace
        with traced() as trace:
            values = numbers(problem, "exact", name)
        runs.append(Run(name, "exact", values, "", frozenset(), frozenset(trace.functions), 0.0))
    assert uncovered(runs) == []
    seen = {module for run in runs for module, _ in run.functions if not module.startswith(LEAVE)}
    assert {"bayes_ivf.quadrature.panels", "bayes_ivf.effects.from_exact"} <= seen


def test_an_edited_package_gives_other_numbers_and_is_put_back():
    name = "bayes_ivf.effects.from_exact"
    text = package_sources()[name].replace("1 - below_upper", "below_upper")
    before = numbers(make_problems()["counts, beta arms"](), "exact", "counts, beta arms")
    with edited({name: text}):
        other = numbers(make_problems()["counts, beta arms"](), "exact", "counts, beta arms")
    after = numbers(make_problems()["counts, beta arms"](), "exact", "counts, beta arms")
    assert not (other == before).all()
    assert ((after == before) | (after != after)).all()
    assert fingerprint("exact", {**package_sources(), name: text}) != fingerprint("exact")
