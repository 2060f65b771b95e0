"""What was printed: a frozen `Study` of outcomes, each with the text as it stood.

In: a study file (TOML), a bundled id, or numbers in a notebook. Out: `Study`, with percentages decoded to counts.
Never: an estimate, a test or a judgement.
"""

from bayes_ivf.study.baseline import Baseline, changes
from bayes_ivf.study.checks import mcid_fault
from bayes_ivf.study.construct import from_claim, from_clusters, from_counts
from bayes_ivf.study.construct_means import from_means
from bayes_ivf.study.construct_quantiles import from_quantiles
from bayes_ivf.study.facts import (
    ARMS,
    ArmName,
    Categories,
    Claim,
    Clusters,
    Counts,
    Datum,
    EffectCI,
    Impossible,
    MeanSD,
    Outcome,
    Percent,
    Quantiles,
    Rate,
    Size,
    Statistic,
    Unusable,
)
from bayes_ivf.study.imports import (
    CONFIRM,
    LOG_SCALES,
    Analysis,
    DataKind,
    Judgment,
    Review,
    ReviewRow,
    cochrane,
    coded_names,
    draft_file,
    draft_study,
    draft_text,
    is_metainsight,
    is_nothing,
    lacks_sizes,
    log_effect_names,
    metafor,
    most_decimals,
    nothing_printed,
    paired_arms,
    plain_effect,
    plain_se,
    read_parts,
    read_rm5,
    revman,
)
from bayes_ivf.study.individual import Nested, from_frame
from bayes_ivf.study.json_schema import study_schema
from bayes_ivf.study.kinds import KINDS, ModeledKind
from bayes_ivf.study.load import bundled_studies, load_study, read_study
from bayes_ivf.study.many_arms import Comparison, ManyArms, OverAll
from bayes_ivf.study.mean_interval import printed_means
from bayes_ivf.study.measured import unmeasured_means
from bayes_ivf.study.nested import StatedCorrelation, cluster_numbers, cluster_size, design_effects, mean_cluster_size
from bayes_ivf.study.notices import undeclared_spreads, unstated_correlations
from bayes_ivf.study.p_value import read_p
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.printed_effect import checked_effect, from_effect
from bayes_ivf.study.reader import parse_study
from bayes_ivf.study.spread import sd_factor, spread_rule
from bayes_ivf.study.statistic import read_statistic
from bayes_ivf.study.toml_writer import study_toml
from bayes_ivf.study.trial import Study
from bayes_ivf.study.units import IN_TURN, UNITS, near_unit, plural, read_unit
from bayes_ivf.study.writer import study_table

__all__ = [
    "ARMS",
    "CONFIRM",
    "IN_TURN",
    "KINDS",
    "LOG_SCALES",
    "UNITS",
    "Analysis",
    "ArmName",
    "Baseline",
    "Categories",
    "Claim",
    "Clusters",
    "Comparison",
    "Counts",
    "DataKind",
    "Datum",
    "EffectCI",
    "Impossible",
    "Judgment",
    "ManyArms",
    "MeanSD",
    "ModeledKind",
    "Nested",
    "Outcome",
    "OverAll",
    "Percent",
    "Printed",
    "Quantiles",
    "Rate",
    "Review",
    "ReviewRow",
    "Size",
    "StatedCorrelation",
    "Statistic",
    "Study",
    "Unusable",
    "bundled_studies",
    "changes",
    "checked_effect",
    "cluster_numbers",
    "cluster_size",
    "cochrane",
    "coded_names",
    "design_effects",
    "draft_file",
    "draft_study",
    "draft_text",
    "from_claim",
    "from_clusters",
    "from_counts",
    "from_effect",
    "from_frame",
    "from_means",
    "from_quantiles",
    "is_metainsight",
    "is_nothing",
    "lacks_sizes",
    "load_study",
    "log_effect_names",
    "mcid_fault",
    "mean_cluster_size",
    "metafor",
    "most_decimals",
    "near_unit",
    "nothing_printed",
    "paired_arms",
    "parse_study",
    "plain_effect",
    "plain_se",
    "plural",
    "printed_means",
    "read_p",
    "read_parts",
    "read_rm5",
    "read_statistic",
    "read_study",
    "read_unit",
    "revman",
    "sd_factor",
    "spread_rule",
    "study_schema",
    "study_table",
    "study_toml",
    "undeclared_spreads",
    "unmeasured_means",
    "unstated_correlations",
]
