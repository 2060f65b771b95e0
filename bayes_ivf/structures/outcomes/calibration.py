"""Designs of the structure `outcomes`: stages of the same women with pooled effects, and families of claims.

Families of means have flat priors only, which cannot be drawn from: they are not calibrated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf import defaults
from bayes_ivf.calibration import Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.forms import claim_only
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.structures.funnel.calibration import WOMEN, _log_likelihood, _parsed, _pooled_effects, _simulate, _study
from bayes_ivf.study import Study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

CLAIMS = 3
ALPHA = 0.05


def designs(card: Card) -> list[Design]:
    """Return designs of two pooled stages and of a family of claims."""
    prior = defaults.PRIMARY_PRIOR
    stages = build_problem(_study(embryos=False), "mcr", card, prior)
    claims = build_problem(_claims_study(), "c0", card, prior)
    return [
        Design(
            f"{card.id}-stages",
            f"pregnancies of {WOMEN} women an arm and miscarriages, effects pooled",
            partial(_simulate, stages, 0),
            _log_likelihood,
            stages,
        ),
        Design(
            f"{card.id}-claims",
            f"{CLAIMS} claims, each lower or not printed, of {WOMEN} women an arm, effects pooled",
            partial(_simulate_claims, claims),
            _claims_log_likelihood,
            claims,
        ),
    ]


def _claims_study() -> Study:
    said = {"text": "lower", "direction": "lower", "p": f"P<{ALPHA}"}
    items = [
        {
            "id": f"c{i}",
            "label": f"c{i}",
            "kind": "claim_only",
            "benefit": "lower",
            "family": "quality_of_life",
            "claim": said,
        }
        for i in range(CLAIMS)
    ]
    return _parsed(WOMEN, items)


def _simulate_claims(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    truth["effects"] = _pooled_effects(base, truth, rng)
    events = [claim_only.simulate(rng, float(effect), (WOMEN, WOMEN), ALPHA) for effect in truth["effects"][0, 0]]
    claimed = np.array([int(event == "lower") for event in events], dtype=base.data["claimed"].dtype)
    return Simulated(truth, replace(base, data=dict(base.data) | {"claimed": claimed}))


def _claims_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of which claims were printed."""
    data = problem.data
    shift = posterior["effects"] / np.sqrt((1 / data["n"]).sum(axis=-1))
    chance = (np.exp(data["log_weights"]) * special.ndtr(-data["nodes"] - shift[..., None])).sum(axis=-1)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.where(data["claimed"] == 1, chance, 1 - chance)).sum(axis=-1))
