"""One figure per file: data in, a matplotlib Figure out.

In: results that are already made. Out: figures. Never: a file on disk, a number that is not in the result, or PyMC.
"""

from bayes_ivf.plots.clustering import clustering
from bayes_ivf.plots.forest import forest
from bayes_ivf.plots.prior_posterior import prior_posterior

__all__ = ["clustering", "forest", "prior_posterior"]
