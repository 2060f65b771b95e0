"""Where a result comes from: versions, seed, settings and hashes."""

from __future__ import annotations

import platform
from dataclasses import asdict
from functools import cache
from importlib import metadata
from typing import Any

from bayes_ivf._version import __version__
from bayes_ivf.problem import Problem
from bayes_ivf.settings import Settings

PACKAGES = ("pymc", "pytensor", "arviz", "nutpie", "numba", "numpy", "scipy", "xarray", "pandas")


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python, this package and what it computes with."""
    found = {"python": platform.python_version(), "bayes_ivf": __version__}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def stamp(problem: Problem, settings: Settings) -> dict[str, Any]:
    """Return what is needed to make a fit again."""
    return {
        "study": problem.study,
        "outcome": problem.outcome,
        "model": problem.model,
        "options": problem.options_text,
        "prior_set": problem.prior_set,
        "priors": {slot: str(prior) for slot, prior in problem.priors.items()},
        "coding": problem.coding,
        "problem": problem.hash,
        "seed": problem.seed(settings.seed),
        "settings": asdict(settings),
        "versions": versions(),
    }
