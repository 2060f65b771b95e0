"""The order of rows: that of the sources, whatever was fitted first and however often the batch was taken up again."""

from __future__ import annotations

from collections.abc import Iterable

from bayes_ivf.batches.cells import Cell


def in_order(cells: Iterable[Cell]) -> list[Cell]:
    """Sort cells by study and outcome, model and prior, each as first seen; a batch made in two steps is in the same order."""
    many = list(cells)
    ranks: list[dict[object, int]] = [{}, {}, {}, {}]
    keyed = []
    for position, cell in enumerate(many):
        names = (cell.study, (cell.study, cell.outcome), cell.model, cell.prior)
        rank = tuple(table.setdefault(name, len(table)) for table, name in zip(ranks, names, strict=True))
        keyed.append((*rank, position))
    return [many[key[-1]] for key in sorted(keyed)]
