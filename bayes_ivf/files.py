"""Files that are whole or absent, in folders that prove themselves.

Everything is written under a temporary name and then renamed. The manifest carries a checksum of every file and of itself, so
that a damaged, edited or foreign file is found before it is believed.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bayes_ivf.errors import Fault, OutputError

MANIFEST = "manifest.json"
STAGING = ".writing-"
LOCK = f"{STAGING}lock"
"""Named like an unfinished file, so that a folder which holds nothing else still counts as empty."""
SCHEMA_VERSION = 2
"""Of manifests and the tables they stand for; 1 is that of version 0.1."""


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
    except (OSError, ValueError, RecursionError) as reason:
        raise _foreign(str(folder), f"no readable {MANIFEST} ({type(reason).__name__})") from None
    if not isinstance(manifest, dict) or type(manifest.get("schema_version")) is not int:
        raise _foreign(str(path), "no manifest of this package")
    return manifest


def read_finished(folder: Path, kind: str, made_anew: Callable[[str], bool] = lambda _: False) -> dict[str, Any]:
    """Return the manifest of a finished run or batch whose files are all as they were written.

    Parameters
    ----------
    folder : Path
    kind : str
        ``"run"`` or ``"batch"``.
    made_anew : callable, optional
        Whether the file of a name is about to be made again, so that its state does not matter.

    Raises
    ------
    OutputError
        If the folder is something else or of another schema version, or if files are missing or were changed.
    """
    manifest = read_manifest(folder)
    where, again = str(folder), f"make the {kind} again, or name another folder"
    if manifest.get("kind") != kind:
        raise _foreign(where, f"a {manifest.get('kind')}", kind)
    version = manifest["schema_version"]
    if version != SCHEMA_VERSION:
        found = f"schema version {version}" + (", which is that of version 0.1" if version == 1 else "")
        raise OutputError(Fault(where, found, f"schema version {SCHEMA_VERSION}", again))
    if manifest != sealed(manifest):
        raise OutputError(
            Fault(str(folder / MANIFEST), "changed since it was written", "the file as it was written", again)
        )
    bad = [
        Fault(str(folder / name), found, "the file as it was written", f"put the file back, or {again}")
        for name, kept in manifest.get("files", {}).items()
        if not made_anew(name) and (found := _difference(folder / name, kept))
    ]
    if bad:
        raise OutputError(bad)
    return manifest


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a manifest with a checksum of itself, in place of an older one."""
    bare = {name: value for name, value in content.items() if name != "checksum"}
    text = json.dumps(bare, sort_keys=True)
    return {**bare, "checksum": hashlib.sha256(text.encode()).hexdigest()}


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksums(folder: Path) -> dict[str, str]:
    """Return the checksum of every file below a folder, by relative name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): checksum(path) for path in paths}


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write a manifest with its checksum."""
    write_text(folder / MANIFEST, json.dumps(sealed(content), indent=2, ensure_ascii=False))


def _difference(path: Path, kept: str) -> str:
    """Say how a file differs from what was written; nothing where it does not."""
    try:
        return "" if checksum(path) == kept else "changed since it was written"
    except FileNotFoundError:
        return "missing"
    except OSError as reason:
        return reason.strerror or "not readable"


def _foreign(where: str, found: str, kind: str = "run") -> OutputError:
    return OutputError(Fault(where, found, f"a folder that a {kind} wrote", "name another folder"))


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


def remove_leftovers(folder: Path) -> None:
    """Remove what killed writers left in a folder and the folders in it; only for whoever holds its lock.

    What cannot be removed stays: it is in nobody's way.
    """
    for leftover in [*folder.glob(f"{STAGING}*"), *folder.glob(f"*/{STAGING}*")]:
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover, ignore_errors=True)
        elif leftover.name != LOCK:
            with suppress(OSError):
                leftover.unlink()


def remove_stale(folder: Path, *patterns: str) -> None:
    """Remove what an earlier write left among files of some patterns and the manifest does not name."""
    known = set(read_manifest(folder)["files"])
    for path in [path for pattern in patterns for path in folder.glob(pattern)]:
        if path.relative_to(folder).as_posix() not in known:
            path.unlink(missing_ok=True)


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a temporary folder whose files replace those of `folder` when the block ends without an error.

    Each file is replaced atomically, the manifest last.
    """
    staging: Path | None = None
    try:
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=folder))
        yield staging
        files = sorted(path for path in staging.rglob("*") if path.is_file())
        for path in sorted(files, key=lambda path: path.name == MANIFEST):
            target = folder / path.relative_to(staging)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)  # noqa: PTH105
    except OSError as reason:
        found = reason.strerror or "an error of the file system"
        if not folder.is_dir():
            found = "removed while it was in use"
        raise OutputError(
            Fault(
                f"output folder {folder}",
                found,
                "a writable folder with space",
                "free the folder or choose another --out",
            )
        ) from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, in UTF-8 and with the same line ends everywhere."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    # not tempfile: its files are for their owner alone, and a colleague should be able to open a report
    name = path.with_name(f"{STAGING}{secrets.token_hex(8)}")
    try:
        with name.open("xb") as file:
            file.write(content)
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        name.unlink(missing_ok=True)
        raise
