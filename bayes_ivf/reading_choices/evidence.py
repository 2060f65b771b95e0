"""Evidence of readings on one scale: the log probability, or density, of what was printed.

Means are printed with spreads, while their likelihood is of variances: the density of a printed spread r with variance
``(r f) ** 2`` (f = 1 for a standard deviation, sqrt(n) for a standard error) is that of the variance times ``2 r f ** 2``, which
is proportional to the variance, since r is what all readings share.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem import Problem

Array = npt.NDArray[np.float64]


def comparable_evidence(evidence: Array, problems: Sequence[Problem]) -> Array:
    """Return the log evidence (reading,) of readings of one print, up to a constant of all.

    Raises
    ------
    RequestError
        If improper slots differ between readings, so that their evidence has no common unit.
    """
    slots = {_improper(problem) for problem in problems}
    if len(slots) > 1 or (np.isnan(evidence).any() and slots == {()}):
        told = " against ".join(sorted("; ".join(each) or "none" for each in slots))
        raise RequestError(
            Fault(
                "weights",
                f'"evidence" with improper slots that differ between readings ({told}): the ratio hangs on the unit',
                "proper priors, or the same improper slots in every reading",
                'use weights="stated", or give proper priors',
            )
        )
    return np.asarray(evidence + np.array([_jacobian(problem) for problem in problems]))


def _improper(problem: Problem) -> tuple[str, ...]:
    """Improper slots of a problem with their parameterization; the unit is that of the outcome."""
    of = " ".join(filter(None, (problem.likelihood, problem.coding, problem.variant)))
    return tuple(f"{slot} {prior.dist} ({of})" for slot, prior in sorted(problem.priors.items()) if not prior.proper)


def _jacobian(problem: Problem) -> float:
    variance = problem.data.get("variance")
    return 0.0 if variance is None else float(np.log(variance).sum())
