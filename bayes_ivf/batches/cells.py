"""One cell of a grid as plain text and numbers: what its rows are called, and which fit they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Any

import numpy as np

from bayes_ivf import defaults
from bayes_ivf.batches.numerics import numerics
from bayes_ivf.priors import Prior
from bayes_ivf.problem import OutcomeRef, Plain, Problem
from bayes_ivf.results import evidence_words
from bayes_ivf.settings import Settings


@dataclass(frozen=True, slots=True)
class Cell:
    """One study x outcome x model x options x prior x engine.

    Parameters
    ----------
    study, outcome, model, options, prior, engine : str
        Its name; engine ``exact`` or ``nuts``.
    label : str
    sign : {1, -1, 0}
    mcid : float or None
    effect_prior, null, priors, other_null : str
        For ``evidence.csv``.
    problem : str
        Content hash.
    key : bytes
        Of the fit; see `fit_key`.
    spec : str
        The whole problem as JSON where pages are made from it; else empty.
    """

    study: str
    outcome: str
    model: str
    options: str
    prior: str
    engine: str
    label: str
    sign: int
    mcid: float | None
    effect_prior: str
    problem: str
    key: bytes
    spec: str = ""
    null: str = ""
    priors: str = ""
    other_null: str = ""

    @property
    def name(self) -> tuple[str, str, str, str, str, str]:
        """What must be unique in a batch."""
        return (self.study, self.outcome, self.model, self.options, self.prior, self.engine)


@dataclass(frozen=True)
class Recipe:
    """How problems are fitted, apart from what they are.

    Parameters
    ----------
    settings : Settings
    summaries : bool
        False: probabilities alone.
    keep_draws : bool
    ci_prob : float
        Probability of every interval.
    """

    settings: Settings
    summaries: bool = True
    keep_draws: bool = False
    ci_prob: float = defaults.CI_PROB


@cache
def _base(engine: str, recipe: Recipe) -> bytes:
    """Return what all fits of one engine and recipe share: version of the numerics, and settings where chance has a part.

    The level counts where there are intervals; the default one leaves no trace, so that fits from before it could be chosen
    are found.
    """
    content: dict[str, Any] = {"engine": engine, "numerics": numerics(engine), "summaries": recipe.summaries}
    if recipe.summaries and recipe.ci_prob != defaults.CI_PROB:
        content["ci_prob"] = recipe.ci_prob
    if engine == "nuts":
        content["settings"] = asdict(recipe.settings)
    return json.dumps(content, sort_keys=True).encode()


def fit_key(problem_hash: str, engine: str, recipe: Recipe) -> bytes:
    """Return the content address of a fit: problem, engine, settings, what was asked, and version of the numerics."""
    return hashlib.sha256(_base(engine, recipe) + problem_hash.encode()).digest()


def draws_key(problem_hash: str, recipe: Recipe) -> bytes:
    """Return the content address of the draws of a fit, which do not depend on the level of its intervals."""
    return fit_key(problem_hash, "nuts", replace(recipe, ci_prob=defaults.CI_PROB))


def make_cell(problem: Problem, engine: str, recipe: Recipe, *, spec: bool = False) -> Cell:
    """Make the cell of a problem; `spec` keeps the whole problem with it."""
    study, outcome, model, options, prior = problem.key
    words = evidence_words(problem)
    return Cell(
        study,
        outcome,
        model,
        options,
        prior,
        engine,
        problem.label,
        problem.sign,
        problem.mcid,
        str(problem.priors.get("effect", "")),
        problem.hash,
        fit_key(problem.hash, engine, recipe),
        problem_text(problem) if spec else "",
        words.null,
        words.priors,
        words.other,
    )


def with_engine(cell: Cell, engine: str, recipe: Recipe) -> Cell:
    """Return the cell of the same problem under another engine."""
    return replace(cell, engine=engine, key=fit_key(cell.problem, engine, recipe))


def problem_text(problem: Problem) -> str:
    """Return a problem as JSON that `read_problem` turns back into one of the same hash, from which pages are made."""
    values: dict[str, Any] = {field.name: getattr(problem, field.name) for field in fields(Problem)}
    values["data"] = {name: [array.dtype.str, array.tolist()] for name, array in problem.data.items()}
    values["priors"] = {slot: [prior.dist, dict(prior.parameters)] for slot, prior in problem.priors.items()}
    values["options"] = dict(problem.options)
    values["layout"] = problem.variant
    values["places"] = {name: asdict(place) for name, place in problem.places.items()}
    return json.dumps(values, separators=(",", ":"))


def read_problem(text: str) -> Problem:
    """Return the problem of `problem_text`; its layout is the text of the one that it had.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the text is no problem.
    """
    values: Mapping[str, Any] = json.loads(text)
    made = {
        "data": {name: np.array(array, dtype=np.dtype(kind)) for name, (kind, array) in values["data"].items()},
        "priors": {slot: Prior(dist, parameters) for slot, (dist, parameters) in values["priors"].items()},
        "places": {name: _place(place) for name, place in values["places"].items()},
        "caveats": tuple(values["caveats"]),
        "layout": Plain(values["layout"]),
    }
    return Problem(**{**values, **made})


def _place(values: Mapping[str, Any]) -> OutcomeRef:
    return OutcomeRef(**{**values, "options": tuple((name, value) for name, value in values["options"])})
