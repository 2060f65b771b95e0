"""What an analysis says: rows, tables and sentences, each made once and declared once.

In: numbers of posteriors, an `Audit`. Out: frozen rows such as `EffectRow`, sentences in parts, the tables that are written.
Never: a posterior, a picture, or a page.
"""

from bayes_ivf.results.agreement import Agreement, agreement
from bayes_ivf.results.answer import Answer, answer
from bayes_ivf.results.comparison import (
    ComparisonRow,
    clustering_sentence,
    compare,
)
from bayes_ivf.results.curves import UNSIGNED, Curve, curves_from, effect_curve, posterior_curve
from bayes_ivf.results.derived import (
    SCALED,
    number_needed_sentence,
    number_needed_words,
    scaled_id,
    with_derived,
    without_derived,
)
from bayes_ivf.results.differences import Differences, diff, differences
from bayes_ivf.results.digits import difference_digits, digits_for, percent
from bayes_ivf.results.evidence import (
    EVIDENCE_COLUMNS,
    EVIDENCE_NUMBERS,
    EvidenceRow,
    evidence_row,
    evidence_words,
    note,
)
from bayes_ivf.results.exceedance import Exceedance, Mark, exceedance_of_fit, exceedance_of_row
from bayes_ivf.results.figures import figures_from_rows, rows_from_draws, rows_from_figures
from bayes_ivf.results.forest_rows import ForestEstimate, ForestPanel, ForestRow, empty_forest, forest_panels
from bayes_ivf.results.frequentist import OF_CLUSTERS, OF_RISKS, frequentist
from bayes_ivf.results.joint import JointEffect, joint_effects, joint_pairs, move
from bayes_ivf.results.manifest import ci_prob_of, new_manifest
from bayes_ivf.results.mixtures import MixedReading
from bayes_ivf.results.pooling import PooledEffect, pooled_effects, pooled_trios, shrinkage
from bayes_ivf.results.row import COLUMNS, EffectRow, estimand_id, quantity, to_frame
from bayes_ivf.results.sentence import belief, chance, larger_risk, main_row, sentence
from bayes_ivf.results.statements import Statement, statements
from bayes_ivf.results.table import SMALL_P, Column, Table
from bayes_ivf.results.tables import (
    CLAIMS,
    COMPARISON,
    CURVES,
    EFFECTS,
    EVIDENCE,
    FAILURES,
    FINDINGS,
    JOINT,
    MIXTURES,
    POOLING,
    REVIEW,
    RISK_OF_BIAS,
    STATEMENTS,
    TABLES,
    Failure,
    columns_markdown,
)
from bayes_ivf.results.unsigned import OF_SIGN, without_sign
from bayes_ivf.results.value import (
    Printed,
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
from bayes_ivf.results.words_alone import printed_number

__all__ = [
    "CLAIMS",
    "COLUMNS",
    "COMPARISON",
    "CURVES",
    "EFFECTS",
    "EVIDENCE",
    "EVIDENCE_COLUMNS",
    "EVIDENCE_NUMBERS",
    "FAILURES",
    "FINDINGS",
    "JOINT",
    "MIXTURES",
    "OF_CLUSTERS",
    "OF_RISKS",
    "OF_SIGN",
    "POOLING",
    "REVIEW",
    "RISK_OF_BIAS",
    "SCALED",
    "SMALL_P",
    "STATEMENTS",
    "TABLES",
    "UNSIGNED",
    "Agreement",
    "Answer",
    "Column",
    "ComparisonRow",
    "Curve",
    "Differences",
    "EffectRow",
    "EvidenceRow",
    "Exceedance",
    "Failure",
    "ForestEstimate",
    "ForestPanel",
    "ForestRow",
    "JointEffect",
    "Mark",
    "MixedReading",
    "PooledEffect",
    "Printed",
    "Said",
    "Statement",
    "Table",
    "Value",
    "agreement",
    "answer",
    "belief",
    "chance",
    "ci_prob_of",
    "clustering_sentence",
    "columns_markdown",
    "compare",
    "curves_from",
    "diff",
    "difference_digits",
    "differences",
    "digits_for",
    "effect_curve",
    "empty_forest",
    "estimand_id",
    "evidence_row",
    "evidence_words",
    "exceedance_of_fit",
    "exceedance_of_row",
    "figures_from_rows",
    "forest_panels",
    "frequentist",
    "join",
    "joint_effects",
    "joint_pairs",
    "larger_risk",
    "main_row",
    "model_name",
    "move",
    "new_manifest",
    "note",
    "number_needed_sentence",
    "number_needed_words",
    "p_of",
    "p_words",
    "percent",
    "pooled_effects",
    "pooled_trios",
    "posterior_curve",
    "printed_number",
    "quantity",
    "range_of",
    "rows_from_draws",
    "rows_from_figures",
    "say",
    "scaled_id",
    "sentence",
    "shrinkage",
    "statements",
    "text",
    "to_frame",
    "unit_of",
    "value_of",
    "with_derived",
    "without_derived",
    "without_sign",
]
