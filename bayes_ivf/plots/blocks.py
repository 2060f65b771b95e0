"""What a forest shows, chosen from a result: per outcome what is recomputed, the reanalysis, other priors, other models."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bayes_ivf.results import chance, digits_for, empty_forest
from bayes_ivf.structures import structures_of_record
from bayes_ivf.study import KINDS

RATIOS = ("odds_ratio", "risk_ratio", "hazard_ratio")
TITLES = {
    "risk_difference": "Risk difference, percentage points",
    "standardized_mean_difference": "Standardized mean difference, in standard deviations",
    "mean_difference": "Difference of means",
}
FREQUENTIST = "frequentist"
REANALYSIS = "reanalysis"
PRIORS = "priors"
MODELS = "models"
TOWARD = {"higher": "better →", "lower": "← better"}
_WORDS = [name for name, kind in KINDS.items() if kind.words]


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval as they are drawn: in percentage points, in units, or as a ratio.

    `name` tells it from others of its line; empty where it stands alone.
    """

    center: float
    low: float
    high: float
    name: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a block: an interval, or several that belong together.

    Parameters
    ----------
    kind : str
        `FREQUENTIST`, `REANALYSIS`, `PRIORS` or `MODELS`.
    name : str
    intervals : tuple of Interval
    text : str
        The numbers; empty beside several intervals.
    """

    kind: str
    name: str
    intervals: tuple[Interval, ...]
    text: str = ""


@dataclass(frozen=True)
class Block:
    """An outcome of a forest.

    Parameters
    ----------
    outcome, label : str
    toward : str
        Where benefit lies; empty if no direction is benefit.
    likely : float or None
        P(benefit) under the primary prior.
    mcid : float or None
        Smallest difference that matters, on the axis.
    lines : tuple of Line
    """

    outcome: str
    label: str
    toward: str
    likely: float | None
    mcid: float | None
    lines: tuple[Line, ...]

    @property
    def intervals(self) -> list[Interval]:
        """All that are drawn."""
        return [each for line in self.lines for each in line.intervals]


@dataclass(frozen=True)
class Panel:
    """Outcomes on one axis.

    Parameters
    ----------
    title : str
    blocks : tuple of Block
    ratio : bool
        Whether the axis is logarithmic, and no effect is 1 rather than 0.
    """

    title: str
    blocks: tuple[Block, ...]
    ratio: bool = False

    @property
    def null(self) -> float:
        """Where no effect is."""
        return 1.0 if self.ratio else 0.0


def panels_of(
    result: Any, outcomes: Collection[str] | None = None, *, priors: bool = True, models: bool = True
) -> tuple[Panel, ...]:
    """Choose what a forest shows.

    Parameters
    ----------
    result : Reanalysis, Context
        Or another value with ``study``, ``comparisons`` and ``rows``.
    outcomes : collection of str, optional
        Ids; by default all outcomes, without what is compared at baseline.
    priors, models : bool
        Whether other prior sets, and other models under the primary one, are shown.

    Returns
    -------
    tuple of Panel
        Risk differences; standardized differences; ratios; every difference of means on an axis of its own.
    """
    items = {item.id: item for item in result.study.items}
    names = _Names(result)
    shared: dict[str, list[Block]] = {"risk_difference": [], "standardized_mean_difference": [], "ratio": []}
    apart: list[Panel] = []
    for told in result.comparisons:
        asked = told.role == "outcome" if outcomes is None else told.outcome in outcomes
        # what only words tell has no estimate that holds whether or not they are believed
        if not asked or told.kind in _WORDS or told.bayes_effect is None or told.bayes_ci_low is None:
            continue
        scale = "ratio" if told.effect_scale in RATIOS else told.effect_scale
        block = _block(result, told, items[told.outcome], names, priors=priors, models=models)
        if scale in shared:
            shared[scale].append(block)
        else:
            unit = getattr(items[told.outcome], "unit", None)
            apart.append(Panel(TITLES.get(scale, scale) + (f", {unit}" if unit else ""), (block,)))
    made = [Panel(TITLES[name], tuple(blocks)) for name, blocks in shared.items() if blocks and name in TITLES]
    if shared["ratio"]:
        made.append(Panel("Odds, risk or hazard ratio, log scale", tuple(shared["ratio"]), ratio=True))
    return (*made, *apart)


def nothing_drawn(result: Any) -> str:
    """Say why there is nothing to draw."""
    return empty_forest(result)


class _Names:
    """Labels of prior sets and models, as far as the result or the package knows them."""

    def __init__(self, result: Any) -> None:
        manifest: Mapping[str, Any] = getattr(result, "manifest", {})
        self._known = {kind: dict(manifest.get(kind, {})) for kind in ("priors", "models")}

    def prior(self, name: str) -> str:
        return self._label("priors", name)

    def model(self, name: str) -> str:
        return self._label("models", name)

    def _label(self, kind: str, name: str) -> str:
        known = self._known[kind].get(name, {}).get("label")
        if known:
            return str(known)
        from bayes_ivf.cards import bundled_cards, load_card
        from bayes_ivf.priors import bundled_prior_sets, load_prior_set

        if kind == "priors" and name in bundled_prior_sets():
            return load_prior_set(name).label
        if kind == "models" and name in bundled_cards():
            return load_card(name).label
        return name.replace("_", " ")


def _block(result: Any, told: Any, item: Any, names: _Names, *, priors: bool, models: bool) -> Block:
    ratio, factor = told.effect_scale in RATIOS, 100.0 if told.effect_scale == "risk_difference" else 1.0
    lines = []
    if told.freq_effect is not None and told.freq_ci_low is not None and told.freq_ci_high is not None and not ratio:
        values = (told.freq_effect, told.freq_ci_low, told.freq_ci_high)
        lines.append(Line(FREQUENTIST, "Recomputed", (_interval(values, factor),), _numbers(values, told.effect_scale)))
    values = (told.bayes_effect, told.bayes_ci_low, told.bayes_ci_high)
    lines.append(Line(REANALYSIS, "Reanalysis", (_interval(values, factor),), _numbers(values, told.effect_scale)))
    mine = _rows_of(result.rows, told)
    own = row_of_record(mine, told)
    if own is not None:
        lines += _other_priors(mine, own, names, factor) if priors else []
        lines += _other_models(mine, own, names, factor) if models else []
    mcid = None if own is None or own.mcid is None else factor * own.mcid
    likely = getattr(told, "p_benefit", None)
    return Block(told.outcome, told.label, TOWARD.get(item.benefit, ""), likely, mcid, tuple(lines))


def row_of_record(rows: Iterable[Any], told: Any) -> Any:
    """Return the row behind a comparison, which has its very numbers; None if there is none."""
    return next((row for row in _rows_of(rows, told) if _same(row, told)), None)


def _rows_of(rows: Iterable[Any], told: Any) -> list[Any]:
    asked = (told.outcome, told.effect_scale)
    return [row for row in rows if (getattr(row, "outcome", ""), row.estimand) == asked]


def _same(row: Any, told: Any) -> bool:
    return (row.median, row.ci_low, row.ci_high) == (told.bayes_effect, told.bayes_ci_low, told.bayes_ci_high)


def _told(rows: Iterable[Any], key: str) -> list[Any]:
    """Return one row for each prior or model, the first; quadrature comes first where it is accurate."""
    first: dict[str, Any] = {}
    for row in rows:
        held = first.setdefault(getattr(row, key), row)
        accurate = (row.engine, row.verdict) == ("exact", "pass")
        if accurate and held.engine != "exact" and row.options == held.options:
            first[getattr(row, key)] = row
    return list(first.values())


def _other_priors(rows: Sequence[Any], own: Any, names: _Names, factor: float) -> list[Line]:
    """Return a line for each family of prior sets, which share the first words of their labels, the widest on top."""
    mine = [row for row in rows if (row.model, row.options) == (own.model, own.options) and row.prior != own.prior]
    families: dict[str, list[Any]] = {}
    for row in _told(mine, "prior"):
        families.setdefault(names.prior(row.prior).partition(",")[0].strip(), []).append(row)
    return [
        Line(PRIORS, name, tuple(_of_prior(row, names, factor, several=len(family) > 1) for row in _by_width(family)))
        for name, family in sorted(families.items(), key=lambda each: len(each[1]))  # single ones first
    ]


def _of_prior(row: Any, names: _Names, factor: float, *, several: bool) -> Interval:
    name = names.prior(row.prior).partition(",")[2].strip() if several else ""
    return replace(_interval((row.median, row.ci_low, row.ci_high), factor), name=name)


def _by_width(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.ci_low - row.ci_high)


def _other_models(rows: Sequence[Any], own: Any, names: _Names, factor: float) -> list[Line]:
    mine = [row for row in rows if row.model != own.model and row.prior == own.prior]
    ranks = structures_of_record()
    told = sorted(_told(mine, "model"), key=lambda row: ranks.index(row.model) if row.model in ranks else len(ranks))
    return [
        Line(MODELS, names.model(row.model), (_interval((row.median, row.ci_low, row.ci_high), factor),))
        for row in told
    ]


def _interval(values: tuple[float, float, float], factor: float) -> Interval:
    center, low, high = (factor * value for value in values)
    return Interval(center, low, high)


def _numbers(values: tuple[float, float, float], scale: str) -> str:
    _, low, high = values
    if scale == "risk_difference":
        return digits_for(low, high, factor=100, least=1).beside(*values)
    null = 1.0 if scale in RATIOS else 0.0
    return digits_for(low, high, null=null).beside(*values)


def said(block: Block, level: str) -> str:
    """Return what a block shows in words."""
    parts = []
    for line in block.lines:
        if line.kind == FREQUENTIST:
            parts.append(f"recomputed {line.text}")
        elif line.kind == REANALYSIS:
            likely = "" if block.likely is None else f", probability of benefit {chance(block.likely)}"
            parts.append(f"reanalysis {line.text}{likely}")
    return f"{block.label}: {'; '.join(parts)} ({level} intervals)."
