"""The problems and fits of a run, built again from what its page embeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from bayes_ivf.inference import Fit, Verdict
from bayes_ivf.planning import plan
from bayes_ivf.problem import Problem, options_text
from bayes_ivf.report.columns import damaged
from bayes_ivf.report.context import Context, summed_up
from bayes_ivf.report.sources import card_from, set_from
from bayes_ivf.results import EffectRow, estimand_id
from bayes_ivf.settings import Settings

MOST_FITS = 100_000
"""Outcomes times cards times prior sets of a page at most."""


class Rebuilt:
    """The problems of a run, built again from what its page embeds.

    Parameters
    ----------
    context : Context
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        manifest = context.manifest
        self.settings = Settings(**manifest["settings"])
        self.cards = [card_from(table, f"card {name}") for name, table in manifest.get("cards", {}).items()]
        self.sets = [set_from(table, f"prior set {name}") for name, table in manifest.get("prior_sets", {}).items()]
        self.women = set(summed_up(context.study))
        items = tuple(item for item in context.study.items if item.id not in self.women)
        self.study = replace(context.study, items=items)
        if len(items) * len(self.cards) * len(self.sets) > MOST_FITS:
            raise damaged("the page's data", f"more than {MOST_FITS} fits")
        self.plan = plan(self.study, self.cards, self.sets)
        self.problems: Mapping[tuple[str, ...], Problem] = {each.key: each for each in self.plan.problems}
        self.rows: dict[tuple[str, ...], list[EffectRow]] = {}
        for row in context.rows:
            self.rows.setdefault((row.problem, row.engine, row.model, row.prior), []).append(row)

    def fits(self) -> list[tuple[Mapping[str, Any], Problem | None]]:
        """The fits that the page tells of, each with its problem; None where women's rows are needed, or it does not follow."""
        return [(fit, self.problems.get(tuple(fit["key"]))) for fit in self.context.manifest["fits"]]

    def of_women(self, fit: Mapping[str, Any]) -> bool:
        """Whether a fit hangs on rows of women: its outcome was summed up from them, or it joins such outcomes."""
        return fit["key"][1] in self.women or (bool(self.women) and tuple(fit["key"]) not in self.problems)

    def embedded(self, problem: Problem, engine: str) -> tuple[EffectRow, ...]:
        """Return the page's rows of a problem by an engine."""
        abouts = [problem.place(name) for name in ("", *problem.places)]
        known = {(each.outcome, options_text(dict(problem.options) | dict(each.options))) for each in abouts}
        rows = self.rows.get((problem.hash, engine, problem.model, problem.prior_set), [])
        return tuple(row for row in rows if (row.outcome, row.options) in known and _is_of(problem, row))

    @cached_property
    def as_embedded(self) -> list[Fit]:
        """The fits of the page with the page's own rows."""
        return [self._fit(fit, problem) for fit, problem in self.fits() if problem is not None]

    def _fit(self, fit: Mapping[str, Any], problem: Problem) -> Fit:
        exact = self.embedded(problem, "exact")
        beside = Fit(problem, self.settings, "exact", exact, Verdict(exact[0].verdict, (), {})) if exact else None
        if fit["engine"] == "exact" and beside is not None:
            return beside
        rows = self.embedded(problem, fit["engine"])
        verdict = Verdict(fit["verdict"].partition(":")[0], (), {})
        return Fit(problem, self.settings, fit["engine"], rows, verdict, beside=beside)


def _is_of(problem: Problem, row: EffectRow) -> bool:
    try:
        estimand_id(problem, row)
    except KeyError:
        return False
    return True
