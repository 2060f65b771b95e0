"""What the exact engine can do of what was planned, and the name of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bayes_ivf.inference.run_exact import exact_key
from bayes_ivf.problem import Problem

NO_EXACT = "no exact solution of this model with these priors; engine auto or nuts samples it"


@dataclass(frozen=True)
class LeftOut:
    """A fit that was planned and that the asked engine cannot make.

    Parameters
    ----------
    key : tuple of str
        Study, outcome, model, options, prior.
    reason : str
    """

    key: tuple[str, ...]
    reason: str


def solvable(problems: Sequence[Problem]) -> tuple[tuple[Problem, ...], tuple[LeftOut, ...]]:
    """Part problems into those with an exact solution and the rest; if none has one, all stay and are refused by name."""
    exact = tuple(problem for problem in problems if exact_key(problem) is not None)
    if not exact:
        return tuple(problems), ()
    return exact, tuple(LeftOut(problem.key, NO_EXACT) for problem in problems if exact_key(problem) is None)
