"""From the distributions of the exact engine to rows, for many problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.effects.row import EffectRow, head, quantity
from bayes_ivf.problem import Problem

Array = npt.NDArray[np.float64]

SAME_SIGN = {
    "risk_difference": "log_odds_ratio",
    "risk_ratio": "log_odds_ratio",
    "odds_ratio": "log_odds_ratio",
    "mean_difference": "standardized_mean_difference",
}
"""Estimands that favor treatment exactly when another does; that other's probability serves both."""


class Posterior(Protocol):
    """What the exact engine answers, for B problems."""

    @property
    def estimands(self) -> tuple[str, ...]:
        """Names."""

    def cdf(self, estimand: str, t: Any) -> Array:
        """Probability of a value at most `t`."""

    def summaries(self, estimands: Sequence[str] | None = None, ci_prob: float = ...) -> Mapping[str, Any]:
        """Mean, median, sd and intervals."""


def probabilities(problems: Sequence[Problem], posterior: Posterior) -> dict[str, dict[str, Array]]:
    """Return P(benefit), P(> MCID) and P(in ROPE) by quantity, each of shape (B,); NaN where they do not apply."""
    known = set(posterior.estimands)
    shared: dict[str, Array] = {}
    found: dict[str, dict[str, Array]] = {}
    for name in posterior.estimands:
        quantities = [quantity(problem, name) for problem in problems]
        estimand = quantities[0].estimand
        if estimand.null is None:
            continue
        sign = np.array([float(each.place.sign) for each in quantities])
        mcid = np.array([np.nan if each.mcid is None else each.mcid for each in quantities])
        _, at, place = name.partition("@")
        source = SAME_SIGN.get(estimand.name, estimand.name) + at + place
        source = source if source in known else name
        if source not in shared:
            shared[source] = posterior.cdf(source, float(quantity(problems[0], source).estimand.null or 0.0))
        found[name] = {"p_benefit": _toward(sign, shared[source], shared[source])}
        if np.isfinite(mcid).any():
            size = np.where(np.isfinite(mcid), mcid, 0.0)
            bounds = posterior.cdf(name, np.stack([-size, size], axis=1))
            beyond = _toward(sign, bounds[:, 1], bounds[:, 0])
            found[name]["p_beyond_mcid"] = np.where(np.isfinite(mcid), beyond, np.nan)
            found[name]["p_in_rope"] = np.where(np.isfinite(mcid), bounds[:, 1] - bounds[:, 0], np.nan)
    return found


def _toward(sign: Array, below_upper: Array, below_lower: Array) -> Array:
    """Probability beyond the bound on the side of benefit; NaN without a side."""
    return np.where(sign > 0, 1 - below_upper, np.where(sign < 0, below_lower, np.nan))


def rows_from_exact(
    problems: Sequence[Problem], posterior: Posterior, verdicts: Sequence[str]
) -> list[tuple[EffectRow, ...]]:
    """Make the rows of solved problems.

    Parameters
    ----------
    problems : sequence of Problem
        In the order of the batch.
    posterior : Posterior
    verdicts : sequence of str

    Returns
    -------
    list of tuple of EffectRow
        One tuple per problem; an estimand that does not exist for a problem is left out.
    """
    summaries = posterior.summaries(ci_prob=defaults.CI_PROB)
    chances = probabilities(problems, posterior)
    rows: list[tuple[EffectRow, ...]] = []
    for i, (problem, verdict) in enumerate(zip(problems, verdicts, strict=True)):
        mine = []
        for name, summary in summaries.items():
            if np.isnan(summary.median[i]):
                continue
            chance = chances.get(name, {})
            what = quantity(problem, name)
            mine.append(
                EffectRow(
                    **head(problem, "exact", what),
                    mean=_at(summary.mean, i),
                    median=float(summary.median[i]),
                    sd=_at(summary.sd, i),
                    ci_low=float(summary.ci_low[i]),
                    ci_high=float(summary.ci_high[i]),
                    ci_level=defaults.CI_PROB,
                    hdi_low=float(summary.hdi_low[i]),
                    hdi_high=float(summary.hdi_high[i]),
                    p_benefit=_at(chance.get("p_benefit"), i),
                    mcid=what.mcid,
                    p_beyond_mcid=_at(chance.get("p_beyond_mcid"), i),
                    p_in_rope=_at(chance.get("p_in_rope"), i),
                    r_hat=None,
                    ess_bulk=None,
                    ess_tail=None,
                    mcse=None,
                    verdict=verdict,
                )
            )
        rows.append(tuple(mine))
    return rows


def _at(values: Array | None, i: int) -> float | None:
    return None if values is None or np.isnan(values[i]) else float(values[i])
