"""Short texts and tables for the report, gathered from what is already computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bayes_ivf.auditing import ClaimRow, touching
from bayes_ivf.report.context import Context
from bayes_ivf.results import (
    EffectRow,
    Value,
    agreement,
    chance,
    joint_pairs,
    model_name,
    move,
    p_of,
    percent,
    pooled_trios,
    shrinkage,
    unit_of,
    value_of,
)
from bayes_ivf.structures import deriving_structures
from bayes_ivf.study import KINDS
from bayes_ivf.words import with_article


def headline(context: Context) -> list[str]:
    """Return the answer in a few sentences: what a reader in a hurry should take away."""
    lines = [*_claims(context), *_reproduced(context)]
    found = context.audit.found
    worst, cautions = (sum(finding.severity == name for finding in found) for name in ("impossible", "caution"))
    if worst or cautions:
        cannot = " of numbers that cannot hold under a stated assumption"
        told = _listed(
            [
                (worst, f"finding{cannot}", f"findings{cannot}"),
                (cautions, "caution", "cautions"),
            ]
        )
        lines.append(f"The audit has {told}; each comes with innocent explanations.")
    mine = [row for row in context.comparisons if row.role == "outcome"]
    chosen = [row for row in mine if row.bayes_effect is not None and not KINDS[row.kind].words]
    unclear = [row for row in chosen if (row.bayes_ci_low or 0) < 0 < (row.bayes_ci_high or 0)]
    if chosen:
        whose = "The only outcome with numbers" if len(chosen) == 1 else f"Of {len(chosen)} outcomes with numbers,"
        many = "" if len(chosen) == 1 else f" {len(unclear) or 'none'}"
        has = "have" if len(unclear) > 1 else "has" if len(chosen) > 1 or len(unclear) else "does not have"
        names = ", ".join(_inside(row.label) for row in unclear) if len(chosen) > 1 else ""
        lines.append(
            f"{whose}{many} {has} {with_article(percent(context.ci_prob))} credible interval that includes no effect"
            + (f": {names}." if names else ".")
        )
    words = [row for row in mine if KINDS[row.kind].words]
    if words:
        are = "1 outcome is" if len(words) == 1 else f"{len(words)} outcomes are"
        lines.append(f"{are} known only from words: what is shown of them holds as far as the words are believed.")
    if context.study.randomized != "yes":
        lines.append(
            "Allocation cannot be taken as random from what was visible, so every effect here is an association under the "
            "model, causal only if allocation was random."
        )
    return lines


def _claims(context: Context) -> list[str]:
    """Say how many printed conclusions hold."""
    claimed = [row for row in context.audit.ledger if context.study.outcome(row.outcome).role == "outcome"]
    claimed = [row for row in claimed if row.supported]
    checkable = [row for row in claimed if row.supported != "undetermined"]
    if not claimed:
        return []
    of = "The only outcome" if len(claimed) == 1 else f"Of {len(claimed)} outcomes"
    if not checkable:
        none = "cannot be recomputed" if len(claimed) == 1 else "none can be recomputed"
        return [f"{of} reported with a P{',' * (len(claimed) > 1)} {none} from what was visible."]
    count = {verdict: sum(row.supported == verdict for row in checkable) for verdict in ("yes", "no", "conditional")}
    verbs = {
        "yes": "holds",
        "no": "does not" if count["yes"] else "does not hold",
        "conditional": "holds only under a further assumption",
    }
    if len(claimed) == 1:
        return [f"{of} reported with a P can be recomputed: its printed conclusion {verbs[checkable[0].supported]}."]
    parts = [
        f"that of {count[verdict]} {verb} ({_named(context, [row for row in checkable if row.supported == verdict])}"
        + (_but(context, [row for row in checkable if row.supported == verdict]) if verdict == "yes" else "")
        + ")"
        for verdict, verb in verbs.items()
        if count[verdict]
    ]
    parts[0] = parts[0].replace("that of", "the printed conclusion of", 1)
    told = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    can = "all" if len(checkable) == len(claimed) else str(len(checkable))
    return [f"{of} reported with a P, {can} can be recomputed from what was visible: {told}."]


def _named(context: Context, rows: Sequence[ClaimRow]) -> str:
    """Name outcomes as in the middle of a sentence."""
    return ", ".join(_inside(context.study.outcome(row.outcome).label) for row in rows)


def _inside(label: str) -> str:
    """Write a label as in the middle of a sentence."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def _but(context: Context, rows: Sequence[ClaimRow]) -> str:
    """Say that findings touch outcomes whose conclusion holds: it never stands alone."""
    touched = [row for row in rows if touching(context.audit, row.outcome)]
    if not touched:
        return ""
    return "; see the findings on " + (
        "it" if len(rows) == 1 else "each" if len(touched) == len(rows) else str(len(touched))
    )


