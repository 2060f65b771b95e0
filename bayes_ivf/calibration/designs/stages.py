"""Designs of `funnel` and of `outcomes`: stages of the same women, with separate or pooled effects; families of claims.

Families of means have flat priors only, which cannot be drawn from: they are not calibrated here.
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
from bayes_ivf.calibration.constants import SLOW_SIMULATIONS
from bayes_ivf.calibration.design import Design, Simulated, draw_truth
from bayes_ivf.calibration.designs import embryo_cluster as embryo
from bayes_ivf.cards import Card
from bayes_ivf.effects.contrasts import arm_log_odds
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.simulate import simulate_claims, simulate_counts
from bayes_ivf.study import Study, parse_study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

WOMEN = 40
CLAIMS = 3
ALPHA = 0.05


def funnel_designs(card: Card) -> list[Design]:
    """Return designs with the women alone, and with embryos as the first stage."""
    prior = defaults.PRIMARY_PRIOR
    women = build_problem(_study(embryos=False), "mcr", card, prior)
    nested = build_problem(_study(embryos=True), "mcr", card, prior)
    length = embryo.longest_table(nested, embryo.EMBRYOS)
    return [
        Design(
            f"{card.id}-women",
            f"pregnancies of {WOMEN} women an arm, miscarriages of the pregnant",
            partial(_simulate, women, 0),
            _log_likelihood,
            women,
        ),
        Design(
            f"{card.id}-embryos",
            f"embryos, pregnancies and miscarriages of {embryo.WOMEN} women an arm",
            partial(_simulate, nested, length),
            _log_likelihood,
            nested,
            SLOW_SIMULATIONS,
        ),
    ]


def outcomes_designs(card: Card) -> list[Design]:
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


def _study(*, embryos: bool) -> Study:
    """Make a study of stages; its counts only give the shapes."""
    n = embryo.WOMEN if embryos else WOMEN
    base = {"benefit": "higher", "kind": "counts"}
    items: list[dict[str, Any]] = [
        base | {"id": "cpr", "label": "pregnant", "per": "woman", "treatment": f"8/{n}", "control": f"8/{n}"},
        base
        | {"id": "mcr", "label": "miscarriage", "per": "clinical_pregnancy", "benefit": "lower", "family": "pregnancy"}
        | {"denominator": "cpr", "treatment": "1/8", "control": "1/8"},
    ]
    if embryos:
        each = f"10/{embryo.EMBRYOS}"
        items.append(
            base
            | {"id": "eir", "label": "implanted", "per": "embryo", "pregnancies": "cpr"}
            | {"treatment": each, "control": each}
        )
    return _parsed(n, items)


def _claims_study() -> Study:
    claim = {"text": "lower", "direction": "lower", "p": f"P<{ALPHA}"}
    items = [
        {
            "id": f"c{i}",
            "label": f"c{i}",
            "kind": "claim_only",
            "benefit": "lower",
            "family": "quality_of_life",
            "claim": claim,
        }
        for i in range(CLAIMS)
    ]
    return _parsed(WOMEN, items)


def _parsed(n: int, items: list[dict[str, Any]]) -> Study:
    arms = {arm: {"label": arm, "n": n} for arm in ("treatment", "control")}
    return parse_study(
        {"schema_version": 1, "id": "simulated", "title": "Simulated", "arms": arms, "outcomes": items}, ""
    )


def _simulate(base: Problem, length: int, rng: np.random.Generator) -> Simulated:
    """Simulate stage after stage: only who reached a stage can have its event."""
    truth = draw_truth(base, rng)
    if "tau" in truth:
        effects = _pooled_effects(base, truth, rng)
        truth |= {"effect": effects[..., 0], "miscarriage_effect": effects[..., 1]}
    data: dict[str, Any] = dict(base.data)
    if length:
        data |= embryo.simulated_totals(base, truth, embryo.EMBRYOS, length, rng)
        pregnant = data["totals"][:, 2]
    else:
        data["events"] = pregnant = simulate_counts(rng, _risks(arm_log_odds(base, truth)), data["n"])
    data["miscarriage_n"] = pregnant
    data["miscarriage_events"] = simulate_counts(rng, _risks(_stage_log_odds(truth)), pregnant)
    return Simulated(truth, replace(base, data=data))


def _pooled_effects(base: Problem, truth: Posterior, rng: np.random.Generator) -> Array:
    """Draw effects around their common mean, in the direction of the numbers, shape (1, 1, member)."""
    sign = base.data["sign"]
    spread = truth["tau"][..., None] * rng.standard_normal((1, 1, len(sign)))
    return np.asarray(sign * (truth["mu"][..., None] + spread))


def _stage_log_odds(posterior: Posterior) -> tuple[Array, Array]:
    level, effect = posterior["miscarriage_average"], posterior["miscarriage_effect"]
    return level + effect / 2, level - effect / 2


def _risks(log_odds: tuple[Array, Array]) -> Array:
    return np.asarray(special.expit([float(each[0, 0]) for each in log_odds]))


def _log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of all stages, up to a constant, shape (chain, draw)."""
    stages = [("miscarriage_", _stage_log_odds(posterior))]
    if "totals" in problem.data:
        total = embryo.totals_log_likelihood(problem, posterior)
    else:
        total = np.zeros(())
        stages.append(("", arm_log_odds(problem, posterior)))
    for prefix, log_odds in stages:
        events, n = problem.data[f"{prefix}events"], problem.data[f"{prefix}n"]
        for arm, each in enumerate(log_odds):
            total = total + events[arm] * special.log_expit(each) + (n - events)[arm] * special.log_expit(-each)
    return np.asarray(total)


def _simulate_claims(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    truth["effects"] = _pooled_effects(base, truth, rng)
    events = [simulate_claims(rng, float(effect), (WOMEN, WOMEN), ALPHA) for effect in truth["effects"][0, 0]]
    claimed = np.array([int(event == "lower") for event in events], dtype=base.data["claimed"].dtype)
    return Simulated(truth, replace(base, data=dict(base.data) | {"claimed": claimed}))


def _claims_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of which claims were printed."""
    data = problem.data
    shift = posterior["effects"] / np.sqrt((1 / data["n"]).sum(axis=-1))
    chance = (np.exp(data["log_weights"]) * special.ndtr(-data["nodes"] - shift[..., None])).sum(axis=-1)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.where(data["claimed"] == 1, chance, 1 - chance)).sum(axis=-1))
