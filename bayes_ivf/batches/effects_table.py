"""From kept fits to ``effects.csv`` and ``evidence.csv``: column by column, never an object per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bayes_ivf import defaults
from bayes_ivf.batches.cells import Cell, read_problem
from bayes_ivf.batches.part import Part
from bayes_ivf.batches.store import Store
from bayes_ivf.effects import FIELDS, REPORTED, SIZE, derived_figures, derived_ids
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.problem import Problem, options_text
from bayes_ivf.results import COLUMNS, EVIDENCE, EVIDENCE_NUMBERS, OF_SIGN, note

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 10_000
"""Cells that are written at a time; bounds the memory."""
MEDIAN = FIELDS.index("median")


@dataclass
class _Group:
    """Cells of a chunk whose fits have the same quantities."""

    ids: tuple[EstimandId, ...]
    places: list[int] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    figures: list[Any] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)


def effect_frames(store: Store, cells: Sequence[Cell], ci_prob: float) -> Iterator[pd.DataFrame]:
    """Give the rows of all fits that are kept, columns as in ``effects.csv``, some cells at a time."""
    for start in range(0, len(cells), CHUNK):
        yield effect_frame(store, cells[start : start + CHUNK], ci_prob)


def effect_frame(store: Store, cells: Sequence[Cell], ci_prob: float) -> pd.DataFrame:
    """Return the rows of some cells, in their order; a cell without a kept fit has none. All have the level of the folder."""
    import pandas as pd

    groups: dict[tuple[EstimandId, ...], _Group] = {}
    for place, cell in enumerate(cells):
        found = store.find(cell.key)
        if found is None:
            continue
        part, index = found
        group = groups.setdefault(part.ids, _Group(part.ids))
        group.places.append(place)
        group.cells.append(cell)
        group.figures.append(part.figures[index])
        group.levels.append(part.levels[index])
        group.whole.append(part.summaries)
    made = [_rows(group) for group in groups.values()]
    if not made:
        return pd.DataFrame({name: [] for name in COLUMNS})
    named = (name for name in COLUMNS if name != "ci_level")
    frame = pd.DataFrame({name: np.concatenate([columns[name] for columns, _ in made]) for name in named})
    frame.insert(COLUMNS.index("ci_level"), "ci_level", ci_prob)
    if len(made) > 1:
        frame = frame.iloc[np.argsort(np.concatenate([order for _, order in made]), kind="stable")]
    return frame


def _rows(group: _Group) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return columns of a group's rows, and the place of each row's cell."""
    figures = np.stack(group.figures)
    # a claim that names no direction has a size, and nothing that hangs on its sign
    sized = [each.of(SIZE) in group.ids for each in group.ids]
    for name in OF_SIGN:
        figures[:, sized, FIELDS.index(name)] = np.nan
    problems = [read_problem(cell.spec) for cell in group.cells] if any(each.place for each in group.ids) else []
    exists = ~np.isnan(figures[:, :, MEDIAN]) | ~np.array(group.whole)[:, None]
    derived = _derived(group, figures, problems)
    ids = (*group.ids, *derived)
    figures = np.concatenate([figures, *(values[:, None] for values in derived.values())], axis=1)
    exists = np.concatenate([exists, *(~np.isnan(values[:, [MEDIAN]]) for values in derived.values())], axis=1)
    heads = _heads(group, ids, problems)
    fits, count = exists.shape
    cell_of, name_of = (axis[exists] for axis in np.indices((fits, count)))

    def per_fit(values: Sequence[object]) -> np.ndarray:
        return np.asarray(np.array(values, dtype=object)[cell_of])

    estimands = [REPORTED[each.estimand] for each in ids]
    columns: dict[str, np.ndarray] = {
        name: per_fit([getattr(cell, name) for cell in group.cells]) for name in ("study", "model", "prior", "engine")
    }
    columns |= {
        "outcome": heads[0][exists],
        "options": heads[1][exists],
        "mcid": heads[2][exists].astype(float),
        "estimand": np.array([each.name for each in estimands], dtype=object)[name_of],
        "scale": np.array([each.scale for each in estimands], dtype=object)[name_of],
        "ci_kind": np.full(len(cell_of), defaults.CI_KIND, dtype=object),
        "verdict": per_fit(group.levels),
        "problem": per_fit([cell.problem for cell in group.cells]),
    }
    columns |= {name: figures[:, :, i][exists] for i, name in enumerate(FIELDS)}
    return columns, np.array(group.places)[cell_of]


def _derived(group: _Group, figures: np.ndarray, problems: Sequence[Problem]) -> dict[EstimandId, np.ndarray]:
    """Numbers (fit, field) of what follows from the quantities of a group; NaN where it does not exist."""
    found = {}
    for each, source in derived_ids(group.ids).items():
        abouts = [problem.places[each.place] for problem in problems] if each.place else group.cells
        signs = [about.sign for about in abouts]
        found[each] = derived_figures(each.estimand, signs, figures[:, group.ids.index(source)])
    return found


def _heads(
    group: _Group, ids: Sequence[EstimandId], problems: Sequence[Problem]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, options and MCID of every fit and quantity, each of shape (fit, quantity)."""
    shape = (len(group.cells), len(ids))
    outcome, options = np.empty(shape, dtype=object), np.empty(shape, dtype=object)
    mcid = np.full(shape, np.nan)
    own = [np.nan if cell.mcid is None else cell.mcid for cell in group.cells]
    for j, each in enumerate(ids):
        if not each.place:
            outcome[:, j] = [cell.outcome for cell in group.cells]
            options[:, j] = [cell.options for cell in group.cells]
            sizes: Sequence[float] = own
        else:
            abouts = [problem.places[each.place] for problem in problems]
            outcome[:, j] = [about.outcome for about in abouts]
            options[:, j] = [
                options_text(dict(problem.options) | dict(about.options))
                for problem, about in zip(problems, abouts, strict=True)
            ]
            sizes = [np.nan if about.mcid is None else about.mcid for about in abouts]
        if REPORTED[each.estimand].mcid:
            mcid[:, j] = sizes
    return outcome, options, mcid


def evidence_frame(store: Store, cells: Sequence[Cell]) -> pd.DataFrame:
    """Return the rows of ``evidence.csv``: fits of the exact engine that were summarized."""
    import pandas as pd

    rows: list[tuple[Cell, Part, int]] = []
    for cell in cells:
        found = store.find(cell.key) if cell.engine == "exact" else None
        if found is not None and found[0].summaries:
            rows.append((cell, *found))
    numbers = np.array([part.evidence[index] for _, part, index in rows], dtype=float).reshape(
        len(rows), EVIDENCE_NUMBERS
    )
    columns: dict[str, Any] = {name: [getattr(cell, name) for cell, _, _ in rows] for name in EVIDENCE.names[:6]}
    columns["width"] = 1.0
    with np.errstate(over="ignore"):
        factors = np.exp(numbers[:, 1:])
    columns["log_marginal_likelihood"] = numbers[:, 0]
    columns["log_bayes_factor_null"], columns["bayes_factor_null"] = numbers[:, 1], factors[:, 0]
    columns["log_bayes_factor_other"], columns["bayes_factor_other"] = numbers[:, 2], factors[:, 1]
    columns["note"] = [note(*known) for known in np.isfinite(numbers[:, :2])]
    columns |= {
        name: [getattr(cell, name) for cell, _, _ in rows] for name in ("problem", "null", "priors", "other_null")
    }
    return EVIDENCE.typed(pd.DataFrame(columns))
