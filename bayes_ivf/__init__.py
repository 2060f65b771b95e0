"""Bayesian reanalysis of small published fertility trials, beside the paper's own claims."""

from bayes_ivf._version import __version__

__all__ = ["__version__"]
