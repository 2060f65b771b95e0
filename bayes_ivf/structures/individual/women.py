"""From an intercept of each woman to chances averaged over women; plain arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]
LATENT_VARIANCE = np.pi**2 / 3
"""Variance of the standard logistic distribution."""


def embryo_chances(data: Mapping[str, npt.NDArray[np.int64]], log_odds: Array, sigma: Array) -> tuple[Array, Array]:
    """Average over women.

    Parameters
    ----------
    data : mapping
        ``received`` (cell), ``nodes, log_weights`` (node) of a problem.
    log_odds, sigma : array, same shape

    Returns
    -------
    per_embryo : array, shape (...)
        Chance of implantation.
    per_woman : array, shape (..., size)
        Chance that at least one embryo implants, by the different numbers of embryos in ascending order.
    """
    sizes = np.unique(data["received"])
    per_embryo = np.zeros(log_odds.shape)
    per_woman = np.zeros((*log_odds.shape, len(sizes)))
    for node, weight in zip(data["nodes"], np.exp(data["log_weights"]), strict=True):
        at = log_odds + sigma * node
        per_embryo += weight * special.expit(at)
        log_none = special.log_expit(-at)
        for i, size in enumerate(sizes):
            per_woman[..., i] -= weight * np.expm1(size * log_none)
    return per_embryo, per_woman


def shares_of_sizes(data: Mapping[str, npt.NDArray[np.int64]]) -> tuple[Array, Array, Array]:
    """Return the shares of women by number of embryos in treatment, control and both arms, each of shape (size,)."""
    sizes = np.unique(data["received"])
    women = np.stack([data["women"][:, data["received"] == size].sum(axis=1) for size in sizes], axis=-1)
    treatment, control, both = women[0], women[1], women.sum(axis=0)
    return treatment / treatment.sum(), control / control.sum(), both / both.sum()


def latent_icc(sigma: Array) -> Array:
    """Correlation of two embryos of a woman on the latent scale: sigma^2 / (sigma^2 + pi^2 / 3)."""
    return np.asarray(sigma**2 / (sigma**2 + LATENT_VARIANCE))


def probability_icc(data: Mapping[str, npt.NDArray[np.int64]], log_odds: Array, sigma: Array) -> Array:
    """Correlation of the outcomes of two embryos of a woman: variance of her chance over that of one outcome."""
    chances = [special.expit(log_odds + sigma * node) for node in data["nodes"]]
    weights = np.exp(data["log_weights"])
    mean = sum((weight * chance for weight, chance in zip(weights, chances, strict=True)), np.zeros(log_odds.shape))
    spread = sum(
        (weight * (chance - mean) ** 2 for weight, chance in zip(weights, chances, strict=True)),
        np.zeros(log_odds.shape),
    )
    return np.asarray(spread / (mean * (1 - mean)))
