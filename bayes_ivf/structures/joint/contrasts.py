"""Every outcome back on its own scale, and what families and the whole have in common."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.estimand_id import EstimandId, at_place
from bayes_ivf.estimands import mean_contrasts, risk_contrasts
from bayes_ivf.problem import Problem
from bayes_ivf.structures.funnel.contrasts import contrasts as of_stages
from bayes_ivf.structures.joint.problem import STAGE_PLACES, WHOLE, places_of, stages_of

Array = npt.NDArray[np.float64]


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Return the draws of every estimand, each of shape (chain, draw)."""
    stages = stages_of(problem)
    found = {} if stages is None else of_stages(stages, posterior)
    effects = posterior["effects"]
    own = iter(_own_places(problem, stages is not None))
    for kind, where in places_of(problem.data).items():
        for j in range(where.stop - where.start):
            effect, place = effects[..., where.start + j], next(own)
            if kind == "count":
                level = posterior[f"count_{j}_average"]
                risks = special.expit(level + effect / 2), special.expit(level - effect / 2)
                mine = risk_contrasts(*risks, effect)
            elif kind == "mean":
                standardizer = np.sqrt((posterior[f"mean_{j}_sigma"] ** 2).mean(axis=-1))
                level, half = posterior[f"mean_{j}_average"], effect * standardizer / 2
                mine = mean_contrasts(level + half, level - half, standardizer)
            else:
                mine = {"standardized_mean_difference": effect}
            found |= at_place(mine, place)
    return found | _hierarchy(problem, posterior)


def unsigned(problem: Problem) -> list[str]:
    """Return no place: claims that name no direction are left out."""
    return []


def _own_places(problem: Problem, stages: bool) -> list[str]:
    """Places of outcomes with a likelihood of their own, then of families; the first outcome is the problem's own."""
    named = [place for place in problem.places if place not in (*STAGE_PLACES, WHOLE)]
    return named if stages else ["", *named]


def _hierarchy(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Mean and spread of all families, and of every family, in standard deviations toward benefit."""
    found = at_place({"mu": posterior["mu"], "tau": posterior["omega"]}, WHOLE)
    means = posterior["family_mean"]
    families = means.shape[-1]
    places = [name for name in problem.places if name not in (*STAGE_PLACES, WHOLE)][-families:]
    for i, place in enumerate(places):
        found |= at_place({"mu": means[..., i], "tau": posterior[f"tau_{i}"]}, place)
    return found
