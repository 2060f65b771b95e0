"""Effects from outside the trial that a study file names: ``[external.OUTCOME]`` with one of the scales below."""

from __future__ import annotations

import math
from collections.abc import Mapping

SCALES = ("odds_ratio", "risk_ratio", "risk_difference", "standardized_mean_difference")


def external_risk(external: Mapping[str, float], risk_control: float) -> tuple[float, str] | None:
    """Return the treatment arm's risk under an external effect, and the effect in words; None if there is none.

    Parameters
    ----------
    external : mapping
        For example ``{"odds_ratio": 1.61}``.
    risk_control : float
        Risk in the control arm, within (0, 1).
    """
    value = external.get("odds_ratio")
    if value is not None and math.isfinite(value) and value > 0:
        odds = value * risk_control / (1 - risk_control) if risk_control < 1 else math.inf
        return (odds / (1 + odds) if math.isfinite(odds) else 1.0), f"odds ratio {value:g}"
    value = external.get("risk_ratio")
    if value is not None and math.isfinite(value) and value > 0 and value * risk_control <= 1:
        return value * risk_control, f"risk ratio {value:g}"
    value = external.get("risk_difference")
    if value is not None and math.isfinite(value) and 0 <= risk_control + value <= 1:
        return risk_control + value, f"risk difference {value:g}"
    return None


def external_smd(external: Mapping[str, float]) -> float | None:
    """Return an external standardized mean difference that is not zero; None if there is none."""
    value = external.get("standardized_mean_difference")
    return value if value is not None and math.isfinite(value) and value != 0 else None
