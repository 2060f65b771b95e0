"""P of every two-by-two table of two arms under a named test, as arrays.

Examples
--------
40 women an arm: so many of the 1,681 tables have a P of at least 0.05.

>>> {test: int((p_of_tables(test, 40, 40) >= 0.05).sum()) for test in TABLE_TESTS}
{'fisher': 621, 'pearson': 549, 'yates': 629}

16 of 40 against 12 of 40:

>>> {test: round(float(p_of_tables(test, 40, 40)[16, 12]), 4) for test in TABLE_TESTS}
{'fisher': 0.4823, 'pearson': 0.3484, 'yates': 0.4819}

References
----------
Fisher RA (1935). The logic of inductive inference. doi:10.2307/2342435. Yates F (1934). Contingency tables involving small
numbers and the chi-square test. doi:10.2307/2983604.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

_TIE = 1e-7
# Relative difference below which two tables count as equally likely, as in R's fisher.test.


def _fisher(n_t: int, n_c: int) -> Array:
    """Probability of all tables with the same margins that are at most as likely."""
    p = np.ones((n_t + 1, n_c + 1))
    for total in range(n_t + n_c + 1):
        i = np.arange(max(0, total - n_c), min(n_t, total) + 1)
        j = total - i
        log = -(special.gammaln(i + 1) + special.gammaln(n_t - i + 1) + special.gammaln(j + 1))
        log -= special.gammaln(n_c - j + 1)
        chance = np.exp(log - log.max())
        chance /= chance.sum()
        order = np.argsort(chance, kind="stable")
        sums = np.cumsum(chance[order])
        # the last table, in ascending order, that is as likely up to a tie
        last = np.searchsorted(chance[order], chance * (1 + _TIE), side="right") - 1
        p[i, j] = np.minimum(sums[last], 1.0)
    return p


def _statistic(correction: float, n_t: int, n_c: int) -> Array:
    a, b = np.arange(n_t + 1.0)[:, None], np.arange(n_c + 1.0)
    n, events = n_t + n_c, a + b
    off = np.maximum(np.abs(a * n_c - b * n_t) - correction * n, 0.0)
    scale = float(n_t) * n_c * events * (n - events)
    # without any event, or with nothing but events, the arms agree
    return np.asarray(np.where(scale > 0, off**2 * n / np.where(scale > 0, scale, 1.0), 0.0))


def _pearson(n_t: int, n_c: int) -> Array:
    return np.asarray(special.chdtrc(1, chi_square_of_tables("pearson", n_t, n_c)))


def _yates(n_t: int, n_c: int) -> Array:
    return np.asarray(special.chdtrc(1, chi_square_of_tables("yates", n_t, n_c)))


CORRECTIONS: Mapping[str, float] = MappingProxyType({"pearson": 0.0, "yates": 0.5})
"""Chi-square tests by name, and the share of a unit by which each moves an observed count toward its expectation."""
TABLE_TESTS: Mapping[str, Callable[[int, int], Array]] = MappingProxyType(
    {"fisher": _fisher, "pearson": _pearson, "yates": _yates}
)
"""Two-sided tests by name; the place of a name is its number in a problem."""


@lru_cache(maxsize=16)
def p_of_tables(test: str, n_t: int, n_c: int) -> Array:
    """Return the two-sided P (n_t + 1, n_c + 1) of i events among n_t women against j among n_c.

    Parameters
    ----------
    test : str
        One of `TABLE_TESTS`.
    n_t, n_c : int
    """
    p = TABLE_TESTS[test](n_t, n_c)
    p.flags.writeable = False
    return p


@lru_cache(maxsize=16)
def chi_square_of_tables(test: str, n_t: int, n_c: int) -> Array:
    """Return the chi-square statistic (n_t + 1, n_c + 1), with one degree of freedom, of every table.

    Parameters
    ----------
    test : str
        One of `CORRECTIONS`.
    n_t, n_c : int

    Examples
    --------
    >>> float(chi_square_of_tables("pearson", 40, 40)[16, 12].round(3))
    0.879
    """
    statistic = _statistic(CORRECTIONS[test], n_t, n_c)
    statistic.flags.writeable = False
    return statistic


def higher_in_treatment(n_t: int, n_c: int) -> Array:
    """Return the sign (n_t + 1, n_c + 1) of the difference of the observed risks, treatment minus control."""
    return np.sign(np.arange(n_t + 1.0)[:, None] * n_c - np.arange(n_c + 1.0) * n_t)
