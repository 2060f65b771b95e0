"""Operations: from likelihoods to a likelihood.

An operation is about trust; what the data are is a reading, and stands apart. `doubt` mixes a likelihood with one that says
nothing: with probability w the words carry no information, (1 - w) L + w.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]


def log_mixture(log_likelihoods: Sequence[npt.ArrayLike], weights: Sequence[float]) -> Array:
    """Return the log of a weighted mean of likelihoods.

    Parameters
    ----------
    log_likelihoods : sequence of array_like, shape (...)
    weights : sequence of float
        Sum to one.

    Examples
    --------
    >>> float(log_mixture([np.log(0.2), np.log(0.6)], [0.5, 0.5]).round(6)) == float(np.log(0.4).round(6))
    True
    """
    stacked = np.stack(np.broadcast_arrays(*(np.asarray(each, dtype=float) for each in log_likelihoods)))
    shares = np.reshape(np.asarray(weights, dtype=float), (-1, *[1] * (stacked.ndim - 1)))
    return np.asarray(special.logsumexp(stacked, axis=0, b=shares))


def doubted(probability: Any, doubt: Any) -> Any:
    """Return the probability of a datum that carries no information with probability `doubt`.

    Parameters
    ----------
    probability : array, shape (...)
        Of the datum if it carries information.
    doubt : float or array
        From 0, nothing changes, to 1, nothing is learned.

    Examples
    --------
    >>> doubted(0.2, 0.25)
    0.4
    """
    return (1 - doubt) * probability + doubt


def log_doubted(log_likelihood: Any, doubt: Any) -> Any:
    """Return the log of `doubted` from a log probability, as tensors: far tails keep a slope."""
    import pytensor.tensor as pt

    return pt.logaddexp(pt.log1p(-doubt) + log_likelihood, pt.log(doubt))
