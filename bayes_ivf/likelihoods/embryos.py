"""Pregnant women and implanted embryos of an arm, observed together as a pair."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from bayes_ivf.likelihoods.embryo_totals.graph import arm_logp, surface_logp
from bayes_ivf.simulate import simulate_embryos
from bayes_ivf.study import ARMS


def observe_embryos(
    data: dict[str, Any],
    arm: str,
    log_odds: Any,
    within: Any,
    loss: Any,
    *,
    mechanism: str,
    most: int,
    weights: str,
    form: str,
) -> None:
    """Observe the totals of one arm.

    Parameters
    ----------
    data : dict
        ``constants_ARM`` and ``exponents_ARM``, or ``coefficients_ARM``, ``frame_ARM`` and ``lost_ARM``; ``totals``, shape
        (arm, 4): women, embryos, pregnant women, implanted embryos.
    arm : str
    log_odds, within, loss : tensor, scalar
        Log odds of the chance per embryo (of receptivity), icc (q), and probability of loss before the clinical
        pregnancy, or None.
    mechanism : str
    most : int
        Most embryos per woman.
    weights : str
        Of the ways to share out the embryos.
    form : {"rows", "surface"}
    """
    names = ("constants", "exponents") if form == "rows" else ("coefficients", "frame", "lost")
    arrays: list[Any] = [data[f"{name}_{arm}"] for name in names]
    parameters = [log_odds, within] + ([] if loss is None else [loss])
    index = ARMS.index(arm)

    def logp(value: Any, given: Any, pair: Any, first: Any, second: Any, *rest: Any) -> Any:
        third = rest[0] if rest else None
        if form == "rows":
            constants, exponents = arrays
            total = arm_logp(constants, exponents, first, second, third, mechanism=mechanism, max_embryos=most)
        else:
            coefficients, frame, lost = arrays
            total = surface_logp(coefficients, frame, lost, value[0], first, pm.math.logit(second), third)
        # the arrays belong to one pair of totals, so no other has a density here
        return pt.where(pt.eq(value, pair).all(), total, -np.inf)

    pm.CustomDist(
        f"totals_{arm}_observed",
        data["totals"][index, :2],
        data["totals"][index, 2:],
        *parameters,
        logp=logp,
        random=partial(_simulate, mechanism, most, weights),
        signature="(n),(k)" + ",()" * len(parameters) + "->(k)",
        observed=data["totals"][index, 2:],
        dims="total",
        dtype="int64",
    )


def _simulate(
    mechanism: str,
    most: int,
    weights: str,
    given: Any,
    pair: Any,
    log_odds: Any,
    within: Any,
    *rest: Any,
    rng: Any = None,
    size: Any = None,
) -> Any:
    """Simulate pregnant women and implanted embryos of an arm with the same women and embryos."""
    women, embryos = (int(value) for value in np.asarray(given).reshape(-1, 2)[0])
    if size is not None:
        log_odds, within = np.broadcast_to(log_odds, size), np.broadcast_to(within, size)
    options: dict[str, Any] = {
        "women": women,
        "embryos": embryos,
        "max_embryos": most,
        "weights": weights,
        "mechanism": mechanism,
    }
    shape = np.broadcast_shapes(*(np.shape(each) for each in (log_odds, within, *rest)))
    return np.stack(simulate_embryos(rng, log_odds, within, *rest, **options), axis=-1).reshape(*shape, 2)
