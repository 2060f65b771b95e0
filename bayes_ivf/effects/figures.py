"""The numbers of many rows as one array, and rows from them: one path for a single fit and for a batch of thousands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.effects.row import EffectRow, head, quantity
from bayes_ivf.effects.unsigned import without_sign
from bayes_ivf.problem import Problem

Array = npt.NDArray[np.float64]

FIELDS = (
    "mean",
    "median",
    "sd",
    "ci_low",
    "ci_high",
    "hdi_low",
    "hdi_high",
    "p_benefit",
    "p_beyond_mcid",
    "p_in_rope",
    "r_hat",
    "ess_bulk",
    "ess_tail",
    "mcse",
)
"""Numbers of a row that a fit gives, in the order of the last axis; NaN where a row is empty."""
ALWAYS = frozenset({"median", "ci_low", "ci_high", "hdi_low", "hdi_high"})


def rows_from_figures(
    problem: Problem, engine: str, names: Sequence[str], figures: Array, verdict: str
) -> tuple[EffectRow, ...]:
    """Make the rows of one fit; an estimand without a median does not exist and has no row.

    Parameters
    ----------
    problem : Problem
    engine : {"exact", "nuts"}
    names : sequence of str
        Quantities, ``estimand`` or ``estimand@place``.
    figures : array, shape (quantity, field)
        In the order of `FIELDS`.
    verdict : {"pass", "warn", "fail"}
    """
    rows = []
    for name, values in zip(names, figures.tolist(), strict=True):
        known = dict(zip(FIELDS, values, strict=True))
        if np.isnan(known["median"]):
            continue
        what = quantity(problem, name)
        found: dict[str, Any] = {
            key: value if key in ALWAYS or value == value else None for key, value in known.items()
        }
        rows.append(
            EffectRow(
                **head(problem, engine, what),
                **found,
                ci_level=defaults.CI_PROB,
                mcid=what.mcid,
                verdict=verdict,
            )
        )
    return without_sign(rows)


def figures_from_rows(names: Sequence[str], rows: Sequence[EffectRow]) -> Array:
    """Return the numbers of a fit's rows, shape (quantity, field); `rows` in the order of `names`."""
    values = [[getattr(row, field) for field in FIELDS] for row in rows]
    return np.array(values, dtype=float).reshape(len(names), len(FIELDS))
