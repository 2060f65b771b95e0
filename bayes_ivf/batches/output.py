"""The files of a batch, made from its store; all appear at once, the manifest last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import files
from bayes_ivf.batches.cells import Cell, Recipe
from bayes_ivf.batches.comparison import compare_studies, write_comparison
from bayes_ivf.batches.csv_file import write_frames
from bayes_ivf.batches.effects_table import effect_frames, evidence_frame
from bayes_ivf.batches.grid import PAGES, Grid
from bayes_ivf.batches.order import in_order, ranked
from bayes_ivf.batches.pages import FOLDER, write_pages
from bayes_ivf.batches.review_files import findings_in, write_reviews
from bayes_ivf.batches.store import Store
from bayes_ivf.batches.tally import Tally
from bayes_ivf.inference import versions
from bayes_ivf.results import EFFECTS, EVIDENCE, FAILURES, JOINT, new_manifest

if TYPE_CHECKING:
    import pandas as pd

NAME = "batch"
LEFT_OUT = "left out"
"""Stage of rows of tables that are no problem at all."""
TOLD = 50
"""Reasons for combinations left out that the manifest lists."""


@dataclass(frozen=True)
class Counts:
    """What a folder holds: cells asked for so far, and what became of them."""

    cells: int
    fits: int
    rows: int
    failed: int
    gated: int
    unfinished: int
    reasons: tuple[str, ...] = field(default=(), compare=False)


def start_manifest(folder: Path, ci_prob: float) -> None:
    """Mark a folder as a batch before anything else lies in it, so that a killed batch can be taken up again."""
    if not (folder / files.MANIFEST).exists():
        known = {"kind": "batch", "name": NAME, "status": "unfinished", "ci_prob": ci_prob}
        files.write_manifest(folder, {"schema_version": files.SCHEMA_VERSION, **known})


def write_batch(folder: Path, store: Store, grid: Grid, tally: Tally, status: str) -> Counts:
    """Write every table and page of what the store holds.

    Raises
    ------
    OutputError
        If the folder cannot be written; earlier files then stand as they were.
    """
    asked = ranked(grid.asked, files.read_manifest(folder))
    cells = in_order(store.cells(), asked)
    recipe = grid.recipe
    with files.staged(folder) as staging:
        rows = write_frames(effect_frames(store, cells, recipe.ci_prob), staging / EFFECTS.file)
        EVIDENCE.write(evidence_frame(store, cells), staging)
        failures = _failures(store, cells, grid)
        FAILURES.write(failures, staging)
        counts = _counts(store, cells, rows, failures)
        compared = compare_studies(store, cells, recipe)
        write_comparison(compared, staging)
        write_reviews(folder, staging, grid.reviews)
        manifest = _manifest(grid, tally, counts, status) | asked
        write_pages(staging, compared, manifest, findings_in(staging, folder))
        manifest["files"] = files.checksums(staging)
        files.write_manifest(staging, manifest)
    files.remove_stale(folder, f"{FOLDER}/*.html", JOINT.file, "effects.parquet")
    return counts


def _failures(store: Store, cells: Sequence[Cell], grid: Grid) -> pd.DataFrame:
    """Return what failed and why: rows left out, fits without a result, and fits whose gate failed."""
    import pandas as pd

    reasons = store.failures()
    rows: list[tuple[str, ...]] = [
        (study, outcome, "", "", "", "", LEFT_OUT, reason, "") for study, outcome, reason in grid.unmeasured
    ]
    for cell in cells:
        found = store.find(cell.key)
        if found is not None and found[0].levels[found[1]] == "fail":
            rows.append((*cell.name, "gate", found[0].reasons[found[1]], cell.problem))
        elif found is None and cell.key in reasons:
            rows.append((*cell.name, *reasons[cell.key], cell.problem))
    return pd.DataFrame(rows, columns=list(FAILURES.names))


def _counts(store: Store, cells: Sequence[Cell], rows: int, failures: pd.DataFrame) -> Counts:
    gated = int((failures.stage == "gate").sum())
    kept = sum(store.holds(cell.key) for cell in cells)
    fits = failures[failures.stage != LEFT_OUT]
    failed = len(fits) - gated
    told = tuple(
        f"{'/'.join(part for part in row[:6] if part)}: {row[6]}: {row[7]}"
        for row in fits.head(10).itertuples(index=False)
    )
    return Counts(len(cells), kept, rows, failed, gated, len(cells) - kept - failed, told)


def _manifest(grid: Grid, tally: Tally, counts: Counts, status: str) -> dict[str, Any]:
    told = grid.left_out.most_common(TOLD)
    numbers = {name: value for name, value in asdict(counts).items() if name != "reasons"}
    return new_manifest(
        "batch",
        NAME,
        status,
        grid.recipe.settings,
        grid.recipe.ci_prob,
        versions(),
        engine=grid.engine,
        quantities="all" if grid.recipe.summaries else "probabilities",
        counts=numbers,
        this_run={
            "fits": tally.total,
            "kept": tally.kept,
            "fitted": tally.fitted,
            "failed": tally.failed,
            "seconds": round(tally.seconds, 3),
        },
        left_out=[{"reason": reason, "combinations": count} for reason, count in told],
        pages_limit=PAGES,
        notes=list(grid.notes),
        reviews={
            review.name: {
                "findings": len(review.findings),
                "left_out": len(review.left_out),
                "overall_estimates": dict(Counter(check.reproduced for check in review.checks)),
            }
            for review in grid.reviews
        },
    )


def dry_run(grid: Grid) -> pd.DataFrame:
    """Return what a batch would do: fits and shapes by model, engine and prior, and about how long they take."""
    import pandas as pd

    distinct: Counter[tuple[str, str, str]] = Counter()
    shapes: dict[tuple[str, str, str], set[int]] = {}
    seen: set[bytes] = set()
    for cell, group in zip(grid.cells, grid.groups, strict=True):
        key = (cell.model, cell.engine, cell.prior)
        shapes.setdefault(key, set())
        if cell.key not in seen:
            seen.add(cell.key)
            distinct[key] += 1
            shapes[key].add(group)
    rows = [
        (*key, distinct[key], len(groups), round(seconds(key[1], distinct[key], grid.recipe), 1))
        for key, groups in shapes.items()
    ]
    return pd.DataFrame(rows, columns=["model", "engine", "prior", "fits", "shapes", "core_seconds"])


FIT_SECONDS = {"exact": 0.005, "probabilities": 0.0012, "nuts": 0.08}
"""Core seconds of one fit of two arms, as measured by the benchmarks; structures with more parameters take longer."""
COMPILE_SECONDS = 12.0
"""Seconds to compile one shape for NUTS."""


def seconds(engine: str, fits: int, recipe: Recipe) -> float:
    """Return about how many core seconds some fits take."""
    kind = "probabilities" if engine == "exact" and not recipe.summaries else engine
    return fits * FIT_SECONDS[kind]
