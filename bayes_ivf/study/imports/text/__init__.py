"""The text of an abstract: numbers, arms, outcomes and claims, each with its place.

In: a text. Out: the draft of a study. Never: a number without its place; a guess that is not marked.
"""

from bayes_ivf.study.imports.text.abstract_study import draft_abstract
from bayes_ivf.study.imports.text.marks import find_marks, plain_signs
from bayes_ivf.study.imports.text.mentions import Arm, control_of

__all__ = ["Arm", "control_of", "draft_abstract", "find_marks", "plain_signs"]
