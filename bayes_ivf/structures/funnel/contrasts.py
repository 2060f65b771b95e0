"""Contrasts of every stage, and of what the stages come to per woman."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.estimand_id import EstimandId, at_place
from bayes_ivf.estimands import risk_contrasts
from bayes_ivf.forms.embryo_layout import layout_of
from bayes_ivf.problem import Problem
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.structures.embryo_cluster.contrasts import contrasts as of_embryos
from bayes_ivf.study import ARMS

Array = npt.NDArray[np.float64]


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Contrasts of every stage and of what the stages come to per woman; the main ones are of ongoing pregnancy."""
    if layout_of(problem) is None:
        treatment, control = (special.expit(each) for each in arm_log_odds(problem, posterior))
        pregnant = [treatment, control]
        found: dict[EstimandId, Array] = {}
    else:
        first = of_embryos(problem, posterior)
        pregnant = [first[EstimandId(f"{arm}_risk", "woman")] for arm in ARMS]
        found = at_place({each.estimand: values for each, values in first.items() if not each.place}, "embryo")
    loss = _stage_risks(posterior, "miscarriage")
    ongoing = [chance * (1 - lost) for chance, lost in zip(pregnant, loss, strict=True)]
    lost_per_woman = [chance * lost for chance, lost in zip(pregnant, loss, strict=True)]
    stages = {"ongoing": ongoing, "woman": pregnant, "miscarriage_woman": lost_per_woman}
    if "live_birth" in problem.places:
        born = _stage_risks(posterior, "live_birth")
        stages["live_birth"] = [chance * birth for chance, birth in zip(ongoing, born, strict=True)]
    own = at_place(risk_contrasts(loss[0], loss[1], posterior["miscarriage_effect"]))
    for place, risks in stages.items():
        own |= at_place(risk_contrasts(*risks), place)
    return own | found


def _stage_risks(posterior: Mapping[str, Array], stage: str) -> list[Array]:
    level, effect = posterior[f"{stage}_average"], posterior[f"{stage}_effect"]
    return [special.expit(level + effect / 2), special.expit(level - effect / 2)]


def unsigned(problem: Problem) -> list[str]:
    """Return no place: every effect has a sign."""
    return []
