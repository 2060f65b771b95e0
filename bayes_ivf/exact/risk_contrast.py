"""What quadrature knows of a contrast of two risks: the map of both arms, solved for one of them where nothing cancels.

A contrast has a coordinate s without bounds (`scales`), and a gap ``f(p_t) - f(p_c)`` with a rising function f of a risk: the
risk itself, or its log. With the log odds of one arm, or of both on average, as the outer coordinate u it has the value s at one
inner coordinate ``v = g_s(u)``; see `plane` for the coordinates. Each contrast is a file.

Examples
--------
A risk and one minus the risk come to log odds, which are infinite where there is no such risk:

>>> log_odds_at(np.array([0.5, 1.2]), np.array([0.5, -0.2]))
array([ 0., inf])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LevelCurve = Callable[[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True)
class RiskContrast:
    """A contrast of two risks.

    Parameters
    ----------
    name : str
        Of the estimand.
    coordinate : callable
        s, as a function of the log odds of treatment and control.
    part : callable
        f, as a function of the log of a risk; the gap is ``f(p_t) - f(p_c)``.
    slope : callable
        Derivative of f by the log odds, as a function of these.
    part_of_beta : callable
        Mean and variance of f under a Beta distribution with shapes a, b.
    located : callable
        From mean and sd of the gap to center and spread of s: where to look.
    value_of_gap : callable or None
        Value of the estimand; None if it is the gap.
    moves_at_zero, moves_at_one : bool
        Whether f goes on moving with the log odds as the risk tends to 0, or to 1.
    level_curves : mapping of str to callable
        By outer coordinate, ``average, control, treatment``: from u and s that broadcast to v, infinite where the other arm's
        risk would be outside (0, 1), and to ``|dv/ds|``. With the treatment arm outer the contrast falls as v rises.
    saturation : callable
        From s to the log odds (same shape) of the control arm at which the treatment arm's risk reaches 0 or 1, infinite or NaN
        if it never does. With the arms exchanged s changes its sign.
    averages : callable
        From a log odds ratio b and s to the average log odds, one or two arrays, at which b gives s; NaN if none does.
    """

    name: str
    coordinate: Callable[[Array, Array], Array]
    part: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    part_of_beta: Callable[[Array, Array], tuple[Array, Array]]
    located: Callable[[Array, Array], tuple[Array, Array]]
    value_of_gap: Callable[[Array], Array] | None
    moves_at_zero: bool
    moves_at_one: bool
    level_curves: Mapping[str, LevelCurve]
    saturation: Callable[[Array], Array]
    averages: Callable[[Array, Array], list[Array]]


def risk_at(x: Array) -> Array:
    """Inverse of the log odds; quicker than SciPy's, and as good in both tails (exp(700) is finite)."""
    return np.asarray(1 / (1 + np.exp(np.minimum(-x, 700.0))))


def log_odds_at(risk: Array, rest: Array) -> Array:
    """Log odds from a risk and one minus the risk, infinite outside (0, 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(risk / rest)
    value[risk <= 0] = -np.inf
    value[rest <= 0] = np.inf
    return np.asarray(value)


def v_per_s(per_s: Array, slope: Array) -> Array:
    """``|dv/ds|`` from dh/ds and dh/dv of a contrast h, infinite where it stands still."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(per_s / np.abs(slope))
