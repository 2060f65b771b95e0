"""One grid cell: study x outcome x model card x prior set -> `Problem`, with arrays, compile key and content hash.

In: a `Study`, a `Card`, priors and options. Out: frozen problems, or a RequestError that says why there is none.
Never: PyMC.
"""

from bayes_ivf.problem.build import DERIVED, applicable, build_problem, why_not
from bayes_ivf.problem.funnel import LEFT_OUT
from bayes_ivf.problem.options import applying_options
from bayes_ivf.problem.problem import Place, Problem, options_text
from bayes_ivf.problem.sampled import can_be_sampled, check_claims
from bayes_ivf.problem.slots import PriorLike

__all__ = [
    "DERIVED",
    "LEFT_OUT",
    "Place",
    "PriorLike",
    "Problem",
    "applicable",
    "applying_options",
    "build_problem",
    "can_be_sampled",
    "check_claims",
    "options_text",
    "why_not",
]
