"""What a reader takes home from a run: a table for a paper, a workbook, a letter, methods, and a document that reruns it.

In: a `report.Context`, of a run in memory or read back from its folder. Out: files of a folder of their own.
Never: an estimate, a number that is not in the run, or a rewritten report.
"""

from bayes_ivf.takehome.methods import methods_of_fit
from bayes_ivf.takehome.office import require_office
from bayes_ivf.takehome.write import FOLDER, NAMES, take_home, take_home_of_run, take_home_of_values

__all__ = [
    "FOLDER",
    "NAMES",
    "methods_of_fit",
    "require_office",
    "take_home",
    "take_home_of_run",
    "take_home_of_values",
]
