"""Counts of events among units in two arms: binomial.

With r events among n in an arm of risk p, the log likelihood is, up to a constant, r log p + (n - r) log(1 - p).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.stacking import batched_priors, stacked
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.simulate import simulate_counts
from bayes_ivf.study import ARMS, Outcome, Study

Array = npt.NDArray[np.float64]

FORM = Form("counts", kinds=("counts", "percent"), support="two_by_two")
DIMS: Mapping[str, str] = {"events": "arm", "n": "arm"}
OPTIONS: tuple[str, ...] = ()
simulate = simulate_counts


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return events and units of both arms; nothing of them changes a model.

    Raises
    ------
    RequestError
        If what was printed fits no unique pair of whole numbers.
    """
    events, n = [], []
    for arm in ARMS:
        found = outcome.counts(arm)
        if found is None:
            statement = getattr((outcome.data or {}).get(arm), "statement", "No counts were printed.")
            raise RequestError(
                Fault(
                    f"{study.id}/{outcome.id}, {arm}",
                    statement,
                    "counts, or a percentage that one pair of whole numbers fits",
                    "give the denominators in the study file (n)",
                )
            )
        events.append(found.events)
        n.append(found.n)
    return {"events": array(events, np.int64), "n": array(n, np.int64)}, ""


def observe(data: Mapping[str, Any], *, logit_risk: Any = None, risk: Any = None, stage: str = "") -> None:
    """Observe events among n.

    Parameters
    ----------
    data : mapping
        ``events`` and ``n``, dims arm.
    logit_risk, risk : tensor, shape (arm,)
        One of the two: log odds, or probability.
    stage : str
        Put before the names of data and variable, for one of several counts in a model.
    """
    import pymc as pm

    prefix = f"{stage}_" if stage else ""
    given = {"logit_p": logit_risk} if risk is None else {"p": risk}
    n, events = data[f"{prefix}n"], data[f"{prefix}events"]
    pm.Binomial(f"{prefix}events_observed", n=n, observed=events, dims="arm", **given)


def log_likelihood(
    data: Mapping[str, Any], *, logit_risk: Array | None = None, risk: Array | None = None, stage: str = ""
) -> Array:
    """Log probability of the events, up to a constant; see `observe`. Parameters of shape (..., arm) give (...)."""
    prefix = f"{stage}_" if stage else ""
    events, rest = data[f"{prefix}events"], data[f"{prefix}n"] - data[f"{prefix}events"]
    if risk is None:
        log_odds = np.asarray(logit_risk)
        yes, no = special.log_expit(log_odds), special.log_expit(-log_odds)
    else:
        yes, no = np.log(risk), np.log1p(-risk)
    return np.asarray((events * yes + rest * no).sum(axis=-1))


def rough(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return events and units."""
    return data["events"], data["n"]


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing: NUTS reads the counts."""
    return {}


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def solver(problem: Problem) -> Solver | None:
    """Return the solver of two arms with priors on the risks, or on a level and the effect."""
    return _beta_arms if problem.coding == "arms" else _counts


def _arms(problems: Sequence[Problem]) -> tuple[np.ndarray, ...]:
    events, n = stacked(problems, "events"), stacked(problems, "n")
    return events[:, 0], n[:, 0], events[:, 1], n[:, 1]


def _counts(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_counts

    slots, coding = batched_priors(problems), problems[0].coding
    return solve_counts(*_arms(problems), first=slots[coding], effect=slots["effect"], coding=coding, workers=workers)


def _beta_arms(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_beta_arms

    slots = batched_priors(problems)
    return solve_beta_arms(*_arms(problems), control=slots["control"], treatment=slots["treatment"], workers=workers)
