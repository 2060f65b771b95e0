"""The pages of a finished batch, made again from its store without fitting anything."""

from __future__ import annotations

from pathlib import Path

from bayes_ivf import files
from bayes_ivf.batches.cells import Recipe
from bayes_ivf.batches.comparison import compare_studies, write_comparison
from bayes_ivf.batches.level import at_other_levels
from bayes_ivf.batches.order import in_order
from bayes_ivf.batches.pages import FOLDER, INDEX, write_pages
from bayes_ivf.batches.review_files import findings_in
from bayes_ivf.batches.store import NAME, Store
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.lock import locked
from bayes_ivf.results import COMPARISON, JOINT, ci_prob_of, percent
from bayes_ivf.settings import Settings


def rebuild_pages(folder: Path) -> Path:
    """Write ``comparison.csv``, the page of every study and the index again; return the index.

    Raises
    ------
    OutputError
        If the folder holds no batch, one that was never finished, one of another schema version, or damaged files; everything
        then stays as it was.
    """
    manifest = files.read_finished(folder, "batch", _made_anew)
    again = "run the same batch again: what is kept is not fitted anew"
    if "counts" not in manifest or not (folder / NAME).exists():
        raise OutputError(
            Fault(str(folder), "a batch without results", "a batch that was finished or interrupted", again)
        )
    with locked(folder), Store(folder, repair=False) as store:
        cells = in_order(store.cells(), manifest)
        held = {"cells": len(cells), "fits": sum(store.holds(cell.key) for cell in cells)}
        if any(held[name] < manifest["counts"][name] for name in held):
            found = f"{held['fits']} fits of {held['cells']} cells"
            allowed = (
                f"at least {manifest['counts']['fits']} of {manifest['counts']['cells']}, as {files.MANIFEST} says"
            )
            raise OutputError(Fault(str(folder / NAME), found, allowed, again))
        recipe = Recipe(Settings(**manifest["settings"]), ci_prob=ci_prob_of(manifest))
        if at_other_levels(store, cells, recipe.ci_prob):
            found = f"fits with other intervals than the {percent(recipe.ci_prob)} of {files.MANIFEST}"
            raise OutputError(Fault(str(folder / NAME), found, "one level", again))
        with files.staged(folder) as staging:
            compared = compare_studies(store, cells, recipe)
            write_comparison(compared, staging)
            write_pages(staging, compared, manifest, findings_in(folder))
            manifest["files"] |= files.checksums(staging)
            files.write_manifest(staging, manifest)
    return folder / INDEX


def _made_anew(name: str) -> bool:
    return name in (COMPARISON.file, JOINT.file, INDEX) or name.startswith(f"{FOLDER}/")
