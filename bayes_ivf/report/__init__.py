"""From a finished reanalysis to a folder: tables, posteriors, one self-contained page, and Markdown.

In: a `Reanalysis`, or the folder of one. Out: files. Never: sampling, or a number that is not in the result.
"""

from bayes_ivf.report.context import Context, context_of, read_context
from bayes_ivf.report.forest_layout import ForestPicture, lay_out
from bayes_ivf.report.kept_fits import earlier_run
from bayes_ivf.report.render import page_environment, render_study, svg_of
from bayes_ivf.report.rows import Row, comparison_rows, told_under
from bayes_ivf.report.summary import joint_rows, left_out
from bayes_ivf.report.values import in_study, one_value_per_key
from bayes_ivf.report.verify import Verification, verify_page
from bayes_ivf.report.verify_text import Difference
from bayes_ivf.report.write import (
    context_in_memory,
    rebuild_report,
    running,
    write_first,
    write_interrupted,
    write_report,
    write_run,
)

__all__ = [
    "Context",
    "Difference",
    "ForestPicture",
    "Row",
    "Verification",
    "comparison_rows",
    "context_in_memory",
    "context_of",
    "earlier_run",
    "in_study",
    "joint_rows",
    "lay_out",
    "left_out",
    "one_value_per_key",
    "page_environment",
    "read_context",
    "rebuild_report",
    "render_study",
    "running",
    "svg_of",
    "told_under",
    "verify_page",
    "write_first",
    "write_interrupted",
    "write_report",
    "write_run",
]
