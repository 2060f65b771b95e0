"""Monotone maps between a bounded or positive quantity t and an unbounded coordinate s.

======== ============= ============= ======================
name     s = forward   range of t    log |dt/ds|
======== ============= ============= ======================
IDENTITY t             real          0
LOG      log t         (0, inf)      s
LOGIT    log t/(1-t)   (0, 1)        log t + log(1 - t)
ATANH    artanh t      (-1, 1)       -2 log cosh s
======== ============= ============= ======================

The range of t decides which of them is meant, see `transform_between`. A density changes by ``f_t(t) = f_s(s) |ds/dt|``;
probabilities and quantiles do not. Values outside the range go to plus or minus infinity, so that a distribution function is 0
or 1 there.

Examples
--------
>>> import numpy as np
>>> float(LOGIT.backward(LOGIT.forward(np.array(0.3))).round(12))
0.3
>>> s = np.array(0.7)
>>> slope = (ATANH.backward(s + 1e-6) - ATANH.backward(s - 1e-6)) / 2e-6
>>> bool(abs(np.log(slope) - ATANH.log_slope(s)) < 1e-8)
True
>>> LOG.forward(np.array([-1.0, 1.0]))
array([-inf,   0.])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Transform:
    """A monotone map between a quantity and an unbounded coordinate.

    Parameters
    ----------
    forward, backward : callable
        Quantity to coordinate, coordinate to quantity.
    log_slope : callable
        Log of the derivative of `backward`, as a function of the coordinate.
    lower, upper : float, or array (C,)
        Range of the quantity.
    """

    forward: Callable[[Array], Array]
    backward: Callable[[Array], Array]
    log_slope: Callable[[Array], Array]
    lower: float | Array
    upper: float | Array


def _atanh(t: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.arctanh(np.clip(t, -1, 1))


def _log(t: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(t, 0.0))


def _exp(s: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.exp(s)


def _logit(t: Array) -> Array:
    return np.asarray(special.logit(np.clip(t, 0, 1)))


def _log_sech2(s: Array) -> Array:
    size = np.abs(s)
    return np.asarray(2 * (np.log(2.0) - size - np.log1p(np.exp(-2 * size))))


def _log_logistic(s: Array) -> Array:
    size = np.abs(s)
    return np.asarray(-size - 2 * np.log1p(np.exp(-size)))


IDENTITY = Transform(lambda t: t, lambda s: s, lambda s: np.zeros_like(s), -np.inf, np.inf)
LOG = Transform(_log, _exp, lambda s: s, 0.0, np.inf)
LOGIT = Transform(_logit, lambda s: np.asarray(special.expit(s)), _log_logistic, 0.0, 1.0)
ATANH = Transform(_atanh, np.tanh, _log_sech2, -1.0, 1.0)


def transform_between(low: float, high: float) -> Transform:
    """Return the map of a quantity between two bounds.

    Raises
    ------
    LookupError
        If there is none.

    Examples
    --------
    >>> transform_between(0, np.inf) is LOG
    True
    """
    for transform in (IDENTITY, LOG, LOGIT, ATANH):
        if (transform.lower, transform.upper) == (low, high):
            return transform
    raise LookupError(f"no transform of what lies between {low} and {high}: add one to {__name__}")


def side_by_side(transforms: Sequence[Transform], columns: int) -> Transform:
    """Return the map of so many columns: an equal share of them, those of the first quantity, then those of the next.

    Examples
    --------
    >>> pair = side_by_side((IDENTITY, LOG), 2)
    >>> pair.backward(np.array([[2.0, 0.0]])).tolist(), pair.upper.tolist(), pair.lower.tolist()
    ([[2.0, 1.0]], [inf, inf], [-inf, 0.0])
    """
    if len(transforms) == 1:
        return transforms[0]
    size = columns // len(transforms)
    runs = [(transform, size * len(list(some))) for transform, some in groupby(transforms)]
    ends = list(accumulate(length for _, length in runs))
    parts = [(transform, slice(end - length, end)) for (transform, length), end in zip(runs, ends, strict=True)]

    def joined(name: str) -> Callable[[Array], Array]:
        functions = [(getattr(transform, name), part) for transform, part in parts]

        def of_columns(values: Array) -> Array:
            found = np.empty(values.shape)
            for function, part in functions:
                found[..., part] = function(values[..., part])
            return found

        return of_columns

    bounds = (np.repeat([getattr(each, name) for each in transforms], size) for name in ("lower", "upper"))
    return Transform(joined("forward"), joined("backward"), joined("log_slope"), *bounds)
