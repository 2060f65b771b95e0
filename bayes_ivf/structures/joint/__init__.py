"""All outcomes of a trial in one hierarchy, family by family: a labelled sensitivity, never of record."""

from bayes_ivf.structures.structure import Structure

STRUCTURE = Structure("joint")
