"""Studies x outcomes x cards x prior sets -> cells, and the jobs that fit them; jobs depend on the grid alone."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from bayes_ivf.batches.blocks import Block, StudyBlock, TableBlock, study_block
from bayes_ivf.batches.cells import Cell, Recipe, make_cell, with_engine
from bayes_ivf.batches.order import ASKED
from bayes_ivf.batches.reviewed import Reviewed
from bayes_ivf.batches.sources import Source
from bayes_ivf.batches.tabled import study_rows, table_rows
from bayes_ivf.cards import Card
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.inference import exact_key
from bayes_ivf.priors import PriorSet
from bayes_ivf.problem import Problem
from bayes_ivf.settings import check_engine
from bayes_ivf.study import Study, parse_study, study_table

JOB_SIZE = {"exact": 1024, "nuts": 4}
"""Fits of one job at most; exact jobs begin smaller, so that little is lost when a run is killed."""
PAGES = 200
"""Studies of tables up to which each gets a page of its own."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Job:
    """Fits of one engine and one shape.

    Parameters
    ----------
    engine : {"exact", "nuts"}
    places : tuple of int
        Cells of the grid; no two have the same key.
    deaths : int
        Workers that died while they had it.
    """

    engine: str
    places: tuple[int, ...]
    deaths: int = 0


@dataclass(frozen=True, eq=False)
class Grid:
    """What a batch will fit.

    Parameters
    ----------
    blocks : tuple of Block
    cells : list of Cell
        In the order of the sources.
    origins : list of int
        Place of each cell's problem in the chain of blocks.
    groups : list of int
        Shape of each cell: fits of one group are stacked, or share a compile.
    left_out : Counter of str
        Combinations that make no sense, by reason.
    studies : list of (str, dict)
        What pages are made from.
    engine : {"auto", "exact", "nuts"}
        As asked.
    recipe : Recipe
    asked : mapping of str to tuple of str
        Ids of cards and prior sets, the first of each primary.
    """

    blocks: tuple[Block, ...]
    cells: list[Cell]
    origins: list[int]
    groups: list[int]
    left_out: Counter[str]
    studies: list[tuple[str, dict[str, Any]]]
    engine: str
    recipe: Recipe
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What tables were read otherwise than they stand."""
    unmeasured: tuple[tuple[str, str, str], ...] = ()
    """Study, outcome and reason of rows of tables that are left out."""

    reviews: tuple[Reviewed, ...] = ()
    """What reviews hold beside their rows."""

    @property
    def whole(self) -> tuple[Study, ...]:
        """Studies that are no rows of a table."""
        return tuple(block.study for block in self.blocks if isinstance(block, StudyBlock))

    def problem(self, place: int) -> Problem:
        """Make the problem of a cell."""
        ends = list(accumulate(len(block) for block in self.blocks))
        origin = self.origins[place]
        number = bisect_right(ends, origin)
        problem = self.blocks[number].problem(origin - (ends[number - 1] if number else 0))
        if problem is None:
            raise RequestError(Fault(str(self.cells[place].name), "no problem", "a cell of the grid", "plan it again"))
        return problem

    def jobs(self) -> list[Job]:
        """Return all jobs: exact ones first, fits of one shape together, cells of the same content once."""
        found: dict[tuple[str, int], dict[bytes, int]] = {}
        for place, (cell, group) in enumerate(zip(self.cells, self.groups, strict=True)):
            found.setdefault((cell.engine, group), {}).setdefault(cell.key, place)
        ordered = sorted(found.items(), key=lambda item: item[0][0] != "exact")
        return [job for (engine, _), places in ordered for job in split_jobs(engine, list(places.values()))]

    def sampled(self, place: int) -> Cell:
        """Return the cell as NUTS would fit it."""
        return with_engine(self.cells[place], "nuts", self.recipe)


def split_jobs(engine: str, places: Sequence[int]) -> list[Job]:
    """Cut places into jobs."""
    size = JOB_SIZE[engine]
    return [Job(engine, tuple(places[start : start + size])) for start in range(0, len(places), size)]


def make_grid(
    sources: Sequence[Source],
    cards: Sequence[Card],
    sets: Sequence[PriorSet],
    engine: str,
    recipe: Recipe,
    *,
    outcomes: Sequence[str] = (),
    progress: Progress | None = None,
) -> Grid:
    """Plan a batch.

    Parameters
    ----------
    sources : sequence of Study or TrialTable
    cards, sets : sequence
    engine : {"auto", "exact", "nuts"}
        ``auto``: exact where it applies, else NUTS.
    recipe : Recipe
    outcomes : sequence of str
        Only these; all by default.
    progress : callable, optional

    Raises
    ------
    RequestError
        If nothing is left to fit, or the filter names an outcome that no source has.
    """
    check_engine(engine)
    _check_outcomes(sources, outcomes)
    blocks: list[Block] = [
        study_block(source, cards, sets) if isinstance(source, Study) else TableBlock(source, cards, sets)
        for source in sources
    ]
    paged = _paged(sources)
    cells: list[Cell] = []
    origins: list[int] = []
    groups: list[int] = []
    shapes: dict[object, int] = {}
    report = progress or (lambda *_: None)
    total = sum(len(block) for block in blocks)
    start = 0
    for block in blocks:
        spec = isinstance(block, StudyBlock) or paged
        for place in range(len(block)):
            if (start + place) % 1000 == 0:
                report("planning", start + place, total)
            problem = block.problem(place)
            if problem is None or (outcomes and problem.outcome not in outcomes):
                continue
            shape = None if engine == "nuts" else exact_key(problem)
            chosen = "exact" if shape is not None or engine == "exact" else "nuts"
            group = (chosen, shape if chosen == "exact" else problem.compile_key)
            cells.append(make_cell(problem, chosen, recipe, spec=spec))
            origins.append(start + place)
            groups.append(shapes.setdefault(group, len(shapes)))
        start += len(block)
    left_out = sum((block.left_out for block in blocks), Counter())
    if not cells:
        found = "; ".join(list(left_out)[:3]) or "no combination"
        raise RequestError(
            Fault("batch", f"nothing to fit: {found}", "sources, models and priors that fit together", "change one")
        )
    pages = _page_sources(blocks, paged)
    notes = tuple(note for source in sources if not isinstance(source, Study) for note in source.notes)
    rows = tuple(row for block in blocks if isinstance(block, TableBlock) for row in _unmeasured(block, outcomes))
    asked = dict(zip(ASKED, (tuple(each.id for each in many) for many in (cards, sets)), strict=True))
    return Grid(tuple(blocks), cells, origins, groups, left_out, pages, engine, recipe, asked, notes, rows)


def _unmeasured(block: TableBlock, outcomes: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return study, outcome and reason of the rows of a table that were asked for and are left out."""
    table = block.table
    return [
        (table.study[row], table.outcome[row], reason)
        for row, reason in block.unmeasured.items()
        if not outcomes or table.outcome[row] in outcomes
    ]


