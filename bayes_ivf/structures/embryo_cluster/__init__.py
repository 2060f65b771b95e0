"""Embryo totals with embryos nested in women."""

from bayes_ivf.structures.structure import Structure

STRUCTURE = Structure("embryo_cluster", rank=2, exact=True)
