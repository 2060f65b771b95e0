"""Designs of the structure `individual`: embryos of 40 women an arm; rows of women are calibrated as `two_arm`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.calibration import SLOW_SIMULATIONS, Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.forms import embryo_rows
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.study import Study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

RECEIVED = (*[1] * 10, *[2] * 20, *[3] * 10)
"""Embryos of each woman in an arm."""


def designs(card: Card) -> list[Design]:
    """Return the design of embryo rows."""
    base = build_problem(_study([np.zeros(sum(RECEIVED), dtype=np.int64)] * 2), "eir", card, defaults.PRIMARY_PRIOR)
    return [
        Design(
            f"{card.id}-embryos",
            f"rows of {sum(RECEIVED)} embryos of {len(RECEIVED)} women an arm, one to three each",
            partial(_simulate, base),
            _log_likelihood,
            base,
            SLOW_SIMULATIONS,
        )
    ]


def _study(implanted: list[npt.NDArray[np.int64]]) -> Study:
    """Make a study as an author would, from a frame."""
    import pandas as pd

    woman = np.repeat(np.arange(len(RECEIVED)), RECEIVED)
    frames = [
        pd.DataFrame({"arm": arm, "woman": [f"{arm} {i}" for i in woman], "eir": values})
        for arm, values in zip(("treatment", "control"), implanted, strict=True)
    ]
    return Study.from_frame(pd.concat(frames, ignore_index=True), "eir", per="embryo")


def _simulate(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    sigma = float(truth["sigma"][0, 0])
    implanted = [embryo_rows.simulate(rng, float(each[0, 0]), sigma, RECEIVED)[1] for each in arm_log_odds(base, truth)]
    cells = list(zip(base.data["received"], base.data["implanted"], strict=True))
    starts = np.cumsum(RECEIVED) - RECEIVED
    women = np.zeros_like(base.data["women"])
    for row, values in zip(women, implanted, strict=True):
        for cell in zip(RECEIVED, np.add.reduceat(values, starts), strict=True):
            row[cells.index(cell)] += 1
    return Simulated(truth, replace(base, data=dict(base.data) | {"women": women}))


def _log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of both arms' women, up to a constant, shape (chain, draw)."""
    return embryo_rows.log_likelihood(problem.data, arm_log_odds(problem, posterior), posterior["sigma"])
