"""A claim that names no direction gives its effect a size, and no sign that anything could be said of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bayes_ivf.effects import SIZE
from bayes_ivf.results.row import EffectRow

OF_SIGN = ("p_benefit", "p_beyond_mcid")
"""Columns that hang on the sign of an effect."""


def without_sign(rows: Iterable[EffectRow]) -> tuple[EffectRow, ...]:
    """Leave out what hangs on the sign where a claim names none: it would follow from the prior alone."""
    rows = tuple(rows)
    sized = {_cell(row) for row in rows if row.estimand == SIZE}
    return tuple(replace(row, p_benefit=None, p_beyond_mcid=None) if _cell(row) in sized else row for row in rows)


def _cell(row: EffectRow) -> tuple[str, ...]:
    return (row.outcome, row.model, row.options, row.prior, row.engine)
