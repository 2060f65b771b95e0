"""Events over time in two arms, which may recur in a woman: 12 in 300.5 woman-years.

With r events over a time T at a rate of lambda per unit of it, events that come independently are Poisson,
``r ~ Poisson(T lambda)``, with log likelihood ``r log lambda - T lambda`` up to a constant. Recurrences cluster in women, so
that counts vary more: with a variance of phi times the mean (option `overdispersion`, stated and not estimated, since two totals
do not tell it) they are negative binomial with the shape ``T lambda / (phi - 1)``, the sum over women with gamma rates.

At most one event per cycle or transfer is binomial, and no rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.stacking import batched_priors, stacked
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.simulate import simulate_rates
from bayes_ivf.study import ARMS, Outcome, Rate, Study

Array = npt.NDArray[np.float64]

FORM = Form("rates", kinds=("rates",), support="two_rates")
DIMS: Mapping[str, str] = {"events": "arm", "time": "arm"}
OPTIONS: tuple[str, ...] = ("overdispersion",)
simulate = simulate_rates
POISSON = "1"


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return events and time of both arms and, if they are overdispersed, by how much.

    Raises
    ------
    RequestError
        If no event was counted in either arm: a flat prior on the level then says nothing of the rates.
    """
    printed = [each for arm in ARMS if isinstance(each := (outcome.data or {}).get(arm), Rate)]
    if not sum(rate.events for rate in printed):
        raise RequestError(
            Fault(
                f"{study.id}/{outcome.id}",
                "no event in either arm, from which no ratio of rates follows",
                "an event in one of the arms",
                "report the times alone, or count women without events (kind counts)",
            )
        )
    data = {
        "events": array([rate.events for rate in printed], np.int64),
        "time": array([float(rate.time) for rate in printed], np.float64),
    }
    if options["overdispersion"] == POISSON:
        return data, ""
    return data | {"dispersion": array(float(options["overdispersion"]), np.float64)}, "overdispersed"


def observe(data: Mapping[str, Any], log_rate: Any, variant: str) -> None:
    """Observe events over time.

    Parameters
    ----------
    data : mapping
        ``events`` and ``time``, dims arm; ``dispersion``, a scalar, if `variant` says so.
    log_rate : tensor, shape (arm,)
        Log of events per unit of time.
    variant : {"", "overdispersed"}
    """
    import pymc as pm

    expected = data["time"] * pm.math.exp(log_rate)
    if not variant:
        pm.Poisson("events_observed", mu=expected, observed=data["events"], dims="arm")
        return
    shape = expected / (data["dispersion"] - 1)
    pm.NegativeBinomial("events_observed", n=shape, p=1 / data["dispersion"], observed=data["events"], dims="arm")


def log_likelihood(data: Mapping[str, Any], log_rate: Array, variant: str) -> Array:
    """Log probability of the events, up to a constant; see `observe`. Parameters of shape (..., arm) give (...)."""
    from bayes_ivf.exact import log_rate_likelihood

    dispersion = np.asarray(data.get("dispersion", 1.0), dtype=float)
    return np.asarray(log_rate_likelihood(np.asarray(log_rate), data["events"], data["time"], dispersion).sum(axis=-1))


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing: NUTS reads events and times."""
    return {}


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def solver(problem: Problem) -> Solver | None:
    """Return the solver of two rates."""
    return _rates


def _rates(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_rates

    events, time = stacked(problems, "events"), stacked(problems, "time")
    slots, first = batched_priors(problems), problems[0]
    level = slots[first.coding] if first.priors[first.coding].proper else None
    dispersion = stacked(problems, "dispersion") if "dispersion" in first.data else 1.0
    return solve_rates(
        events[:, 0],
        time[:, 0],
        events[:, 1],
        time[:, 1],
        effect=slots["effect"],
        first=level,
        coding=first.coding,
        dispersion=dispersion,
        workers=workers,
    )


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the result hangs on: how events vary, and whose prior the ratio has."""
    said = options["overdispersion"]
    vary = (
        "Events are taken as independent (Poisson); where they recur in the same women, the interval is too narrow."
        if said == POISSON
        else f"Events are taken to vary {said} times as much as independent ones would (stated, not estimated)."
    )
    return vary, "The prior of log odds ratios is taken for the log rate ratio; that on the level is flat unless given."
