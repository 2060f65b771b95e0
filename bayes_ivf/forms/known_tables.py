"""What forms share of which a set of tables of two arms is known: whose print it is, on how many sides it lies, its solver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.auditing import higher_in_treatment
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import TWO_SIDES
from bayes_ivf.forms.printed_t import other_test
from bayes_ivf.forms.stacking import batched_priors
from bayes_ivf.problem import Problem
from bayes_ivf.study import Outcome, Study

Array = npt.NDArray[np.float64]

_FAR, _MANY = 4.0, 2000
# Gap, in standard errors, that a sampler hardly crosses; tables beyond which none is looked for.


def refuse_other(study: Study, outcome: Outcome, printed: object, where: str) -> None:
    """Refuse a number that its words say is of another test than one of two independent arms of counts."""
    if other := other_test(study, outcome):
        found = f"{printed} of {other}: a check only, from which no counts of the arms follow; the counts would give an effect"
        allowed = "a P, a chi-square or a z of two independent arms"
        raise RequestError(Fault(where, found, allowed, "give the counts, or an effect with its interval"))


def word_of(tables: Array, sizes: Sequence[int], side: int) -> str:
    """Return whether tables lie on two sides that nothing connects, as what of them changes a model."""
    # equal risks that qualify, such as no event in either arm, connect the two sides
    connected = (tables * (higher_in_treatment(*sizes) == 0)).any()
    return TWO_SIDES if side == 0 and not connected else ""


def lies_in_one_piece(tables: Array, pieces: int = 1) -> bool:
    """Whether a set of tables (n_t + 1, n_c + 1) lies in so few pieces that no gap of more than 4 standard errors parts any.

    A sampler hardly crosses wider gaps: "chi-square(1) = 3.70" of 17 and 13 women may be 8 against 2 events, or 15 against 7.

    Examples
    --------
    >>> near, apart = np.eye(31)[::-1] * 0, np.eye(31) * 0
    >>> near[4:9, 2], apart[[2, 28], [9, 15]] = 1, 1
    >>> lies_in_one_piece(near), lies_in_one_piece(apart), lies_in_one_piece(apart, 2)
    (True, False, True)
    """
    found = np.nonzero(tables)
    if len(found[0]) > _MANY:  # words leave so many, which touch
        return True
    # asin of the root of a share has about the same standard error everywhere
    at = np.stack(
        [2 * np.sqrt(n + 0.5) * np.arcsin(np.sqrt((k + 0.375) / (n + 0.75)))
         for k, n in zip(found, (size - 1 for size in tables.shape), strict=True)]
    )  # fmt: skip
    left = np.ones(at.shape[1], dtype=bool)
    for _ in range(pieces):
        reached = np.flatnonzero(left)[:1]
        while len(reached):
            left[reached] = False
            gaps = np.sqrt(((at[:, reached, None] - at[:, None, :]) ** 2).sum(axis=0)).min(axis=0)
            reached = np.flatnonzero(left & (gaps < _FAR))
    return not left.any()


def solve_nothing(problems: Sequence[Problem], workers: int | None) -> Any:
    """Solve the same problems as if nothing had been printed: any claim about any tables, wholly doubted, leaves the prior."""
    any_table = np.ones((2, 2))
    return solve_tables(problems, [any_table] * len(problems), np.ones(len(problems)), workers)


def solve_tables(problems: Sequence[Problem], tables: Sequence[Array], doubt: Array, workers: int | None) -> Any:
    """Solve problems of two risks of which a set of tables is known, each under its own priors."""
    from bayes_ivf.exact import solve_claimed_tables

    slots, coding = batched_priors(problems), problems[0].coding
    arms = coding == "arms"
    return solve_claimed_tables(
        tables,
        first=slots["control" if arms else coding],
        effect=slots["treatment" if arms else "effect"],
        doubt=doubt,
        coding=coding,
        workers=workers,
    )
