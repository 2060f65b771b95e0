"""The pages of a finished batch, made again from its store without fitting anything."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from bayes_ivf import files
from bayes_ivf.batches.comparison import compare_studies, comparison_frame
from bayes_ivf.batches.lock import locked
from bayes_ivf.batches.order import in_order
from bayes_ivf.batches.output import SCHEMA_VERSION, write_csv
from bayes_ivf.batches.pages import write_pages
from bayes_ivf.batches.store import NAME, Store
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.settings import Settings


def rebuild_pages(folder: Path) -> Path:
    """Write ``comparison.csv``, the page of every study and the index again; return the index.

    Raises
    ------
    OutputError
        If the folder holds no batch, one that was never finished, or one of another schema version.
    """
    manifest = files.read_manifest(folder)
    where = str(folder)
    if manifest.get("kind") != "batch":
        raise OutputError(
            Fault(where, f"a {manifest.get('kind')}", "a folder that a batch wrote", "name another folder")
        )
    if manifest["schema_version"] != SCHEMA_VERSION:
        found = f"schema version {manifest['schema_version']}"
        raise OutputError(Fault(where, found, f"schema version {SCHEMA_VERSION}", "run the batch again"))
    if "counts" not in manifest or not (folder / NAME).exists():
        raise OutputError(
            Fault(
                where, "a batch without results", "a batch that was finished or interrupted", "run the same batch again"
            )
        )
    with locked(folder), Store(folder) as store, files.staged(folder) as staging:
        compared = compare_studies(store, in_order(store.cells()), Settings(**manifest["settings"]))
        write_csv(comparison_frame([row for each in compared for row in each.rows]), staging / "comparison.csv")
        write_pages(staging, compared, manifest)
        manifest["files"] |= {
            path.relative_to(staging).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(staging.rglob("*"))
            if path.is_file()
        }
        files.write_text(staging / files.MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False))
    return folder / "index.html"
