"""One figure per file: data in, a matplotlib Figure out; beside each stands what it says in words.

In: results that are already made. Out: figures. Never: a file on disk, a number that is not in the result, or PyMC.
"""

from bayes_ivf.plots.clustering import clustering, describe_clustering
from bayes_ivf.plots.exceedance import describe_exceedance, exceedance
from bayes_ivf.plots.forest import describe_forest, forest
from bayes_ivf.plots.funnel_flow import describe_funnel_flow, funnel_flow
from bayes_ivf.plots.ledger_strip import describe_ledger_strip, ledger_strip
from bayes_ivf.plots.prior_posterior import describe_prior_posterior, prior_posterior
from bayes_ivf.plots.sbc_ecdf import describe_sbc_ecdf, sbc_ecdf
from bayes_ivf.plots.shrinkage import describe_shrinkage, shrinkage
from bayes_ivf.plots.svg import color_style, themed_svg

__all__ = [
    "clustering",
    "color_style",
    "describe_clustering",
    "describe_exceedance",
    "describe_forest",
    "describe_funnel_flow",
    "describe_ledger_strip",
    "describe_prior_posterior",
    "describe_sbc_ecdf",
    "describe_shrinkage",
    "exceedance",
    "forest",
    "funnel_flow",
    "ledger_strip",
    "prior_posterior",
    "sbc_ecdf",
    "shrinkage",
    "themed_svg",
]
