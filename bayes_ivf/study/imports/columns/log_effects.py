"""Effects with standard errors of metafor (``yi`` with ``vi`` or ``sei``) and meta (``TE, seTE``): of ratios, their logs.

Such columns do not say what they are an effect on, so that a scale is declared, and never that of the ratio itself, by which a
log could be taken for a ratio.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from math import exp, sqrt

from bayes_ivf.study.imports.columns import meta, metafor
from bayes_ivf.study.printed import Printed

LOG_SCALES: Mapping[str, str] = {
    "log_odds_ratio": "odds_ratio",
    "log_risk_ratio": "risk_ratio",
    "log_hazard_ratio": "hazard_ratio",
    "mean_difference": "mean_difference",
    "risk_difference": "risk_difference",
    "OR": "odds_ratio",
    "RR": "risk_ratio",
    "HR": "hazard_ratio",
    "MD": "mean_difference",
    "RD": "risk_difference",
}
"""What may be declared, and the scale of this package; short names are those of both programs, whose ratios are logs."""
DIGITS = 15
"""Significant digits of what is computed of a written number."""


def log_effect_names(keys: Collection[str]) -> dict[str, str]:
    """Return which columns hold effects with standard errors or variances, by heading; empty if there are none.

    Examples
    --------
    >>> log_effect_names({"slab", "yi", "vi"})
    {'yi': 'effect', 'vi': 'variance'}
    """
    for names in (metafor.EFFECTS, meta.EFFECTS):
        found = {key: target for key, target in names.items() if key in keys}
        if "effect" in found.values() and len(found) > 1:
            return found
    return {}


def plain_effect(text: str, scale: str) -> str:
    """Return an effect on the scale that `LOG_SCALES` names, of a number in plain digits.

    Examples
    --------
    >>> plain_effect("0", "odds_ratio"), plain_effect("-2.10", "mean_difference")
    ('1', '-2.10')
    """
    return f"{exp(float(text)):.{DIGITS}g}" if "ratio" in scale else text


def plain_se(se: str, variance: str) -> str | None:
    """Return a standard error, from itself or a variance in plain digits.

    Returns
    -------
    str or None
        None if both are given and no numbers that round to them are root and square.

    Examples
    --------
    >>> plain_se("", "0.04"), plain_se("0.20", "0.04"), plain_se("0.20", "0.09")
    ('0.2', '0.20', None)
    """
    if not variance:
        return se
    if not se:
        return f"{sqrt(float(variance)):.{DIGITS}g}" if Decimal(variance) > 0 else variance
    (low, high), (least, most) = (Printed(text).interval for text in (se, variance))
    low = max(low, Fraction(0))
    return se if low * low <= most and least <= high * high else None
