"""How much each choice matters: Shapley's share of the variance of an answer over readings.

With v(S) the variance of the mean of the answer given the choices in S, choice i of d gets

    sum over S without i of |S|! (d - |S| - 1)! / d!  (v(S + i) - v(S)),

under the readings' weights. The shares add up to the whole variance, and are told as parts of it.

Examples
--------
Two choices, of which the first moves the answer by 2 and the second by 1; each accounts for its own:

>>> levels = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
>>> shapley_shares(levels, [0.0, 1.0, 2.0, 3.0], [0.25] * 4)
(0.8, 0.2)
>>> shapley_shares(levels, [0.5] * 4, [0.25] * 4)
()

References
----------
Owen AB (2014). Sobol' indices and Shapley value. SIAM/ASA Journal on Uncertainty Quantification 2:245-251. doi:10.1137/130936233
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np
import numpy.typing as npt

NO_VARIANCE = 1e-18
"""Variance of a probability that is rounding."""


def shapley_shares(levels: Sequence[Sequence[str]], values: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[float, ...]:
    """Return each choice's share of the variance of an answer.

    Parameters
    ----------
    levels : sequence of sequences of str
        Of each reading, the level of each choice.
    values, weights : array (reading,)
        Answers, and weights of sum one.

    Returns
    -------
    tuple of float
        One for each choice, of sum one; empty where the answer does not vary.
    """
    answer, weight = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    weight = weight / weight.sum()
    center = float(weight @ answer)
    if not levels or float(weight @ (answer - center) ** 2) <= NO_VARIANCE:
        return ()
    number = len(levels[0])
    codes = [np.unique([each[i] for each in levels], return_inverse=True)[1] for i in range(number)]
    explained = [_explained(codes, subset, answer, weight, center) for subset in range(2**number)]
    total = explained[-1]
    shares = []
    for i in range(number):
        gained = 0.0
        for subset in range(2**number):
            if not subset >> i & 1:
                size = subset.bit_count()
                part = factorial(size) * factorial(number - size - 1) / factorial(number)
                gained += part * (explained[subset | 1 << i] - explained[subset])
        shares.append(gained / total)
    return tuple(shares)


def _explained(
    codes: Sequence[npt.NDArray[np.intp]], subset: int, answer: np.ndarray, weight: np.ndarray, center: float
) -> float:
    """Variance of the mean of the answer given the choices of a subset."""
    label = np.zeros(len(answer), dtype=np.intp)
    for i, code in enumerate(codes):
        if subset >> i & 1:
            label = np.unique(label * (int(code.max()) + 1) + code, return_inverse=True)[1]
    mass = np.bincount(label, weight)
    mean = np.bincount(label, weight * answer)
    held = mass > 0
    return float((mass[held] * (mean[held] / mass[held] - center) ** 2).sum())
