"""The effect of one study as review software computes it from its counts or means, with every usual treatment of empty cells.

References
----------
Deeks JJ, Higgins JPT. Statistical algorithms in Review Manager 5. Statistical Methods Group of The Cochrane Collaboration, 2010.
Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Beta blockade during and after myocardial infarction. Prog Cardiovasc Dis 1985;
27: 335-371. doi:10.1016/S0033-0620(85)80003-7
Hedges LV. Distribution theory for Glass's estimator of effect size and related estimators. J Educ Stat 1981; 6: 107-128.
doi:10.3102/10769986006002107
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

HALF = 0.5
"""Added to all four cells of a table with an empty one."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect with its standard error: of a ratio, its log.

    Parameters
    ----------
    value, se : float
    ratio : bool
    """

    value: float
    se: float
    ratio: bool

    def shown(self, level: float, factor: float | None = None) -> tuple[float, float, float]:
        """Return effect and limits as a forest plot shows them; `factor` is a quantile in place of the normal one."""
        half = (NormalDist().inv_cdf((1 + level) / 2) if factor is None else factor) * self.se
        ends = (self.value, self.value - half, self.value + half)
        if not self.ratio:
            return ends
        return exp(ends[0]), exp(ends[1]), exp(min(ends[2], 700.0))


Table = tuple[float, float, float, float]
"""Events and women without one, of the treatment arm and the control arm."""


def count_estimates(events: Sequence[int], n: Sequence[int], measure: str) -> list[Estimate]:
    """Return the effect of a table of counts, the usual convention first; none where the measure is not defined.

    Parameters
    ----------
    events, n : (int, int)
        Treatment first.
    measure : {"odds_ratio", "peto_odds_ratio", "risk_ratio", "risk_difference"}

    Examples
    --------
    >>> [round(each.value, 4) for each in count_estimates((16, 12), (40, 40), "risk_ratio")]
    [0.2877]
    >>> count_estimates((0, 0), (40, 40), "odds_ratio")
    []
    """
    a, c = map(float, events)
    b, d = n[0] - a, n[1] - c
    table = (a, b, c, d)
    if measure == "risk_difference":
        return _differences(table)
    if a + c == 0 or b + d == 0:
        return []
    if measure == "peto_odds_ratio":
        difference, variance = peto_parts(table)
        return [Estimate(difference / variance, 1 / sqrt(variance), ratio=True)]
    half = tuple(cell + HALF for cell in table)
    made = _odds_ratio if measure == "odds_ratio" else _risk_ratio
    found = [made(half if 0 in table else table)]  # type: ignore[arg-type]
    if measure == "risk_ratio" and 0 in (b, d) and a and c:
        found.append(_risk_ratio(table))  # its formula needs no correction there
    return [each for each in found if each.se > 0]


def corrected(table: Table) -> Table:
    """Return a table with a half in each cell where one is empty."""
    a, b, c, d = (cell + HALF for cell in table) if 0 in table else table
    return a, b, c, d


def peto_parts(table: Table) -> tuple[float, float]:
    """Return observed minus expected events of the treatment arm, and their hypergeometric variance."""
    a, b, c, d = table
    treated, control, events = a + b, c + d, a + c
    total = treated + control
    variance = treated * control * events * (total - events) / (total**2 * (total - 1))
    return a - treated * events / total, variance


def _odds_ratio(table: Table) -> Estimate:
    a, b, c, d = table
    return Estimate(log(a * d / (b * c)), sqrt(1 / a + 1 / b + 1 / c + 1 / d), ratio=True)


def _risk_ratio(table: Table) -> Estimate:
    a, b, c, d = table
    value = log(a / (a + b)) - log(c / (c + d))
    return Estimate(value, sqrt(max(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), 0.0)), ratio=True)


def _differences(table: Table) -> list[Estimate]:
    """Return the risk difference with the standard error of the table, or of one with a half in each cell."""
    half = (table[0] + HALF, table[1] + HALF, table[2] + HALF, table[3] + HALF)
    plain, other = (_difference(each) for each in (table, half))
    found = [] if plain.se == 0 else [plain]
    return [*found, Estimate(plain.value, other.se, ratio=False), other] if 0 in table else found


def _difference(table: Table) -> Estimate:
    a, b, c, d = table
    n, m = a + b, c + d
    return Estimate(a / n - c / m, sqrt(a * b / n**3 + c * d / m**3), ratio=False)


def mean_estimates(mean: Sequence[float], sd: Sequence[float], n: Sequence[int], measure: str) -> list[Estimate]:
    """Return the difference of two means, or Hedges' adjusted g.

    Examples
    --------
    >>> [round(each.value, 2) for each in mean_estimates((5.81, 7.93), (0.76, 0.82), (40, 40), "mean_difference")]
    [-2.12]
    """
    difference, total = mean[0] - mean[1], n[0] + n[1]
    if measure == "mean_difference":
        return [Estimate(difference, sqrt(sd[0] ** 2 / n[0] + sd[1] ** 2 / n[1]), ratio=False)]
    if measure != "standardized_mean_difference" or total < 4:
        return []
    pooled = sqrt(((n[0] - 1) * sd[0] ** 2 + (n[1] - 1) * sd[1] ** 2) / (total - 2))
    if pooled == 0:
        return []
    g = difference / pooled * (1 - 3 / (4 * total - 9))
    return [
        Estimate(g, sqrt(total / (n[0] * n[1]) + g**2 / (2 * freedom)), ratio=False)
        for freedom in (total - 3.94, total)
    ]
