"""Whose rows a fit shows first, under which names, and which quantity a text means: the numbers stay as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.results import estimand_id

if TYPE_CHECKING:
    from bayes_ivf.inference.fit import Fit
    from bayes_ivf.problem import Problem

KEY = ("study", "outcome", "model", "options", "prior")
"""Columns that name a problem, as `Problem.key` does."""


def fit_about(fit: Fit, outcome: str) -> Fit:
    """Return a fit with the rows of an outcome first, the fit beside it likewise.

    Parameters
    ----------
    fit : Fit
    outcome : str
        Its id; that of none of the rows changes nothing.
    """
    rows = tuple(sorted(fit.rows, key=lambda row: row.outcome != outcome))
    return replace(fit, rows=rows, beside=None if fit.beside is None else fit_about(fit.beside, outcome))


def quantity_asked(fit: Fit, estimand: str | EstimandId) -> EstimandId:
    """Return which quantity of a fit is meant.

    Parameters
    ----------
    fit : Fit
    estimand : str or EstimandId
        A bare estimand as text is that of the first row that has it; a value is itself.

    Raises
    ------
    RequestError
        If the fit does not have it.
    """
    known = [estimand_id(fit.problem, row) for row in fit.rows]
    for each in known:
        if estimand in (each, each.text, each.estimand):
            return each
    allowed = ", ".join(dict.fromkeys(each.text for each in known))
    raise RequestError(Fault("estimand", repr(estimand), allowed, "name one of these quantities"))


def fit_renamed(fit: Fit, problem: Problem) -> Fit:
    """Return a fit under the names of another problem, the fit beside it likewise.

    Parameters
    ----------
    fit : Fit
    problem : Problem
        With the same content and options as that of the fit.
    """
    if problem.key == fit.problem.key:
        return fit
    places = {before.outcome: problem.place(name).outcome for name, before in fit.problem.places.items()}
    places[fit.problem.outcome] = problem.outcome
    rows = tuple(
        replace(row, study=problem.study, outcome=places[row.outcome], model=problem.model, prior=problem.prior_set)
        for row in fit.rows
    )
    beside = None if fit.beside is None else fit_renamed(fit.beside, problem)
    evidence = fit.evidence and fit.evidence | dict(zip(KEY, problem.key, strict=True))
    return replace(fit, problem=problem, rows=rows, beside=beside, evidence=evidence)
