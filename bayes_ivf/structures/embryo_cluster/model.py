"""Embryos nested in women: the chance per embryo differs between the arms, what ties embryos of a woman together does not."""

from __future__ import annotations

from typing import Any

import pymc as pm

from bayes_ivf.forms import embryo_totals
from bayes_ivf.forms.embryo_layout import EmbryoLayout
from bayes_ivf.problem import Problem
from bayes_ivf.structures.graph import COORDS, HALF, prior_variable, register


def build(problem: Problem) -> pm.Model:
    """Build the model of embryo totals in two arms."""
    with pm.Model(coords=COORDS) as model:
        embryos_in_women(problem, register(problem, {}), problem.laid_out(EmbryoLayout))
    return model


def embryos_in_women(problem: Problem, data: dict[str, Any], layout: EmbryoLayout) -> None:
    """Add priors and likelihood of embryo totals to the model on the stack; a pooled effect comes ready in `data`."""
    effect = data["effect"] if "effect" in data else prior_variable("effect", "effect", problem, data)
    level = prior_variable(problem.coding, problem.coding, problem, data)
    shares = HALF if problem.coding == "average" else (1.0, 0.0)
    mechanism = layout.mechanism
    tie = "q" if mechanism == "receptivity" else "icc"
    within = prior_variable(tie, tie, problem, data)
    loss = prior_variable("lambda", "lambda", problem, data) if mechanism == "biochemical" else None
    for arm, share in zip(COORDS["arm"], shares, strict=True):
        embryo_totals.observe(
            data,
            arm,
            level + share * effect,
            within,
            loss,
            layout=layout,
        )
