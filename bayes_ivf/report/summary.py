"""Short texts and tables for the report, gathered from what is already computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bayes_ivf.record import one_engine
from bayes_ivf.report.context import Context
from bayes_ivf.report.labels import model_label, outcome_label
from bayes_ivf.results import (
    EffectRow,
    Said,
    Value,
    agreement,
    chance,
    clustering_sentence,
    joint_pairs,
    model_name,
    move,
    pooled_trios,
    shrinkage,
    unit_of,
    value_of,
)
from bayes_ivf.structures import base_structure, deriving_structures
from bayes_ivf.study import KINDS, Outcome, plural


def agreement_rows(context: Context) -> list[dict[str, Any]]:
    """Return, for every outcome that both engines fitted, both results and their difference in Monte Carlo errors."""
    rows = []
    for both in agreement(context.rows):
        row, apart = both.sampled, None
        if row.estimand not in POOLED_SCALES:
            continue
        if both.difference is not None:
            key = (row.outcome, row.estimand, row.prior, model_name(row), "nuts-exact", "mean_in_mcse")
            apart = Value(*key, both.difference, f"{both.difference:+.1f}")
        means = {"nuts": value_of(row, "mean"), "exact": value_of(both.exact, "mean")}
        labels = {"label": outcome_label(context, row.outcome), "model": model_label(context, row.model, row.options)}
        rows.append({"row": row, **labels, **means, "difference": apart})
    return rows


POOLED_SCALES = ("log_odds_ratio", "standardized_mean_difference")


def prior_columns(context: Context) -> list[dict[str, str]]:
    """Return the outcomes with numbers that have a result of record, each with the model that gave it."""
    return [
        {
            "outcome": item.id,
            "label": item.title,
            "model_label": model_label(context, rows[0].model, rows[0].options),
        }
        for item in context.study.items
        if item.role == "outcome" and not KINDS[item.kind].words and (rows := context.of_record(item.id))
    ]


def prior_rows(context: Context, outcomes: Sequence[str]) -> list[dict[str, Any]]:
    """Return each prior set with its sentence, and what the result of record of every outcome is under it."""
    told = {outcome: {row.prior: row for row in reversed(context.of_record(outcome))} for outcome in outcomes}
    risks = {outcome: context.risk(context.of_record(outcome)[0]) for outcome in outcomes}
    rows = []
    for name, words in context.manifest["priors"].items():
        found = {outcome: rows_of[name] for outcome, rows_of in told.items() if name in rows_of}
        cells = {
            outcome: {
                "effect": value_of(row, "median", risks[outcome]),
                "low": value_of(row, "ci_low", risks[outcome]),
                "high": value_of(row, "ci_high", risks[outcome]),
                "unit": unit_of(row, risks[outcome]).replace("percentage ", ""),
                "likely": value_of(row, "p_benefit"),
            }
            for outcome, row in found.items()
        }
        rows.append({"id": name, **words, "cells": cells})
    return rows


STAGES = ("implantation", "clinical_pregnancy", "miscarriage", "mcr_per_woman", "ongoing", "live_birth")
"""Stages of the funnel, and what it derives, in the order in which they come to pass."""


def per_woman_rows(context: Context) -> list[dict[str, Any]]:
    """Return what the funnel says of every stage under the primary prior: risks and risk difference with intervals."""
    funnel = [row for row in context.rows if row.model in deriving_structures()]
    funnel = [row for row in funnel if (row.prior, row.options) == (funnel[0].prior, funnel[0].options)]
    by_outcome: dict[str, dict[str, EffectRow]] = {}
    for row in funnel:
        by_outcome.setdefault(row.outcome, {}).setdefault(row.estimand, row)
    stages = {item.id: item.stage or item.id for item in context.study.items}
    places = {stage: place for place, stage in enumerate(STAGES)}
    apart = {each.id: place for place, each in enumerate(context.study.comparisons)}

    def place(outcome: str) -> tuple[int, int]:
        printed = context.study.printed_id(outcome)
        stage = stages.get(outcome, printed)
        return apart.get(outcome.removeprefix(f"{printed}--"), 0), places.get(stage, len(places))

    told = sorted(by_outcome.items(), key=lambda each: place(each[0]))
    rows = []
    for outcome, found in told:
        if "risk_difference" in found:
            main = found["risk_difference"]
            names = ("median", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid")
            risks = {arm: value_of(found[f"{arm}_risk"], "median") for arm in ("treatment", "control")}
            risk = context.risk(main)
            values = {name: value_of(main, name, risk) for name in names}
            unit = unit_of(main, risk).replace("percentage ", "")
            rows.append({"label": outcome_label(context, outcome), **risks, **values, "unit": unit})
    return rows


def statement_rows(context: Context) -> list[tuple[str, Value]]:
    """Return compound statements of the funnel, each with its probability."""
    funnel = next((row for row in context.rows if row.model in deriving_structures()), None)
    if funnel is None:
        return []
    name = model_name(funnel)
    mine = [each for each in context.statements if each.model == funnel.model]
    # default options and the primary prior come first
    first = [each for each in mine if (each.options, each.prior) == (mine[0].options, mine[0].prior)]
    return [
        (each.text, Value(*key, "nuts", "probability", each.probability, chance(each.probability)))
        for i, each in enumerate(first, start=1)
        for key in [("(joint)", f"statement_{i}", funnel.prior, name)]
    ]


def pooling_rows(context: Context) -> list[dict[str, Any]]:
    """Return every effect alone, partially and completely pooled, family after family, under the primary prior."""
    items = {item.id: item for item in context.study.items}
    rows: list[dict[str, Any]] = []
    for trio in pooled_trios(context.rows):
        first, item = trio[0], items.get(trio[0].outcome)
        if rows and first.prior != rows[0]["prior"]:
            continue
        share = shrinkage(*trio)
        key = (first.outcome, first.estimand, first.prior, trio[1].model, trio[1].engine, "shrinkage")
        rows.append(
            {
                "prior": first.prior,
                "label": first.outcome if item is None else item.title,
                "family": "" if item is None else item.family.replace("_", " "),
                "scale": first.estimand,
                "alone": first.model,
                "claimed": item is not None and KINDS[item.kind].words,
                "degrees": [[value_of(row, name) for name in ("median", "ci_low", "ci_high")] for row in trio],
                "shrinkage": None if share is None else Value(*key, share, f"{100 * share:.0f}"),
            }
        )
    return rows


def joint_rows(context: Context) -> list[dict[str, Any]]:
    """Return every outcome of the paper by its result of record and in a joint model, and how far that moves it."""
    items = {item.id: item for item in context.study.items}
    rows = []
    for own, joint in joint_pairs(context.rows, context.record):
        item, moved = items[own.outcome], move(own, joint)
        key = (joint.outcome, joint.estimand, joint.prior, model_name(joint), joint.engine, "move")
        rows.append(
            {
                "label": item.title,
                "family": item.family.replace("_", " "),
                "claimed": KINDS[item.kind].words,
                "scale": joint.estimand,
                "models": [own.model, model_name(joint)],
                "sides": [[value_of(row, name) for name in ("median", "ci_low", "ci_high")] for row in (own, joint)],
                "move": None if moved is None else Value(*key, moved, signed(moved)),
                "likely": [value_of(row, "p_benefit") for row in (own, joint)],
            }
        )
    return rows


def signed(value: float) -> str:
    """Write a number with its sign and one decimal; none where it rounds to 0."""
    text = f"{value:+.1f}"
    return text if float(text) else "0.0"


def drawn(context: Context) -> list[tuple[str, list[Value]]]:
    """Return the numbers that the forest draws, for who cannot see it: label, estimate and interval."""
    found = []
    for item in context.study.items:
        rows = context.of_record(item.id)
        if item.role == "outcome" and not KINDS[item.kind].words and rows:
            values = [value_of(rows[0], name, context.risk(rows[0])) for name in ("median", "ci_low", "ci_high")]
            found.append((item.title, [value for value in values if value is not None]))
    return found


NAMED = 5
"""Outcomes of a model that are named; more are counted."""


def still_to_come(context: Context) -> dict[str, str]:
    """Say of which models and outcomes there is no number yet, by model; each is told in the words of its card's label."""
    missing: dict[str, dict[str, None]] = {}
    for each in context.manifest.get("waiting", ()):
        if not each["answered"]:
            missing.setdefault(each["key"][2], {}).update(dict.fromkeys(each["about"]))
    models = context.manifest["models"]
    few = {
        model: ", ".join(names) if len(names) <= NAMED else f"{len(names)} outcomes" for model, names in missing.items()
    }
    return {model: f"{models[model]['label']}: {names}" for model, names in few.items()}


