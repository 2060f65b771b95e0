"""What reviewers make of a printed median: the usual conversions to a mean and a standard deviation.

With a and b minimum and maximum, q1 and q3 quartiles, m the median and z the standard normal quantile function (Wan and others
2014 for the sds, Luo and others 2018 for the means):

    quartiles   sd (q3 - q1) / (2 z((0.75 n - 0.125) / (n + 0.25))),  mean w (q1 + q3) / 2 + (1 - w) m,  w = 0.7 + 0.39 / n
    range       sd (b - a) / (2 z((n - 0.375) / (n + 0.25))),  mean w (a + b) / 2 + (1 - w) m,  w = 4 / (4 + n^0.75)
    both        sd half of each, added;  mean u (a + b) / 2 + w (q1 + q3) / 2 + (1 - u - w) m,
                u = 2.2 / (2.2 + n^0.75),  w = 0.7 - 0.72 / n^0.55

They take values as normal, so that a skewed quantity gives them a mean that is none.

Examples
--------
>>> from bayes_ivf.study import Printed
>>> mean, sd = as_mean_sd(Quantiles(62, Printed("5"), Printed("3"), Printed("8")))
>>> round(mean, 2), round(sd, 2)
(5.35, 3.79)

References
----------
Wan X, Wang W, Liu J, Tong T (2014). Estimating the sample mean and standard deviation from the sample size, median, range and/or
interquartile range. doi:10.1186/1471-2288-14-135
Luo D, Wan X, Liu J, Tong T (2018). Optimally estimating the sample mean from the sample size, median, mid-range, and/or
mid-quartile range. doi:10.1177/0962280216669183
"""

from __future__ import annotations

from statistics import NormalDist

from bayes_ivf.study import Quantiles


def as_mean_sd(datum: Quantiles) -> tuple[float, float]:
    """Return the mean and the standard deviation that the usual conversions give.

    Parameters
    ----------
    datum : Quantiles
    """
    n, median = datum.n, float(datum.median)
    quartiles = _middle(datum.q1, datum.q3, (0.75 * n - 0.125) / (n + 0.25))
    ends = _middle(datum.low, datum.high, (n - 0.375) / (n + 0.25))
    if quartiles is not None and ends is not None:
        outer, inner = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
        return outer * ends[0] + inner * quartiles[0] + (1 - outer - inner) * median, (ends[1] + quartiles[1]) / 2
    found, weight = (quartiles, 0.7 + 0.39 / n) if quartiles is not None else (ends, 4 / (4 + n**0.75))
    assert found is not None
    return weight * found[0] + (1 - weight) * median, found[1]


def _middle(low: object, high: object, share: float) -> tuple[float, float] | None:
    """Middle of two quantiles, and the sd of normal values that lie so far apart; None if they were not printed."""
    if low is None or high is None:
        return None
    a, b = float(low), float(high)  # type: ignore[arg-type]
    return (a + b) / 2, (b - a) / (2 * NormalDist().inv_cdf(share))
