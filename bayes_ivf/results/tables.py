"""Every table that a run or a batch writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from bayes_ivf.auditing import ClaimRow, Finding
from bayes_ivf.results.comparison import ComparisonRow
from bayes_ivf.results.curves import Curve
from bayes_ivf.results.evidence import EvidenceRow
from bayes_ivf.results.joint import JointEffect
from bayes_ivf.results.mixtures import MixedReading
from bayes_ivf.results.pooling import PooledEffect
from bayes_ivf.results.row import EffectRow
from bayes_ivf.results.statements import Statement
from bayes_ivf.results.table import Table
from bayes_ivf.reviews import PooledCheck, RiskOfBias

_CELL = ("study", "outcome", "model", "options", "prior")


@dataclass(frozen=True)
class Failure:
    """One row of ``failures.csv``."""

    study: Annotated[str, "id of the study"]
    outcome: Annotated[str, "id of the outcome"]
    model: Annotated[str, "id of the model card; empty for a row of a table that is no problem"]
    options: Annotated[str, "options of the card that were not left at their defaults"]
    prior: Annotated[str, "id of the prior set"]
    engine: Annotated[str, "exact or nuts"]
    stage: Annotated[str, "where it failed: left out, gate, or a step of the fit"]
    reason: Annotated[str, "why"]
    problem: Annotated[str, "content hash of the problem"]


EFFECTS = Table("effects", EffectRow, (*_CELL, "engine", "estimand"), "one estimand under one posterior")
EVIDENCE = Table("evidence", EvidenceRow, (*_CELL, "width"), "one marginal likelihood with its Bayes factors")
CLAIMS = Table("claims", ClaimRow, ("study", "outcome"), "one outcome of the paper with a claim or numbers")
FINDINGS = Table("findings", Finding, ("study", "check", "subject", "statement"), "one finding of the audit")
COMPARISON = Table("comparison", ComparisonRow, ("study", "outcome"), "one outcome of the paper")
POOLING = Table(
    "pooling", PooledEffect, ("study", "outcome", "scale", "prior"), "one effect under three degrees of pooling"
)
JOINT = Table("joint", JointEffect, (*_CELL, "scale"), "one outcome alone and in a joint model of all outcomes")
MIXTURES = Table(
    "mixtures", MixedReading, ("study", "outcome", "per", "choice"), "one choice of all readings of an outcome"
)
CURVES = Table(
    "curves", Curve, ("outcome", "model", "options", "prior", "x"), "one point of prior and posterior density"
)
STATEMENTS = Table("statements", Statement, ("study", "model", "options", "prior", "text"), "one compound statement")
FAILURES = Table(
    "failures", Failure, (*_CELL, "engine", "stage"), "one fit that failed, or one row of a table left out"
)
REVIEW = Table("review", PooledCheck, ("review", "analysis"), "one overall estimate of a review")
RISK_OF_BIAS = Table("risk_of_bias", RiskOfBias, ("review", "study", "domain"), "one judgment of a review")

TABLES: Mapping[str, Table[Any]] = MappingProxyType(
    {
        table.name: table
        for table in (
            EFFECTS,
            EVIDENCE,
            CLAIMS,
            FINDINGS,
            COMPARISON,
            POOLING,
            JOINT,
            MIXTURES,
            CURVES,
            STATEMENTS,
            FAILURES,
            REVIEW,
            RISK_OF_BIAS,
        )
    }
)
"""Every table by the name of its file."""


def columns_markdown() -> str:
    """Return what every column of every table means, in Markdown."""
    return "\n".join(table.markdown() for table in TABLES.values())
