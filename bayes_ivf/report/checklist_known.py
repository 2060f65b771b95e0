"""What items of checklists are filled from, and how an answer is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from bayes_ivf.report.context import Context
from bayes_ivf.report.details import evidence_rows
from bayes_ivf.report.labels import outcome_label, prior_label
from bayes_ivf.report.marks import PAGE
from bayes_ivf.results import Printed, Said, Value, say

Settled = Literal["answered", "in part", "needs a human"]
NAMED = 3
"""Outcomes that are named with their numbers; the others stand in the tables of the page."""


@dataclass(frozen=True)
class Filled:
    """What a report says to an item.

    Parameters
    ----------
    answer : {"answered", "in part", "needs a human"}
    evidence : Said
        Why; for a gap, what is missing.
    """

    answer: Settled
    evidence: Said


def answered(*parts: str | Value | Said) -> Filled:
    """Settle an item."""
    return Filled("answered", say(*parts))


def in_part(*parts: str | Value | Said) -> Filled:
    """Settle a part of an item."""
    return Filled("in part", say(*parts))


def missing(*parts: str | Value | Said) -> Filled:
    """Leave an item to a human."""
    return Filled("needs a human", say(*parts))


NOTHING = missing("Nothing was estimated.")


@dataclass(frozen=True, eq=False)
class Known:
    """What the items of a report are filled from.

    Parameters
    ----------
    context : Context
    main : tuple of str
        Outcomes that are answered first.
    """

    context: Context
    main: tuple[str, ...]

    @cached_property
    def sampled(self) -> list[Mapping[str, Any]]:
        """Fits by simulation."""
        return [fit for fit in self.context.manifest["fits"] if fit["engine"] == "nuts"]

    @cached_property
    def fits(self) -> list[Mapping[str, Any]]:
        """All fits."""
        return list(self.context.manifest["fits"])

    @cached_property
    def priors(self) -> tuple[str, ...]:
        """Prior sets that were fitted, the primary one first."""
        used = {str(fit["key"][4]) for fit in self.context.manifest["fits"]}
        return tuple(name for name in self.context.manifest.get("priors", {}) if name in used)

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Models that were fitted."""
        return tuple(dict.fromkeys(str(fit["key"][2]) for fit in self.context.manifest["fits"]))

    @cached_property
    def named(self) -> tuple[str, ...]:
        """Outcomes to name with their numbers: main ones, or else the first that have a result of record."""
        known = dict.fromkeys(row.outcome for row in self.context.record)
        return tuple([outcome for outcome in self.main if outcome in known] or known)[:NAMED]

    @cached_property
    def estimated(self) -> int:
        """How many outcomes have a result of record."""
        return len({row.outcome for row in self.context.record})

    @cached_property
    def factors(self) -> list[dict[str, Any]]:
        """Bayes factors of the named outcomes, as the page shows them."""
        return [each for each in evidence_rows(self.context) if each["outcome"] in self.named]

    @property
    def in_formulas(self) -> bool:
        """Whether every model that was fitted stands on the page in formulas."""
        cards = self.context.manifest["models"]
        return all(cards.get(name, {}).get("formulas") for name in self.models)

    @property
    def embedded(self) -> bool:
        """Whether the page holds what it was made from; those of a batch do not."""
        return self.context.manifest.get("kind") == "run"

    def label(self, outcome: str) -> Printed:
        """Return an outcome's label as words of the study file."""
        return Printed(outcome_label(self.context, outcome))


def count(name: str, number: int, noun: str, plural: str = "") -> Said:
    """Return a number of things with their noun, under its key."""
    value = Value(PAGE, "checklist", "none", "none", "none", name, number, str(number))
    return say(value, f" {noun if number == 1 else plural or f'{noun}s'}")


def prior_sets(known: Known) -> Said:
    """Return how many prior sets were fitted."""
    return count("prior_sets", len(known.priors), "prior set")


def named_sets(known: Known) -> Said:
    """Return the same with their labels."""
    labels = Printed("; ".join(prior_label(known.context, name) for name in known.priors))
    return say(prior_sets(known), " (", labels, ")")
