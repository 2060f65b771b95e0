"""Whether values with this mean can spread as printed: a range bounds the sd, and an sd of 0 makes a constant."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.auditing.granularity import LARGEST
from bayes_ivf.auditing.laboratory import kind_of
from bayes_ivf.auditing.limits import Limits, limits
from bayes_ivf.study import ARMS, ArmName, MeanSD, Outcome, Study, sd_factor

NAME = "spreads"
QUESTION = "Can values with the printed mean spread as much, or as little, as printed?"

_HUGE = 1e100


def applies_to(study: Study) -> bool:
    """Whether any mean is printed with its sd."""
    return any(True for _ in _data(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each sd of 0, and for each beyond what the range of values allows."""
    return tuple(finding for item, arm, datum in _data(study) for finding in _findings(study, item, arm, datum))


def largest_sd(mean: tuple[float, float], n: int, low: float | None, high: float | None) -> float:
    """Return the largest sd (divisor n - 1) of `n` values in a range, their mean inside an interval.

    Parameters
    ----------
    mean : tuple of float
        Ends of what the printed mean can stand for.
    n : int
        At least 2.
    low, high : float or None
        Ends of the range, at least one of them.

    Returns
    -------
    float
        With both ends sqrt(n/(n-1) (mean - low)(high - mean)), attained or nearly so with values at the ends alone; with
        one end one value far away and the rest there.
    """
    if low is None:
        return (float(high or 0.0) - mean[0]) * sqrt(n)
    if high is None:
        return (mean[1] - low) * sqrt(n)
    center = min(max((low + high) / 2, mean[0]), mean[1])
    return sqrt(max(0.0, (center - low) * (high - center)) * n / (n - 1))


def _data(study: Study) -> Iterator[tuple[Outcome, ArmName, MeanSD]]:
    for item in study.items:
        for arm in ARMS:
            datum = None if item.data is None else item.data.get(arm)
            if isinstance(datum, MeanSD) and abs(float(datum.mean)) < _HUGE and float(datum.sd) < _HUGE:
                yield item, arm, datum


def _findings(study: Study, item: Outcome, arm: ArmName, datum: MeanSD) -> Iterator[Finding]:
    if float(datum.sd) == 0:
        yield from _constant(study, item, arm, datum)
        return
    known, factor = limits(item, datum), sd_factor(item.spread, datum.n)
    # Whole numbers have sharper bounds in checks of their own.
    if known is None or factor is None or (item.whole and datum.n * item.items <= LARGEST):
        return
    low, high = (float(end) for end in datum.mean.interval)
    most, least = largest_sd((low, high), datum.n, known.low, known.high), float(datum.sd_interval[0]) * factor
    inside = (known.low is None or high >= known.low) and (known.high is None or low <= known.high)
    if inside and least > most * (1 + 1e-9):
        yield _too_large(study, item, arm, datum, known, most)


def _too_large(study: Study, item: Outcome, arm: ArmName, datum: MeanSD, known: Limits, most: float) -> Finding:
    severity: Severity = "impossible" if known.declared and item.spread != "unknown" else "caution"
    what = {
        "se": "standard error",
        "ci95": "half interval",
        "half_width": "half interval",
        "half_range": "half range",
    }.get(item.spread or "", "sd")
    article = "an" if what == "sd" else "a"
    pair = f"A mean of {datum.mean} with {article} {what} of {datum.sd} for {item.label} in the {arm} arm"
    assumption = f"{known.why}; mean and spread are rounded to the printed decimals; n = {datum.n}"
    mean = float(datum.mean.interval[1] if known.low is not None else datum.mean.interval[0])
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity=severity,
        statement=f"{pair} is not attainable if {assumption}.",
        assumption=assumption,
        evidence=f"largest possible sd {most:.3g} at a mean of {mean:g}"
        + ("" if what == "sd" else f", a {what} of {most / (sd_factor(item.spread, datum.n) or 1):.3g}")
        + f"; printed {datum.sd}",
        alternatives="another range or scoring of the scale; a change or a ratio instead of the value itself; the spread "
        "may be a range or belong to another row; a typing error, such as a shifted point",
    )


def _constant(study: Study, item: Outcome, arm: ArmName, datum: MeanSD) -> Iterator[Finding]:
    """Every woman has the same value: usual of a number fixed by protocol, not of a measurement."""
    counted = item.whole or kind_of(item) is not None
    whole = counted and (datum.mean.decimal * item.items) % 1 == 0
    if item.whole and not whole:
        # The checks of whole numbers say that no constant has this mean.
        return
    within = float(datum.sd.interval[1]) * (datum.n - 1) / sqrt(datum.n)
    yield Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info" if whole else "caution",
        statement=f"A standard deviation of {datum.sd} says that {item.label} was {datum.mean} for each of the {datum.n} "
        f"women of the {arm} arm" + (", which a number fixed by the protocol can be." if whole else "."),
        assumption="the spread is a standard deviation, with nobody missing"
        + ("" if whole else "; measured quantities differ from woman to woman"),
        evidence=f"printed {datum}"
        + ("" if whole else f"; an sd that rounds to {datum.sd} leaves no value more than {within:.2g} from the mean"),
        alternatives="a quantity fixed by the protocol or by an entry criterion; an sd that rounds to 0 in this unit; a "
        "spread that was not available and printed as 0; a typing error",
    )
