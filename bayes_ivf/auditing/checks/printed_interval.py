"""Whether a printed effect and its confidence interval agree with the arms printed beside them."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log, sqrt

from bayes_ivf.auditing.count_tests import newcombe_interval
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.mean_tests import welch
from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.auditing.thresholds import INTERVAL_SHARE
from bayes_ivf.study import Counts, Outcome, Printed, Study

NAME = "printed_interval"
QUESTION = "Do printed effects and intervals agree with the arms?"

Interval = tuple[float, float, float]
_Z = 1.959963984540054


def applies_to(study: Study) -> bool:
    """Whether an effect is printed beside counts or means."""
    return any(item.effect is not None and any(True for _ in _recomputed(item)) for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each effect or interval that no usual method gives."""
    found = []
    for item in study.items:
        methods = dict(_recomputed(item)) if item.effect is not None else {}
        if methods and (finding := _compare(study, item, methods)):
            found.append(finding)
    return tuple(found)


def _compare(study: Study, item: Outcome, methods: dict[str, Interval]) -> Finding | None:
    if item.effect is None:
        return None
    estimate, low, high = (_value(printed) for printed in (item.effect.estimate, item.effect.low, item.effect.high))
    unit = 10.0 ** -min(p.decimals for p in (item.effect.estimate, item.effect.low, item.effect.high))
    unit /= 100 if item.effect.estimate.percent else 1
    # Ends of ratios are compared on the log scale; every recomputed ratio is above 0.
    on = log if "ratio" in item.effect.scale else float
    most = INTERVAL_SHARE * (on(high) - on(low))
    close = [
        max(abs(low - m[1]), abs(high - m[2])) <= 1.01 * unit
        or max(abs(on(low) - on(m[1])), abs(on(high) - on(m[2]))) <= most
        for m in methods.values()
    ]
    point = any(abs(estimate - m[0]) <= 1.01 * unit for m in methods.values())
    if point and any(close):
        return None
    what = "interval" if point else "estimate"
    listed = "; ".join(f"{name} {m[0]:.3f} ({m[1]:.3f} to {m[2]:.3f})" for name, m in methods.items())
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f"The printed {what} of {item.label}, {item.effect.estimate} ({item.effect.low} to "
        f"{item.effect.high}), is not what the printed arms give by the usual methods.",
        assumption=f"an unadjusted {item.effect.scale.replace('_', ' ')} with a 95% interval, from the arms as printed",
        evidence=f"recomputed: {listed}; printed {estimate:.3f} ({low:.3f} to {high:.3f})",
        alternatives="an adjusted or stratified analysis; another method or level; a typing error in one end",
    )


def _value(printed: Printed) -> float:
    return float(printed) / (100 if printed.percent else 1)


def _recomputed(item: Outcome) -> Iterator[tuple[str, Interval]]:
    if item.effect is None:
        return
    a, b = arm_counts(item, "treatment"), arm_counts(item, "control")
    means = arm_means(item)
    if len(a) == len(b) == 1:
        yield from _counts(item.effect.scale, a[0], b[0])
    elif means is not None and item.effect.scale == "mean_difference":
        result = welch(*(x for m in means for x in (float(m.mean), float(m.sd), m.n)))
        yield "Welch", (float(result.difference), float(result.low), float(result.high))


def _counts(scale: str, a: Counts, b: Counts) -> Iterator[tuple[str, Interval]]:
    p, q = a.events / a.n, b.events / b.n
    if scale == "risk_difference":
        half = _Z * sqrt(p * (1 - p) / a.n + q * (1 - q) / b.n)
        yield "Wald", (p - q, p - q - half, p - q + half)
        d, low, high = newcombe_interval(a.events, a.n, b.events, b.n)
        yield "Newcombe", (float(d), float(low), float(high))
    if min(a.events, b.events, a.n - a.events, b.n - b.events) > 0:
        if scale == "odds_ratio":
            value = log(p / (1 - p) / (q / (1 - q)))
            half = _Z * sqrt(1 / a.events + 1 / (a.n - a.events) + 1 / b.events + 1 / (b.n - b.events))
            yield "Woolf", (exp(value), exp(value - half), exp(value + half))
        if scale == "risk_ratio":
            value = log(p / q)
            half = _Z * sqrt(1 / a.events - 1 / a.n + 1 / b.events - 1 / b.n)
            yield "Katz", (exp(value), exp(value - half), exp(value + half))
