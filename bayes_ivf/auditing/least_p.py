"""P values too small for their digits to be held: never 0, in no table and no text."""

from __future__ import annotations

import math

LEAST_P = 1e-300
"""P values below this are given as a bound: not all digits of them can be held."""
BOUND = f"<{LEAST_P:g}"
"""The bound as it is written."""


def held_p(p: float) -> float:
    """Return a P that is not 0: the smallest float above it stands for what no float can hold."""
    return max(p, math.ulp(0.0))


def written_p(p: float) -> float | str:
    """Return a P as a table holds it: itself, or the bound."""
    return BOUND if p < LEAST_P else p


def format_p(p: float, digits: int = 1) -> str:
    """Return a P for reading: three decimals, or so many significant digits below 0.001, or the bound; empty for NaN."""
    if math.isnan(p):
        return ""
    return f"{p:.3f}" if p >= 0.001 else f"{p:.{digits - 1}e}" if p >= LEAST_P else BOUND
