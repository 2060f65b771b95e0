"""Tests and interval of a ratio of two rates, given the events of both arms together.

Under no effect the treatment arm's events are binomial among all events, with the share of its time; under a rate ratio rho the
chance is ``T_t rho / (T_t rho + T_c)``.

References
----------
Przyborowski J, Wilenski H (1940). Homogeneity of results in testing samples from Poisson series. Biometrika 31:313-323.
doi:10.1093/biomet/31.3-4.313
"""

from __future__ import annotations

import math

from bayes_ivf import defaults


def conditional_p(events_t: int, time_t: float, events_c: int, time_c: float) -> float:
    """Two-sided exact P: the probability of all divisions of the events that are at most as probable as the observed one.

    Examples
    --------
    >>> round(conditional_p(12, 300.5, 20, 310), 4)
    0.2171
    """
    from scipy.stats import binomtest

    total = events_t + events_c
    return float(binomtest(events_t, total, time_t / (time_t + time_c)).pvalue) if total else 1.0


def score_p(events_t: int, time_t: float, events_c: int, time_c: float) -> float:
    """Two-sided P of the score test, with the variance under no effect."""
    total, share = events_t + events_c, time_t / (time_t + time_c)
    if not total:
        return 1.0
    return math.erfc(abs(events_t - total * share) / math.sqrt(total * share * (1 - share)) / math.sqrt(2))


def rate_ratio(
    events_t: int, time_t: float, events_c: int, time_c: float, level: float = defaults.CI_PROB
) -> tuple[float, float, float]:
    """Return the rate ratio with its exact conditional interval (Clopper and Pearson's of the share of events).

    Examples
    --------
    >>> [round(value, 3) for value in rate_ratio(12, 300.5, 20, 310)]
    [0.619, 0.276, 1.329]
    """
    from scipy.special import betaincinv

    half, times = (1 - level) / 2, time_c / time_t

    def odds(share: float) -> float:
        return times * share / (1 - share) if share < 1 else math.inf

    low = float(betaincinv(events_t, events_c + 1, half)) if events_t else 0.0
    high = float(betaincinv(events_t + 1, events_c, 1 - half)) if events_c else 1.0
    return times * events_t / events_c if events_c else math.inf, odds(low), odds(high)
