"""Kept draws: one netCDF file per sampled fit, with its checksum in a file beside it."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bayes_ivf.batches.cells import Cell, Recipe, draws_key
from bayes_ivf.batches.work import ONE_TREE
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.files import STAGING

FOLDER = "posteriors"


def tree_path(folder: Path, cell: Cell, recipe: Recipe) -> Path:
    """Return where the draws of a fit lie: a readable name that every file system takes, made unique by their key."""
    text = ".".join(part for part in (cell.study, cell.outcome, cell.model, cell.options, cell.prior) if part)
    plain, key = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:120], draws_key(cell.problem, recipe)
    return folder / FOLDER / f"{plain}.{key.hex()[:16]}.nc"


def has_tree(folder: Path, cell: Cell, recipe: Recipe) -> bool:
    """Whether the draws of a fit are there and whole."""
    path = tree_path(folder, cell, recipe)
    try:
        kept = path.with_suffix(".sha256").read_text(encoding="ascii").strip()
        return hashlib.sha256(path.read_bytes()).hexdigest() == kept
    except (OSError, UnicodeDecodeError):
        return False


def write_tree(folder: Path, cell: Cell, recipe: Recipe, tree: bytes) -> None:
    """Write the draws of a fit; each file appears whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    path = tree_path(folder, cell, recipe)
    try:
        path.parent.mkdir(exist_ok=True)
        _write(path, tree)
        _write(path.with_suffix(".sha256"), hashlib.sha256(tree).hexdigest().encode())
    except OSError as reason:
        raise OutputError(
            Fault(str(path), reason.strerror or "an error of the file system", "a writable folder with space",
                  "free the folder; what was finished is kept")
        ) from None  # fmt: skip


def read_draws(folder: Path, cell: Cell, recipe: Recipe, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the draws of quantities from a file that `has_tree` found whole, shape (quantity, sample)."""
    import xarray

    with ONE_TREE, xarray.open_dataset(tree_path(folder, cell, recipe), group="posterior", engine="netcdf4") as kept:
        return np.stack([np.asarray(kept[name], dtype=float).ravel() for name in names])


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=STAGING, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
