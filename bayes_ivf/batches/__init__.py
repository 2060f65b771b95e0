"""Many posteriors: studies and tables of trials x outcomes x cards x prior sets, resumable, on threads or a cluster.

In: sources, cards, prior sets and a folder. Out: the tables of the main job for every study, from a store that survives.
Never: another way to fit than the one of a single fit.
"""

from bayes_ivf.batches.checking import check_table
from bayes_ivf.batches.columns import TABLE_SUFFIXES
from bayes_ivf.batches.executors import check_executor, is_address
from bayes_ivf.batches.finished import Batch
from bayes_ivf.batches.foreign import Asked
from bayes_ivf.batches.handed_on import PROGRAMS, export_trials, write_export
from bayes_ivf.batches.level import level_of
from bayes_ivf.batches.output import dry_run
from bayes_ivf.batches.rebuild import rebuild_pages
from bayes_ivf.batches.reviewed import SUFFIXES as REVIEW_SUFFIXES
from bayes_ivf.batches.run import batch, plan_batch, run_grid
from bayes_ivf.batches.sources import bundled_tables, gather_sources
from bayes_ivf.batches.table import read_trials
from bayes_ivf.batches.tabled import unmeasured
from bayes_ivf.batches.trials import TrialTable

__all__ = [
    "PROGRAMS",
    "REVIEW_SUFFIXES",
    "TABLE_SUFFIXES",
    "Asked",
    "Batch",
    "TrialTable",
    "batch",
    "bundled_tables",
    "check_executor",
    "check_table",
    "dry_run",
    "export_trials",
    "gather_sources",
    "is_address",
    "level_of",
    "plan_batch",
    "read_trials",
    "rebuild_pages",
    "run_grid",
    "unmeasured",
    "write_export",
]
