"""Designs of the structure `funnel`: stages of the same women."""

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
from bayes_ivf.forms import counts
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.structures.embryo_cluster import calibration as embryo
from bayes_ivf.study import Study, parse_study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

WOMEN = 40


def designs(card: Card) -> list[Design]:
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
        data["events"] = pregnant = counts.simulate(rng, _risks(arm_log_odds(base, truth)), data["n"])
    data["miscarriage_n"] = pregnant
    data["miscarriage_events"] = counts.simulate(rng, _risks(_stage_log_odds(truth)), pregnant)
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