def _check_outcomes(sources: Sequence[Source], outcomes: Sequence[str]) -> None:
    known = {name for source in sources for name in (source.ids if isinstance(source, Study) else source.outcome)}
    faults = [
        Fault("outcomes", repr(name), ", ".join(sorted(known)[:20]), "name outcomes of the sources")
        for name in outcomes
        if name not in known
    ]
    if faults:
        raise RequestError(faults)


def _paged(sources: Sequence[Source]) -> bool:
    """Whether studies of tables get pages."""
    return len({name for source in sources if not isinstance(source, Study) for name in source.study}) <= PAGES


def _page_sources(blocks: Sequence[Block], paged: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return what pages are made from; a study that neither a file nor rows of a table can hold has none."""
    studies: list[tuple[str, dict[str, Any]]] = []
    of_rows: list[tuple[str, dict[str, Any]]] = []
    for block in blocks:
        if isinstance(block, StudyBlock):
            table = study_table(block.study)
            try:
                parse_study(table, block.study.id)
            except BayesIvfError:
                if kept := study_rows(block.study):
                    of_rows.append((block.study.id, kept | {"reasons": dict(block.reasons)}))
                continue
            studies.append((block.study.id, {"study": table, "reasons": dict(block.reasons)}))
        elif isinstance(block, TableBlock) and paged:
            rows: dict[str, list[int]] = {}
            for row, name in enumerate(block.table.study):
                if row not in block.unmeasured:
                    rows.setdefault(name, []).append(row)
            studies += [(name, table_rows(block.table, places)) for name, places in rows.items()]
    return [*studies, *(of_rows if len(of_rows) <= PAGES else [])]
