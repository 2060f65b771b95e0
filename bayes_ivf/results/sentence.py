"""One sentence that a clinician can read aloud, made from the rows and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from bayes_ivf.effects import DERIVED, REPORTED, SIZE
from bayes_ivf.problem import Problem, option_in
from bayes_ivf.results.digits import Digits, difference_digits, digits_for, digits_of_count, percent
from bayes_ivf.results.row import EffectRow

MAIN = (SIZE, "risk_difference", "rate_ratio", "mean_difference", "standardized_mean_difference", "theta_new", "mu")
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


def number(value: float, row: EffectRow, risk: float | None = None) -> str:
    """Return a value with its unit and the digits that its interval deserves; see `larger_risk` for `risk`."""
    digits, unit = _digits(row, risk)
    return f"{digits(value)}{unit}"


def chance(value: float) -> str:
    """Return a probability with as many digits as it takes, never as certainty."""
    if value > 0.999:
        return ">0.999"
    if value < 0.001:
        return "<0.001"
    return f"{value:.2f}" if 0.01 <= value <= 0.99 else f"{value:.3f}"


def interval(row: EffectRow, risk: float | None = None) -> str:
    """Return the credible interval in words, for example ``-11.3 to +27.5``."""
    return _digits(row, risk)[0].between(row.ci_low, row.ci_high)


def larger_risk(rows: Iterable[EffectRow], row: EffectRow) -> float | None:
    """Return the larger of the arms' risks beside a risk difference, or None if they are not among the rows."""
    key = (row.outcome, row.model, row.options, row.prior, row.engine)
    risks = [
        each.median
        for each in rows
        if each.estimand in ("treatment_risk", "control_risk")
        and (each.outcome, each.model, each.options, each.prior, each.engine) == key
    ]
    return max(risks) if len(risks) == 2 else None


def _digits(row: EffectRow, risk: float | None) -> tuple[Digits, str]:
    if row.estimand == "risk_difference":
        digits, unit = difference_digits(row.ci_low, row.ci_high, risk)
        return digits, f" {unit}"
    if row.estimand in DERIVED:
        return digits_of_count(row.ci_low), ""
    null = REPORTED[row.estimand].null
    if row.scale == "probability":
        return digits_for(row.ci_low, row.ci_high, factor=100, least=1, null=null, signed=False), "%"
    return digits_for(row.ci_low, row.ci_high, null=null), ""


def direction(row: EffectRow) -> str:
    """Say what the interval and P(benefit) allow to say about the direction."""
    null = REPORTED[row.estimand].null
    if row.estimand == SIZE:
        return "its sign is unknown, since the claim names no direction"
    if null is None:
        return ""
    if row.ci_low > null:
        return "the interval lies above no effect"
    if row.ci_high < null:
        return "the interval lies below no effect"
    return "the interval includes no effect"


def condition(problem: Problem, row: EffectRow | None = None) -> str:
    """Return what everything about an outcome known only from its claim hangs on, as the start of a sentence; else empty.

    Parameters
    ----------
    problem : Problem
    row : EffectRow, optional
        Whose options say how much the claim is doubted.
    """
    # whether each claim was printed, or how far a P is doubted: likelihoods of words alone have one of them
    claimed = problem.data.get("claimed", problem.data.get("doubt"))
    if claimed is None:
        return ""
    if claimed.ndim:
        return "If the claims are true and came from equal-variance t tests: "
    options = problem.options_text if row is None else row.options
    doubt, test = option_in(options, "doubt"), came_from(options)
    if doubt in ("", "0"):
        return f"If the claim is true and came from {test}: "
    if doubt == "1":
        return "If the words of the claim carry no information: "
    return f"If the claim came from {test} and its words carry no information with probability {doubt}: "


_TESTS = {
    "fisher": "Fisher's exact test of counts",
    "pearson": "Pearson's chi-square test of counts",
    "yates": "Yates's chi-square test of counts",
}


def came_from(options: str) -> str:
    """Name the test that a claim is taken to come from, given the options of its row: one of counts, or of means."""
    corrected = option_in(options, "corrected")
    if corrected:
        return _TESTS.get(
            {"0": "pearson", "1": "yates"}.get(corrected, ""), "Pearson's or Yates's chi-square test of counts"
        )
    return _TESTS.get(option_in(options, "test"), "an equal-variance t test")


def belief(doubt: float, printed: str = "") -> str:
    """Say how far the words of a claim are believed, as the end of a sentence; or a number that is `printed`, if one is."""
    if doubt == 0:
        return "if it is of the named test" if printed else "if the claim is true"
    if doubt == 1:
        return "if it is of something else" if printed else "if its words say nothing"
    return f"at doubt {doubt:g}"


def sentence(problem: Problem, rows: Iterable[EffectRow]) -> str:
    """Return the result of a fit in one sentence.

    The sentence speaks of an association under the model, since allocation may not have been random.
    """
    rows = tuple(rows)
    row = main_row(rows)
    risk = larger_risk(rows, row)
    label = REPORTED[row.estimand].label.lower()
    names = {place.outcome: place.label for place in problem.places.values()} | {problem.outcome: problem.label}
    center, level = number(row.median, row, risk), percent(row.ci_level)
    text = (
        f"{condition(problem, row)}{names[row.outcome]}: {label} {center} ({level} credible interval {interval(row, risk)}) "
        f"under the prior {row.prior}; {direction(row)}"
    )
    if row.p_benefit is not None:
        text += f", and the probability of benefit is {chance(row.p_benefit)}"
        if row.p_beyond_mcid is not None and row.mcid is not None:
            size = f"{100 * row.mcid:g} points" if row.scale == "probability" else f"{row.mcid:g} standard deviations"
            text += f" ({chance(row.p_beyond_mcid)} of at least {size})"
    elif REPORTED[row.estimand].null is not None:
        text += "; no direction is clinically defined as benefit, so no probability of benefit is given"
    text += ". This is an association under the model, causal only if allocation was random."
    return f"{text} {problem.assumes}".strip()
