"""What stands behind the numbers of a page: the ledger, diagnostics, checklists, and how to make it again."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Any

from bayes_ivf import defaults
from bayes_ivf.auditing import InspectRow, all_checks
from bayes_ivf.report.context import Context
from bayes_ivf.report.labels import model_label, outcome_label
from bayes_ivf.report.marks import TRIAL, marked, setting
from bayes_ivf.results import EffectRow, EvidenceRow, Said, Value, model_name, p_of, p_words, say
from bayes_ivf.study import KINDS, bundled_studies

HOLDS = {
    "yes": "holds",
    "no": "does not hold",
    "conditional": "only conditionally",
    "undetermined": "cannot be judged",
    "": "no claim",
}
MOST = 1e6
"""Bayes factors beyond, or below its inverse, are told as beyond it."""
LOG_MOST = 600.0
DIAGNOSED = {"r_hat": "{:.3f}", "ess_bulk": "{:.0f}", "ess_tail": "{:.0f}"}


@dataclass(frozen=True)
class Claimed:
    """One row of the ledger as a page shows it.

    Parameters
    ----------
    outcome, label, claim, treatment, control : str
    p, note, least : Said
        Test with its P, why the verdict, and the least change that would alter it.
    verdict, holds, reproduced : str
        As in the ledger; the verdict in words; whether a printed P is that of a usual test, empty where none was.
    """

    outcome: str
    label: str
    claim: str
    treatment: str
    control: str
    p: Said
    verdict: str
    holds: str
    reproduced: str
    note: Said
    least: Said


def ledger_rows(context: Context) -> list[Claimed]:
    """Return the ledger's rows, each number under its key."""
    rows = []
    for row in context.audit.ledger:
        p = p_of(row.outcome, row.test, row.recomputed_p)
        rows.append(
            Claimed(
                outcome=row.outcome,
                label=context.study.outcome(row.outcome).title,
                claim=row.claim,
                treatment=row.treatment or context.study.outcome(row.outcome).effect_words,
                control=row.control,
                p=() if p is None else say(f"{row.test} ", p_words(p)),
                verdict=row.supported,
                holds=HOLDS[row.supported],
                reproduced=row.p_reproduced,
                note=marked(row.note, row.outcome, "claim", "note"),
                least=marked(row.least_change, row.outcome, "claim", "least_change"),
            )
        )
    return rows


def inspect_rows(context: Context) -> list[dict[str, Any]]:
    """Return every check of INSPECT-SR, with the audit's own checks told by their questions."""
    return [
        {"item": row.item, "topic": row.topic, "answer": row.answer, "evidence": _evidence(row)}
        for row in context.audit.inspect_sr
    ]


def _evidence(row: InspectRow) -> Said:
    questions = {check.NAME: check.QUESTION for check in all_checks()}
    parts = [part.partition(": ") for part in row.evidence.split("; ") if part]
    told = "; ".join(f"{questions.get(name, name)} {found}" for name, _, found in parts)
    return marked(told, TRIAL, "inspect_sr", row.item)


def diagnostic_rows(context: Context) -> list[dict[str, Any]]:
    """Return the worst diagnostics of every sampled fit of the first prior set."""
    fits: dict[tuple[str, ...], list[EffectRow]] = {}
    for row in context.rows:
        if row.engine == "nuts" and row.r_hat is not None:
            fits.setdefault((row.model, row.options, row.prior, row.problem), []).append(row)
    first = next(iter(context.manifest.get("priors", {})), None)
    return [_diagnosed(context, rows) for key, rows in fits.items() if key[2] == first or first is None]


def _diagnosed(context: Context, rows: list[EffectRow]) -> dict[str, Any]:
    first = rows[0]
    numbers = []
    for name, shown in DIAGNOSED.items():
        found = [value for row in rows if (value := getattr(row, name)) is not None]
        worst = max(found) if name == "r_hat" else min(found)
        key = (first.outcome, "(fit)", first.prior, model_name(first), "nuts", name)
        numbers.append(Value(*key, float(worst), shown.format(worst)))
    verdicts = {row.verdict.split(":")[0] for row in rows}
    return {
        "label": outcome_label(context, first.outcome),
        "model": model_label(context, first.model, first.options),
        "numbers": numbers,
        "verdict": next(name for name in ("fail", "warn", "pass") if name in verdicts or name == "pass"),
    }


def evidence_rows(context: Context) -> list[dict[str, Any]]:
    """Return the Bayes factors of every main outcome's result of record by the width of the primary prior on its effect."""
    rows = []
    for item in context.study.items:
        record = context.of_record(item.id)
        if item.role != "outcome" or not record or KINDS[item.kind].words:
            continue
        first = record[0]
        mine = [
            row
            for row in context.evidence
            if (row.outcome, row.model, row.options) == (item.id, first.model, first.options)
        ]
        mine = [row for row in mine if row.prior == first.prior and row.log_bayes_factor_null is not None]
        if mine:
            told = [_factor(first, row) for row in sorted(mine, key=lambda each: each.width)]
            rows.append({"outcome": item.id, "label": item.title, "null": mine[0].null, "told": told})
    return rows


def _factor(record: EffectRow, row: EvidenceRow) -> dict[str, Value]:
    """Tell one Bayes factor, of the effect against none: above one speaks for an effect."""
    key = (record.outcome, "bayes_factor", record.prior, model_name(record), "exact")
    factor = exp(min(max(-float(row.log_bayes_factor_null or 0.0), -LOG_MOST), LOG_MOST))
    decimals = 0 if factor >= 100 else 2 if factor >= 0.01 else 6
    shown = f"{factor:.{decimals}f}" if 1 / MOST < factor < MOST else "< 0.000001" if factor < 1 else "> 1000000"
    width = Value(*key, f"width_{row.width:g}", row.width, f"{row.width:g}")
    return {"width": width, "factor": Value(*key, f"of_width_{row.width:g}", factor, shown)}


def computed(context: Context) -> Said:
    """Say in a few sentences how the numbers were made."""
    settings = context.manifest.get("settings", {})
    if not any(row.engine == "nuts" for row in context.rows):
        return say("All numbers are by deterministic quadrature, which carries no chance.")
    drawn = {name: setting(name, settings[name]) for name in ("chains", "draws", "tune", "seed")}
    return say(
        "Numbers are by deterministic quadrature where it applies and is accurate, else by simulation (NUTS): ",
        drawn["chains"],
        " chains of ",
        drawn["draws"],
        " draws after ",
        drawn["tune"],
        " tuning steps, seed ",
        drawn["seed"],
        ".",
    )


def run_command(context: Context) -> str:
    """Return the command that makes a run again, with every option that was not left at its default."""
    manifest = context.manifest
    study = context.study.id if context.study.id in bundled_studies() else f"{context.study.id}.toml"
    usual = {"draws": defaults.DRAWS, "tune": defaults.TUNE, "chains": defaults.CHAINS, "seed": defaults.SEED}
    chosen = {name: value for name, value in manifest.get("settings", {}).items() if usual.get(name) != value}
    sampled = any(fit.get("engine") == "nuts" for fit in manifest["fits"])
    words = ["bayes-ivf run", study, *(f"--{name} {value}" for name, value in chosen.items())]
    words += [] if sampled else ["--engine exact"]
    words += [] if context.ci_prob == defaults.CI_PROB else [f"--interval {context.ci_prob:g}"]
    return " ".join(words)
