"""What the usual conversions make of a printed median, and whether its quartiles lie as evenly as they assume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import cast

from bayes_ivf.auditing.conversions import as_mean_sd
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.mean_tests import welch
from bayes_ivf.study import ARMS, Outcome, Quantiles, Study

NAME = "quantile_conversions"
QUESTION = "What do the usual conversions make of a printed median, and do its quartiles lie evenly about it?"
UNEVEN = 2.66
"""Standard errors of ``(q1 + q3 - 2 median) / (q3 - q1)`` times sqrt(n), times 1.96: of normal values it has the standard error
1.356 / sqrt(n)."""
_FEW = 20
"""Women from which on that standard error, of large samples, is near enough."""


def applies_to(study: Study) -> bool:
    """Whether medians of both arms are printed."""
    return any(_arms(item) is not None for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return what the conversions give for each outcome, and each arm whose quartiles lie unevenly."""
    return tuple(finding for item in study.items for finding in _findings(study, item))


def _arms(item: Outcome) -> tuple[Quantiles, Quantiles] | None:
    data = tuple((item.data or {}).get(arm) for arm in ARMS)
    return cast(tuple[Quantiles, Quantiles], data) if all(isinstance(each, Quantiles) for each in data) else None


def _findings(study: Study, item: Outcome) -> Iterator[Finding]:
    arms = _arms(item)
    if arms is None:
        return
    yield _converted(study, item, arms)
    skewed = [(arm, datum) for arm, datum in zip(ARMS, arms, strict=True) if _uneven(datum)]
    if skewed:
        yield _skewed(study, item, skewed)


def _converted(study: Study, item: Outcome, arms: tuple[Quantiles, Quantiles]) -> Finding:
    (mean_t, sd_t), (mean_c, sd_c) = (as_mean_sd(datum) for datum in arms)
    digits = max(number.decimals for datum in arms for number in datum.numbers.values()) + 2
    numbers = f"{mean_t:.{digits}f} ± {sd_t:.{digits}f} and {mean_c:.{digits}f} ± {sd_c:.{digits}f}"
    test = welch(mean_t, sd_t, arms[0].n, mean_c, sd_c, arms[1].n)
    unsaid = " what stands in brackets is read as quartiles;" if item.spread is None and _bare(item) else ""
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info",
        statement=f"The usual conversions of the medians of {item.label} give {numbers} as means and standard deviations, a "
        f"difference of {float(test.difference):.{digits}f}; estimates here use the printed quantiles and no conversion.",
        assumption=f"{unsaid} values are normal".strip(),
        evidence=f"means by Luo and others 2018, sds by Wan and others 2014; Welch's interval {float(test.low):.{digits}f} to "
        f"{float(test.high):.{digits}f}, P {float(test.p):.3g}",
        alternatives="a skewed quantity, for which a median was printed because a mean would mislead",
    )


def _bare(item: Outcome) -> bool:
    """Whether no word in a cell says what stands in brackets."""
    words = ("iqr", "quartile", "q1", "range", "percentile", "min", "%")
    return not any(word in item.printed(arm).lower() for arm in ARMS for word in words) and any(
        sign in item.printed(arm) for arm in ARMS for sign in "(["
    )


def _skew(datum: Quantiles) -> float | None:
    if datum.q1 is None or datum.q3 is None or datum.n < _FEW:
        return None
    low, high, middle = float(datum.q1), float(datum.q3), float(datum.median)
    # half a unit of rounding on each side may make quartiles look uneven
    slack = 2 * 0.5 / 10 ** max(number.decimals for number in datum.numbers.values())
    apart = low + high - 2 * middle
    return (1 if apart > 0 else -1) * max(abs(apart) - slack, 0.0) / (high - low) if high > low else None


def _uneven(datum: Quantiles) -> bool:
    skew = _skew(datum)
    return skew is not None and abs(skew) * sqrt(datum.n) > UNEVEN


def _skewed(study: Study, item: Outcome, skewed: Sequence[tuple[str, Quantiles]]) -> Finding:
    told = "; ".join(f"{arm}: {datum}, {_skew(datum):.2f} with {datum.n} women" for arm, datum in skewed)
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info",
        statement=f"The quartiles of {item.label} lie less evenly about the median than in 95% of samples of normal values; the "
        "reading as log-normal, or an effect on the median, may tell more than a mean.",
        assumption="values of an arm are independent",
        evidence=f"(q1 + q3 - 2 median) / (q3 - q1) beyond rounding: {told}",
        alternatives="chance; whole numbers, whose quartiles lie on few values",
    )
