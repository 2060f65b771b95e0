"""Which outcomes of a study stand in the hierarchy, in which order, and why others do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bayes_ivf.forms import claim_only, counts, form_of, mean_sd
from bayes_ivf.problem import constant_arms
from bayes_ivf.structures.funnel.problem import anchor_of
from bayes_ivf.study import ARMS, Outcome, Study, plural

PREGNANCY = "pregnancy"
"""Family of outcomes that count the same women on their way to birth."""


@dataclass(frozen=True)
class Members:
    """Outcomes whose effects are drawn toward each other.

    Parameters
    ----------
    stages : Outcome or None
        Losses among clinical pregnancies, on which the joint likelihood of all stages hangs.
    counts, means, directed, silent : tuple of Outcome
        Each with a likelihood of its own; claims that one arm is higher, and claims of no difference.
    left_out : mapping of str to str
        Why other outcomes are not among them, by id; those that stages speak of are not here.
    """

    stages: Outcome | None
    counts: tuple[Outcome, ...]
    means: tuple[Outcome, ...]
    directed: tuple[Outcome, ...]
    silent: tuple[Outcome, ...]
    left_out: Mapping[str, str]

    @property
    def claims(self) -> tuple[Outcome, ...]:
        """Outcomes known from words alone."""
        return (*self.directed, *self.silent)

    @property
    def alone(self) -> tuple[Outcome, ...]:
        """Outcomes with a likelihood of their own, in the order of the effects."""
        return (*self.counts, *self.means, *self.claims)

    @property
    def number(self) -> int:
        """How many effects there are at least; stages have two."""
        return len(self.alone) + (2 if self.stages else 0)


def members_of(study: Study, undirected: str = "out") -> Members:
    """Choose the outcomes of a study.

    Parameters
    ----------
    study : Study
    undirected : {"out", "in"}
        Whether outcomes without a beneficial direction take part, as if higher were better.
    """
    anchor = anchor_of(study)
    stages = None if anchor is None or _unusable(anchor) else anchor
    groups: dict[str, list[Outcome]] = {form.name: [] for form in (counts.FORM, mean_sd.FORM, claim_only.FORM)}
    left_out: dict[str, str] = {}
    of_women = False
    for item in study.items:
        reason = _unusable(item) or ("" if item.sign or undirected == "in" else "no direction of it is benefit")
        on_the_way = _on_the_way(item)
        if on_the_way and stages is not None:
            continue
        if not reason and on_the_way and of_women:
            reason = "it counts the same women as another outcome, and there is no likelihood of both"
        if reason:
            left_out[item.id] = reason
            continue
        of_women = of_women or on_the_way
        form = form_of(item)
        groups["" if form is None else form.name].append(item)
    counted, means, claims = (tuple(group) for group in groups.values())
    silent = tuple(item for item in claims if _direction(item) == "none")
    directed = tuple(item for item in claims if _direction(item) != "none")
    return Members(stages, counted, means, directed, silent, left_out)


def points_up(item: Outcome) -> bool:
    """Whether a claim says that the treatment arm is higher."""
    return _direction(item) == "higher"


def _direction(item: Outcome) -> str:
    return "" if item.claim is None else item.claim.direction


def _on_the_way(item: Outcome) -> bool:
    """Whether an outcome counts women on their way to birth."""
    counted = form_of(item) == counts.FORM and item.role == "outcome"
    return counted and (item.family == PREGNANCY or item.stage is not None or item.per == "clinical_pregnancy")


def _unusable(item: Outcome) -> str:
    """Say why an outcome has no likelihood here; empty if it has one."""
    form = form_of(item)
    if item.role != "outcome":
        return "it is no outcome"
    if form not in (counts.FORM, mean_sd.FORM, claim_only.FORM) or item.left_out:
        return "nothing was printed that has a likelihood here"
    if form == counts.FORM and any(item.counts(arm) is None for arm in ARMS):
        return "its counts are not known"
    if item.per == "embryo" or item.most is not None:
        return f"{plural(item.per)} of one woman are not independent"
    if form == mean_sd.FORM and (constant_arms(item) or item.spread in ("range", "unknown")):
        return "no standard deviation follows from what was printed"
    return _empty_words(item) if form == claim_only.FORM else ""


def _empty_words(item: Outcome) -> str:
    """Say why the words of a claim are not used; empty if they are."""
    said = item.claim
    if said is None or said.level is None or said.relation not in ("<", ">"):
        return "its claim has no inequality for P"
    if (said.relation == ">") != (said.direction == "none"):
        return "the direction of its claim contradicts P"
    if said.direction == "differs":
        return "its claim names no direction"
    return "its claim is about counts" if item.of == "counts" else ""
