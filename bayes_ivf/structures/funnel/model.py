"""All stages of the same women in one posterior: embryos or women first, then miscarriage, then birth where printed."""

from __future__ import annotations

import pymc as pm

from bayes_ivf.forms import counts
from bayes_ivf.problem import Problem
from bayes_ivf.structures.embryo_cluster.model import embryos_in_women
from bayes_ivf.structures.funnel.problem import StagesLayout
from bayes_ivf.structures.graph import COORDS, HALF, prior_variable, register


def build(problem: Problem) -> pm.Model:
    """Build the model of all stages; each stage's likelihood is conditional on who reached it."""
    layout = problem.laid_out(StagesLayout)
    dims = {name: "arm" for name in problem.data if name.endswith(("events", "_n")) or name == "n"}
    with pm.Model(coords=COORDS) as model:
        data = register(problem, dims)
        if layout.embryos is None:
            effect = prior_variable("effect", "effect", problem, data)
            level = prior_variable(problem.coding, problem.coding, problem, data)
            shares = HALF if problem.coding == "average" else (1.0, 0.0)
            counts.observe(data, logit_risk=level + pm.math.constant(shares) * effect)
        else:
            embryos_in_women(problem, data, layout.embryos)
        for stage in layout.later:
            effect = prior_variable(f"{stage}_effect", f"{stage}_effect", problem, data)
            level = prior_variable(f"{stage}_average", f"{stage}_average", problem, data)
            counts.observe(data, stage=stage, logit_risk=level + pm.math.constant(HALF) * effect)
    return model
