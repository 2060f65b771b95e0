"""The comparison of every study that gets a page, on the same path as the main job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bayes_ivf.auditing import Audit, audit
from bayes_ivf.batches.cells import Cell, Recipe, read_problem
from bayes_ivf.batches.store import Store
from bayes_ivf.batches.tabled import design_told, study_of_rows
from bayes_ivf.inference import Fit, Verdict
from bayes_ivf.record import of_record, rows_of_record
from bayes_ivf.results import (
    COMPARISON,
    JOINT,
    ComparisonRow,
    EffectRow,
    compare,
    joint_effects,
    rows_from_figures,
    with_derived,
)
from bayes_ivf.study import Study, parse_study

MISSING = "Not estimated in this batch."


@dataclass(frozen=True, eq=False)
class Compared:
    """A study with what its fits say.

    Parameters
    ----------
    study : Study
    audit : Audit
    fits : tuple of Fit
    comparisons : tuple of ComparisonRow
        One per outcome.
    ci_prob : float
        Probability of their intervals.
    design : str
        As a table of trials names it; empty where it does not.
    """

    study: Study
    audit: Audit
    fits: tuple[Fit, ...]
    comparisons: tuple[ComparisonRow, ...]
    ci_prob: float
    design: str = ""

    @property
    def rows(self) -> tuple[EffectRow, ...]:
        """Rows of all fits."""
        return tuple(row for fit in self.fits for row in fit.rows)


def write_comparison(compared: Sequence[Compared], folder: Path) -> None:
    """Write what every study says to ``comparison.csv``, and to ``joint.csv`` where a joint model of all outcomes ran."""
    COMPARISON.write(COMPARISON.frame(row for each in compared for row in each.comparisons), folder)
    pairs = [row for each in compared for row in joint_effects(each.rows, rows_of_record(each.fits, each.study))]
    if pairs:
        JOINT.write(JOINT.frame(pairs), folder)


def compare_studies(store: Store, cells: Sequence[Cell], recipe: Recipe) -> list[Compared]:
    """Compare every study whose problems are kept in full; one of which only probabilities were asked has no page."""
    by_study: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.spec:
            by_study.setdefault(cell.study, []).append(cell)
    made = []
    for name, values in store.studies().items():
        fits = [fit for cell in by_study.get(name, []) if (fit := _fit(store, cell, recipe)) is not None]
        if fits:
            study, reasons = read_study_values(name, values), values.get("reasons", {})
            made.append(replace(_compare(study, fits, reasons, recipe.ci_prob), design=design_told(values)))
    return made


def read_study_values(name: str, values: Mapping[str, Any]) -> Study:
    """Return the study of what `Store.put_studies` kept."""
    if "study" in values:
        return parse_study(dict(values["study"]), name)
    return study_of_rows(name, dict(values))


def _fit(store: Store, cell: Cell, recipe: Recipe) -> Fit | None:
    found = store.find(cell.key)
    if found is None or not found[0].summaries:
        return None
    part, index = found
    problem = read_problem(cell.spec)
    verdict = Verdict(part.levels[index], tuple(filter(None, part.reasons[index].split("; "))), {})
    rows = rows_from_figures(problem, cell.engine, part.ids, part.figures[index], verdict.level, recipe.ci_prob)
    return Fit(problem, recipe.settings, cell.engine, with_derived(problem, rows), verdict) if rows else None


def _compare(study: Study, fits: Sequence[Fit], reasons: Mapping[str, str], ci_prob: float) -> Compared:
    audited = audit(study, ci_prob=ci_prob)
    rows = tuple(
        compare(audited, item, *of_record(fits, item), reasons.get(item.id, MISSING), ci_prob) for item in study.items
    )
    return Compared(study, audited, tuple(fits), rows, ci_prob)
