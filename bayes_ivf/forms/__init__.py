"""One printed datum per file: its arrays, twins of one likelihood, its solver by quadrature if it has one, its simulator.

In: what a paper prints, and parameters. Out: arrays of a problem; a log likelihood in NumPy (`log_likelihood`, batched) and
the same as an observed variable (`observe`, which imports PyMC); simulated print. Never: priors, or how effects relate to
each other. A form is found by listing the folder: every module with a value `FORM` is one.
"""

from bayes_ivf.forms.discovery import all_forms, find_form, form_of, forms_of_kind
from bayes_ivf.forms.form import DOUBTED, SUPPORTS, TWO_SIDES, Form, FormPart, Solver, side_of
from bayes_ivf.forms.printed_t import ImpliedMeans, implied_means

__all__ = [
    "DOUBTED",
    "SUPPORTS",
    "TWO_SIDES",
    "Form",
    "FormPart",
    "ImpliedMeans",
    "Solver",
    "all_forms",
    "find_form",
    "form_of",
    "forms_of_kind",
    "implied_means",
    "side_of",
]
