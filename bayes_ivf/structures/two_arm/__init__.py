"""Two arms, one outcome: the base case, and the oracle for everything else."""

from bayes_ivf.structures.structure import Structure

STRUCTURE = Structure("two_arm", rank=3, exact=True)
