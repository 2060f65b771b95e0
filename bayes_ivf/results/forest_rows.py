"""What a forest shows: every outcome's reported analysis above its reanalysis, one panel per scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bayes_ivf.results.comparison import ComparisonRow
from bayes_ivf.results.digits import Digits, digits_for
from bayes_ivf.results.row import EffectRow
from bayes_ivf.structures import structures_of_record
from bayes_ivf.study import KINDS

_STANDARDIZED = "standardized_mean_difference"
_RATIOS = ("odds_ratio", "risk_ratio", "hazard_ratio")
"""Scales of outcomes printed as a ratio alone, which have no risk difference."""
_WORDS = [name for name, kind in KINDS.items() if kind.words]
"""Kinds of outcomes that are known from words alone."""
_ARROWS = {"higher": " →", "lower": " ←", "none": ""}


@dataclass(frozen=True)
class ForestEstimate:
    """An estimate with the ends of its interval, and the value of no effect."""

    center: float
    low: float
    high: float
    null: float = 0.0

    @property
    def text(self) -> str:
        """The numbers as they are written beside the interval."""
        return self._digits.beside(self.center, self.low, self.high)

    @property
    def _digits(self) -> Digits:
        return digits_for(self.low, self.high, least=2 if self.null else 1, null=self.null)


@dataclass(frozen=True)
class ForestRow:
    """An outcome in a forest.

    Parameters
    ----------
    label : str
    arrow : str
        The direction of benefit, after the label.
    frequentist : ForestEstimate or None
        What is recomputed from the printed numbers.
    bayes : ForestEstimate
        The reanalysis.
    """

    label: str
    arrow: str
    frequentist: ForestEstimate | None
    bayes: ForestEstimate


@dataclass(frozen=True)
class ForestPanel:
    """Outcomes on one scale.

    Parameters
    ----------
    title : str
    rows : tuple of ForestRow
    ratio : bool
        Whether the axis is logarithmic, and no effect is 1 rather than 0.
    """

    title: str
    rows: tuple[ForestRow, ...]
    ratio: bool = False

    @property
    def null(self) -> float:
        """Where no effect is."""
        return 1.0 if self.ratio else 0.0

    @property
    def paired(self) -> bool:
        """Whether any outcome has a recomputed analysis."""
        return any(row.frequentist is not None for row in self.rows)


def forest_panels(result: Any) -> tuple[ForestPanel, ...]:
    """Choose what a forest shows of a result.

    Parameters
    ----------
    result : Reanalysis
        Or another value with ``study``, ``comparisons`` and ``rows``.

    Returns
    -------
    tuple of ForestPanel
        One per scale that occurs: risk differences, standardized mean differences, ratios.
    """
    benefit = {item.id: item.benefit for item in result.study.items}
    outcomes = [row for row in result.comparisons if row.role == "outcome"]
    # what only words tell has no estimate that holds whether or not they are believed
    drawn = [row for row in outcomes if row.kind not in _WORDS]
    panels = (
        ForestPanel("Risk difference, percentage points", _risk_rows(outcomes, benefit)),
        ForestPanel("Standardized mean difference", _standardized_rows(result, drawn, benefit)),
        ForestPanel("Odds, risk or hazard ratio, log scale", _ratio_rows(outcomes, benefit), ratio=True),
    )
    return tuple(panel for panel in panels if panel.rows)


def empty_forest(result: Any) -> str:
    """Return what stands in place of a forest without panels."""
    words = any(row.kind in _WORDS and row.effect_scale for row in result.comparisons)
    return "Known from words only: nothing to draw." if words else "No outcome could be estimated."


def _standardized_rows(
    result: Any, drawn: Sequence[ComparisonRow], benefit: Mapping[str, str]
) -> tuple[ForestRow, ...]:
    # only those of models that may be of record: pooled ones are borrowed in part
    alone = [row for row in result.rows if row.estimand == _STANDARDIZED and row.model in structures_of_record()]
    mine = [row for row in alone if row.prior == result.rows[0].prior]
    # accurate quadrature carries no chance: its rows come first
    mine.sort(key=lambda row: (row.engine, row.verdict) != ("exact", "pass"))
    known: dict[str, EffectRow] = {}
    for row in mine:
        known.setdefault(row.outcome, row)
    rows = []
    for told in drawn:
        estimate = _bayes(told) if told.effect_scale == _STANDARDIZED else None
        if estimate is None and told.outcome in known:
            row = known[told.outcome]
            estimate = ForestEstimate(row.median, row.ci_low, row.ci_high)
        if estimate is not None:
            rows.append(ForestRow(told.label, _ARROWS[benefit[told.outcome]], None, estimate))
    return tuple(rows)


def _risk_rows(drawn: Sequence[ComparisonRow], benefit: Mapping[str, str]) -> tuple[ForestRow, ...]:
    return tuple(
        ForestRow(row.label, _ARROWS[benefit[row.outcome]], _frequentist(row, 100), estimate)
        for row in drawn
        if row.effect_scale == "risk_difference" and (estimate := _bayes(row, 100)) is not None
    )


def _ratio_rows(drawn: Sequence[ComparisonRow], benefit: Mapping[str, str]) -> tuple[ForestRow, ...]:
    return tuple(
        ForestRow(row.label, _ARROWS[benefit[row.outcome]], None, estimate)
        for row in drawn
        if row.effect_scale in _RATIOS and (estimate := _bayes(row, null=1.0)) is not None
    )


def _bayes(row: ComparisonRow, factor: float = 1.0, null: float = 0.0) -> ForestEstimate | None:
    return _whole(row.bayes_effect, row.bayes_ci_low, row.bayes_ci_high, factor, null)


def _frequentist(row: ComparisonRow, factor: float) -> ForestEstimate | None:
    return _whole(row.freq_effect, row.freq_ci_low, row.freq_ci_high, factor, 0.0)


def _whole(
    center: float | None, low: float | None, high: float | None, factor: float, null: float
) -> ForestEstimate | None:
    if center is None or low is None or high is None:
        return None
    return ForestEstimate(factor * center, factor * low, factor * high, null)
