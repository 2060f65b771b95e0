"""Exact posterior of two arms of embryo totals, with embryos nested in women.

In: two prepared arms and priors. Out: distribution functions, summaries, marginal likelihood, with error estimates.
Never: sampling, or anything that needs PyMC.
"""

from bayes_ivf.inference.embryo.estimands import estimands_of
from bayes_ivf.inference.embryo.posterior import EmbryoPosterior
from bayes_ivf.inference.embryo.solve import solve_embryo

__all__ = ["EmbryoPosterior", "estimands_of", "solve_embryo"]
