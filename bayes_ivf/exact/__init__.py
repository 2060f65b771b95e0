"""Posteriors of two arms by quadrature: one model per file, on top of `quadrature`.

In: arrays of printed data and one family of prior per slot. Out: `ExactPosterior`, which answers probabilities,
summaries, evidence and its own error. Never: studies, cards, files or a sampler.
"""

from bayes_ivf.exact.behrens_fisher import solve_means_reference
from bayes_ivf.exact.claim import solve_claim
from bayes_ivf.exact.counts_beta import solve_beta_arms
from bayes_ivf.exact.counts_logistic import solve_counts
from bayes_ivf.exact.level_curves import threshold
from bayes_ivf.exact.means_with_effect_prior import solve_means
from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.exact.scales import transform_of

__all__ = [
    "COORDINATES",
    "solve_beta_arms",
    "solve_claim",
    "solve_counts",
    "solve_means",
    "solve_means_reference",
    "threshold",
    "transform_of",
]
