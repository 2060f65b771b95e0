"""Two engines, one answer: rows of NUTS beside those of quadrature for the same quantity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bayes_ivf.results.row import EffectRow


@dataclass(frozen=True)
class Agreement:
    """One quantity that both engines answered.

    Parameters
    ----------
    sampled, exact : EffectRow
    difference : float or None
        Of the posterior means, in Monte Carlo standard errors; None where a mean does not exist.
    """

    sampled: EffectRow
    exact: EffectRow
    difference: float | None


def agreement(rows: Iterable[EffectRow]) -> list[Agreement]:
    """Return every quantity of some rows that both engines answered, in the order of the rows."""
    rows = tuple(rows)
    exact = {_quantity(row): row for row in reversed(rows) if row.engine == "exact"}
    both = [(row, exact[_quantity(row)]) for row in rows if row.engine == "nuts" and _quantity(row) in exact]
    return [Agreement(sampled, other, _difference(sampled, other)) for sampled, other in both]


def _quantity(row: EffectRow) -> tuple[str, ...]:
    return (row.outcome, row.model, row.options, row.prior, row.estimand)


def _difference(sampled: EffectRow, exact: EffectRow) -> float | None:
    if sampled.mean is None or exact.mean is None or not sampled.mcse:
        return None
    return (sampled.mean - exact.mean) / sampled.mcse
