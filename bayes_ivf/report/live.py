"""The section in which a reader tries another prior: what it says without scripts, and what its script is given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from bayes_ivf.cards import Card, bundled_cards, load_card
from bayes_ivf.effects import REPORTED
from bayes_ivf.errors import BayesIvfError
from bayes_ivf.priors import PriorSet, bundled_prior_sets, load_prior_set
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.record import record_fits
from bayes_ivf.report.context import Context
from bayes_ivf.report.live_tables import Entry, live_tables
from bayes_ivf.report.script import script_and_hash
from bayes_ivf.results import EffectRow, Value, belief, percent, unit_of, value_of
from bayes_ivf.study import KINDS

if TYPE_CHECKING:
    from bayes_ivf.inference import Fit
    from bayes_ivf.study import Study


@dataclass(frozen=True)
class LiveRow:
    """What is of record for one outcome, shown where scripts are off and beside what the script finds.

    Parameters
    ----------
    outcome, label, name, unit, prior : str
        `name` of the estimand; label of the prior set.
    median, low, high, likely : Value or None
    condition : str
        What a result known only from words hangs on; empty for others.
    """

    outcome: str
    label: str
    name: str
    unit: str
    prior: str
    median: Value | None
    low: Value | None
    high: Value | None
    likely: Value | None
    condition: str = ""


@dataclass(frozen=True)
class Live:
    """The section.

    Parameters
    ----------
    rows : tuple of LiveRow
    level : str
        Of the intervals, ``95%``.
    data : Markup
        JSON for the script, which no text of a study can end.
    absent : tuple of str
        Labels of the outcomes that are estimated, but that the page cannot integrate.
    """

    rows: tuple[LiveRow, ...]
    level: str
    data: Markup
    absent: tuple[str, ...] = ()


def live_of_fits(fits: Sequence[Fit], study: Study) -> Entry:
    """Return the tables of a run by its fits; see `live_tables`."""
    items = [item for item in study.items if item.role == "outcome"]
    return live_tables(group for item in items if (group := _by_set(record_fits(fits, item))))


def _by_set(fits: Sequence[Fit]) -> list[Problem]:
    found: dict[str, Problem] = {}
    for fit in fits:
        found.setdefault(fit.problem.prior_set, fit.problem)
    return list(found.values())


def live_of_study(
    context: Context, cards: Mapping[str, Card] | None = None, sets: Mapping[str, PriorSet] | None = None
) -> Entry:
    """Return the tables of a run from its study, as for a folder or a page that has none.

    Parameters
    ----------
    context : Context
    cards, sets : mapping, optional
        Model cards and prior sets of the run by id; those of the package by default.
    """
    cards = {name: load_card(name) for name in bundled_cards()} if cards is None else cards
    sets = {name: load_prior_set(name) for name in bundled_prior_sets()} if sets is None else sets
    return live_tables(_groups(context, cards, sets))


def _groups(context: Context, cards: Mapping[str, Card], sets: Mapping[str, PriorSet]) -> Iterator[list[Problem]]:
    for item in context.study.items:
        rows = context.of_record(item.id)
        if item.role != "outcome" or not rows or rows[0].model not in cards:
            continue
        group = []
        for name in context.manifest.get("priors") or dict.fromkeys(row.prior for row in rows):
            try:
                group += (
                    [build_problem(context.study, item.id, cards[rows[0].model], sets[name])] if name in sets else []
                )
            except BayesIvfError:  # a set that does not apply to this outcome
                continue
        if group and group[0].prior_set == rows[0].prior:
            yield group


def live_section(context: Context) -> Live | None:
    """Return the section "Try another prior", without rows where a page can integrate no outcome; None if none is estimated."""
    stored = context.live if context.live is not None else live_of_study(context)
    outcomes: dict[str, Entry] = {}
    rows, absent = [], []
    for item in context.study.items:
        entry, of_record = stored["outcomes"].get(item.id), context.of_record(item.id)
        if item.role != "outcome" or not of_record:
            continue
        if entry is None or of_record[0].model != entry.get("model", of_record[0].model):
            absent.append(item.title)
            continue
        row = of_record[0]
        outcomes[item.id] = _for_script(entry, row, item.title, item.unit)
        told = _live_row(context, row, item.title, item.unit)
        rows.append(replace(told, condition=f", {belief(0)}") if KINDS[item.kind].words else told)
    if not rows:
        return Live((), percent(context.ci_prob), Markup(), tuple(absent)) if absent else None
    used = dict.fromkeys(name for entry in outcomes.values() for name in entry["priors"])
    data = {
        "level": context.ci_prob,
        "percent": percent(context.ci_prob),
        "primary": next(iter(used)),
        "sets": {name: _named(context, name) for name in used},
        "outcomes": outcomes,
        "tables": stored["tables"],
    }
    return Live(tuple(rows), percent(context.ci_prob), script_json(data), tuple(absent))


def _named(context: Context, name: str) -> dict[str, str]:
    """Label and sentence of a prior set: as the run kept them, else as the package has them, else its id."""
    kept: Mapping[str, Any] = context.manifest.get("priors", {}).get(name, {})
    if not kept and name in bundled_prior_sets():
        known = load_prior_set(name)
        kept = {"label": known.label, "sentence": known.sentence.strip()}
    return {"label": kept.get("label", name), "sentence": kept.get("sentence", "")}


def script_json(data: Any) -> Markup:
    """Return JSON that stands inside a script element: nothing in it ends the element or begins a comment."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  escaped in the lines above


