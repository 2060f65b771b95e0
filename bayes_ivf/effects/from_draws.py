"""What draws say of a quantity: moments, intervals, shares and densities, for all estimands of a fit at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DrawSummary:
    """Summaries of stacked draws; each array has shape (estimand,)."""

    mean: Array
    median: Array
    sd: Array
    ci: Array
    hdi: Array


def summarize_draws(stacked: Array, ci_prob: float = defaults.CI_PROB) -> DrawSummary:
    """Summarize draws.

    Parameters
    ----------
    stacked : array, shape (estimand, sample)
    ci_prob : float
        Probability of the intervals.

    Returns
    -------
    DrawSummary
        Equal-tailed interval in `ci`, shortest interval in `hdi`, both of shape (estimand, 2).
    """
    ordered = np.sort(stacked, axis=-1)
    size = ordered.shape[-1]
    tail = (1 - ci_prob) / 2
    low, median, high = np.quantile(ordered, [tail, 0.5, 1 - tail], axis=-1)
    span = int(np.floor(ci_prob * size))
    widths = ordered[:, span:] - ordered[:, : size - span]
    start = np.argmin(widths, axis=-1)
    each = np.arange(len(ordered))
    return DrawSummary(
        stacked.mean(axis=-1),
        median,
        stacked.std(axis=-1, ddof=1),
        np.stack([low, high], axis=-1),
        np.stack([ordered[each, start], ordered[each, start + span]], axis=-1),
    )


def share_above(values: Array, threshold: float) -> float:
    """Return the share of draws above a threshold; a tie counts half."""
    return float(np.mean(values > threshold) + 0.5 * np.mean(values == threshold))


def kernel_density(draws: Array, x: Array, low: float = -np.inf, high: float = np.inf) -> Array:
    """Gaussian kernel density of draws at `x`; Silverman's width on the smaller of sd and scaled interquartile range.

    What a kernel would put beyond a bound is reflected there, so that a density does not fall to half of itself.

    References
    ----------
    Silverman 1986, doi 10.1007/978-1-4899-3324-9.
    """
    quartiles = np.quantile(draws, [0.25, 0.75])
    spread = min(float(draws.std()), float(quartiles[1] - quartiles[0]) / 1.349) or 1e-12
    width = 0.9 * spread * len(draws) ** -0.2
    counts, edges = np.histogram(draws, bins=2000)
    centers = (edges[1:] + edges[:-1]) / 2
    images = [x, *(2 * bound - x for bound in (low, high) if np.isfinite(bound))]
    kernel = sum(np.exp(-0.5 * ((image[:, None] - centers) / width) ** 2) for image in images)
    density = kernel @ counts / (len(draws) * width * np.sqrt(2 * np.pi))
    return np.where((x >= low) & (x <= high), density, 0.0)
