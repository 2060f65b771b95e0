"""What other programs call the columns of a table of trials.

In: headings. Out: the same columns under our names. Never: a guess that is not told.
"""

from bayes_ivf.study.imports.columns import meta, metafor
from bayes_ivf.study.imports.columns.coded import coded_names
from bayes_ivf.study.imports.columns.log_effects import LOG_SCALES, log_effect_names, plain_effect, plain_se
from bayes_ivf.study.imports.columns.metainsight import is_metainsight, paired_arms

__all__ = [
    "LOG_SCALES",
    "coded_names",
    "is_metainsight",
    "log_effect_names",
    "meta",
    "metafor",
    "paired_arms",
    "plain_effect",
    "plain_se",
]
