"""Contrasts per embryo, and per woman."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo import clinical_pregnancy, per_embryo, pooled_shares
from bayes_ivf.estimand_id import EstimandId, at_place
from bayes_ivf.estimands import risk_contrasts
from bayes_ivf.forms.embryo_totals import arms_of
from bayes_ivf.problem import Problem
from bayes_ivf.structures.arms import arm_log_odds

Array = npt.NDArray[np.float64]


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Contrasts per embryo, and per woman averaged over the arm's own or the pooled allocation of embryos."""
    arms = arms_of(problem)
    mechanism = problem.options["mechanism"]
    within, loss = posterior["q" if mechanism == "receptivity" else "icc"], posterior.get("lambda", np.zeros(1))
    log_odds = arm_log_odds(problem, posterior)
    per_embryo_risks = [per_embryo(mechanism, each, within) for each in log_odds]
    own_scale = mechanism != "receptivity"
    found = at_place(
        risk_contrasts(per_embryo_risks[0], per_embryo_risks[1], posterior["effect"] if own_scale else None)
    )
    if not own_scale:
        effect = {"log_odds_ratio": posterior["effect"], "odds_ratio": np.exp(posterior["effect"])}
        found |= at_place(effect, "receptivity")
    found[EstimandId("icc" if own_scale else "q")] = within
    if "lambda" in posterior:
        found[EstimandId("lambda")] = loss
    pooled = pooled_shares(*arms, *log_odds, within, loss)
    for place, shares in (("woman", None), ("woman_standardized", pooled)):
        risks = [clinical_pregnancy(arm, each, within, loss, shares) for arm, each in zip(arms, log_odds, strict=True)]
        found |= at_place(risk_contrasts(risks[0], risks[1]), place)
    return found


def unsigned(problem: Problem) -> list[str]:
    """Return no place: every effect has a sign."""
    return []
