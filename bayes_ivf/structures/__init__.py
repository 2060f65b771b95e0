"""One way the effects relate per folder: what it applies to, its problem, its model, its quantities, its designs.

In: a `Study`, an outcome and a `Card`; a `Problem` and draws. Out: problems, a model whose data and hyperparameters are all
``pm.Data`` so that one compile serves many, draws of the quantities, designs. Never: sampling, or a number that is not in
the problem. PyMC is imported by ``model.py`` of a structure alone, when a model is built.
"""

from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.structures.discovery import (
    all_structures,
    base_structure,
    deriving_structures,
    find_structure,
    structures_of_record,
)
from bayes_ivf.structures.model import build_model, can_be_sampled, model_key, updates
from bayes_ivf.structures.quantities import contrasts, moment_orders, with_sizes
from bayes_ivf.structures.structure import Structure

__all__ = [
    "Structure",
    "all_structures",
    "arm_log_odds",
    "base_structure",
    "build_model",
    "can_be_sampled",
    "contrasts",
    "deriving_structures",
    "find_structure",
    "model_key",
    "moment_orders",
    "structures_of_record",
    "updates",
    "with_sizes",
]
