"""The design of the structure `joint`: stages, a count and claims of two families.

Means are not calibrated here: that their density is the one of `outcomes` and `two_arm` is a test of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf import defaults
from bayes_ivf.calibration import SLOW_SIMULATIONS, Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.forms import claim, counts
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.study import Study, parse_study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

WOMEN = 40
"""Women in each simulated arm, as in the index trial."""
ALPHA = 0.05


def designs(card: Card) -> list[Design]:
    """Return a design of all that is printed as counts or words."""
    mixed = build_problem(_study(_mixed_items()), "mcr", card, defaults.PRIMARY_PRIOR)
    return [
        Design(
            f"{card.id}-counts-claims",
            f"pregnancies and miscarriages, a count and two claims of another family, {WOMEN} women an arm",
            partial(_simulate_mixed, mixed),
            _mixed_log_likelihood,
            mixed,
            SLOW_SIMULATIONS,
        ),
    ]


def _study(items: list[dict[str, Any]]) -> Study:
    """Make a study; its numbers only give the shapes."""
    arms = {arm: {"label": arm, "n": WOMEN} for arm in ("treatment", "control")}
    head = {"schema_version": 1, "id": "simulated", "title": "Simulated"}
    return parse_study(head | {"arms": arms, "outcomes": items}, "")


def _mixed_items() -> list[dict[str, Any]]:
    count = {"kind": "counts", "treatment": f"8/{WOMEN}", "control": f"8/{WOMEN}", "per": "woman"}
    lost = {"kind": "counts", "treatment": "1/8", "control": "1/8", "per": "clinical_pregnancy", "denominator": "cpr"}
    said = {"text": "lower", "direction": "lower", "p": f"P<{ALPHA}"}
    claims = [
        {
            "id": f"c{i}",
            "label": f"c{i}",
            "kind": "claim_only",
            "benefit": "lower",
            "family": "quality_of_life",
            "claim": said,
        }
        for i in range(2)
    ]
    return [
        count | {"id": "cpr", "label": "pregnant", "benefit": "higher", "family": "pregnancy"},
        lost | {"id": "mcr", "label": "miscarriage", "benefit": "lower", "family": "pregnancy"},
        count | {"id": "pain", "label": "pain", "benefit": "lower", "family": "quality_of_life"},
        *claims,
    ]


def _truth(base: Problem, rng: np.random.Generator) -> dict[str, Array]:
    """Draw every parameter: families around the common mean, effects around their family's."""
    truth = draw_truth(base, rng)
    family = base.data["family_of"]
    spreads = np.stack([truth[f"tau_{i}"] for i in range(int(family.max()) + 1)], axis=-1)
    families = truth["mu"][..., None] + truth["omega"][..., None] * rng.standard_normal(spreads.shape)
    own = rng.standard_normal((1, 1, len(family)))
    benefit = families[..., family] + spreads[..., family] * own
    return truth | {"family_mean": families, "effects": base.data["sign"] * base.data["scale"] * benefit}


def _simulate_mixed(base: Problem, rng: np.random.Generator) -> Simulated:
    """Simulate stage after stage, the count, and which claims are printed."""
    truth = _truth(base, rng)
    truth |= {"effect": truth["effects"][..., 0], "miscarriage_effect": truth["effects"][..., 1]}
    data: dict[str, Any] = dict(base.data)
    data["events"] = pregnant = counts.simulate(rng, _risks(truth, "average", 0)[0, 0], data["n"])
    data["miscarriage_n"] = pregnant
    data["miscarriage_events"] = counts.simulate(rng, _risks(truth, "miscarriage_average", 1)[0, 0], pregnant)
    data["count_0_events"] = counts.simulate(rng, _risks(truth, "count_0_average", 2)[0, 0], data["count_0_n"])
    said = [claim.simulate(rng, float(effect), (WOMEN, WOMEN), ALPHA) for effect in truth["effects"][0, 0, 3:]]
    data["claim_claimed"] = np.array([int(event == "lower") for event in said], dtype=np.int64)
    return Simulated(truth, replace(base, data=data))


def _log_odds(posterior: Posterior, level: str, i: int) -> Array:
    """Log odds of both arms, shape (chain, draw, arm)."""
    half = posterior["effects"][..., i] / 2
    return np.stack([posterior[level] + half, posterior[level] - half], axis=-1)


def _risks(posterior: Posterior, level: str, i: int) -> Array:
    return np.asarray(special.expit(_log_odds(posterior, level, i)))


def _mixed_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of all counts and claims, up to a constant, shape (chain, draw)."""
    data = problem.data
    total = np.zeros(())
    for i, (stage, level) in enumerate(
        (("", "average"), ("miscarriage", "miscarriage_average"), ("count_0", "count_0_average"))
    ):
        total = total + counts.log_likelihood(data, logit_risk=_log_odds(posterior, level, i), stage=stage)
    for i in range(len(data["claim_n"])):
        mine = {name: data[f"claim_{name}"][i] for name in ("n", "nodes", "log_weights", "doubt", "claimed")}
        total = total + claim.log_likelihood(mine, posterior["effects"][..., 3 + i], "lower")
    return np.asarray(total)
