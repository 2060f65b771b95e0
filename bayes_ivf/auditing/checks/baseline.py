"""Baseline variables: tests recomputed, and how their P values lie together."""

from __future__ import annotations

import math

from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.auditing.least_p import format_p
from bayes_ivf.auditing.rounded_p import p_interval
from bayes_ivf.auditing.thresholds import JOINT_BASELINE, JOINT_RARE
from bayes_ivf.study import Study

NAME = "baseline"
QUESTION = "Do the baseline P values look like those of a random allocation?"


def applies_to(study: Study) -> bool:
    """Whether a baseline variable can be tested."""
    return bool(_p_values(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return one finding on all baseline variables."""
    values = _p_values(study)
    low, nominal, high = (list(column) for column in zip(*values.values(), strict=True))
    similar, different = joint_p(nominal)
    at_best = joint_p(low)[0], joint_p(high)[1]
    alike, apart = unlikely(low, high)
    severity: Severity = "caution" if (alike or apart) and study.randomized != "no" else "info"
    if len(values) == 1 and severity == "info":
        return ()
    few = len(values) < JOINT_BASELINE and not alike
    return (
        Finding(
            study=study.id,
            check=NAME,
            subject="baseline",
            severity=severity,
            statement=f"{len(values)} baseline comparisons have P from {format_p(min(nominal))} to {format_p(max(nominal))}; "
            f"arms that differ at least as much have probability {_show(different, at_best[1])}, as little "
            f"{_show(similar, at_best[0])}.",
            assumption="random allocation and independent variables; without either these probabilities mean little"
            + (f"; fewer than {JOINT_BASELINE} variables say little in any case" if few else ""),
            evidence=", ".join(f"{study.outcome(name).label} {_interval(*p)}" for name, p in values.items())
            + "; in brackets what rounding of means and sds, and the steps of counts, leave open"
            + (f"; if all variables depended on each other completely, as little {1 - min(low):.2g}" if alike else ""),
            alternatives="correlated variables such as age and parity; stratified or minimized allocation; matching; "
            "standard errors printed as standard deviations; rounding; chance",
        ),
    )


def unlikely(low: list[float], high: list[float]) -> tuple[bool, bool]:
    """Whether arms are too alike, or too different, for chance, with rounding given the benefit in either direction.

    Parameters
    ----------
    low, high : list of float
        Least and largest P of each variable.

    Returns
    -------
    alike, apart : bool
        The first with any number of variables, the second with at least `JOINT_BASELINE`.
    """
    alike = joint_p(low)[0] * 2 < JOINT_RARE
    return alike, joint_p(high)[1] * 2 < JOINT_RARE and len(high) >= JOINT_BASELINE


def _p_values(study: Study) -> dict[str, tuple[float, float, float]]:
    intervals = {item.id: p_interval(item) for item in study.items if item.role == "baseline"}
    return {name: p for name, p in intervals.items() if p is not None}


def _interval(low: float, nominal: float, high: float) -> str:
    printed = format_p(nominal)
    return printed if high - low < 0.0005 else f"{printed} ({format_p(low)} to {format_p(high)})"


def _show(nominal: float, at_best: float) -> str:
    text, best = format_p(nominal, 2), format_p(at_best, 2)
    return text if best == text else f"{text} (up to {best} within rounding)"


def joint_p(values: list[float]) -> tuple[float, float]:
    """Combine P values by Fisher's method, in both directions.

    Parameters
    ----------
    values : list of float

    Returns
    -------
    similar, different : float
        Probability of P values as close to 1, and as close to 0, in all, if they are independent and uniform.

    References
    ----------
    Carlisle JB (2017). Anaesthesia. doi 10.1111/anae.13938.
    """
    from scipy.special import chdtrc

    tiny = 1e-300
    different = -2 * sum(math.log(max(p, tiny)) for p in values)
    similar = -2 * sum(math.log(max(1 - p, 1e-16)) for p in values)
    return float(chdtrc(2 * len(values), similar)), float(chdtrc(2 * len(values), different))
