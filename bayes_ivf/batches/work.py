"""What a worker does with a job: specifications in, numbers out. The same function in every executor."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bayes_ivf.batches.cells import Recipe
from bayes_ivf.batches.part import Part
from bayes_ivf.effects import ESTIMANDS, FIELDS
from bayes_ivf.inference import solve_exact
from bayes_ivf.problem import Problem
from bayes_ivf.results import EVIDENCE_NUMBERS, figures_from_rows

if TYPE_CHECKING:
    from xarray import DataTree

ONE_TREE = threading.Lock()
"""The netCDF library takes one thread at a time, and completing a tree swaps data in a shared model."""
SUMMARIES = [
    FIELDS.index(name) for name in ("mean", "median", "sd", "ci_low", "ci_high", "hdi_low", "hdi_high", "mcse")
]


@dataclass(frozen=True, eq=False)
class Work:
    """A job with everything that a worker needs; travels as plain data.

    Parameters
    ----------
    engine : {"exact", "nuts"}
    problems : tuple of Problem
        Of one shape.
    keys : tuple of bytes
    recipe : Recipe
    """

    engine: str
    problems: tuple[Problem, ...]
    keys: tuple[bytes, ...]
    recipe: Recipe


def do_work(work: Work, crew: int = 1) -> Part:
    """Fit the problems of a job, in this thread; quadrature may hand large ones on to `crew` processes."""
    start = time.perf_counter()
    part = exact_part(work, crew) if work.engine == "exact" else nuts_part(work)
    return replace(part, seconds=time.perf_counter() - start)


def exact_part(work: Work, crew: int) -> Part:
    """Solve the problems of a job by quadrature."""
    solved = solve_exact(work.problems, crew, summaries=work.recipe.summaries, ci_prob=work.recipe.ci_prob)
    return Part(
        "exact",
        work.keys,
        solved.ids,
        solved.figures,
        tuple(verdict.level for verdict in solved.verdicts),
        tuple("; ".join(verdict.reasons) for verdict in solved.verdicts),
        solved.evidence,
        work.recipe.summaries,
        work.recipe.ci_prob,
    )


def nuts_part(work: Work) -> Part:
    """Sample the problems of a job.

    A kept number hangs on all code that a fit might run, so that none is made: it answers questions that nobody asks here.
    """
    from bayes_ivf.inference.run_nuts import rows_of, sample_problem, tree_of

    fits, trees = [], {}
    for place, problem in enumerate(work.problems):
        found = sample_problem(problem, work.recipe.settings, cores=1)
        estimands, rows = rows_of(problem, found, work.recipe.ci_prob)
        if work.recipe.keep_draws:
            with ONE_TREE:
                trees[place] = _bytes(tree_of(problem, work.recipe.settings, found, estimands))
        fits.append((tuple(estimands), rows, found.verdict))
    known = dict.fromkeys(each for given, _, _ in fits for each in given)
    ids = tuple(each for each in known if work.recipe.summaries or ESTIMANDS[each.estimand].mcid)
    figures = np.full((len(fits), len(ids), len(FIELDS)), np.nan)
    for place, (given, rows, _) in enumerate(fits):
        numbers = figures_from_rows(rows)
        for row, each in enumerate(given):
            if each in ids:
                figures[place, ids.index(each)] = numbers[row]
    if not work.recipe.summaries:
        figures[:, :, SUMMARIES] = np.nan
    return Part(
        "nuts",
        work.keys,
        ids,
        figures,
        tuple(verdict.level for _, _, verdict in fits),
        tuple("; ".join(verdict.reasons) for _, _, verdict in fits),
        np.full((len(fits), EVIDENCE_NUMBERS), np.nan),
        work.recipe.summaries,
        work.recipe.ci_prob,
        trees,
    )


def _bytes(tree: DataTree) -> bytes:
    """Return a tree as the bytes of a netCDF file; a worker need not share the writer's disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tree.nc"
        tree.to_netcdf(path, engine="netcdf4")
        return path.read_bytes()
