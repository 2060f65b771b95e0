"""Designs of the structure `two_arm`: counts in three codings, means with proper priors, claims with every event, effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf import defaults
from bayes_ivf.calibration import Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.forms import (
    claim_counts,
    claim_only,
    counts,
    decoded_counts,
    effect_ci,
    mean_sd,
    nested_counts,
    p_value,
)
from bayes_ivf.problem import Plain, Problem, build_problem
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.structures.two_arm.claim_designs import claims_of_counts, statistics_of_counts
from bayes_ivf.structures.two_arm.contrasts import PRINTED
from bayes_ivf.structures.two_arm.decoded_designs import percentages
from bayes_ivf.structures.two_arm.mean_designs import WOMEN, means_and_sds, values_in_clusters
from bayes_ivf.structures.two_arm.rate_designs import KINDS_OVER_TIME, events_over_time
from bayes_ivf.study import ARMS, StatedCorrelation, Study, read_statistic

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

ALPHA = 0.05
DOUBT = 0.25
SE = 0.4
"""Standard error of a simulated log odds ratio, as of some hundred women an arm."""

_CODINGS: Mapping[str, Any] = {
    "average": defaults.PRIMARY_PRIOR,
    "control": {
        "control": {"dist": "Normal", "mu": -1, "sigma": 1.5},
        "effect": {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": 0.5},
    },
    "arms": "beta_jeffreys",
}


def designs(card: Card) -> list[Design]:
    """Return the designs for the kinds of print that a card of this structure takes."""
    found: list[Design] = []
    if set(counts.FORM.kinds) & set(card.kinds):
        found += [*(_counts(card, coding) for coding in _CODINGS), _nested(card)]
    if set(decoded_counts.FORM.kinds) <= set(card.kinds):
        found.append(percentages(card))
    if set(mean_sd.FORM.kinds) & set(card.kinds):
        found += [*(means_and_sds(card, variance) for variance in ("separate", "common")), values_in_clusters(card)]
    if set(claim_only.FORM.kinds) & set(card.kinds):
        found += [_claims(card, how) for how in ("directed", "undirected", "doubted")]
    if set(p_value.FORM.kinds) <= set(card.kinds):
        found += [_p_values(card, how) for how in ("directed", "undirected", "doubted")]
    if set(claim_counts.FORM.kinds) & set(card.kinds):
        found += [*claims_of_counts(card), *statistics_of_counts(card)]
    if set(effect_ci.FORM.kinds) & set(card.kinds):
        found.append(_effect(card))
    if set(KINDS_OVER_TIME) & set(card.kinds):
        found += [events_over_time(card, overdispersion) for overdispersion in ("1", "2.5")]
    return found


def _counts(card: Card, coding: str) -> Design:
    study = Study.from_counts((0, WOMEN[0]), (0, WOMEN[1]))
    base = build_problem(study, "events", card, _CODINGS[coding])
    return Design(
        f"{card.id}-counts-{coding}",
        f"counts of {WOMEN[0]} and {WOMEN[1]} women, prior on {coding}",
        partial(_simulate_counts, base),
        _counts_log_likelihood,
        base,
    )


def _simulate_counts(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    events = counts.simulate(rng, np.exp(_log_risks(base, truth))[0, 0], base.data["n"])
    return Simulated(truth, replace(base, data=dict(base.data) | {"events": events}))


def _nested(card: Card) -> Design:
    study = Study.from_counts((0, 2 * WOMEN[0]), (0, 2 * WOMEN[1]))
    eyes = replace(study.items[0], per="eye", icc=StatedCorrelation(1.0, 1.0, 1.0))
    study = replace(study, sizes=dict(zip(ARMS, WOMEN, strict=True)), items=(eyes,))
    base = build_problem(study, "events", card, defaults.PRIMARY_PRIOR)
    return Design(
        f"{card.id}-counts-nested",
        f"counts of both eyes of {WOMEN[0]} and {WOMEN[1]} women, which are wholly alike",
        partial(_simulate_nested, base),
        _nested_log_likelihood,
        base,
    )


def _simulate_nested(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    alike = base.data["design_effect"].astype(np.int64)
    events = nested_counts.simulate(rng, np.exp(_log_risks(base, truth))[0, 0], base.data["n"], alike)
    return Simulated(truth, replace(base, data=dict(base.data) | {"events": events}))


def _nested_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of the pairs that had the event, up to a constant."""
    return nested_counts.log_likelihood(problem.data, logit_risk=_risks(problem, posterior)["logit_risk"])


def _log_risks(problem: Problem, posterior: Posterior) -> Array:
    risks = _risks(problem, posterior)
    return np.log(risks["risk"]) if "risk" in risks else special.log_expit(risks["logit_risk"])


def _risks(problem: Problem, posterior: Posterior) -> dict[str, Array]:
    """Risks of both arms, or their log odds, shape (chain, draw, arm)."""
    if problem.coding == "arms":
        return {"risk": np.stack([posterior[arm] for arm in ARMS], axis=-1)}
    return {"logit_risk": np.stack(arm_log_odds(problem, posterior), axis=-1)}


