"""Contrasts of every member of a family, and what its effects have in common."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf.estimand_id import EstimandId, at_place
from bayes_ivf.estimands import mean_contrasts
from bayes_ivf.forms import claim_only
from bayes_ivf.problem import Problem
from bayes_ivf.structures.funnel.contrasts import contrasts as of_stages
from bayes_ivf.structures.outcomes.problem import CLAIMS, WHOLE, Members

Array = npt.NDArray[np.float64]


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Return the draws of every estimand, each of shape (chain, draw)."""
    return _MAKERS[problem.likelihood](problem, posterior)


def unsigned(problem: Problem) -> list[str]:
    """Return the places whose effect has a size and no sign that anything could be said of."""
    if problem.likelihood != CLAIMS:
        return []
    claimed = zip(_members(problem), problem.laid_out(Members).said, strict=True)
    return [place for place, event in claimed if claim_only.is_even(event)]


def _mean_family(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Contrasts of every member of a family of means; the first member is the problem's own outcome."""
    standardizer = np.sqrt((posterior["sigma"] ** 2).mean(axis=-1))
    shift = posterior["effects"] * standardizer
    found: dict[EstimandId, Array] = {}
    for index, place in enumerate(_members(problem)):
        average, half = posterior["average"][..., index], shift[..., index] / 2
        found |= at_place(mean_contrasts(average + half, average - half, standardizer[..., index]), place)
    return found | _hierarchy(posterior)


def _claim_family(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Effects of every member of a family of claims."""
    effects = posterior["effects"]
    places = enumerate(_members(problem))
    found = {EstimandId("standardized_mean_difference", place): effects[..., index] for index, place in places}
    return found | _hierarchy(posterior)


def _members(problem: Problem) -> list[str]:
    """Places of the members, the problem's own outcome first."""
    return ["", *(place for place in problem.places if place != WHOLE)]


def _hierarchy(posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    return at_place({"mu": posterior["mu"], "tau": posterior["tau"]}, WHOLE)


_MAKERS = {"mean_sd_family": _mean_family, "claim_family": _claim_family, "funnel": of_stages}
"""By likelihood."""
