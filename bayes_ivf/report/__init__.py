"""From a finished reanalysis to a folder: tables, posteriors, one self-contained page, and Markdown.

In: a `Reanalysis`, or the folder of one. Out: files. Never: sampling, or a number that is not in the result.
"""

from bayes_ivf.report.render import effect, effect_interval, p_value, probability, svg_of
from bayes_ivf.report.write import rebuild_report, running, write_interrupted, write_report, write_run

__all__ = [
    "effect",
    "effect_interval",
    "p_value",
    "probability",
    "rebuild_report",
    "running",
    "svg_of",
    "write_interrupted",
    "write_report",
    "write_run",
]
