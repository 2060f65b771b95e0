"""Embryos in rows, each with its woman: how many women had k of m embryos implanted.

A woman's embryos have the log odds a + s z, with z standard normal and her own; the chance of k of m is averaged over z at
fixed nodes. The orders of women depend on no parameter and are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.priors import Prior
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.simulate import simulate_rows
from bayes_ivf.study.individual import Nested

Array = npt.NDArray[np.float64]

FORM = Form("embryo_rows", kinds=(), support="shared")
DIMS: Mapping[str, str | tuple[str, ...]] = {
    "received": "cell",
    "implanted": "cell",
    "women": ("arm", "cell"),
    "nodes": "node",
    "log_weights": "node",
}
OPTIONS: tuple[str, ...] = ()
simulate = simulate_rows
REACH = 7.5
"""Standard deviations that the quadrature nodes span on either side; beyond lies 6e-14 of the probability."""
MAX_NODES = 4001


def arrays(tables: list[Nested], sigma: Prior) -> dict[str, DataArray]:
    """Return the arrays of a problem of embryo rows.

    Parameters
    ----------
    tables : list of Nested
        Treatment and control.
    sigma : Prior
        Of the intercepts; decides how close the quadrature nodes lie.

    Returns
    -------
    dict of str to array
        ``received, implanted`` (cell): m and k, every k from 0 to m; ``women`` (arm, cell); ``nodes, log_weights`` (node).
    """
    sizes = sorted({m for datum in tables for m, _, _ in datum.table})
    cells = [(m, k) for m in sizes for k in range(m + 1)]
    women = np.zeros((len(tables), len(cells)), dtype=np.int64)
    for row, datum in zip(women, tables, strict=True):
        for m, k, number in datum.table:
            row[cells.index((m, k))] = number
    nodes, log_weights = intercept_nodes(sigma, max(sizes))
    return {
        "received": array([m for m, _ in cells], np.int64),
        "implanted": array([k for _, k in cells], np.int64),
        "women": women,
        "nodes": nodes,
        "log_weights": log_weights,
    }


def intercept_nodes(sigma: Prior, most: int) -> tuple[DataArray, DataArray]:
    """Return nodes over a standard normal intercept.

    Equal steps converge geometrically on a smooth integrand: with the logistic function's poles pi / sigma away from the
    real line, the error falls as exp(-2 pi^2 / (sigma step)). Gauss-Hermite nodes are too sparse in the middle once sigma is
    large.

    Parameters
    ----------
    sigma : Prior
        Of the intercepts' standard deviation.
    most : int
        Most embryos of one woman; many embryos make the integrand narrow.

    Returns
    -------
    nodes, log_weights : array, shape (node,)
        Standard deviations, and log probabilities that sum to one.
    """
    largest = float(sigma.ppf(0.9999))
    step = min(0.25, 1.2 / largest, 2 / (largest * math.sqrt(most)) if most > 3 else math.inf)
    number = min(2 * math.ceil(REACH / step) + 1, MAX_NODES)
    nodes = np.linspace(-REACH, REACH, number)
    log_weights = -(nodes**2) / 2
    return nodes, log_weights - np.log(np.exp(log_weights).sum())


def observe(data: Mapping[str, Any], log_odds: Any, sigma: Any) -> None:
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
    import pymc as pm
    import pytensor.tensor as pt

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


def log_chance(
    received: npt.NDArray[np.int64],
    implanted: npt.NDArray[np.int64],
    log_odds: Array,
    sigma: Array,
    nodes: Array,
    log_weights: Array,
) -> Array:
    """Log Pr(k of m embryos implant), averaged over women, shape (..., cell).

    Parameters
    ----------
    received, implanted : array, shape (cell,)
    log_odds, sigma : array, shape (...)
    nodes, log_weights : array, shape (node,)
    """
    at = np.asarray(log_odds)[..., None] + np.asarray(sigma)[..., None] * nodes
    yes, no = special.log_expit(at), special.log_expit(-at)
    ways = (
        special.gammaln(received + 1.0) - special.gammaln(implanted + 1.0) - special.gammaln(received - implanted + 1.0)
    )
    found = [
        special.logsumexp(log_weights + k * yes + (m - k) * no, axis=-1)
        for m, k in zip(received, implanted, strict=True)
    ]
    return np.asarray(np.stack(found, axis=-1) + ways)


def log_likelihood(data: Mapping[str, Any], log_odds: tuple[Array, Array], sigma: Array) -> Array:
    """Log probability of both arms' women, up to a constant; see `observe`.

    Parameters
    ----------
    data : mapping
    log_odds : (array, array), each of shape (...)
        Treatment, control.
    sigma : array, shape (...)
    """
    found = [
        log_chance(data["received"], data["implanted"], each, sigma, data["nodes"], data["log_weights"]) @ women
        for each, women in zip(log_odds, data["women"], strict=True)
    ]
    return np.asarray(found[0] + found[1])


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing: NUTS reads the rows' counts."""
    return {}


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def solver(problem: Problem) -> Solver | None:
    """Return None: no solver by quadrature."""
    return None
