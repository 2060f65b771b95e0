"""Tests of two counts that papers use now and then: tried where none of the usual five gives a printed P."""

from __future__ import annotations

from collections.abc import Iterator
from math import log, sqrt

import numpy as np

from bayes_ivf.auditing.boschloo import largest_size, too_large
from bayes_ivf.auditing.count_tests import fisher_p, log_hypergeometric, many_tables

LARGEST = 100_000
"""Tables (n_treatment x n_control) up to which Barnard's P is computed."""


def lesser_tests(a: int, n1: int, b: int, n2: int) -> Iterator[tuple[str, float]]:
    """Yield name and two-sided P of each lesser used test that two counts allow, the quickest first."""
    events, n = a + b, n1 + n2
    if not 0 < events < n:
        return
    yield "likelihood ratio", _normal(sqrt(max(0.0, _deviance(a, n1, b, n2))))
    p, q = a / n1, b / n2
    variance = p * (1 - p) / n1 + q * (1 - q) / n2
    if variance > 0:
        yield "unpooled z", _normal(abs(p - q) / sqrt(variance))
    if min(a, b, n1 - a, n2 - b) > 0:
        odds = log(a * (n2 - b) / (b * (n1 - a)))
        yield "logistic regression (Wald)", _normal(abs(odds) / sqrt(1 / a + 1 / (n1 - a) + 1 / b + 1 / (n2 - b)))
    if min(a, b) > 0 and (a < n1 or b < n2):
        yield "log risk ratio (Wald)", _normal(abs(log(p / q)) / sqrt(1 / a - 1 / n1 + 1 / b - 1 / n2))
    if not many_tables(a, n1, b, n2):
        first, logp = log_hypergeometric(events, n1, n2)
        yield "mid-P (observed table halved)", float(fisher_p(a, n1, b, n2)) - float(np.exp(logp[a - first])) / 2
    if n1 * n2 <= LARGEST and not too_large(n1, n2):
        yield "Barnard", barnard_p(a, n1, b, n2)


def barnard_p(a: int, n1: int, b: int, n2: int) -> float:
    """Two-sided Barnard P with the pooled z statistic: its tail at the worst common risk.

    References
    ----------
    Barnard GA (1945). A new test for 2 x 2 tables. Nature. doi 10.1038/156177a0.
    """
    x, y = np.arange(n1 + 1.0)[:, None], np.arange(n2 + 1.0)[None, :]
    share = (x + y) / (n1 + n2)
    scale = share * (1 - share) * (1 / n1 + 1 / n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(scale > 0, np.abs(x / n1 - y / n2) / np.sqrt(scale), 0.0)
    return largest_size((z >= z[a, b] * (1 - 1e-9)).astype(float))


def _deviance(a: int, n1: int, b: int, n2: int) -> float:
    rate = (a + b) / (n1 + n2)
    cells = ((a, n1 * rate), (n1 - a, n1 * (1 - rate)), (b, n2 * rate), (n2 - b, n2 * (1 - rate)))
    return 2 * sum(seen * log(seen / expected) for seen, expected in cells if seen)


def _normal(z: float) -> float:
    from scipy.special import ndtr

    return float(2 * ndtr(-z))
