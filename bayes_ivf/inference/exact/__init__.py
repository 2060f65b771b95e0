"""Posteriors by quadrature, for many problems at once and without chance.

In: arrays of printed data and one family of prior per slot. Out: `ExactPosterior`, which answers probabilities, summaries,
evidence and its own error. Never: studies, cards, files or a sampler.
"""

from bayes_ivf.inference.exact.beta_arms import solve_beta_arms
from bayes_ivf.inference.exact.logistic_normal import solve_counts
from bayes_ivf.inference.exact.posterior import ExactPosterior
from bayes_ivf.inference.exact.slots import Slot
from bayes_ivf.inference.exact.summary import Summary

__all__ = ["ExactPosterior", "Slot", "Summary", "solve_beta_arms", "solve_counts"]
