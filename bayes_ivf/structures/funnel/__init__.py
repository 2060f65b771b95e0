"""All stages of the same women in one posterior: embryos or women first, then miscarriage, then birth."""

from bayes_ivf.problem import DERIVED
from bayes_ivf.structures.structure import Structure

STRUCTURE = Structure("funnel", derives=DERIVED)
