"""Designs of events over time: independent ones, and some that recur in the same women."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from bayes_ivf.calibration import Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.forms import rates
from bayes_ivf.problem import Plain, Problem, build_problem
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.study import Study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

KINDS_OVER_TIME = rates.FORM.kinds
"""Of outcomes that are printed so."""
TIMES = (50.0, 60.0)
"""Units of time, such as woman-years, in each simulated arm."""
_LEVEL_OF_RATES = {
    "average": {"dist": "Normal", "mu": -1.5, "sigma": 1},
    "effect": {"dist": "Normal", "mu": 0, "sigma": 1},
}


def events_over_time(card: Card, overdispersion: str) -> Design:
    """Return the design of events that vary so many times as much as independent ones."""
    study = Study.from_rates((10, TIMES[0]), (10, TIMES[1]), outcome="events")
    base = build_problem(study, "events", card, _LEVEL_OF_RATES, {"overdispersion": overdispersion})
    how = "independent" if overdispersion == "1" else f"{overdispersion} times as variable as independent ones"
    return Design(
        f"{card.id}-rates-{'poisson' if overdispersion == '1' else 'overdispersed'}",
        f"events in {TIMES[0]:g} and {TIMES[1]:g} units of time, {how}; proper prior on the level",
        partial(_simulate_rates, base),
        _rates_log_likelihood,
        base,
    )


def _simulate_rates(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    dispersion = float(base.data.get("dispersion", np.ones(())))
    events = rates.simulate(rng, np.exp(_log_rates(base, truth))[0, 0], base.data["time"], dispersion)
    return Simulated(truth, replace(base, data=dict(base.data) | {"events": events}))


def _log_rates(problem: Problem, posterior: Posterior) -> Array:
    return np.stack(arm_log_odds(problem, posterior), axis=-1)


def _rates_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of the events, up to a constant."""
    return rates.log_likelihood(problem.data, _log_rates(problem, posterior), problem.laid_out(Plain).word)
