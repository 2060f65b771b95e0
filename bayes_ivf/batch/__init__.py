"""Many posteriors: studies and tables of trials x outcomes x cards x prior sets, resumable, on threads or a cluster.

In: sources, cards, prior sets and a folder. Out: the tables of the main job for every study, from a store that survives.
Never: another way to fit than the one of a single fit.
"""

import sys
from types import ModuleType
from typing import Any

from bayes_ivf.batch.columns import TABLE_SUFFIXES
from bayes_ivf.batch.output import dry_run
from bayes_ivf.batch.rebuild import rebuild_pages
from bayes_ivf.batch.run import Batch, batch, plan_batch, run_grid
from bayes_ivf.batch.sources import bundled_tables
from bayes_ivf.batch.table import read_trials
from bayes_ivf.batch.trials import TrialTable

__all__ = [
    "TABLE_SUFFIXES",
    "Batch",
    "TrialTable",
    "batch",
    "bundled_tables",
    "dry_run",
    "plan_batch",
    "read_trials",
    "rebuild_pages",
    "run_grid",
]


class _Room(ModuleType):
    """The public name `bayes_ivf.batch` is both this folder and the function; importing the folder must not hide it."""

    def __call__(self, *arguments: Any, **options: Any) -> Batch:
        return batch(*arguments, **options)


sys.modules[__name__].__class__ = _Room
