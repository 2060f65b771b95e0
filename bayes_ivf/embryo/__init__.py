"""Totals of embryos nested in women: their likelihood, and the posterior of two arms.

In: the four totals of an arm, three options, and priors. Out: probabilities of the totals given parameters, as bare arrays
and as a symbolic expression (`graph` alone imports PyTensor, and is not imported here); distribution functions, summaries
and evidence of two arms, with error estimates. Never: sampling.
"""

from bayes_ivf.embryo.allocations import count_allocations
from bayes_ivf.embryo.arm import MECHANISMS, WEIGHTS, ArmTotals, check_options, check_totals
from bayes_ivf.embryo.estimands import estimands_of
from bayes_ivf.embryo.likelihood import ArmLikelihood, prepare_arm
from bayes_ivf.embryo.padding import ROWS_LIMIT, row_arrays
from bayes_ivf.embryo.posterior import EmbryoPosterior
from bayes_ivf.embryo.solve import solve_embryo
from bayes_ivf.embryo.surface import Surface, fit_surface
from bayes_ivf.embryo.women import clinical_pregnancy, none_implanted, per_embryo, pooled_shares

__all__ = [
    "MECHANISMS",
    "ROWS_LIMIT",
    "WEIGHTS",
    "ArmLikelihood",
    "ArmTotals",
    "EmbryoPosterior",
    "Surface",
    "check_options",
    "check_totals",
    "clinical_pregnancy",
    "count_allocations",
    "estimands_of",
    "fit_surface",
    "none_implanted",
    "per_embryo",
    "pooled_shares",
    "prepare_arm",
    "row_arrays",
    "solve_embryo",
]
