"""Does what was printed hold together? Every claim with a P recomputed, and one check per file for the rest.

In: a `Study`. Out: an `Audit` of frozen claims and findings. Never: a posterior, an accusation, or PyMC.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from bayes_ivf.audit.boschloo import boschloo_p
from bayes_ivf.audit.count_tests import chi_square_table_p, fisher_p, mid_p, newcombe_interval, pearson_p, yates_p
from bayes_ivf.audit.discovery import all_checks
from bayes_ivf.audit.finding import Check, Finding
from bayes_ivf.audit.html import audit_section_html
from bayes_ivf.audit.inspect_sr import InspectRow
from bayes_ivf.audit.ledger import ClaimRow
from bayes_ivf.audit.mean_tests import Welch, student_p, welch
from bayes_ivf.audit.result import Audit
from bayes_ivf.audit.run import audit

if TYPE_CHECKING:
    from bayes_ivf.study import Study

__all__ = [
    "Audit",
    "Check",
    "ClaimRow",
    "Finding",
    "InspectRow",
    "Welch",
    "all_checks",
    "audit",
    "audit_section_html",
    "boschloo_p",
    "chi_square_table_p",
    "fisher_p",
    "mid_p",
    "newcombe_interval",
    "pearson_p",
    "student_p",
    "welch",
    "yates_p",
]


class _Room(ModuleType):
    """The public name `bayes_ivf.audit` is both this folder and the function; importing the folder must not hide it."""

    def __call__(self, study: "Study") -> Audit:
        return audit(study)


sys.modules[__name__].__class__ = _Room
