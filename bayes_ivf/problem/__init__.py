"""One grid cell: study x outcome x model card x prior set -> `Problem`, with arrays, compile key and content hash.

In: a `Study`, a `Card`, priors and options. Out: frozen problems, or a RequestError that says why there is none.
Never: PyMC. What a structure makes of an outcome is in its own folder; see `bayes_ivf.structures`.
"""

from bayes_ivf.problem.build import DERIVED, LEFT_OUT, applicable, build_problem, can_be_sampled, constant_arms, why_not
from bayes_ivf.problem.claim_nodes import FEWEST, claim_nodes, near_enough
from bayes_ivf.problem.layout import Layout, Plain, Variances
from bayes_ivf.problem.nesting import taken_as_independent
from bayes_ivf.problem.options import applying_options
from bayes_ivf.problem.problem import UNIT, DataArray, OutcomeRef, Problem, array, make_problem, option_in, options_text
from bayes_ivf.problem.slots import FLAT_SET, PriorLike, coding_of, resolve, resolve_difference

__all__ = [
    "DERIVED",
    "FEWEST",
    "FLAT_SET",
    "LEFT_OUT",
    "UNIT",
    "DataArray",
    "Layout",
    "OutcomeRef",
    "Plain",
    "PriorLike",
    "Problem",
    "Variances",
    "applicable",
    "applying_options",
    "array",
    "build_problem",
    "can_be_sampled",
    "claim_nodes",
    "coding_of",
    "constant_arms",
    "make_problem",
    "near_enough",
    "option_in",
    "options_text",
    "resolve",
    "resolve_difference",
    "taken_as_independent",
    "why_not",
]
