"""Where PyTensor keeps what it compiled, settled before it is imported; a folder that cannot be written is no fault.

PyTensor does not start without a folder for compiled code, and without one for generated source it leaves a file in the system's
temporary folder for every function of every process.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

FLAGS = "PYTENSOR_FLAGS"
_FOLDER, _SOURCES = "base_compiledir", "generated_src_dir"


def settle_cache() -> None:
    """Name PyTensor's folders in the environment: its own, or one that is gone with this process where that cannot be written."""
    if "pytensor" in sys.modules:
        return
    flags = [flag.strip() for flag in os.environ.get(FLAGS, "").split(",") if flag.strip()]
    given = dict(flag.partition("=")[::2] for flag in flags)
    folder = Path(given.get(_FOLDER) or _own_folder()).expanduser()
    if not _is_writable(folder):
        folder = Path(tempfile.mkdtemp(prefix="bayes_ivf-compiled-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        given[_FOLDER] = str(folder)
    given.setdefault(_SOURCES, str(folder / "sources"))
    os.environ[FLAGS] = ",".join(f"{name}={value}" if value else name for name, value in given.items())


def _own_folder() -> Path:
    """Where PyTensor keeps compiled code unless told otherwise."""
    if os.name == "nt" and "LOCALAPPDATA" in os.environ:
        return Path(os.environ["LOCALAPPDATA"]) / "PyTensor"
    return Path.home() / ".pytensor"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
