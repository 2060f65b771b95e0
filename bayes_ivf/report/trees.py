"""Trees of sampled fits on their way into a run's folder: each is written while the next problem is sampled."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bayes_ivf import files
from bayes_ivf.inference import Fit


def posterior_name(fit: Fit) -> str:
    """Return a file name that every file system takes."""
    _, outcome, model, options, prior = fit.problem.key
    parts = [outcome, model, *options.replace("=", "-").split(";"), prior]
    return ".".join(part for part in parts if part) + ".nc"


def save_tree(fit: Fit, path: Path) -> None:
    """Write the complete tree of a fit as netCDF."""
    fit.tree.to_netcdf(path, engine="netcdf4")


@dataclass(frozen=True)
class Trees:
    """Trees that lie in a temporary folder beside the files that they will stand among.

    Parameters
    ----------
    folder : Path
    whole : set of str
        Names of files that are complete.
    """

    folder: Path
    whole: set[str] = field(default_factory=set)

    def save(self, fit: Fit) -> None:
        """Write the tree of a fit; where the disk is full, `move` says so later."""
        name = posterior_name(fit)
        with contextlib.suppress(OSError, RuntimeError):  # netCDF's own errors are RuntimeErrors
            save_tree(fit, self.folder / name)
            self.whole.add(name)

    def move(self, fit: Fit, path: Path) -> None:
        """Put the tree of a fit at a path."""
        name = posterior_name(fit)
        if name in self.whole:
            (self.folder / name).replace(path)
            self.whole.remove(name)
        else:
            save_tree(fit, path)


@contextlib.contextmanager
def trees_in(folder: Path) -> Iterator[Trees]:
    """Give a temporary folder within one that is held; a thread that was left behind may still write into it at the end."""
    with tempfile.TemporaryDirectory(prefix=files.STAGING, dir=folder, ignore_cleanup_errors=True) as scratch:
        yield Trees(Path(scratch))
