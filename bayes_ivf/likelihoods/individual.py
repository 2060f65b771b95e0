"""Embryos of women who each have an intercept, integrated over the women; one observed variable for both arms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt


def observe_embryo_rows(data: dict[str, Any], log_odds: Any, sigma: Any) -> None:
    """Observe how many women had k of m embryos implanted.

    The intercepts are integrated out, since a woman with one to three embryos says next to nothing about her own; the
    log likelihood leaves out the orders of women, which depend on no parameter.

    Parameters
    ----------
    data : dict
        ``received, implanted`` (cell), ``women`` (arm, cell), ``nodes, log_weights`` (node).
    log_odds : tensor, shape (arm,)
        Of an embryo of a woman with intercept 0.
    sigma : tensor, scalar
        Standard deviation of the intercepts, log odds.
    """
    received, implanted = data["received"], data["implanted"]
    at = log_odds[:, None] + sigma * data["nodes"][None, :]
    yes, no = -pt.softplus(-at)[:, None, :], -pt.softplus(at)[:, None, :]
    ways = pt.gammaln(received + 1.0) - pt.gammaln(implanted + 1.0) - pt.gammaln(received - implanted + 1.0)
    k, rest = implanted[None, :, None], (received - implanted)[None, :, None]
    log_chance = ways + pt.logsumexp(data["log_weights"] + k * yes + rest * no, axis=-1)
    sizes = pt.broadcast_to(received, log_chance.shape)
    women = pt.broadcast_to(data["women"], log_chance.shape)
    pm.CustomDist(
        "women_observed",
        log_chance,
        sizes,
        women,
        logp=lambda value, log_chance, *_: value * log_chance,
        random=_random,
        observed=data["women"],
        dims=("arm", "cell"),
        dtype="int64",
    )


def _random(log_chance: Any, sizes: Any, women: Any, rng: Any = None, size: Any = None) -> Any:
    """Deal the women with m embryos anew over k = 0..m; arrays of shape (..., cell)."""
    shape = np.broadcast_shapes(log_chance.shape, np.shape(women)) if size is None else tuple(size)
    chance = np.broadcast_to(np.exp(log_chance), shape)
    received = np.broadcast_to(sizes, shape).reshape(-1, shape[-1])[0]
    women = np.broadcast_to(women, shape)
    out = np.empty(shape, dtype="int64")
    for m in np.unique(received):
        cells = received == m
        each = chance[..., cells]
        out[..., cells] = rng.multinomial(women[..., cells].sum(axis=-1), each / each.sum(axis=-1, keepdims=True))
    return out
