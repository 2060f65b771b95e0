"""Means and standard deviations that can be read and that nobody has measured."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bayes_ivf.study.arms import ARMS
from bayes_ivf.study.printed import MOST_DECIMALS
from bayes_ivf.study.scanner import LONGEST_NUMBER

SMALLEST, LARGEST = Decimal("1e-15"), Decimal("1e15")
"""Sizes of means and standard deviations beyond which no measurement lies."""
APART = 10**6
"""Times that spreads of two arms, or their means in spreads, may differ before their units are taken to differ."""


def unmeasured_means(values: Sequence[Decimal]) -> str | None:
    """Say why nobody has measured these means and sds: mean and sd of the treatment arm, then of the control arm."""
    names = [f"{name}_{arm}" for arm in ARMS for name in ("mean", "sd")]
    for name, value in zip(names, values, strict=True):
        if value and not SMALLEST <= abs(value) <= LARGEST:
            return f"{name} is {_shown(value)}; no measurement is beyond {SMALLEST:g} to {LARGEST:g} in size"
        if -int(value.as_tuple().exponent) > MOST_DECIMALS:
            return f"{name} has more than {MOST_DECIMALS} decimals, which nobody has measured"
        if sum(map(str.isdigit, format(value, "f"))) > LONGEST_NUMBER:
            return f"{name} has more than {LONGEST_NUMBER} digits, which nobody has measured"
    mean_t, sd_t, mean_c, sd_c = values
    if not sd_t or not sd_c:
        return None  # a constant arm has a reason of its own
    arms = f"{_shown(mean_t)} (sd {_shown(sd_t)}) and {_shown(mean_c)} (sd {_shown(sd_c)})"
    if max(sd_t, sd_c) > APART * min(sd_t, sd_c):
        return f"{arms}: the sds are more than {APART:g} times apart, as if in two units"
    if abs(mean_t - mean_c) > APART * max(sd_t, sd_c):
        return f"{arms}: the means are more than {APART:g} sds apart, as if in two units"
    return None


def _shown(value: Decimal) -> str:
    """Return a number in few digits, whatever its size, and in more where few would tell another one."""
    near = float(value)
    if value and not 0 < abs(near) < float("inf"):
        return f"{value.normalize():.3g}"
    short = f"{near:g}"
    return short if Decimal(short) == value else f"{near:.15g}"