def _reproduced(context: Context) -> list[str]:
    """Say of how many exactly printed P values a usual test gives the number."""
    ledger = [row for row in context.audit.ledger if context.study.outcome(row.outcome).role == "outcome"]
    verdicts = [row.p_reproduced for row in ledger]
    count = {name: verdicts.count(name) for name in ("yes", "conditional", "no")}
    if not any(count.values()):
        return []
    told = _listed(
        [
            (count["yes"], "is that of a usual test within rounding", "are that of a usual test within rounding"),
            (count["conditional"], "is reproduced only under a condition", "are reproduced only under a condition"),
            (count["no"], "is not that of any usual test", "are not that of any usual test"),
        ]
    )
    total = sum(count.values())
    printed = f"{total} exact P value{'s' * (total != 1)} printed for them"
    return [f"Of {printed}, {told}; whether the conclusion holds is another question."]


def _listed(counted: list[tuple[int, str, str]]) -> str:
    """Join counts with their words; what does not occur is not mentioned."""
    words = [f"{count} {one if count == 1 else many}" for count, one, many in counted if count]
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


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
        rows.append({"row": row, **means, "difference": apart})
    return rows


POOLED_SCALES = ("log_odds_ratio", "standardized_mean_difference")


def prior_columns(context: Context) -> list[dict[str, str]]:
    """Return the outcomes with numbers that have a result of record, each with the model that gave it."""
    return [
        {"outcome": item.id, "label": item.label, "model": rows[0].model}
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
            outcome: {"effect": value_of(row, "median", risks[outcome]), "likely": value_of(row, "p_benefit")}
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
    labels = {item.id: item.label for item in context.study.items} | {
        "ongoing": "Ongoing pregnancy per woman",
        "mcr_per_woman": "Miscarriage per woman",
    }
    by_outcome: dict[str, dict[str, EffectRow]] = {}
    for row in funnel:
        by_outcome.setdefault(row.outcome, {}).setdefault(row.estimand, row)
    stages = {item.id: item.stage or item.id for item in context.study.items}
    places = {stage: place for place, stage in enumerate(STAGES)}
    told = sorted(by_outcome.items(), key=lambda each: places.get(stages.get(each[0], each[0]), len(places)))
    rows = []
    for outcome, found in told:
        if "risk_difference" in found:
            main = found["risk_difference"]
            names = ("median", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid")
            risks = {arm: value_of(found[f"{arm}_risk"], "median") for arm in ("treatment", "control")}
            risk = context.risk(main)
            values = {name: value_of(main, name, risk) for name in names}
            unit = unit_of(main, risk).replace("percentage ", "")
            rows.append({"label": labels.get(outcome, outcome), **risks, **values, "unit": unit})
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
                "label": first.outcome if item is None else item.label,
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
                "label": item.label,
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


def ledger_values(context: Context) -> list[tuple[ClaimRow, Value | None]]:
    """Return the ledger's rows, each with its recomputed P."""
    return [(row, p_of(row.outcome, row.test, row.recomputed_p)) for row in context.audit.ledger]


def drawn(context: Context) -> list[tuple[str, list[Value]]]:
    """Return the numbers that the forest draws, for who cannot see it: label, estimate and interval."""
    found = []
    for item in context.study.items:
        rows = context.of_record(item.id)
        if item.role == "outcome" and not KINDS[item.kind].words and rows:
            values = [value_of(rows[0], name, context.risk(rows[0])) for name in ("median", "ci_low", "ci_high")]
            found.append((item.label, [value for value in values if value is not None]))
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
