"""One sentence that a clinician can read aloud, made from the rows and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from bayes_ivf.effects.estimands import ESTIMANDS
from bayes_ivf.effects.row import EffectRow
from bayes_ivf.problem import Problem

MAIN = ("risk_difference", "mean_difference", "standardized_mean_difference", "theta_new", "mu")
"""Estimands on which a result is told, in order of preference."""


def main_row(rows: Iterable[EffectRow]) -> EffectRow:
    """Return the row on which a result is told."""
    by_name: dict[str, EffectRow] = {}
    first = None
    for row in rows:
        first = row.outcome if first is None else first
        if row.outcome == first:
            by_name.setdefault(row.estimand, row)
    return next((by_name[name] for name in MAIN if name in by_name), next(iter(by_name.values())))


def number(value: float, row: EffectRow) -> str:
    """Return a value with the digits that its scale deserves."""
    if row.scale == "probability":
        return f"{100 * value:+.1f} percentage points" if row.estimand == "risk_difference" else f"{100 * value:.1f}%"
    return f"{value:+.2f}" if (ESTIMANDS[row.estimand].null == 0) else f"{value:.2f}"


def chance(value: float) -> str:
    """Return a probability with as many digits as it takes, never as certainty."""
    if value > 0.999:
        return ">0.999"
    if value < 0.001:
        return "<0.001"
    return f"{value:.2f}" if 0.01 <= value <= 0.99 else f"{value:.3f}"


def interval(row: EffectRow) -> str:
    """Return the credible interval in words, for example ``-11.3 to +27.5``."""
    factor, digits = (100, 1) if row.scale == "probability" else (1, 2)
    sign = "+" if ESTIMANDS[row.estimand].null == 0 else ""
    return f"{factor * row.ci_low:{sign}.{digits}f} to {factor * row.ci_high:{sign}.{digits}f}"


def direction(row: EffectRow) -> str:
    """Say what the interval and P(benefit) allow to say about the direction."""
    null = ESTIMANDS[row.estimand].null
    if null is None:
        return ""
    if row.ci_low > null:
        return "the interval lies above no effect"
    if row.ci_high < null:
        return "the interval lies below no effect"
    return "the interval includes no effect"


def sentence(problem: Problem, rows: Iterable[EffectRow]) -> str:
    """Return the result of a fit in one sentence.

    The sentence speaks of an association under the model, since allocation may not have been random.
    """
    row = main_row(rows)
    label = ESTIMANDS[row.estimand].label.lower()
    names = {place.outcome: place.label for place in problem.places.values()} | {problem.outcome: problem.label}
    center = number(row.median, row)
    text = (
        f"{names[row.outcome]}: {label} {center} (95% credible interval {interval(row)}) under the prior "
        f"{row.prior}; {direction(row)}"
    )
    if row.p_benefit is not None:
        text += f", and the probability of benefit is {chance(row.p_benefit)}"
        if row.p_beyond_mcid is not None and row.mcid is not None:
            size = f"{100 * row.mcid:g} points" if row.scale == "probability" else f"{row.mcid:g} standard deviations"
            text += f" ({chance(row.p_beyond_mcid)} of at least {size})"
    elif ESTIMANDS[row.estimand].null is not None:
        text += "; no direction is clinically defined as benefit, so no probability of benefit is given"
    text += ". This is an association under the model, causal only if allocation was random."
    return f"{text} {problem.assumes}".strip()
