"""Named prior families as data: density, distribution function and quantiles.

In: a table ``{dist, parameters}`` or the name of a set. Out: frozen `Prior` values by slot.
Never: a posterior, or anything that needs PyMC.
"""

from bayes_ivf.priors.families import FAMILIES, Family
from bayes_ivf.priors.prior import Prior, read_prior

__all__ = ["FAMILIES", "Family", "Prior", "read_prior"]
