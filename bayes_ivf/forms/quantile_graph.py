"""The likelihood of printed quantiles as a graph of PyTensor, and draws of quantiles from values one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayes_ivf.simulate import simulate_quantiles


def log_probability(
    sizes: tuple[int, ...], value: Any, mu: Any, sigma: Any, n: Any, rank: Any, alpha: Any, constant: Any, *nodes: Any
) -> Any:
    """Log probability of an arm's numbers, in groups of these sizes; what was printed is in the nodes, and the weights last."""
    import pytensor.tensor as pt

    mu, sigma = pt.as_tensor(mu)[..., None], pt.as_tensor(sigma)[..., None]
    power, place = alpha - 1, 0
    log: Any = None
    last: Any = None
    columns = iter(nodes)
    for size, log_weight in zip(sizes, nodes[sum(sizes) :], strict=True):
        z = [(next(columns) - mu) / sigma for _ in range(size)]
        inner = log_weight - sum(each**2 for each in z) / 2 - size * (pt.log(sigma) + 0.5 * np.log(2 * np.pi))
        if log is None:
            inner = inner + power[..., 0] * log_below(z[0])
        else:
            between = log_between(last[..., :, None], z[0][..., None, :])
            inner = inner + pt.logsumexp(log[..., :, None] + power[..., place] * between, axis=-2)
        for j in range(1, size):
            inner = inner + power[..., place + j] * log_between(z[j - 1], z[j])
        log, last, place = inner, z[-1], place + size
    total = pt.logsumexp(log + power[..., place] * log_below(-last), axis=-1)
    return constant + total


def log_below(z: Any) -> Any:
    """Log of the standard normal distribution function, with a slope everywhere."""
    import pytensor.tensor as pt

    low, high = pt.minimum(z, -1.0), pt.maximum(z, -1.0)
    root = float(np.sqrt(0.5))
    tail = pt.log(pt.erfcx(-low * root) / 2) - low**2 / 2
    return pt.where(z < -1.0, tail, pt.log1p(-pt.erfc(high * root) / 2))


def log_between(a: Any, b: Any) -> Any:
    """Log probability between two values, seen from the side where both lie in the smaller tail."""
    import pytensor.tensor as pt

    half, middle = (b - a) / 2, pt.abs(a + b) / 2
    upper, lower = log_below(half - middle), log_below(-half - middle)
    return upper + pt.log(-pt.expm1(pt.minimum(lower - upper, -1e-300)))


def draw(
    mu: Any, sigma: Any, n: Any, rank: Any, alpha: Any, constant: Any, *nodes: Any, rng: Any = None, size: Any = None
) -> Any:
    """Quantiles of values drawn one by one, before rounding."""
    mu, sigma = np.broadcast_arrays(mu, sigma)
    shape = mu.shape if size is None else tuple(np.atleast_1d(size))
    ranks, count = np.asarray(rank).reshape(-1, np.shape(rank)[-1])[0], int(np.ravel(n)[0])
    places = (np.broadcast_to(each, shape).ravel() for each in (mu, sigma))
    drawn = [simulate_quantiles(rng, m, s, count, ranks) for m, s in zip(*places, strict=True)]
    return np.array(drawn).reshape(*shape, -1)
