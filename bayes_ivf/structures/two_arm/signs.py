"""An effect whose likelihood has a hump for each sign, though not the same one: its size is sampled, signs are averaged over.

NUTS would have to jump between the humps. Given level and size, the sign has two values::

    p(size) = p(+size) + p(-size),    Pr(printed | level, size) = sum over signs of Pr(sign | size) Pr(printed | level, sign size)

and what was printed then tells the sign's own probability, from which it is drawn.
"""

from __future__ import annotations

from typing import Any

import pymc as pm
import pytensor.tensor as pt

from bayes_ivf.forms import FormPart
from bayes_ivf.problem import Problem
from bayes_ivf.structures.graph import sized


def either_sign(
    problem: Problem, data: dict[str, Any], part: FormPart, level: Any, shares: Any, name: str = "effect"
) -> None:
    """Make the effect of two risks, and observe what was printed.

    Parameters
    ----------
    problem : Problem
    data : dict
        Data and hyperparameters by name.
    part : FormPart
        Of a form whose `observe` takes the other sign.
    level : tensor
        Log odds without the effect.
    shares : tensor, shape (arm,)
        Of the effect in each arm's log odds.
    name : str
        Of the effect.
    """
    size, density = sized(name, "effect", problem, data)
    parameters = [data[f"prior_effect_{name}"] for name in problem.priors["effect"].parameters]
    up, down = density(size, *parameters), density(-size, *parameters)
    both = pt.logaddexp(up, down)
    signs = part.observe(data, logit_risk=level + shares * size, other=(level - shares * size, up - both, down - both))
    chance = pm.Uniform(f"{name}_sign_chance", 0.0, 1.0)
    pm.Deterministic(name, pt.where(chance < pm.math.invlogit(signs), size, -size))
