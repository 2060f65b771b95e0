"""Contrasts of embryos and women, averaged over the intercepts of women."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf.estimand_id import EstimandId, at_place
from bayes_ivf.estimands import risk_contrasts
from bayes_ivf.problem import Problem
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.structures.individual import women as individual

Array = npt.NDArray[np.float64]


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Contrasts per embryo, and per woman over the arm's own or the pooled numbers of embryos, averaged over intercepts."""
    effect, sigma = posterior["effect"], posterior["sigma"]
    log_odds = arm_log_odds(problem, posterior)
    chances = [individual.embryo_chances(problem.data, each, sigma) for each in log_odds]
    # the odds ratio of a woman's embryos, not that of the averaged risks
    found = at_place(risk_contrasts(chances[0][0], chances[1][0], effect))
    own_treatment, own_control, pooled = individual.shares_of_sizes(problem.data)
    for place, shares in (("woman", (own_treatment, own_control)), ("woman_standardized", (pooled, pooled))):
        risks = [by_size @ share for (_, by_size), share in zip(chances, shares, strict=True)]
        found |= at_place(risk_contrasts(risks[0], risks[1]), place)
    midway = (log_odds[0] + log_odds[1]) / 2
    found[EstimandId("icc", "latent")] = individual.latent_icc(sigma)
    found[EstimandId("icc", "probability")] = individual.probability_icc(problem.data, midway, sigma)
    return found


def unsigned(problem: Problem) -> list[str]:
    """Return no place: every effect has a sign."""
    return []
