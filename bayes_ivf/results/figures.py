"""The numbers of many rows as one array, and rows from them: one path for a single fit and for a batch of thousands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.effects import FIELDS, share_above, summarize_draws
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.problem import Problem
from bayes_ivf.results.row import EffectRow, head, quantity
from bayes_ivf.results.unsigned import without_sign

Array = npt.NDArray[np.float64]

ALWAYS = frozenset({"median", "ci_low", "ci_high", "hdi_low", "hdi_high"})


def rows_from_figures(
    problem: Problem,
    engine: str,
    ids: Sequence[EstimandId],
    figures: Array,
    verdict: str,
    ci_prob: float = defaults.CI_PROB,
) -> tuple[EffectRow, ...]:
    """Make the rows of one fit; an estimand without a median does not exist and has no row.

    Parameters
    ----------
    problem : Problem
    engine : {"exact", "nuts"}
    ids : sequence of EstimandId
        Quantities.
    figures : array, shape (quantity, field)
        In the order of `FIELDS`.
    verdict : {"pass", "warn", "fail"}
    ci_prob : float
        Probability of the intervals among the figures.
    """
    rows = []
    for each, values in zip(ids, figures.tolist(), strict=True):
        known = dict(zip(FIELDS, values, strict=True))
        if np.isnan(known["median"]):
            continue
        what = quantity(problem, each)
        found: dict[str, Any] = {
            key: value if key in ALWAYS or value == value else None for key, value in known.items()
        }
        rows.append(
            EffectRow(
                **head(problem, engine, what),
                **found,
                ci_level=ci_prob,
                mcid=what.mcid,
                verdict=verdict,
            )
        )
    return without_sign(rows)


def figures_from_rows(rows: Sequence[EffectRow]) -> Array:
    """Return the numbers of a fit's rows, shape (quantity, field), in their order."""
    values = [[getattr(row, field) for field in FIELDS] for row in rows]
    return np.array(values, dtype=float).reshape(len(rows), len(FIELDS))


def rows_from_draws(
    problem: Problem,
    estimands: Mapping[EstimandId, Array],
    diagnostics: Mapping[str, Array],
    verdict: str,
    ci_prob: float = defaults.CI_PROB,
    orders: Mapping[EstimandId, float] | None = None,
) -> tuple[EffectRow, ...]:
    """Make the rows of a fit.

    Parameters
    ----------
    problem : Problem
    estimands : mapping of EstimandId to array, shape (chain, draw)
    diagnostics : mapping of str to array, shape (estimand,)
        ``r_hat, ess_bulk, ess_tail, mcse``, in the order of `estimands`.
    verdict : str
    ci_prob : float
        Probability of the intervals.
    orders : mapping of EstimandId to float, optional
        Order below which moments of a quantity exist; all do of those that are not named, unless none of its kind does.
    """
    summary = summarize_draws(np.stack([values.ravel() for values in estimands.values()]), ci_prob)
    rows = []
    for i, (each, values) in enumerate(estimands.items()):
        what = quantity(problem, each)
        sign, mcid, null = what.about.sign, what.mcid, what.estimand.null
        p_benefit = p_beyond = p_rope = None
        order = (orders or {}).get(each, np.inf) if what.estimand.moments else 0.0
        if null is not None and sign:
            p_benefit = share_above(sign * values, sign * null)
        if mcid is not None:
            p_rope = float(np.mean(np.abs(values) < mcid))
            p_beyond = float(np.mean(sign * values >= mcid)) if sign else None
        rows.append(
            EffectRow(
                **head(problem, "nuts", what),
                mean=float(summary.mean[i]) if order > 1 else None,
                median=float(summary.median[i]),
                sd=float(summary.sd[i]) if order > 2 else None,
                ci_low=float(summary.ci[i, 0]),
                ci_high=float(summary.ci[i, 1]),
                ci_level=ci_prob,
                hdi_low=float(summary.hdi[i, 0]),
                hdi_high=float(summary.hdi[i, 1]),
                p_benefit=p_benefit,
                mcid=mcid,
                p_beyond_mcid=p_beyond,
                p_in_rope=p_rope,
                r_hat=float(diagnostics["r_hat"][i]),
                ess_bulk=float(diagnostics["ess_bulk"][i]),
                ess_tail=float(diagnostics["ess_tail"][i]),
                mcse=float(diagnostics["mcse"][i]) if order > 2 else None,
                verdict=verdict,
            )
        )
    return tuple(rows)
