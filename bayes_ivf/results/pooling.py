"""The same effects without pooling, partially and completely pooled, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from bayes_ivf.results.row import EffectRow
from bayes_ivf.structures import base_structure, deriving_structures

_DERIVED = ("ongoing", "mcr_per_woman")
# Their effects follow from those of the stages and are not pooled themselves.
_SCALES = ("standardized_mean_difference", "log_odds_ratio")


@dataclass(frozen=True)
class PooledEffect:
    """One effect under three degrees of pooling; medians and equal-tailed intervals on the scale that is pooled.

    Parameters
    ----------
    study, outcome, scale, prior : str
    separate, partial, complete : float
        Median without, with partial and with complete pooling; the intervals beside them.
    shrinkage : float or None
        Share of the way from the separate to the completely pooled median that partial pooling goes; None where these
        two differ by less than a tenth of the separate interval's width, so that the share would mean nothing.
    verdict : str
        The worst of the three fits.
    """

    study: Annotated[str, "id of the study"]
    outcome: Annotated[str, "id of the outcome"]
    scale: Annotated[str, "estimand that is pooled"]
    prior: Annotated[str, "id of the prior set"]
    separate: Annotated[float, "median without pooling"]
    separate_low: Annotated[float, "lower end of its credible interval"]
    separate_high: Annotated[float, "upper end of its credible interval"]
    partial: Annotated[float, "median with partial pooling"]
    partial_low: Annotated[float, "lower end of its credible interval"]
    partial_high: Annotated[float, "upper end of its credible interval"]
    complete: Annotated[float, "median with complete pooling"]
    complete_low: Annotated[float, "lower end of its credible interval"]
    complete_high: Annotated[float, "upper end of its credible interval"]
    shrinkage: Annotated[float | None, "share of the way to complete pooling; empty where both ends are close"]
    verdict: Annotated[str, "the worst of the three fits"]


def pooled_effects(rows: Iterable[EffectRow]) -> tuple[PooledEffect, ...]:
    """Put the effects of pooled families beside the same effects alone, under the same prior set.

    Parameters
    ----------
    rows : iterable of EffectRow
        Of a run; an outcome without all three fits is left out.
    """
    return tuple(_beside(*trio) for trio in pooled_trios(rows))


def pooled_trios(rows: Iterable[EffectRow]) -> tuple[tuple[EffectRow, EffectRow, EffectRow], ...]:
    """Return the rows behind `pooled_effects`: alone, partially and completely pooled."""
    # Stages of pregnancy are pooled on top of a model that derives from them, so their effects alone are that model's.
    apart = (base_structure(), *deriving_structures())
    found: dict[str, dict[tuple[str, ...], EffectRow]] = {name: {} for name in (*apart, "partial", "complete")}
    for row in rows:
        options = _options(row.options)
        name = options.get("pooling", row.model)
        if (
            row.outcome.partition("--")[0] not in _DERIVED
            and row.estimand in _SCALES
            and name in found
            and options.get("correlation", "0") == "0"
        ):
            # Primary prior and default options come first; quadrature of the same fit carries no chance.
            key = (row.study, row.outcome, row.estimand, row.prior)
            held = found[name].setdefault(key, row)
            if row.engine == "exact" and row.verdict == "pass" and row.options == held.options:
                found[name][key] = row
    alone = {key: row for name in apart for key, row in found[name].items()}
    return tuple(
        (alone[key], partial, found["complete"][key])
        for key, partial in found["partial"].items()
        if key in alone and key in found["complete"]
    )


def _options(text: str) -> Mapping[str, str]:
    return dict(part.split("=", 1) for part in text.split(";") if part)


def shrinkage(alone: EffectRow, partial: EffectRow, complete: EffectRow) -> float | None:
    """Return the share of the way to complete pooling that partial pooling goes; see `PooledEffect`."""
    way = complete.median - alone.median
    clear = abs(way) > 0.1 * (alone.ci_high - alone.ci_low)
    return (partial.median - alone.median) / way if clear else None


def _beside(alone: EffectRow, partial: EffectRow, complete: EffectRow) -> PooledEffect:
    return PooledEffect(
        study=alone.study,
        outcome=alone.outcome,
        scale=alone.estimand,
        prior=alone.prior,
        separate=alone.median,
        separate_low=alone.ci_low,
        separate_high=alone.ci_high,
        partial=partial.median,
        partial_low=partial.ci_low,
        partial_high=partial.ci_high,
        complete=complete.median,
        complete_low=complete.ci_low,
        complete_high=complete.ci_high,
        shrinkage=shrinkage(alone, partial, complete),
        verdict=max((row.verdict for row in (alone, partial, complete)), key=("pass", "warn", "fail").index),
    )
