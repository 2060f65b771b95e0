"""From a finished reanalysis to a folder: tables, posteriors, one self-contained page, and Markdown.

In: a `Reanalysis`, or the folder of one. Out: files. Never: sampling, or a number that is not in the result.
"""

from bayes_ivf.report.render import effect, effect_interval, p_value, probability, svg_of
from bayes_ivf.report.write import prepare_folder, rebuild_report, write_report, write_run

__all__ = [
    "effect",
    "effect_interval",
    "p_value",
    "prepare_folder",
    "probability",
    "rebuild_report",
    "svg_of",
    "write_report",
    "write_run",
]
