"""From a problem to its posterior, with a verdict: NUTS for everything, quadrature where it applies.

In: a `Problem` and `Settings`. Out: a frozen `Fit`.
Never: a posterior without a verdict, or a model that is not in a structure. PyMC is imported at the first NUTS fit only.
"""

from bayes_ivf.inference.diagnostics import Verdict
from bayes_ivf.inference.engine import Interrupted, fit_problem, fit_problems
from bayes_ivf.inference.fit import Fit
from bayes_ivf.inference.kept import Earlier, exact_numbers
from bayes_ivf.inference.provenance import stamp, versions
from bayes_ivf.inference.run_exact import (
    evidence_by_width,
    exact_key,
    is_stacked,
    solve_exact,
    solver_of,
    unit_evidence,
)
from bayes_ivf.inference.solvable import LeftOut, solvable

__all__ = [
    "Earlier",
    "Fit",
    "Interrupted",
    "LeftOut",
    "Verdict",
    "evidence_by_width",
    "exact_key",
    "exact_numbers",
    "fit_problem",
    "fit_problems",
    "is_stacked",
    "solvable",
    "solve_exact",
    "solver_of",
    "stamp",
    "unit_evidence",
    "versions",
]
