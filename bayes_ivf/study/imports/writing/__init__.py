"""Drafts of study files: values with the comments beside them, as TOML that `check` reads.

In: what a source tells. Out: the text of a study file. Never: a value without its source.
"""

from bayes_ivf.study.imports.writing.draft import (
    CONFIRM,
    ArmDraft,
    Noted,
    OutcomeDraft,
    StudyDraft,
    draft_toml,
    lacks_sizes,
    place,
    quoted,
)
from bayes_ivf.study.imports.writing.several_arms import MOST_ARMS, Side, draft_several

__all__ = [
    "CONFIRM",
    "MOST_ARMS",
    "ArmDraft",
    "Noted",
    "OutcomeDraft",
    "Side",
    "StudyDraft",
    "draft_several",
    "draft_toml",
    "lacks_sizes",
    "place",
    "quoted",
]
