"""Files of others: what their columns and parts mean, one file per foreign format.

In: headings, cells as text, or the bytes of a file. Out: the same facts under this package's names, with what was read as what.
From a table, an abstract or a registry's record: the text of a study file, with the place of every number beside it.
Never: a guess that is not told, an estimate, a path from inside an archive.
"""

from bayes_ivf.study.imports import cochrane, meta, metafor, revman
from bayes_ivf.study.imports.archive import read_parts
from bayes_ivf.study.imports.coded import coded_names
from bayes_ivf.study.imports.draft import CONFIRM, lacks_sizes
from bayes_ivf.study.imports.log_effects import LOG_SCALES, log_effect_names, plain_effect, plain_se
from bayes_ivf.study.imports.metainsight import is_metainsight, paired_arms
from bayes_ivf.study.imports.review import (
    Analysis,
    DataKind,
    Judgment,
    Review,
    ReviewRow,
    is_nothing,
    most_decimals,
    nothing_printed,
)
from bayes_ivf.study.imports.rm5 import read_rm5
from bayes_ivf.study.imports.sources import draft_file, draft_study, draft_text

__all__ = [
    "CONFIRM",
    "LOG_SCALES",
    "Analysis",
    "DataKind",
    "Judgment",
    "Review",
    "ReviewRow",
    "cochrane",
    "coded_names",
    "draft_file",
    "draft_study",
    "draft_text",
    "is_metainsight",
    "is_nothing",
    "lacks_sizes",
    "log_effect_names",
    "meta",
    "metafor",
    "most_decimals",
    "nothing_printed",
    "paired_arms",
    "plain_effect",
    "plain_se",
    "read_parts",
    "read_rm5",
    "revman",
]
