"""The probability of all intervals of a folder: one, chosen or taken up; kept fits of another are told anew, or refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from bayes_ivf import defaults, files
from bayes_ivf.batches.cells import Cell, Recipe, fit_key, with_engine
from bayes_ivf.batches.grid import Grid
from bayes_ivf.batches.part import Part
from bayes_ivf.batches.store import Store
from bayes_ivf.batches.trees import has_tree, read_draws
from bayes_ivf.effects import FIELDS, summarize_draws
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.results import percent
from bayes_ivf.settings import check_level
from bayes_ivf.words import counted

ENDS = [FIELDS.index(name) for name in ("ci_low", "ci_high", "hdi_low", "hdi_high")]
"""What of a fit depends on the level."""


def level_of(folder: Path, ci_prob: object, quantities: str) -> float:
    """Return the level of a batch: the one that is given, else that of its folder.

    Raises
    ------
    RequestError
        If it is none, or is given where there are no intervals.
    """
    if ci_prob is None:
        path = folder / files.MANIFEST
        known = files.read_manifest(folder) if path.exists() else {}
        return check_level(known.get("ci_prob", defaults.CI_PROB), f"{path}, ci_prob")
    level = check_level(ci_prob)
    if quantities == "probabilities":
        found = f"{level:g} beside probabilities, which have no interval"
        raise RequestError(Fault("ci_prob", found, "quantities with intervals: all", "leave out --interval"))
    return level


def at_other_levels(store: Store, cells: Iterable[Cell], ci_prob: float) -> list[tuple[Cell, float]]:
    """Return cells whose kept fits have intervals of another level, each with its level."""
    found = ((cell, store.find(cell.key)) for cell in cells)
    kept = ((cell, part[0]) for cell, part in found if part is not None)
    return [(cell, part.ci_prob) for cell, part in kept if part.summaries and part.ci_prob != ci_prob]


def settle_level(store: Store, grid: Grid, folder: Path) -> None:
    """Forget cells of another level that the grid makes anew.

    Raises
    ------
    RequestError
        If there are others beside them, which it does not name; the store then stays as it is.
    """
    now = grid.recipe.ci_prob
    old = at_other_levels(store, store.cells(), now)
    names = {cell.name for cell in grid.cells}
    if old and grid.engine == "auto":  # no other reason to ask for the version of the sampler
        sampled = {with_engine(cell, "nuts", grid.recipe).name for cell in grid.cells}
        names |= {cell.name for cell, was in old if cell.name in sampled and _stands_in(store, cell, grid.recipe, was)}
    beside = [(cell, was) for cell, was in old if cell.name not in names]
    if beside:
        cell, was = beside[0]
        such = "/".join(part for part in cell.name if part)
        found = (
            f"{counted(len(beside), 'fit')} with {percent(was)} intervals that this batch does not name, such as {such}"
        )
        action = f"name them as well, go on with --interval {was:g}, or choose another --out"
        raise RequestError(Fault(str(folder), found, f"one level in a folder, here {percent(now)}", action))
    store.drop_cells(cell for cell, _ in old)


def _stands_in(store: Store, cell: Cell, recipe: Recipe, ci_prob: float) -> bool:
    """Whether NUTS answered a cell since quadrature was too inaccurate."""
    found = store.find(fit_key(cell.problem, "exact", replace(recipe, ci_prob=ci_prob)))
    return found is not None and found[0].levels[found[1]] == "fail"


def retold(store: Store, cell: Cell, recipe: Recipe, folder: Path) -> Part | None:
    """Return a sampled fit of another level with the intervals of this one, from its kept draws; None without them.

    Parameters
    ----------
    store : Store
    cell : Cell
        Of NUTS.
    recipe : Recipe
    folder : Path
        With the draws.
    """
    for ci_prob in store.levels - {recipe.ci_prob}:
        found = store.find(fit_key(cell.problem, "nuts", replace(recipe, ci_prob=ci_prob)))
        if found is None or not found[0].summaries or not has_tree(folder, cell, recipe):
            continue
        part, index = found
        figures = part.figures[[index]]
        here = np.flatnonzero(~np.isnan(figures[0, :, FIELDS.index("median")]))
        draws = read_draws(folder, cell, recipe, [str(part.ids[place]) for place in here])
        summary = summarize_draws(draws, recipe.ci_prob)
        figures[0, here[:, None], ENDS] = np.concatenate([summary.ci, summary.hdi], axis=1)
        return replace(
            part,
            keys=(fit_key(cell.problem, "nuts", recipe),),
            figures=figures,
            levels=(part.levels[index],),
            reasons=(part.reasons[index],),
            evidence=part.evidence[[index]],
            ci_prob=recipe.ci_prob,
        )
    return None
