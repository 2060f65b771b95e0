"""Posteriors by quadrature, for many problems at once and without chance.

In: arrays of printed data and one family of prior per slot. Out: `ExactPosterior`, which answers probabilities,
summaries, evidence and its own error. Never: studies, cards, files or a sampler.
"""

from bayes_ivf.inference.exact.beta_arms import solve_beta_arms
from bayes_ivf.inference.exact.claim import claim_nodes, log_claim_probability, solve_claim
from bayes_ivf.inference.exact.hierarchy import solve_hierarchy
from bayes_ivf.inference.exact.logistic_normal import solve_counts
from bayes_ivf.inference.exact.means_effect import solve_means
from bayes_ivf.inference.exact.means_reference import solve_means_reference
from bayes_ivf.inference.exact.posterior import ExactPosterior
from bayes_ivf.inference.exact.slots import Slot
from bayes_ivf.inference.exact.summary import Summary

__all__ = [
    "ExactPosterior",
    "Slot",
    "Summary",
    "claim_nodes",
    "log_claim_probability",
    "solve_beta_arms",
    "solve_claim",
    "solve_counts",
    "solve_hierarchy",
    "solve_means",
    "solve_means_reference",
]
