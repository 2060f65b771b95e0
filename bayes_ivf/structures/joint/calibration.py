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
from bayes_ivf.forms import claim_only, counts
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.structures.joint.problem import JointLayout, part, places_of
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
    data, truth = base.data, draw_truth(base, rng)
    spreads = _stacked(truth, "tau_{}", base.laid_out(JointLayout).families)
    means = truth["mu"][..., None] + truth["omega"][..., None] * rng.standard_normal(spreads.shape)
    own = rng.standard_normal((1, 1, len(data["unit"])))
    benefit = means[..., data["family_of"]] + spreads[..., data["family_of"]] * own
    return truth | {"family_mean": means, "effects": data["unit"] * benefit}


def _stacked(posterior: Posterior, slots: str, number: int) -> Array:
    return np.stack([posterior[slots.format(i)] for i in range(number)], axis=-1)


def _simulate_mixed(base: Problem, rng: np.random.Generator) -> Simulated:
    """Simulate stage after stage, the count, and which claims are printed."""
    truth = _truth(base, rng)
    truth |= {"effect": truth["effects"][..., 0], "miscarriage_effect": truth["effects"][..., 1]}
    risks = {name: special.expit(odds)[0, 0] for name, odds in _log_odds(base, truth).items()}
    data: dict[str, Any] = dict(base.data)
    data["events"] = pregnant = counts.simulate(rng, risks[""], data["n"])
    data["miscarriage_n"] = pregnant
    data["miscarriage_events"] = counts.simulate(rng, risks["miscarriage"], pregnant)
    data["count_events"] = counts.simulate(rng, risks["count"], data["count_n"])
    directed = truth["effects"][0, 0, places_of(data)["directed"]]
    said = [claim_only.simulate(rng, float(effect), (WOMEN, WOMEN), ALPHA) for effect in directed]
    data["directed_claimed"] = np.array([int(event == "lower") for event in said], dtype=np.int64)
    return Simulated(truth, replace(base, data=data))


def _log_odds(problem: Problem, posterior: Posterior) -> dict[str, Array]:
    """Log odds of both arms of stages, (chain, draw, arm), and of counts, (chain, draw, count, arm)."""
    effects = posterior["effects"]
    levels = {
        "": (posterior["average"], effects[..., 0]),
        "miscarriage": (posterior["miscarriage_average"], effects[..., 1]),
        "count": (
            _stacked(posterior, "count_{}_average", len(problem.data["count_n"])),
            effects[..., places_of(problem.data)["count"]],
        ),
    }
    return {
        name: np.stack([level + effect / 2, level - effect / 2], axis=-1) for name, (level, effect) in levels.items()
    }


def _mixed_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of all counts and claims, up to a constant, shape (chain, draw)."""
    data, odds = problem.data, _log_odds(problem, posterior)
    total = counts.log_likelihood(data, logit_risk=odds[""])
    total = total + counts.log_likelihood(data, logit_risk=odds["miscarriage"], stage="miscarriage")
    total = total + counts.log_likelihood(data, logit_risk=odds["count"], stage="count").sum(axis=-1)
    said = part(data, "directed")
    for i, effect in enumerate(np.moveaxis(posterior["effects"][..., places_of(data)["directed"]], -1, 0)):
        mine = {name: said[name][i] for name in ("n", "nodes", "log_weights", "doubt", "claimed")}
        total = total + claim_only.log_likelihood(mine, effect, "lower")
    return np.asarray(total)
