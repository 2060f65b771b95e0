"""Risks of two arms under a fixed difference or ratio: what score tests and score intervals rest on."""

from __future__ import annotations

import math
from collections.abc import Callable


def risks_at_difference(
    events_treatment: int, n_treatment: int, events_control: int, n_control: int, difference: float
) -> tuple[float, float]:
    """Return the most likely risks whose difference (treatment minus control) is a given one.

    References
    ----------
    Farrington CP, Manning G (1990). Test statistics and sample size formulae for comparative binomial trials with null
    hypothesis of non-zero risk difference or non-unity relative risk. doi 10.1002/sim.4780091208.
    """
    low, high = max(0.0, -difference), min(1.0, 1.0 - difference)

    def slope(control: float) -> float:
        return _slope(events_control, n_control, control) + _slope(events_treatment, n_treatment, control + difference)

    control = _root(slope, low, high)
    return min(1.0, max(0.0, control + difference)), control


def risks_at_ratio(
    events_treatment: int, n_treatment: int, events_control: int, n_control: int, ratio: float
) -> tuple[float, float]:
    """Return the most likely risks whose ratio (treatment over control) is a given one.

    References
    ----------
    Miettinen O, Nurminen M (1985). Comparative analysis of two rates. doi 10.1002/sim.4780040211.
    """
    n, events = n_treatment + n_control, events_treatment + events_control
    a = n * ratio
    b = -(n_treatment * ratio + events_treatment + n_control + events_control * ratio)
    root = math.sqrt(max(0.0, b * b - 4 * a * events))
    control = min(1.0, 2 * events / (-b + root)) if events else 0.0
    return min(1.0, ratio * control), control


def _slope(events: int, n: int, risk: float) -> float:
    """Derivative of a binomial log likelihood; infinite at an end that the counts exclude."""
    up = 0.0 if events == 0 else math.inf if risk <= 0 else events / risk
    down = 0.0 if events == n else math.inf if risk >= 1 else (n - events) / (1 - risk)
    return up - down if math.isfinite(up) or math.isfinite(down) else 0.0


def _root(slope: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2
