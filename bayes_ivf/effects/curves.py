"""Prior and posterior densities of an effect on a grid, ready to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from bayes_ivf.inference import Fit

Array = npt.NDArray[np.float64]

STANDARDIZED = ("mean_sd", "claim_only")
"""Likelihoods whose effect is a standardized mean difference; that of all others is a log odds ratio."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Densities of one effect.

    Parameters
    ----------
    outcome, label, model, options, prior : str
    scale : str
        ``log odds ratio`` or ``standardized mean difference``.
    sign : {1, -1, 0}
        Of benefit.
    p_benefit : float or None
    x, prior_density, posterior_density : array, shape (point,)
    """

    outcome: str
    label: str
    model: str
    options: str
    prior: str
    scale: str
    sign: int
    p_benefit: float | None
    x: Array
    prior_density: Array
    posterior_density: Array


def effect_curve(fit: Fit, points: int = 241) -> Curve | None:
    """Return the curve of a NUTS fit's effect; None if its model has no prior on an effect."""
    problem = fit.problem
    prior = problem.priors.get("effect")
    if prior is None or fit.draws is None or "effect" not in fit.draws.posterior:
        return None
    draws = fit.draws["effect"].ravel()
    low, high = np.quantile(draws, [0.005, 0.995])
    wide = prior.ppf([0.05, 0.95])
    x = np.linspace(min(low, wide[0]), max(high, wide[1]), points)
    p_benefit = float(np.mean(problem.sign * draws > 0)) if problem.sign else None
    return Curve(
        problem.outcome,
        problem.label,
        problem.model,
        problem.options_text,
        problem.prior_set,
        "standardized mean difference" if problem.likelihood in STANDARDIZED else "log odds ratio",
        problem.sign,
        p_benefit,
        x,
        np.exp(prior.logpdf(x)),
        kernel_density(draws, x),
    )


def kernel_density(draws: Array, x: Array) -> Array:
    """Gaussian kernel density of draws at `x`; Silverman's width on the smaller of sd and scaled interquartile range.

    References
    ----------
    Silverman 1986, doi 10.1007/978-1-4899-3324-9.
    """
    quartiles = np.quantile(draws, [0.25, 0.75])
    spread = min(float(draws.std()), float(quartiles[1] - quartiles[0]) / 1.349) or 1e-12
    width = 0.9 * spread * len(draws) ** -0.2
    counts, edges = np.histogram(draws, bins=2000)
    centers = (edges[1:] + edges[:-1]) / 2
    kernel = np.exp(-0.5 * ((x[:, None] - centers) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    return np.asarray(kernel @ counts / len(draws))
