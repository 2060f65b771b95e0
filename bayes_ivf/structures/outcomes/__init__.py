"""The effects of one stated family around a common mean; cards, problems and tables call it ``outcomes``."""

from bayes_ivf.structures.structure import Structure

STRUCTURE = Structure("outcomes")
