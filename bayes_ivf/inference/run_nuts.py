"""One sampling path: sample, name, diagnose, retry once if the gate would fail, judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference.diagnostics import Verdict, diagnose_estimands, judge, probability_mcse
from bayes_ivf.inference.draws import Draws
from bayes_ivf.inference.fit import Fit
from bayes_ivf.inference.nuts import sample
from bayes_ivf.problem import Problem
from bayes_ivf.results import EffectRow, quantity, rows_from_draws
from bayes_ivf.settings import Settings
from bayes_ivf.structures import contrasts, moment_orders, with_sizes

if TYPE_CHECKING:
    from xarray import DataTree

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sampled:
    """What NUTS found, before it is put into rows.

    Parameters
    ----------
    draws : Draws
    estimands : mapping of EstimandId to array, shape (chain, draw)
    diagnostics : mapping of str to array, shape (estimand,)
    verdict : Verdict
    """

    draws: Draws
    estimands: dict[EstimandId, Array]
    diagnostics: dict[str, Array]
    verdict: Verdict


def fit_nuts(
    problem: Problem, settings: Settings, *, cores: int | None = None, ci_prob: float = defaults.CI_PROB
) -> Fit:
    """Fit a problem with NUTS; see `sample_problem`. The draws do not depend on the probability of the rows' intervals."""
    return fit_of(problem, settings, sample_problem(problem, settings, cores=cores), ci_prob)


def fit_of(problem: Problem, settings: Settings, found: Sampled, ci_prob: float) -> Fit:
    """Return the fit of what NUTS found."""
    estimands, rows = rows_of(problem, found, ci_prob)
    return Fit(problem, settings, "nuts", rows, found.verdict, found.draws, estimands)


def rows_of(problem: Problem, found: Sampled, ci_prob: float) -> tuple[dict[EstimandId, Array], tuple[EffectRow, ...]]:
    """Return the draws of all quantities that are told of what NUTS found, and their rows."""
    estimands = with_sizes(problem, found.estimands)
    diagnostics = found.diagnostics if len(estimands) == len(found.estimands) else diagnose_estimands(estimands)
    return estimands, rows_from_draws(
        problem, estimands, diagnostics, found.verdict.level, ci_prob, moment_orders(problem)
    )


def tree_of(problem: Problem, settings: Settings, found: Sampled, estimands: Mapping[EstimandId, Array]) -> DataTree:
    """Return the complete tree of what NUTS found."""
    from bayes_ivf.inference.completion import complete

    return complete(problem, settings, found.draws, estimands, found.verdict)


def sample_problem(problem: Problem, settings: Settings, *, cores: int | None = None) -> Sampled:
    """Sample a problem; what fails the gate is sampled once more with smaller steps."""
    found = _attempt(problem, settings, defaults.TARGET_ACCEPT, cores)
    if found.verdict.level == "fail":
        again = _attempt(problem, settings, defaults.RETRY_TARGET_ACCEPT, cores)
        if again.verdict.level != "fail" or len(again.verdict.reasons) < len(found.verdict.reasons):
            found = again
    return found


def _attempt(problem: Problem, settings: Settings, target_accept: float, cores: int | None) -> Sampled:
    return judged(problem, sample(problem, settings, target_accept=target_accept, cores=cores))


def judged(problem: Problem, draws: Draws) -> Sampled:
    """Name draws, diagnose them, and say what the gate says."""
    estimands = contrasts(problem, {name: draws[name] for name in draws.posterior})
    diagnostics = diagnose_estimands(estimands)
    verdict = judge(draws, diagnostics, _probability_errors(problem, estimands))
    return Sampled(draws, estimands, diagnostics, verdict.warned(problem.warnings))


def _probability_errors(problem: Problem, estimands: Mapping[EstimandId, Array]) -> dict[str, float]:
    errors = {}
    for each, values in estimands.items():
        what = quantity(problem, each)
        if what.estimand.mcid and what.directed:
            errors[f"benefit {each.text}"] = probability_mcse((values > (what.estimand.null or 0.0)).astype(float))
            if what.mcid is not None:
                errors[f"mcid {each.text}"] = probability_mcse((what.about.sign * values >= what.mcid).astype(float))
    return errors
