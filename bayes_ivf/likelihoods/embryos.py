"""Pregnant women and implanted embryos of an arm, observed together: one number, the probability of the pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from bayes_ivf.likelihoods.embryo_totals.graph import arm_logp, surface_logp


def observe_embryos(
    data: dict[str, Any], arm: str, log_odds: Any, within: Any, loss: Any, mechanism: str, most: int, form: str
) -> None:
    """Observe the totals of one arm.

    Parameters
    ----------
    data : dict
        ``constants_ARM`` and ``exponents_ARM``, or ``coefficients_ARM`` and ``frame_ARM``; ``observed``, which is 1.
    arm : str
    log_odds, within, loss : tensor, scalar
        Log odds of the chance per embryo (of receptivity), icc (q), and probability of loss before the clinical
        pregnancy, or None.
    mechanism : str
    most : int
        Most embryos per woman.
    form : {"rows", "surface"}
    """
    names = ("constants", "exponents") if form == "rows" else ("coefficients", "frame")
    rows, columns = (data[f"{name}_{arm}"] for name in names)
    parameters = [log_odds, within] + ([] if loss is None else [loss])

    def logp(value: Any, first: Any, second: Any, *rest: Any) -> Any:
        if form == "rows":
            lost = rest[0] if rest else None
            total = arm_logp(rows, columns, first, second, lost, mechanism=mechanism, max_embryos=most)
        else:
            total = surface_logp(rows, columns, first, pm.math.logit(second))
        return pt.where(pt.eq(value, 1), total, -np.inf)

    pm.CustomDist(
        f"totals_{arm}_observed", *parameters, logp=logp, random=_always, observed=data["observed"], dtype="int64"
    )


def _always(*parameters: Any, rng: Any = None, size: Any = None) -> Any:
    """The totals are observed as a pair; predictions of them come from the simulator of the calibration, not from here."""
    shape = np.broadcast_shapes(*(np.shape(parameter) for parameter in parameters)) if size is None else size
    return np.ones(shape, dtype="int64")
