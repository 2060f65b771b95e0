"""The order of rows: that of the sources and of what was asked, whatever was fitted first and however often it was taken up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bayes_ivf.batches.cells import Cell

ASKED = ("models", "priors")
"""Entries of a manifest: ids of cards and prior sets in the order in which they rank."""


def in_order(cells: Iterable[Cell], asked: Mapping[str, Sequence[str]]) -> list[Cell]:
    """Sort cells by study and outcome, each as first seen, then by model and prior as asked; what was not asked comes last.

    A prior that does not apply to the first outcomes still comes before the others of those to which it applies.
    """
    many = list(cells)
    ranks: list[dict[object, int]] = [{}, {}]
    ranks += [{name: place for place, name in enumerate(asked.get(entry, ()))} for entry in ASKED]
    keyed = []
    for position, cell in enumerate(many):
        names = (cell.study, (cell.study, cell.outcome), cell.model, cell.prior)
        rank = tuple(table.setdefault(name, len(table)) for table, name in zip(ranks, names, strict=True))
        keyed.append((*rank, position))
    return [many[key[-1]] for key in sorted(keyed)]


def ranked(now: Mapping[str, Sequence[str]], before: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return what is asked now, then what a folder was asked before."""
    return {entry: list(dict.fromkeys([*now.get(entry, ()), *before.get(entry, ())])) for entry in ASKED}
