"""One row of ``effects.csv``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from bayes_ivf import defaults
from bayes_ivf.effects.estimands import Estimand
from bayes_ivf.problem import Problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class EffectRow:
    """Summary of one estimand under one posterior; columns as in ``effects.csv``, None where empty."""

    study: str
    outcome: str
    model: str
    options: str
    prior: str
    engine: str
    estimand: str
    scale: str
    mean: float | None
    median: float
    sd: float | None
    ci_low: float
    ci_high: float
    ci_level: float
    ci_kind: str
    hdi_low: float
    hdi_high: float
    p_benefit: float | None
    mcid: float | None
    p_beyond_mcid: float | None
    p_in_rope: float | None
    r_hat: float | None
    ess_bulk: float | None
    ess_tail: float | None
    mcse: float | None
    verdict: str
    problem: str


COLUMNS = tuple(field.name for field in fields(EffectRow))


def head(problem: Problem, engine: str, estimand: Estimand) -> dict[str, str]:
    """Return the key and the names of a row."""
    return {
        "study": problem.study,
        "outcome": problem.outcome,
        "model": problem.model,
        "options": problem.options_text,
        "prior": problem.prior_set,
        "engine": engine,
        "estimand": estimand.name,
        "scale": estimand.scale,
        "ci_kind": defaults.CI_KIND,
        "problem": problem.hash,
    }


def to_frame(rows: Iterable[EffectRow]) -> pd.DataFrame:
    """Return rows as a DataFrame with the columns of ``effects.csv``; what is empty is missing."""
    import pandas as pd

    table = {name: [getattr(row, name) for row in rows] for name in COLUMNS} if (rows := tuple(rows)) else {}
    frame = pd.DataFrame(table, columns=list(COLUMNS))
    text = {
        "study",
        "outcome",
        "model",
        "options",
        "prior",
        "engine",
        "estimand",
        "scale",
        "ci_kind",
        "verdict",
        "problem",
    }
    numbers = [name for name in COLUMNS if name not in text]
    return frame.astype(dict.fromkeys(numbers, float))
