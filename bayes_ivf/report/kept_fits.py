"""What a run keeps beside its tables so that the next one in its folder fits only what has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from bayes_ivf import files
from bayes_ivf.errors import OutputError
from bayes_ivf.inference import Earlier, Fit, exact_numbers, versions
from bayes_ivf.settings import Settings
from bayes_ivf.versions import package_sources

NAME = "fits.json"


@cache
def made_by() -> dict[str, Any]:
    """Return what must be the same for a fit to be taken again: every line of this package, and what it computes with."""
    texts = json.dumps(dict(package_sources()), sort_keys=True)
    return {"sources": hashlib.sha256(texts.encode()).hexdigest(), "versions": versions()}


def kept_text(fits: Iterable[Fit], settings: Settings, ci_prob: float, trees: Mapping[str, str]) -> str:
    """Return the text of the file.

    Parameters
    ----------
    fits : iterable of Fit
    settings : Settings
    ci_prob : float
        Probability of the intervals.
    trees : mapping of str to str
        File of the draws of a sampled fit, by the hash of its problem.
    """
    parts = [each for fit in fits for each in (fit, fit.beside) if each is not None]
    content = {
        "made_by": made_by(),
        "settings": asdict(settings),
        "ci_prob": ci_prob,
        "numbers": {fit.problem.hash: exact_numbers(fit) for fit in parts if fit.engine == "exact"},
        "trees": {
            fit.problem.hash: {
                "file": trees[fit.problem.hash],
                "key": list(fit.problem.key),
                "variables": list(fit.draws.posterior),
            }
            for fit in parts
            if fit.engine == "nuts" and fit.problem.hash in trees
        },
    }
    return json.dumps(content, separators=(",", ":"))


def earlier_run(folder: Path, settings: Settings, ci_prob: float) -> Earlier:
    """Return the fits of a folder that may be taken again; none where there is no run, or it is damaged, or of other code."""
    nothing = Earlier(settings, ci_prob)
    try:
        manifest = files.read_manifest(folder)
        whole = manifest == files.sealed(manifest)
        checksums = manifest["files"]
        if not whole or manifest["kind"] != "run" or files.checksum(folder / NAME) != checksums[NAME]:
            return nothing
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if content["made_by"] != made_by():
            return nothing

        def tree_of(entry: Mapping[str, Any]) -> Path | None:
            path = folder / entry["file"]
            return path if path.is_file() and files.checksum(path) == checksums.get(entry["file"]) else None

        return Earlier(
            settings,
            ci_prob,
            content["numbers"] if content["ci_prob"] == ci_prob else {},
            content["trees"] if content["settings"] == asdict(settings) else {},
            tree_of,
        )
    except (OutputError, OSError, KeyError, TypeError, ValueError, RecursionError):
        return nothing
