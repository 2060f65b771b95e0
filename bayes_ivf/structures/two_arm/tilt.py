"""Coordinates for two arms that are not known equally well.

Level and effect are then almost one quantity in the posterior: with 0/12 beside 900/30000 the control arm's log odds are
fixed, and each step of the effect moves the average by half. The sampler is given the mean of both log odds, weighted by
their information, and the effect: those two are nearly independent. Priors stay on level and effect.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.logprob.transforms import Transform

from bayes_ivf.problem import Problem
from bayes_ivf.structures.graph import HEAVY_TAILED, prior_variable

LOCATION_AND_SCALE = HEAVY_TAILED | {"Normal": ("mu", "sigma"), "Laplace": ("mu", "b"), "Logistic": ("mu", "s")}
_VAGUE = 5.0
_STEPS = 6
"""Newton steps to an arm's mode; starting with an event more on either side, four are enough for most tables."""


class TiltTransform(Transform):
    """Sample ``level + tilt * effect``, which has slope 1 in the level; heavy tails on the scale asinh, as elsewhere.

    Parameters
    ----------
    location, scale : tensor or None
        Of a heavy-tailed prior.
    """

    name = "tilt"

    def __init__(self, location: Any = None, scale: Any = None) -> None:
        self.location, self.scale = location, scale

    def forward(self, value: Any, *inputs: Any) -> Any:
        """Return the sampled value of `value`."""
        mean = value + _shift(inputs)
        return mean if self.scale is None else pt.arcsinh((mean - self.location) / self.scale)

    def backward(self, value: Any, *inputs: Any) -> Any:
        """Return the value of what is sampled."""
        mean = value if self.scale is None else self.location + self.scale * pt.sinh(value)
        return mean - _shift(inputs)

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:
        """Return the log derivative of `backward`."""
        if self.scale is None:
            return pt.zeros_like(value)
        size = pt.abs(value)
        return pt.log(self.scale) + size + pt.log1p(pt.exp(-2 * size)) - np.log(2)


def _shift(inputs: tuple[Any, ...]) -> Any:
    """Tilt times effect, the first two parameters of a tilted level after generator and size."""
    effect, tilt = inputs[2:4]
    return tilt * effect


def tilted_level(
    slot: str,
    problem: Problem,
    data: dict[str, Any],
    effect: Any,
    shares: tuple[float, float],
    rough: tuple[Any, Any],
    name: str = "",
) -> Any:
    """Make the level of two arms of counts, with its prior, sampled as the weighted mean of their log odds.

    Parameters
    ----------
    slot : {"average", "control"}
    effect : tensor
        Log odds ratio.
    shares : (float, float)
        Of the effect in each arm's log odds.
    rough : (tensor, tensor)
        Events and units of both arms, or what stands for them.
    name : str
        Of the variable; that of the slot by default.
    """
    prior = problem.priors[slot]
    if not prior.proper or prior.family.support != "real":
        return prior_variable(name or slot, slot, problem, data)
    given = {each: data[f"prior_{slot}_{each}"] for each in prior.parameters}
    family = getattr(pm, prior.dist)

    def logp(value: Any, effect: Any, tilt: Any, *parameters: Any) -> Any:
        return pm.logp(family.dist(**dict(zip(given, parameters, strict=True))), value)

    def random(effect: Any, tilt: Any, *parameters: Any, rng: Any = None, size: Any = None) -> Any:
        return prior.family.ppf(rng.uniform(size=size), **dict(zip(given, parameters, strict=True)))

    heavy = [given[each] for each in HEAVY_TAILED.get(prior.dist, ())]
    return pm.CustomDist(
        name or slot,
        effect,
        _tilt(problem, data, shares, rough),
        *given.values(),
        logp=logp,
        random=random,
        support_point=lambda rv, *_: pt.zeros_like(rv),
        transform=TiltTransform(*heavy),
        dtype="float64",
    )


def _tilt(problem: Problem, data: dict[str, Any], shares: tuple[float, float], rough: tuple[Any, Any]) -> Any:
    """Share of the effect in the mean of both log odds, weighted by their information n p (1 - p).

    The risks are those of each arm's own mode: where an arm has no events, the prior decides how many are expected.
    """
    events, n = (pt.cast(each, "float64") for each in rough)
    level, effect = (_normal_guess(problem, slot, data) for slot in (problem.coding, "effect"))
    share = np.array(shares)
    mean, variance = level[0] + share * effect[0], level[1] + share**2 * effect[1]
    log_odds = pt.log((events + 1) / (n - events + 1))
    for _ in range(_STEPS):
        risk = pt.sigmoid(log_odds)
        slope = events - n * risk - (log_odds - mean) / variance
        log_odds = log_odds + slope / (n * risk * (1 - risk) + 1 / variance)
    risk = pt.sigmoid(log_odds)
    information = n * risk * (1 - risk)
    return (information * share).sum() / (information.sum() + 1 / level[1])


def _normal_guess(problem: Problem, slot: str, data: dict[str, Any]) -> tuple[Any, Any]:
    """Location and variance that stand for a prior here; they steer the sampler and change no density."""
    names = LOCATION_AND_SCALE.get(problem.priors[slot].dist)
    if names is None:
        return 0.0, _VAGUE**2
    location, scale = (data[f"prior_{slot}_{name}"] for name in names)
    return location, scale**2
