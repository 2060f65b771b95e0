"""Which tables of two arms print as a paper printed: a P, or a chi-square or z, within rounding.

Examples
--------
"chi-square(1) = 4.20" of 40 women an arm, without a correction:

>>> tables = printing_tables("pearson", (40, 40), statistic=(4.195, 4.205))
>>> [(int(i), int(j)) for i, j in zip(*tables.nonzero())]
[]
>>> int(printing_tables("pearson", (40, 40), statistic=(4.15, 4.25)).sum())
8
"""

from __future__ import annotations

import math
from collections.abc import Collection
from decimal import Decimal
from functools import lru_cache
from typing import cast

import numpy as np
import numpy.typing as npt

from bayes_ivf.auditing.statistic_tests import statistic_sizes
from bayes_ivf.auditing.table_tests import (
    CORRECTIONS,
    TABLE_TESTS,
    chi_square_of_tables,
    higher_in_treatment,
    p_of_tables,
)
from bayes_ivf.study import Claim, Statistic

Span = tuple[float, float]
ANY: Span = (0.0, math.inf)
MOST_TABLES = 4_000_000
"""Tables of two arms up to which their P is worked out."""
SIDES = {"lower": -1, "higher": 1}
"""Direction of a claim, and the sign of the difference of risks; 0 for others."""
TEST_WORDS = {
    "fisher": "Fisher's exact test",
    "pearson": "Pearson's chi-square test",
    "yates": "Yates's chi-square test",
}
_NEAR = 1e-9
# Relative slack of the limits between which a number was rounded.


def tests_of_counts(groups: Collection[str], statistic: bool) -> tuple[str, ...]:
    """Return the tests of two arms of counts that a print may be of: those that its words name, else all that could print it.

    Parameters
    ----------
    groups : collection of str
        Of `claim_groups`.
    statistic : bool
        Whether a chi-square or z was printed, which Fisher's test does not have.

    Examples
    --------
    >>> tests_of_counts({"pearson"}, False), tests_of_counts({"yates", "pearson"}, True), tests_of_counts((), True)
    (('pearson', 'yates'), ('yates',), ('pearson', 'yates'))
    """
    named = {"pearson", "yates"} if "pearson" in groups else set()
    named = {"yates"} if "yates" in groups else named
    named |= {"fisher"} & set(groups)
    possible = tuple(CORRECTIONS) if statistic else tuple(TABLE_TESTS)
    return tuple(test for test in possible if test in named) or possible


def p_span(claim: Claim) -> Span:
    """Return from which P on, and below which, a claim's P lies."""
    level = cast(float, claim.level)
    if claim.relation == "<":
        return 0.0, level
    if claim.relation == ">":
        return level, math.inf
    half = 0.5 * 10.0 ** int(Decimal(cast(str, claim.p)[2:]).as_tuple().exponent)
    return max(level - half, 0.0) * (1 - _NEAR), (level + half) * (1 + _NEAR)


def chi_square_span(statistic: Statistic) -> Span | None:
    """Return between which values of a chi-square with one degree of freedom a statistic lies; None if it is no such one.

    A z is its root.
    """
    if statistic.name not in ("chi-square", "z") or statistic.cannot_be:
        return None
    if statistic.name == "z" and statistic.df:
        return None
    if statistic.name == "chi-square" and [float(each) for each in statistic.df] != [1.0]:
        return None
    _, low, high = statistic_sizes(statistic)
    if statistic.name == "z":
        low, high = low**2, high**2
    return low * (1 - _NEAR), high * (1 + _NEAR)


@lru_cache(maxsize=32)
def printing_tables(
    test: str, sizes: tuple[int, int], *, p: Span = ANY, statistic: Span = ANY, side: int = 0
) -> npt.NDArray[np.bool_]:
    """Return which tables (n_t + 1, n_c + 1) a print leaves.

    Parameters
    ----------
    test : str
        One of `TABLE_TESTS`; with a statistic one of `CORRECTIONS`.
    sizes : (int, int)
        Units of the treatment and of the control arm.
    p : (float, float)
        Two-sided P from the first number on, and below the second.
    statistic : (float, float)
        The same of the chi-square with one degree of freedom.
    side : {-1, 0, 1}
        Sign of the difference of the risks; 0 for any.
    """
    values = p_of_tables(test, *sizes)
    tables = (values >= p[0]) & (values < p[1])
    if statistic != ANY and test in CORRECTIONS:
        values = chi_square_of_tables(test, *sizes)
        tables &= (values >= statistic[0]) & (values < statistic[1])
    if side:
        tables &= higher_in_treatment(*sizes) == side
    tables.flags.writeable = False
    return tables
