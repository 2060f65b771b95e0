"""One figure per file: data in, a matplotlib Figure out; beside each stands what it says in words.

In: results that are already made. Out: figures. Never: a file on disk, a number that is not in the result, or PyMC.
"""

from bayes_ivf.plots.clustering import clustering, describe_clustering
from bayes_ivf.plots.forest import describe_forest, forest
from bayes_ivf.plots.prior_posterior import describe_prior_posterior, prior_posterior
from bayes_ivf.plots.svg import color_style, themed_svg

__all__ = [
    "clustering",
    "color_style",
    "describe_clustering",
    "describe_forest",
    "describe_prior_posterior",
    "forest",
    "prior_posterior",
    "themed_svg",
]
