"""Pregnant women and implanted embryos of an arm, with embryos nested in women.

In: the four totals of an arm and three options. Out: their probability given parameters, as bare arrays, and the same
as a symbolic expression (`graph` alone imports PyTensor, and is not imported here). Never: a prior or a posterior.
"""

from bayes_ivf.likelihoods.embryo_totals.allocations import count_allocations
from bayes_ivf.likelihoods.embryo_totals.arm import MECHANISMS, WEIGHTS, ArmTotals, check_options, check_totals
from bayes_ivf.likelihoods.embryo_totals.likelihood import ArmLikelihood, prepare_arm
from bayes_ivf.likelihoods.embryo_totals.women import clinical_pregnancy, none_implanted, per_embryo, pooled_shares

__all__ = [
    "MECHANISMS",
    "WEIGHTS",
    "ArmLikelihood",
    "ArmTotals",
    "check_options",
    "check_totals",
    "clinical_pregnancy",
    "count_allocations",
    "none_implanted",
    "per_embryo",
    "pooled_shares",
    "prepare_arm",
]
