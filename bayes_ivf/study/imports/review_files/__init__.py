"""Files of whole reviews: Cochrane data packages and RevMan.

In: bytes, or rows of CSV. Out: a `Review`. Never: a path from inside an archive.
"""

from bayes_ivf.study.imports.review_files import cochrane, revman
from bayes_ivf.study.imports.review_files.archive import read_parts
from bayes_ivf.study.imports.review_files.review import (
    Analysis,
    DataKind,
    Judgment,
    Review,
    ReviewRow,
    is_nothing,
    most_decimals,
    nothing_printed,
)
from bayes_ivf.study.imports.review_files.rm5 import read_rm5

__all__ = [
    "Analysis",
    "DataKind",
    "Judgment",
    "Review",
    "ReviewRow",
    "cochrane",
    "is_nothing",
    "most_decimals",
    "nothing_printed",
    "read_parts",
    "read_rm5",
    "revman",
]
