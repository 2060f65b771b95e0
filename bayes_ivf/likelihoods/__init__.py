"""One kind of printed datum per file: how it is observed, given the parameters of the arms.

In: ``pm.Data`` and tensors. Out: observed variables in the model on the stack.
Never: priors, or how effects relate to each other.
"""

from bayes_ivf.likelihoods.claim_only import observe_claim
from bayes_ivf.likelihoods.counts import observe_counts
from bayes_ivf.likelihoods.mean_sd import observe_mean_sd

__all__ = ["observe_claim", "observe_counts", "observe_mean_sd"]
