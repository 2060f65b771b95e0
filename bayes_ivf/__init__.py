"""Bayesian reanalysis of small published fertility trials, beside the paper's own claims.

The public names are resolved on first use, so that importing the package loads nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bayes_ivf._version import __version__

if TYPE_CHECKING:
    from bayes_ivf import cards, plots, priors
    from bayes_ivf.api import fit
    from bayes_ivf.auditing import audit
    from bayes_ivf.batches import batch, export_trials
    from bayes_ivf.calibration import calibrate
    from bayes_ivf.errors import BayesIvfError
    from bayes_ivf.reading_choices import readings
    from bayes_ivf.reanalysis import reanalyze
    from bayes_ivf.settings import Settings
    from bayes_ivf.study import Study, draft_study, load_study

_PUBLIC = {
    "BayesIvfError": "bayes_ivf.errors",
    "Settings": "bayes_ivf.settings",
    "Study": "bayes_ivf.study",
    "audit": "bayes_ivf.auditing",
    "batch": "bayes_ivf.batches",
    "calibrate": "bayes_ivf.calibration",
    "cards": "bayes_ivf",
    "draft_study": "bayes_ivf.study",
    "export_trials": "bayes_ivf.batches",
    "fit": "bayes_ivf.api",
    "load_study": "bayes_ivf.study",
    "plots": "bayes_ivf",
    "priors": "bayes_ivf",
    "readings": "bayes_ivf.reading_choices",
    "reanalyze": "bayes_ivf.reanalysis",
}

__all__ = [
    "BayesIvfError",
    "Settings",
    "Study",
    "__version__",
    "audit",
    "batch",
    "calibrate",
    "cards",
    "draft_study",
    "export_trials",
    "fit",
    "load_study",
    "plots",
    "priors",
    "readings",
    "reanalyze",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _PUBLIC[name] == __name__:
        return import_module(f"{__name__}.{name}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
