"""Posteriors become numbers and a sentence, once, and frozen.

In: draws of a model's parameters, or the distributions of the exact engine. Out: `EffectRow` values and a sentence.
Never: sampling or drawing pictures.
"""

from bayes_ivf.effects.contrasts import contrasts, with_sizes
from bayes_ivf.effects.curves import UNSIGNED, Curve, effect_curve, kernel_density, posterior_curve
from bayes_ivf.effects.digits import Digits, difference_digits, digits_for
from bayes_ivf.effects.estimands import ESTIMANDS, SIZE, Estimand
from bayes_ivf.effects.figures import FIELDS, figures_from_rows, rows_from_figures
from bayes_ivf.effects.from_draws import rows_from_draws, share_above, summarize_draws
from bayes_ivf.effects.pooling import POOLING_COLUMNS, PooledEffect, pooled_effects, pooled_trios, shrinkage
from bayes_ivf.effects.row import COLUMNS, EffectRow, Quantity, quantity, quantity_name, to_frame
from bayes_ivf.effects.sentence import belief, chance, direction, interval, larger_risk, main_row, number, sentence
from bayes_ivf.effects.statements import Statement, statements
from bayes_ivf.effects.support import support
from bayes_ivf.effects.unsigned import OF_SIGN, without_sign
from bayes_ivf.effects.value import (
    ANY,
    Said,
    Value,
    join,
    model_name,
    p_of,
    p_words,
    range_of,
    say,
    text,
    unit_of,
    value_of,
)

__all__ = [
    "ANY",
    "COLUMNS",
    "ESTIMANDS",
    "FIELDS",
    "OF_SIGN",
    "POOLING_COLUMNS",
    "SIZE",
    "UNSIGNED",
    "Curve",
    "Digits",
    "EffectRow",
    "Estimand",
    "PooledEffect",
    "Quantity",
    "Said",
    "Statement",
    "Value",
    "belief",
    "chance",
    "contrasts",
    "difference_digits",
    "digits_for",
    "direction",
    "effect_curve",
    "figures_from_rows",
    "interval",
    "join",
    "kernel_density",
    "larger_risk",
    "main_row",
    "model_name",
    "number",
    "p_of",
    "p_words",
    "pooled_effects",
    "pooled_trios",
    "posterior_curve",
    "quantity",
    "quantity_name",
    "range_of",
    "rows_from_draws",
    "rows_from_figures",
    "say",
    "sentence",
    "share_above",
    "shrinkage",
    "statements",
    "summarize_draws",
    "support",
    "text",
    "to_frame",
    "unit_of",
    "value_of",
    "with_sizes",
    "without_sign",
]
