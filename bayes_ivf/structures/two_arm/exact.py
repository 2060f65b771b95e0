"""Which problems of two arms are solved by quadrature: those that their form has a solver for."""

from __future__ import annotations

from bayes_ivf.forms import Solver, find_form
from bayes_ivf.problem import Problem

STACKED = True
"""Problems of one kind are solved together."""


def solver(problem: Problem) -> Solver | None:
    """Return what solves a problem; None if nothing does."""
    return find_form(problem).load_part().solver(problem)
