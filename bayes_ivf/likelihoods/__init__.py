"""The arithmetic of embryo totals; how each datum is observed is in its form, see `bayes_ivf.forms`.

In: totals and parameters. Out: log likelihoods. Never: priors, or how effects relate to each other.
"""
