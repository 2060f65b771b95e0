"""How much each choice matters: Shapley's share of the variance of an answer over readings.

With v(S) the variance of the mean of the answer given the choices in S, choice i of d gets

    sum over S without i of |S|! (d - |S| - 1)! / d!  (v(S + i) - v(S)),

under the readings' weights. The shares add up to the whole variance, and are told as parts of it.

Readings are laid out as the array that all combinations of levels make, so that v of every set of choices follows from sums over
one axis at a time, the largest axes first: no reading is looked at twice.

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

from collections.abc import Iterator, Sequence
from math import factorial

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

NO_VARIANCE = 1e-18
"""Variance of a probability that is rounding."""
_ROUNDING = 1e-12
"""Share that is rounding."""


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
    if not len(levels):
        return ()
    columns = [np.unique(column, return_inverse=True)[1] for column in zip(*levels, strict=True)]
    return shares_of_codes(columns, values, weights)


def shares_of_codes(
    codes: Sequence[npt.NDArray[np.intp]], values: npt.ArrayLike, weights: npt.ArrayLike
) -> tuple[float, ...]:
    """Return `shapley_shares` of levels that are numbered.

    Parameters
    ----------
    codes : sequence of array (reading,)
        Of each choice, the number of its level in every reading.
    values, weights : array (reading,)

    Returns
    -------
    tuple of float
    """
    answer, weight = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    weight = weight / weight.sum()
    answer = answer - float(weight @ answer)
    if not codes or float(weight @ answer**2) <= NO_VARIANCE:
        return ()
    number, sizes = len(codes), [int(code.max()) + 1 for code in codes]
    # what is large is added up first, so that little is left to add up
    order = sorted(range(number), key=lambda i: -sizes[i])
    flat = np.ravel_multi_index([codes[i] for i in order], [sizes[i] for i in order])
    shape, size = [sizes[i] for i in order], int(np.prod(sizes))
    mass, moment = (np.bincount(flat, each, minlength=size).reshape(shape) for each in (weight, weight * answer))
    explained = np.empty(2**number)
    for subset, value in _explained(mass, moment, order, 0):
        explained[subset] = value
    subsets = np.arange(2**number)
    known = np.array([subset.bit_count() for subset in range(2**number)])
    factor = np.array([factorial(k) * factorial(max(number - k - 1, 0)) / factorial(number) for k in range(number + 1)])
    shares = []
    for i in range(number):
        without = subsets[subsets >> i & 1 == 0]
        gained = factor[known[without]] @ (explained[without | 1 << i] - explained[without])
        share = float(gained / explained[-1])
        shares.append(share if abs(share) > _ROUNDING else 0.0)
    return tuple(shares)


def _explained(mass: Array, moment: Array, order: Sequence[int], kept: int) -> Iterator[tuple[int, float]]:
    """Variance of the mean of a centered answer given each set of choices, as the bits of the set and a number.

    `mass` and `moment` have the axes of the choices that are kept (in front), then those of the choices in `order`.
    """
    if not order:
        held = mass > 0
        yield kept, float((moment[held] ** 2 / mass[held]).sum())
        return
    axis = mass.ndim - len(order)
    yield from _explained(mass, moment, order[1:], kept | 1 << order[0])
    yield from _explained(mass.sum(axis=axis), moment.sum(axis=axis), order[1:], kept)
