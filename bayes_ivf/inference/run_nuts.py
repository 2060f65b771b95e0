"""One sampling path: sample, name, diagnose, retry once if the gate would fail, judge."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.effects import contrasts, quantity, rows_from_draws
from bayes_ivf.inference.diagnostics import diagnose_estimands, judge, probability_mcse
from bayes_ivf.inference.fit import Fit
from bayes_ivf.inference.nuts import sample
from bayes_ivf.problem import Problem
from bayes_ivf.settings import Settings

Array = npt.NDArray[np.float64]


def fit_nuts(problem: Problem, settings: Settings, *, cores: int | None = None) -> Fit:
    """Fit a problem with NUTS; a fit that fails the gate is sampled once more with smaller steps."""
    fit = _attempt(problem, settings, defaults.TARGET_ACCEPT, cores)
    if fit.verdict.level == "fail":
        again = _attempt(problem, settings, defaults.RETRY_TARGET_ACCEPT, cores)
        if again.verdict.level != "fail" or len(again.verdict.reasons) < len(fit.verdict.reasons):
            fit = again
    return fit


def _attempt(problem: Problem, settings: Settings, target_accept: float, cores: int | None) -> Fit:
    draws = sample(problem, settings, target_accept=target_accept, cores=cores)
    estimands = contrasts(problem, {name: draws[name] for name in draws.posterior})
    diagnostics = diagnose_estimands(estimands)
    verdict = judge(draws, diagnostics, _probability_errors(problem, estimands))
    verdict = verdict.warned(problem.warnings)
    rows = rows_from_draws(problem, estimands, diagnostics, verdict.level)
    return Fit(problem, settings, "nuts", rows, verdict, draws, estimands)


def _probability_errors(problem: Problem, estimands: Mapping[str, Array]) -> dict[str, float]:
    errors = {}
    for name, values in estimands.items():
        what = quantity(problem, name)
        if what.estimand.mcid and what.directed:
            errors[f"benefit {name}"] = probability_mcse((values > (what.estimand.null or 0.0)).astype(float))
            if what.mcid is not None:
                errors[f"mcid {name}"] = probability_mcse((what.place.sign * values >= what.mcid).astype(float))
    return errors
