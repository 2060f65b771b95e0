"""Rows of ``evidence.csv``: marginal likelihood and Bayes factor, with the null and the priors in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any

import numpy as np

from bayes_ivf.estimands import ESTIMANDS
from bayes_ivf.forms import all_forms
from bayes_ivf.priors import Prior
from bayes_ivf.problem import Problem

EVIDENCE_NUMBERS = 3
"""Log marginal likelihood, log Bayes factor for the null, and for the other null."""
FLAT_NOTE = "a flat prior leaves the marginal likelihood undefined"
CANCEL_NOTE = f"{FLAT_NOTE}; in the Bayes factor it cancels"


@dataclass(frozen=True)
class EvidenceRow:
    """One row of ``evidence.csv``: a marginal likelihood, and Bayes factors against no effect; None where undefined."""

    study: Annotated[str, "id of the study"]
    outcome: Annotated[str, "id of the outcome"]
    model: Annotated[str, "id of the model card"]
    options: Annotated[str, "options that were not left at their defaults"]
    prior: Annotated[str, "id of the prior set"]
    effect_prior: Annotated[str, "prior on the effect"]
    width: Annotated[float, "width of the effect prior in that of the named prior set"]
    log_marginal_likelihood: Annotated[float | None, "log marginal likelihood"]
    log_bayes_factor_null: Annotated[float | None, "log Bayes factor for the null"]
    bayes_factor_null: Annotated[float | None, "Bayes factor for the null"]
    note: Annotated[str, "why a number is missing"]
    problem: Annotated[str, "content hash of the problem"]
    null: Annotated[str, "the null in words"]
    priors: Annotated[str, "what the null is compared with"]
    other_null: Annotated[str, "another null in words; empty if there is one only"]
    log_bayes_factor_other: Annotated[float | None, "log Bayes factor for the other null"]
    bayes_factor_other: Annotated[float | None, "Bayes factor for the other null"]


EVIDENCE_COLUMNS = tuple(field.name for field in fields(EvidenceRow))


@dataclass(frozen=True)
class EvidenceWords:
    """What a Bayes factor compares, in words.

    Parameters
    ----------
    null : str
        Of `log_bayes_factor_null`.
    other : str
        Of `log_bayes_factor_other`; empty if there is one null only.
    priors : str
        What the null is compared with.
    """

    null: str
    other: str
    priors: str


def evidence_words(problem: Problem) -> EvidenceWords:
    """Return null and priors of a problem's Bayes factors in words."""
    slots = {slot: prior for slot, prior in problem.priors.items() if slot != "effect"}
    said = "; ".join(f"{slot} {_said(prior)}" for slot, prior in problem.priors.items())
    rest = " and ".join(slots)
    kept = f"; {rest} as under the priors" if rest else ""
    other = ""
    form = all_forms().get(problem.likelihood)
    support = "" if form is None else form.support
    if support == "location" and "effect" not in problem.priors:
        null = "none: a flat prior on both means leaves no Bayes factor"
    elif support == "location":
        null = f"standardized mean difference 0{kept}"
    elif form is not None and support == "effect_only":
        main = ESTIMANDS[next(iter(form.load_part().quantities(np.zeros(1), problem.variant)))]
        null = f"{main.label.lower()} {main.null:g}{kept}"
    elif support == "two_rates":
        null = f"rate ratio 1{kept}"
    elif support == "two_by_two" and problem.coding == "arms":
        null, other = _beta_words(problem)
    else:
        null = f"odds ratio 1{kept}"
    return EvidenceWords(null, other, said)


def _said(prior: Prior) -> str:
    return str(prior) if prior.proper else "flat"


def _beta_words(problem: Problem) -> tuple[str, str]:
    """One common risk, by either road from the arms' priors to a prior on it."""
    control, treatment = problem.priors["control"], problem.priors["treatment"]
    joint = {name: control.parameters[name] + treatment.parameters[name] for name in ("alpha", "beta")}
    sliced = (
        f"one common risk with the priors' density where both arms agree, {Prior('Beta', joint)}; log odds ratio 0 (Savage "
        "and Dickey)"
    )
    if dict(control.parameters) != dict(treatment.parameters):
        return sliced, ""
    return f"one common risk with the prior of either arm, {control} (Gunel and Dickey)", sliced


def evidence_row(problem: Problem, evidence: np.ndarray, width: float = 1.0) -> dict[str, Any]:
    """Return a row of ``evidence.csv`` from the numbers of `Solved.evidence`.

    `width` is the width of the effect prior in that of the named prior set.
    """
    marginal, factor, other = (float(value) if np.isfinite(value) else None for value in evidence)
    words = evidence_words(problem)
    row = EvidenceRow(
        *problem.key,
        effect_prior=str(problem.priors.get("effect", "")),
        width=width,
        log_marginal_likelihood=marginal,
        log_bayes_factor_null=factor,
        bayes_factor_null=_exp(factor),
        note=note(marginal is not None, factor is not None),
        problem=problem.hash,
        null=words.null,
        priors=words.priors,
        other_null=words.other,
        log_bayes_factor_other=other,
        bayes_factor_other=_exp(other),
    )
    return asdict(row)


def note(marginal: bool, factor: bool) -> str:
    """Return what a row must say where its numbers are missing."""
    return "" if marginal else CANCEL_NOTE if factor else FLAT_NOTE


def _exp(log: float | None) -> float | None:
    with np.errstate(over="ignore"):
        return None if log is None else float(np.exp(log))
