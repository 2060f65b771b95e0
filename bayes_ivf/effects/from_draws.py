"""From draws of the estimands to rows: everything for all estimands of a fit at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.effects.row import EffectRow, head, quantity
from bayes_ivf.problem import Problem

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


def rows_from_draws(
    problem: Problem,
    estimands: Mapping[str, Array],
    diagnostics: Mapping[str, Array],
    verdict: str,
) -> tuple[EffectRow, ...]:
    """Make the rows of a fit.

    Parameters
    ----------
    problem : Problem
    estimands : mapping of str to array, shape (chain, draw)
    diagnostics : mapping of str to array, shape (estimand,)
        ``r_hat, ess_bulk, ess_tail, mcse``, in the order of `estimands`.
    verdict : str
    """
    summary = summarize_draws(np.stack([values.ravel() for values in estimands.values()]))
    rows = []
    for i, (name, values) in enumerate(estimands.items()):
        what = quantity(problem, name)
        sign, mcid, null = what.place.sign, what.mcid, what.estimand.null
        p_benefit = p_beyond = p_rope = None
        exists = what.estimand.moments
        if null is not None and sign:
            p_benefit = share_above(sign * values, sign * null)
        if mcid is not None:
            p_rope = float(np.mean(np.abs(values) < mcid))
            p_beyond = float(np.mean(sign * values >= mcid)) if sign else None
        rows.append(
            EffectRow(
                **head(problem, "nuts", what),
                mean=float(summary.mean[i]) if exists else None,
                median=float(summary.median[i]),
                sd=float(summary.sd[i]) if exists else None,
                ci_low=float(summary.ci[i, 0]),
                ci_high=float(summary.ci[i, 1]),
                ci_level=defaults.CI_PROB,
                hdi_low=float(summary.hdi[i, 0]),
                hdi_high=float(summary.hdi[i, 1]),
                p_benefit=p_benefit,
                mcid=mcid,
                p_beyond_mcid=p_beyond,
                p_in_rope=p_rope,
                r_hat=float(diagnostics["r_hat"][i]),
                ess_bulk=float(diagnostics["ess_bulk"][i]),
                ess_tail=float(diagnostics["ess_tail"][i]),
                mcse=float(diagnostics["mcse"][i]) if exists else None,
                verdict=verdict,
            )
        )
    return tuple(rows)
