"""Files that are whole or absent: everything is written under a temporary name and then renamed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bayes_ivf.errors import Fault, OutputError

MANIFEST = "manifest.json"
STAGING = ".writing-"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a finished run or batch.

    Raises
    ------
    OutputError
        If the folder holds none, or it is broken.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as reason:
        raise OutputError(
            Fault(
                str(folder),
                f"no readable {MANIFEST} ({type(reason).__name__})",
                "a folder that a run wrote",
                "name another folder",
            )
        ) from None
    if not isinstance(manifest, dict) or "schema_version" not in manifest:
        raise OutputError(
            Fault(str(path), "no manifest of this package", "a folder that a run wrote", "name another folder")
        )
    return manifest


def claim_folder(folder: Path, kind: str, name: str) -> None:
    """Check, before any work, that results may be written to a folder; create it if it is missing.

    Parameters
    ----------
    folder : Path
    kind : str
        ``"run"`` or ``"batch"``.
    name : str
        What the folder is about; a folder about something else is refused.

    Raises
    ------
    OutputError
        If it is a file, not writable, or holds something else.
    """
    where = f"output folder {folder}"
    if folder.exists() and not folder.is_dir():
        raise OutputError(Fault(where, "a file", "a folder, or a name that does not exist yet", "choose another --out"))
    if folder.is_dir() and any(entry for entry in folder.iterdir() if not entry.name.startswith(STAGING)):
        try:
            manifest = read_manifest(folder)
        except OutputError:
            raise OutputError(
                Fault(
                    where,
                    "files that are not a run of this package",
                    "an empty folder, or an earlier run",
                    "choose another --out",
                )
            ) from None
        if (manifest.get("kind"), manifest.get("name")) != (kind, name):
            found = f"a {manifest.get('kind')} of {manifest.get('name')}"
            raise OutputError(Fault(where, found, f"an empty folder, or a {kind} of {name}", "choose another --out"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=STAGING, dir=folder):
            pass
    except OSError as reason:
        raise OutputError(
            Fault(where, reason.strerror or "an error of the file system", "a writable folder", "choose another --out")
        ) from None


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a temporary folder whose files replace those of `folder` when the block ends without an error.

    Each file is replaced atomically, the manifest last. Leftovers of an interrupted write are removed.
    """
    for leftover in folder.glob(f"{STAGING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=folder))
    try:
        yield staging
        files = sorted(path for path in staging.rglob("*") if path.is_file())
        for path in sorted(files, key=lambda path: path.name == MANIFEST):
            target = folder / path.relative_to(staging)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)  # noqa: PTH105
    except OSError as reason:
        raise OutputError(
            Fault(f"output folder {folder}", reason.strerror or "an error of the file system", "a writable folder with space",
                  "free the folder or choose another --out")
        ) from None  # fmt: skip
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, in UTF-8 and with the same line ends everywhere."""
    handle, name = tempfile.mkstemp(prefix=STAGING, dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
