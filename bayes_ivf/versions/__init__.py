"""Versions by meaning: a stored number is used again only by code that would give the same.

In: entry points of a solver, and source texts. Out: a hash of every definition that they may reach, without places,
comments, words, and names that nobody reads as text. Never: running what is hashed, or a list of files written by hand.
"""

from bayes_ivf.versions.earlier import kept_as
from bayes_ivf.versions.fingerprint import fingerprint, reached
from bayes_ivf.versions.solvers import SOLVERS, Solver
from bayes_ivf.versions.sources import package_sources

__all__ = ["SOLVERS", "Solver", "fingerprint", "kept_as", "package_sources", "reached"]