def _for_script(entry: Entry, row: EffectRow, label: str, unit: str) -> Entry:
    """An outcome as the script reads it: what it is called, and on which scale its prior speaks."""
    estimand = REPORTED[row.estimand]
    ratio = "estimate" in entry["data"]
    points = row.scale == "probability"
    drawn = row.estimand if points or ratio or not unit_is_own(row) else "standardized_mean_difference"
    odds = (estimand.label.lower() + "s" if ratio else "odds ratios") if points or ratio else ""
    priors_on = "the log odds ratio" if points else f"the log of the {estimand.label.lower()}" if ratio else ""
    mcid = None if ratio else entry["mcid"]
    return entry | {
        "id": row.outcome,
        "label": label,
        "mcid": mcid,
        "least": "" if mcid is None else f"{100 * mcid:g} points" if points else f"{mcid:g} standard deviations",
        "model": row.model,
        "options": f"[{row.options}]" if row.options else "",
        "estimand": row.estimand,
        "drawn": drawn,
        "name": estimand.label.lower(),
        "unit": ""
        if points or ratio
        else f" {unit}"
        if unit_is_own(row) and unit
        else ""
        if unit_is_own(row)
        else " SD",
        "ratio": ratio,
        "odds": odds,
        "axis": "risk difference, percentage points" if points else REPORTED[drawn].label.lower(),
        "scales": _scales(row, drawn, unit),
        "scale": f"A prior of your own on {priors_on or 'the standardized difference'}, treatment against control."
        + {1: " Above 0 is benefit.", -1: " Below 0 is benefit."}.get(entry["sign"], ""),
    }


def _scales(row: EffectRow, drawn: str, unit: str) -> str:
    """Say that the axis of the figure is not the scale of the numbers beside it; empty where it is."""
    if drawn == row.estimand:
        return ""
    return f" The axis is in standard deviations, as the prior is; the result above is in {unit or 'its own unit'}."


def unit_is_own(row: EffectRow) -> bool:
    """Whether a row is on the outcome's own unit."""
    return row.scale == "outcome unit"


def _live_row(context: Context, row: EffectRow, label: str, unit: str) -> LiveRow:
    risk = context.risk(row)
    said = f" {unit}" if unit_is_own(row) and unit else unit_of(row, risk)
    median, low, high, likely = (value_of(row, name, risk) for name in ("median", "ci_low", "ci_high", "p_benefit"))
    prior = _named(context, row.prior)["label"]
    return LiveRow(row.outcome, label, REPORTED[row.estimand].label.lower(), said, prior, median, low, high, likely)


def live_values(context: Context) -> dict[str, Any]:
    """Return what templates need for the section and the policy of the page: ``live``, ``script``, ``script_hash``."""
    script, source = script_and_hash()
    return {"live": live_section(context), "script": Markup(script), "script_hash": Markup(source)}  # noqa: S704
