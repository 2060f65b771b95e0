"""Files of others: what their columns and parts mean, one file per foreign format.

In: headings, cells as text, or the bytes of a file. Out: the same facts under this package's names, with what was read as what.
From a table, an abstract or a registry's record: the text of a study file, with the place of every number beside it.
Never: a guess that is not told, an estimate, a path from inside an archive.
"""

from bayes_ivf.study.imports.columns import (
    LOG_SCALES,
    coded_names,
    is_metainsight,
    log_effect_names,
    meta,
    metafor,
    paired_arms,
    plain_effect,
    plain_se,
)
from bayes_ivf.study.imports.review_files import (
    Analysis,
    DataKind,
    Judgment,
    Review,
    ReviewRow,
    cochrane,
    is_nothing,
    most_decimals,
    nothing_printed,
    read_parts,
    read_rm5,
    revman,
)
from bayes_ivf.study.imports.sources import draft_file, draft_study, draft_text
from bayes_ivf.study.imports.writing import CONFIRM, lacks_sizes

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
