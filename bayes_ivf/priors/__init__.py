"""Named prior families as data: density, distribution function and quantiles; sets of them in TOML.

In: a table ``{dist, parameters}``, or the name or file of a set. Out: frozen `Prior` values by slot.
Never: a posterior, or anything that needs PyMC.
"""

from bayes_ivf.priors.batched import BatchedPrior, broadcast_priors
from bayes_ivf.priors.families import FAMILIES, Family
from bayes_ivf.priors.prior import Prior, make_prior, read_prior
from bayes_ivf.priors.sets import (
    SLOTS,
    PriorSet,
    Scale,
    bundled_prior_sets,
    check_slots,
    list_prior_sets,
    load_prior_set,
    read_prior_set,
)

__all__ = [
    "FAMILIES",
    "SLOTS",
    "BatchedPrior",
    "Family",
    "Prior",
    "PriorSet",
    "Scale",
    "broadcast_priors",
    "bundled_prior_sets",
    "check_slots",
    "list_prior_sets",
    "load_prior_set",
    "make_prior",
    "read_prior",
    "read_prior_set",
]
