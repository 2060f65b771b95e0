"""Systematic reviews as data: rows of studies, and what the review prints computed again from them.

In: a `Review`. Out: rows of a table of trials, findings, overall estimates with their check, risk of bias.
Never: a posterior; a file.
"""

from bayes_ivf.reviews.checks import PooledCheck, RiskOfBias, bias_rows, pooled_checks, row_findings
from bayes_ivf.reviews.rows import Sorted, Used, sort_rows

__all__ = [
    "PooledCheck",
    "RiskOfBias",
    "Sorted",
    "Used",
    "bias_rows",
    "pooled_checks",
    "row_findings",
    "sort_rows",
]
