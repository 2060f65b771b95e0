"""Why much of a page is otherwise at once: its study, cards or prior sets are not those that its fits were made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bayes_ivf.errors import visible
from bayes_ivf.problem import Problem
from bayes_ivf.report.rebuilt import Rebuilt

NAMED = 6
"""Outcomes that are named."""


def _others(rebuilt: Rebuilt) -> list[tuple[Mapping[str, Any], Problem | None]]:
    fits = [(fit, problem) for fit, problem in rebuilt.fits() if not rebuilt.of_women(fit)]
    return [(fit, problem) for fit, problem in fits if problem is None or problem.hash != fit["problem"]]


def affected(rebuilt: Rebuilt) -> set[str]:
    """Return the outcomes with other problems, of which the page's rows are no rows: nothing can be made of those."""
    return {str(fit["key"][1]) for fit, _ in _others(rebuilt)}


def cause_of(rebuilt: Rebuilt) -> str:
    """Name what gives other problems than those of the page's fits; empty if nothing does.

    Parameters
    ----------
    rebuilt : Rebuilt
    """
    other = _others(rebuilt)
    if not other:
        return ""
    priors = [
        problem is not None and fit["priors"] != {slot: str(prior) for slot, prior in problem.priors.items()}
        for fit, problem in other
    ]
    if all(priors):
        what = "prior sets give"
    elif any(priors):
        what = "study, model cards or prior sets give"
    else:
        what = "study gives" if all(problem is not None for _, problem in other) else "study or model cards give"
    outcomes = list(dict.fromkeys(str(fit["key"][1]) for fit, _ in other))
    more = f" and {len(outcomes) - NAMED} more" if len(outcomes) > NAMED else ""
    named = visible(", ".join(outcomes[:NAMED])) + more
    return (
        f"The embedded {what} other problems (of {named}) than those the page was made from; what differs below may "
        "all follow from that."
    )
