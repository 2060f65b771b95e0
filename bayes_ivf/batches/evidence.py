"""The layout of the bundled evidence table, ``study_id, ..., events_trt, n_trt, events_ctl, n_ctl``, as a table of trials."""

from __future__ import annotations

from dataclasses import replace

from bayes_ivf.batches.columns import Columns

RENAMED = {
    "study_id": "study",
    "unit": "per",
    "events_trt": "events_treatment",
    "n_trt": "n_treatment",
    "events_ctl": "events_control",
    "n_ctl": "n_control",
}
LOWER = ("miscarriage", "abortion", "pregnancy_loss", "ohss", "bleeding", "ectopic")
HIGHER = ("pregnancy", "live_birth", "implantation", "hcg", "delivery")
ASIDE = ("_ambiguous", "_subgroup")
"""Endings of outcomes that are kept for the record and not meant for pooling."""


def is_evidence(columns: Columns) -> bool:
    """Whether columns have the layout of the evidence table."""
    return {"outcome", *RENAMED} <= set(columns.cells)


def translate_evidence(columns: Columns) -> Columns:
    """Rename the columns; add which direction helps, a label, and what each row may be used for."""
    cells = {RENAMED.get(name, name): values for name, values in columns.cells.items()}
    outcomes = cells["outcome"]
    cells.setdefault("benefit", [benefit_of(outcome) for outcome in outcomes])
    cells.setdefault("label", [label_of(outcome) for outcome in outcomes])
    cells["per"] = ["pregnancy" if unit == "woman_pregnant" else unit for unit in cells["per"]]
    cells["use"] = ["record only, not for pooling" if outcome.endswith(ASIDE) else "" for outcome in outcomes]
    return replace(columns, cells=cells)


def benefit_of(outcome: str) -> str:
    """Say which direction of an outcome helps the patient, by its name; ``none`` for a name that does not tell."""
    if any(word in outcome for word in LOWER):
        return "lower"
    return "higher" if any(word in outcome for word in HIGHER) else "none"


def label_of(outcome: str) -> str:
    """Return a readable label; an outcome that is set aside says so."""
    for ending in ASIDE:
        if outcome.endswith(ending):
            words = outcome.removesuffix(ending).replace("_", " ")
            return f"{words[:1].upper()}{words[1:]} ({ending[1:]})"
    words = outcome.replace("_", " ").replace("hcg", "hCG")
    return words[:1].upper() + words[1:]
