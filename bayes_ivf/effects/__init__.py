"""Quantities that are reported, and how they follow from a posterior: from draws, or from distributions of quadrature.

In: draws of a model's parameters, or the distributions of the exact engine. Out: estimands as arrays, and their numbers.
Never: sampling, rows, words or pictures.
"""

from bayes_ivf.effects.derived import DERIVED, REPORTED, DerivedEstimand, derived_figures, derived_ids, number_needed
from bayes_ivf.effects.fields import FIELDS
from bayes_ivf.effects.from_draws import kernel_density, share_above, summarize_draws
from bayes_ivf.effects.from_exact import figures_from_exact, probabilities, thresholds
from bayes_ivf.estimands import ESTIMANDS, SIZE, Estimand

__all__ = [
    "DERIVED",
    "ESTIMANDS",
    "FIELDS",
    "REPORTED",
    "SIZE",
    "DerivedEstimand",
    "Estimand",
    "derived_figures",
    "derived_ids",
    "figures_from_exact",
    "kernel_density",
    "number_needed",
    "probabilities",
    "share_above",
    "summarize_draws",
    "thresholds",
]