def left_out(fits: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say once for each model and reason which outcomes an engine could not fit, from the manifest of a run."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for each in fits:
        _, outcome, model, _, _ = each["key"]
        found.setdefault((model, each["reason"]), {})[outcome] = None
    return [f"{model} of {', '.join(outcomes)}: {reason}" for (model, reason), outcomes in found.items()]


def not_fitted(context: Context) -> list[str]:
    """Say the same to readers, who meet labels."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for each in context.manifest.get("left_out", ()):
        _, outcome, model, _, _ = each["key"]
        place = (model_label(context, model), each["reason"])
        found.setdefault(place, {})[outcome_label(context, outcome)] = None
    return [
        f"{model}, of {', '.join(outcomes)}: {reason.partition('; engine')[0]}"
        for (model, reason), outcomes in found.items()
    ]


def clustered(context: Context) -> Said:
    """Say in one sentence what nesting embryos or other units in women changes; empty where nothing was fitted both ways."""
    found = _fitted_both_ways(context)
    if found is None:
        return ()
    item, mine, naive = found
    same = [row for row in naive if row.prior == mine[0].prior]
    return clustering_sentence([row for row in mine if row.prior == mine[0].prior], one_engine(same or naive), item.per)


def nested_units(context: Context) -> str:
    """Return the units of which that sentence speaks, in the plural."""
    found = _fitted_both_ways(context)
    return plural("embryo" if found is None else found[0].per)


def _fitted_both_ways(context: Context) -> tuple[Outcome, list[EffectRow], list[EffectRow]] | None:
    """Return the first outcome whose units were taken as nested and as independent, with the rows of both."""
    structures = {name: str(card.get("structure", name)) for name, card in context.manifest["models"].items()}
    for item in context.study.items:
        mine = [row for row in context.record if row.outcome == item.id]
        naive = [
            row
            for row in context.rows
            if row.outcome == item.id and structures.get(row.model) == base_structure() and not row.options
        ]
        if mine and naive and item.per != "woman" and structures.get(mine[0].model) != base_structure():
            return item, mine, naive
    return None
