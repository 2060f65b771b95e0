"""Does what was printed hold together? Every claim with a P recomputed, and one check per file for the rest.

In: a `Study`. Out: an `Audit` of frozen claims and findings. Never: a posterior, an accusation, or PyMC.
"""

from bayes_ivf.auditing.boschloo import boschloo_p
from bayes_ivf.auditing.brief import (
    brief,
    brief_words,
    conditional_words,
    refused_words,
    reproducing_tests,
    touching,
    undecided_words,
)
from bayes_ivf.auditing.changes import OF_CHANGES, of_changes
from bayes_ivf.auditing.claim_words import claim_groups, equality_words
from bayes_ivf.auditing.claims import parse_claim
from bayes_ivf.auditing.count_tests import chi_square_table_p, fisher_p, mid_p, newcombe_interval, pearson_p, yates_p
from bayes_ivf.auditing.decoded_pairs import DecodedPairs, decoded_pairs, is_ambiguous, narrowed_arms, spread_out
from bayes_ivf.auditing.discovery import all_checks
from bayes_ivf.auditing.finding import Check, Finding
from bayes_ivf.auditing.html import audit_section_html
from bayes_ivf.auditing.inspect_sr import InspectRow, inspect_sr_source
from bayes_ivf.auditing.least_p import BOUND, LEAST_P, held_p, written_p
from bayes_ivf.auditing.ledger import ClaimRow
from bayes_ivf.auditing.margins import AGAINST_MARGIN
from bayes_ivf.auditing.mean_tests import Welch, student_p, welch
from bayes_ivf.auditing.printed_tables import (
    ANY,
    MOST_TABLES,
    SIDES,
    TEST_WORDS,
    chi_square_span,
    p_span,
    printing_tables,
    tests_of_counts,
)
from bayes_ivf.auditing.rate_tests import conditional_p, rate_ratio
from bayes_ivf.auditing.result import Audit
from bayes_ivf.auditing.run import audit
from bayes_ivf.auditing.stated_clusters import WITH_DESIGN_EFFECT, effective_counts
from bayes_ivf.auditing.table_tests import CORRECTIONS, TABLE_TESTS, higher_in_treatment, p_of_tables

__all__ = [
    "AGAINST_MARGIN",
    "ANY",
    "BOUND",
    "CORRECTIONS",
    "LEAST_P",
    "MOST_TABLES",
    "OF_CHANGES",
    "SIDES",
    "TABLE_TESTS",
    "TEST_WORDS",
    "WITH_DESIGN_EFFECT",
    "Audit",
    "Check",
    "ClaimRow",
    "DecodedPairs",
    "Finding",
    "InspectRow",
    "Welch",
    "all_checks",
    "audit",
    "audit_section_html",
    "boschloo_p",
    "brief",
    "brief_words",
    "chi_square_span",
    "chi_square_table_p",
    "claim_groups",
    "conditional_p",
    "conditional_words",
    "decoded_pairs",
    "effective_counts",
    "equality_words",
    "fisher_p",
    "held_p",
    "higher_in_treatment",
    "inspect_sr_source",
    "is_ambiguous",
    "mid_p",
    "narrowed_arms",
    "newcombe_interval",
    "of_changes",
    "p_of_tables",
    "p_span",
    "parse_claim",
    "pearson_p",
    "printing_tables",
    "rate_ratio",
    "refused_words",
    "reproducing_tests",
    "spread_out",
    "student_p",
    "tests_of_counts",
    "touching",
    "undecided_words",
    "welch",
    "written_p",
    "yates_p",
]
