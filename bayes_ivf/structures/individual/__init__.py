"""Rows of embryos, each woman with an intercept of her own; rows of women become problems of `two_arm`."""

from bayes_ivf.structures.structure import Structure

STRUCTURE = Structure("individual", rank=1)
