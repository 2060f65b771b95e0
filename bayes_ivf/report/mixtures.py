"""Outcomes of which a paper leaves several readings open: their mixture, its range, and what it hangs on."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from bayes_ivf.effects import ESTIMANDS
from bayes_ivf.report.context import Context
from bayes_ivf.report.labels import outcome_label
from bayes_ivf.results import MixedReading, Value, model_name, range_of, unit_of, value_of


def mixture_rows(context: Context) -> list[dict[str, Any]]:
    """Return one entry for each outcome and denominator: numbers of its mixture, and the share of each choice."""
    found = []
    for _, group in groupby(context.mixed, key=lambda each: (each.outcome, each.per)):
        choices = list(group)
        first = choices[0]
        row = first.row
        risk = context.risk(row)
        label = outcome_label(context, first.outcome)
        likely = [value_of(row, "p_benefit")]
        if first.p_benefit_min is not None and first.p_benefit_max is not None:
            likely += list(_span(first))
        found.append(
            {
                "label": label,
                "per": _unit(label, first),
                "weights": first.weights,
                "number": _counted(first, "readings", first.readings),
                "impossible": _counted(first, "impossible", first.impossible) if first.impossible else None,
                "effect": [value_of(row, name, risk) for name in ("median", "ci_low", "ci_high")],
                "unit": unit_of(row, risk),
                "likely": [value for value in likely if value is not None],
                "choices": [
                    (each.about, _share(each)) for each in choices if each.share is not None and each.levels > 1
                ],
            }
        )
    return found


def _unit(label: str, mixed: MixedReading) -> str:
    """Return what risks are counted in; empty where the label says so already, or nothing is counted."""
    unit = mixed.per.replace("_", " ")
    said = label.lower().replace("-", " ").endswith((f"per {unit}", f"per {unit}s"))
    return unit if ESTIMANDS[mixed.estimand].arms == "risk" and not said else ""


def _key(mixed: MixedReading) -> tuple[str, str, str, str, str]:
    row = mixed.row
    return row.outcome, row.estimand, row.prior, model_name(row), row.engine


def _span(mixed: MixedReading) -> tuple[Value, Value]:
    row = mixed.row
    spread = range_of([replace(row, p_benefit=end) for end in (mixed.p_benefit_min, mixed.p_benefit_max)], "p_benefit")
    assert spread is not None
    low, high = spread
    return replace(low, engine=row.engine, prior=row.prior), replace(high, engine=row.engine, prior=row.prior)


def _counted(mixed: MixedReading, statistic: str, number: int) -> Value:
    return Value(*_key(mixed), statistic, float(number), f"{number:,}")


def _share(mixed: MixedReading) -> Value:
    share = 100 * (mixed.share or 0.0)
    return Value(*_key(mixed), f"share_of_{mixed.choice.replace(' ', '_')}", share, f"{share:.0f}")
