"""Distribution functions, means and sds of many mixtures of normal distributions at once; see `means_block`.

Examples
--------
>>> from bayes_ivf.exact.means_block import BlockNodes
>>> one, two = np.ones((1, 2)), np.array([[1.0, 2.0]])
>>> nodes = BlockNodes(one, 0.5 * one, 0.04 * one, two, 9 * one, 0.01 * one, two / 2, -two / 2, np.zeros(2), np.zeros(2))
>>> [values.round(2).tolist() for values in moments_of(nodes, "mean_difference")]
[[0.5, 1.0], [0.2, 0.4]]
>>> below, density = ask(nodes, "mean_difference", np.full((1, 2), 1.0))
>>> print(below.round(4), density.round(3))
[[0.9938 0.5   ]] [[0.088 0.997]]
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.means_block import BlockNodes
from bayes_ivf.exact.means_mixture_solution import CERTAIN, ratio_location, ratio_of
from bayes_ivf.quadrature import add_up

Array = npt.NDArray[np.float64]

_SQRT_2PI = float(np.sqrt(2 * np.pi))
_AT_ONCE = 2**14
# Points times components times problems of one array.


def location_of(nodes: BlockNodes, estimand: str) -> tuple[Array, Array]:
    """Center and spread (B,)."""
    if estimand != "ratio_of_means":
        return moments_of(nodes, estimand)
    (mean_t, sd_t), (mean_c, sd_c) = moments_of(nodes, "treatment_mean"), moments_of(nodes, "control_mean")
    return ratio_location(mean_t, sd_t, mean_c, sd_c)


def moments_of(nodes: BlockNodes, estimand: str) -> tuple[Array, Array]:
    """Mean and sd (B,)."""
    mean, variance = nodes.normal(estimand)
    center = add_up(nodes.share * mean)
    return center, np.sqrt(add_up(nodes.share * ((mean - center) ** 2 + variance)))


def ask(nodes: BlockNodes, estimand: str, s: Array) -> tuple[Array, Array]:
    """Distribution function and density (K, B) of an estimand at `s` (K, B)."""
    some = _ratio(nodes) if estimand == "ratio_of_means" else _normal(nodes, estimand)
    length = max(1, _AT_ONCE // nodes.share.size)
    parts = [some(s[start : start + length]) for start in range(0, len(s), length)]
    below, density = (np.concatenate(each) for each in zip(*parts, strict=True))
    if estimand == "ratio_of_means":
        _turn(nodes, s, below, density)
    return below, density


def _normal(nodes: BlockNodes, estimand: str) -> Callable[[Array], tuple[Array, Array]]:
    mean, variance = nodes.normal(estimand)
    per_sd = 1 / np.sqrt(variance)
    start, height, share = (each[:, None] for each in (mean * per_sd, nodes.share * per_sd, nodes.share))
    per_sd = per_sd[:, None]

    def some(at: Array) -> tuple[Array, Array]:
        z = at * per_sd
        z -= start
        below = special.ndtr(z)
        below *= share
        z *= z
        z *= -0.5
        np.exp(z, out=z)
        z *= height
        return _over(below), _over(z) / _SQRT_2PI

    return some


def _ratio(nodes: BlockNodes) -> Callable[[Array], tuple[Array, Array]]:
    """The same of T / C where C is surely positive: see `means_mixture_solution`."""
    mean_c, _ = nodes.normal("control_mean")
    mean_c, share = mean_c[:, None], nodes.share[:, None]
    anchor, spread, mean_d, variance_d, lean_t, lean_c = (
        each[:, None]
        for each in (nodes.anchor, nodes.anchor_variance, nodes.mean, nodes.variance, nodes.lean_t, nodes.lean_c)
    )

    def some(r: Array) -> tuple[Array, Array]:
        lean = lean_t - r * lean_c
        mean = (1 - r) * anchor + lean * mean_d
        part = lean * variance_d
        variance = (1 - r) ** 2 * spread + lean * part
        both = (1 - r) * spread + lean_c * part
        with np.errstate(divide="ignore", invalid="ignore"):
            per_sd = 1 / np.sqrt(variance)
            h = mean * -per_sd
            size = np.abs(mean_c + both * per_sd * h)
            below = special.ndtr(h)
            below *= share
            h *= h
            h *= -0.5
            np.exp(h, out=h)
            h *= size
            h *= per_sd
            h *= share
        return _over(below), _over(h) / _SQRT_2PI

    return some


def _over(values: Array) -> Array:
    """Sum (K, B) over components of (N, K, B), one after the other: `add_up` in half the time."""
    flat = values.reshape(len(values), -1)
    # of one column numpy would choose another order
    total = flat.sum(axis=0) if flat.shape[1] > 1 else np.repeat(flat, 2, axis=1).sum(axis=0)[:1]
    return np.asarray(total.reshape(values.shape[1:]))


def _turn(nodes: BlockNodes, s: Array, below: Array, density: Array) -> None:
    """Put right a ratio whose control mean may be negative."""
    mean_c, variance_c = nodes.normal("control_mean")
    negative = add_up(nodes.share * special.ndtr(-mean_c / np.sqrt(variance_c)))
    for column in np.flatnonzero(~(negative <= CERTAIN)):
        below[:, column], density[:, column] = ratio_of(nodes.column(int(column)), s[:, column])
    hidden = ~np.isfinite(s)
    below[hidden] = density[hidden] = np.nan