def _counts_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of the events, up to a constant, shape (chain, draw)."""
    risks = _risks(problem, posterior)
    return counts.log_likelihood(problem.data, logit_risk=risks.get("logit_risk"), risk=risks.get("risk"))


def _claims(card: Card, how: str) -> Design:
    directions = {"directed": ("lower", "higher", "none"), "undirected": ("differs", "none"), "doubted": ("lower",)}[
        how
    ]
    doubt = DOUBT if how == "doubted" else 0
    bases = {}
    for direction in directions:
        study = Study.from_claim(WOMEN, direction, ALPHA, benefit="lower")  # type: ignore[arg-type]
        problem = build_problem(study, "claim", card, defaults.PRIMARY_PRIOR, {"doubt": doubt})
        bases[problem.laid_out(Plain).word] = problem
    labels = {
        "directed": "lower, higher or no difference",
        "undirected": "different or no difference",
        "doubted": f"lower or not printed, doubt {DOUBT}",
    }
    return Design(
        f"{card.id}-claim-{how}",
        f"words after a t test of {WOMEN[0]} and {WOMEN[1]} women: {labels[how]}",
        partial(_simulate_claim, bases),
        _claim_log_likelihood,
        next(iter(bases.values())),
    )


def _simulate_claim(bases: Mapping[str, Problem], rng: np.random.Generator) -> Simulated:
    """Every event is fitted by the model of its own words; in doubt, words may be printed whatever the event."""
    first = next(iter(bases.values()))
    truth = draw_truth(first, rng)
    event: str = claim_only.simulate(rng, float(truth["effect"][0, 0]), WOMEN, ALPHA)
    if len(bases) == 1:
        printed = int(rng.random() < float(first.data["doubt"])) or int(event == first.laid_out(Plain).word)
        claimed = np.array(printed, dtype=np.int64)
        return Simulated(truth, replace(first, data=dict(first.data) | {"claimed": claimed}))
    return Simulated(truth, bases[event if event in bases else "differs"])


def _claim_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of what was printed."""
    return claim_only.log_likelihood(problem.data, posterior["effect"], problem.laid_out(Plain).word)


def _p_values(card: Card, how: str) -> Design:
    directions = ("differs",) if how == "undirected" else ("higher", "lower")
    bases = {}
    for direction in directions:
        study = Study.from_claim(WOMEN, direction, statistic="t = 2.05", benefit="lower")  # type: ignore[arg-type]
        options = {"doubt": DOUBT if how == "doubted" else 0}
        bases[direction] = build_problem(study, "claim", card, defaults.PRIMARY_PRIOR, options)
    below = {
        direction: build_problem(
            Study.from_claim(WOMEN, direction, p="P=0.000", benefit="lower"),  # type: ignore[arg-type]
            "claim",
            card,
            defaults.PRIMARY_PRIOR,
        )
        for direction in directions
    }
    labels = {
        "directed": "a P with three decimals, or below 0.0005, and its direction",
        "undirected": "a t with two decimals without its sign",
        "doubted": f"a t with two decimals, with probability {DOUBT} of another difference",
    }
    return Design(
        f"{card.id}-p_value-{how}",
        f"after a t test of {WOMEN[0]} and {WOMEN[1]} women: {labels[how]}",
        partial(_simulate_rounded_p, bases, below) if how == "directed" else partial(_simulate_p_value, bases),
        _p_value_log_likelihood,
        next(iter(bases.values())),
    )


def _simulate_p_value(bases: Mapping[str, Problem], rng: np.random.Generator) -> Simulated:
    """Print what a t test gave; where it is doubted, now and then that of another effect."""
    first = next(iter(bases.values()))
    truth = draw_truth(first, rng)
    effect = truth["effect"]
    if float(first.data["doubt"]):
        empty = rng.random() < float(first.data["doubt"])
        effect = draw_truth(first, rng)["effect"] if empty else effect
        truth = truth | {PRINTED: effect}
    direction, _, t = p_value.simulate(rng, float(effect[0, 0]), WOMEN)
    low, high = p_value.sizes_of(read_statistic(t))
    base = bases.get(direction, first)
    return Simulated(truth, replace(base, data=dict(base.data) | p_value.nodes_of(WOMEN, low, high)))


def _simulate_rounded_p(
    bases: Mapping[str, Problem], below: Mapping[str, Problem], rng: np.random.Generator
) -> Simulated:
    """Print a P; where it prints as 0.000, it is the claim of a P below 0.0005."""
    truth = draw_truth(next(iter(bases.values())), rng)
    direction, text, _ = p_value.simulate(rng, float(truth["effect"][0, 0]), WOMEN)
    low, high = (p_value.t_of_p(end, sum(WOMEN) - 2) for end in reversed(p_value.rounded_p(text)))
    if not np.isfinite(high):
        return Simulated(truth, below[direction])
    base = bases[direction]
    return Simulated(truth, replace(base, data=dict(base.data) | p_value.nodes_of(WOMEN, low, high)))


def _p_value_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of the printed P, or of a claim about it."""
    part = p_value if problem.likelihood == p_value.FORM.name else claim_only
    effect = posterior[PRINTED if PRINTED in posterior else "effect"]
    log: Array = part.log_likelihood(problem.data, effect, problem.laid_out(Plain).word)
    return log


def _effect(card: Card) -> Design:
    study = Study.from_effect("odds_ratio", "1.00", ci=("0.46", "2.19"))
    base = build_problem(study, "effect", card, defaults.PRIMARY_PRIOR)
    return Design(
        f"{card.id}-effect",
        f"an odds ratio and its 95% limits, printed with two decimals; standard error {SE} of its log",
        partial(_simulate_effect, base),
        _effect_log_likelihood,
        base,
    )


def _simulate_effect(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    printed = effect_ci.simulate(rng, float(truth["effect"][0, 0]), SE, base.laid_out(Plain).word)
    return Simulated(truth, replace(base, data=effect_ci.read(printed)))


def _effect_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log density of the printed estimate, up to a constant."""
    return effect_ci.log_likelihood(problem.data, posterior["effect"], problem.laid_out(Plain).word)
