"""Designs of the structure `embryo_cluster`: 15 women and 30 embryos an arm, every mechanism.

Tables of totals have different lengths in every simulation; all are filled up to the longest, so that one compiled
model serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.calibration import FAST_SIMULATIONS, SLOW_SIMULATIONS, Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.embryo import ArmTotals, row_arrays
from bayes_ivf.errors import RequestError
from bayes_ivf.forms import embryo_totals
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.study import ARMS, Study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

WOMEN = 15
EMBRYOS = 30


def designs(card: Card) -> list[Design]:
    """Return one design for each mechanism that the card allows, with its other options as they are; of other units pairs."""
    if card.per and "embryo" not in card.per:
        return [_pairs(card)]
    return [_design(card, mechanism) for mechanism in card.options["mechanism"].allowed]


def _pairs(card: Card) -> Design:
    totals = {"women": WOMEN, "eyes": 2 * WOMEN, "with_events": 0, "events": 0}
    study = Study.from_clusters(totals, totals, per="eye", outcome="eyes")
    base = build_problem(study, "eyes", card, defaults.PRIMARY_PRIOR)
    return Design(
        f"{card.id}-pairs",
        f"totals of both eyes of {WOMEN} women an arm",
        partial(_simulate, base, 2 * WOMEN, longest_table(base, 2 * WOMEN)),
        totals_log_likelihood,
        base,
        FAST_SIMULATIONS,
    )


def _design(card: Card, mechanism: str) -> Design:
    most = int(card.options["M"].default)
    embryos = min(EMBRYOS, most * WOMEN)
    totals = {"women": WOMEN, "embryos": embryos, "pregnant": 0, "implanted": 0}
    study = Study.from_clusters(totals, totals, max_embryos=most)
    base = build_problem(study, "eir", card, defaults.PRIMARY_PRIOR, {"mechanism": mechanism, "M": str(most)})
    weights = base.options["weights"]
    return Design(
        f"{card.id}-{mechanism}",
        f"totals of {WOMEN} women and {embryos} embryos an arm, at most {most} each, {weights} weights, {mechanism}",
        partial(_simulate, base, embryos, longest_table(base, embryos)),
        totals_log_likelihood,
        base,
        SLOW_SIMULATIONS if mechanism == "biochemical" else FAST_SIMULATIONS,
    )


def longest_table(base: Problem, embryos: int) -> int:
    """Most rows that any totals of this size need."""
    return _longest(embryos, *(base.options[name] for name in ("M", "weights", "mechanism")))


@cache
def _longest(embryos: int, most: str, weights: str, mechanism: str) -> int:
    longest = 1
    for pregnant in range(WOMEN + 1):
        for implanted in range(pregnant, embryos + 1):
            arm = ArmTotals(WOMEN, embryos, pregnant, implanted)
            try:
                prepared = embryo_totals.prepare_arms((arm, arm), most, weights, mechanism)
            except RequestError:
                continue
            longest = max(longest, len(row_arrays(prepared[0])[0]))
    return longest


def _simulate(base: Problem, embryos: int, length: int, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    return Simulated(truth, replace(base, data=dict(base.data) | simulated_totals(base, truth, embryos, length, rng)))


def simulated_totals(
    base: Problem, truth: Posterior, embryos: int, length: int, rng: np.random.Generator
) -> dict[str, npt.NDArray[Any]]:
    """Simulate both arms' totals, as arrays of a problem.

    Parameters
    ----------
    base : Problem
        With the options of the embryo model.
    truth : mapping of str to array, shape (1, 1)
    embryos : int
        Of each arm.
    length : int
        Rows that the tables are filled up to.
    rng : numpy.random.Generator
    """
    mechanism = base.options["mechanism"]
    within = truth["q" if mechanism == "receptivity" else "icc"][0]
    loss = truth["lambda"][0] if mechanism == "biochemical" else 0.0
    totals = []
    for log_odds in arm_log_odds(base, truth):
        pregnant, implanted = embryo_totals.simulate(
            rng,
            log_odds[0],
            within,
            loss,
            women=WOMEN,
            embryos=embryos,
            max_embryos=int(base.options["M"]),
            weights=base.options["weights"],
            mechanism=mechanism,
        )
        totals.append(ArmTotals(WOMEN, embryos, int(pregnant[0]), int(implanted[0])))
    arms = embryo_totals.prepare_arms((totals[0], totals[1]), base.options["M"], base.options["weights"], mechanism)
    table = [[each.women, each.embryos, each.pregnant, each.implanted] for each in totals]
    data: dict[str, npt.NDArray[Any]] = {"totals": np.array(table, dtype=np.int64)}
    for name, arm in zip(ARMS, arms, strict=True):
        data[f"constants_{name}"], data[f"exponents_{name}"] = row_arrays(arm, length)
    return data


def totals_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of both arms' totals, shape (chain, draw)."""
    within = posterior["q" if problem.options["mechanism"] == "receptivity" else "icc"]
    loss = posterior.get("lambda", np.zeros(1))
    return embryo_totals.log_likelihood(embryo_totals.arms_of(problem), arm_log_odds(problem, posterior), within, loss)
