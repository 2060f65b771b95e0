"""Baseline variables: tests recomputed, and how their P values lie together."""

from __future__ import annotations

import math

from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.auditing.reading import read_outcome
from bayes_ivf.auditing.thresholds import JOINT_BASELINE, JOINT_RARE
from bayes_ivf.study import Study

NAME = "baseline"
QUESTION = "Do the baseline P values look like those of a random allocation?"


def applies_to(study: Study) -> bool:
    """Whether a baseline variable can be tested."""
    return bool(_p_values(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return one finding on all baseline variables."""
    p = _p_values(study)
    similar, different = joint_p(list(p.values()))
    rare = min(similar, different) * 2 < JOINT_RARE
    severity: Severity = "caution" if rare and len(p) >= JOINT_BASELINE and study.randomized != "no" else "info"
    return (
        Finding(
            study=study.id,
            check=NAME,
            subject="baseline",
            severity=severity,
            statement=f"{len(p)} baseline comparisons have P from {min(p.values()):.3f} to {max(p.values()):.3f}; "
            f"arms that differ at least as much have probability {different:.3f}, as little {similar:.3f}.",
            assumption="random allocation and independent variables; without either these probabilities mean little"
            + ("" if len(p) >= JOINT_BASELINE else f"; fewer than {JOINT_BASELINE} variables say little in any case"),
            evidence=", ".join(f"{name} {value:.3f}" for name, value in p.items()),
            alternatives="correlated variables such as age and parity; stratified allocation; rounding; chance",
        ),
    )


def _p_values(study: Study) -> dict[str, float]:
    found = {}
    for item in study.items:
        readings = read_outcome(item)
        if item.role == "baseline" and readings.each and readings.unique:
            reading = readings.each[0]
            # Mid-P where it exists: Fisher's P is not uniform under random allocation.
            found[item.id] = reading.p.get("mid-P", reading.p[reading.primary])
    return found


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
