"""Designs of claims about counts, all that Fisher's test may say of two arms that differ in size, and of printed chi-squares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf import defaults
from bayes_ivf.calibration import Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.forms import TWO_SIDES, claim_counts, statistic_counts
from bayes_ivf.problem import Problem, build_problem, can_be_sampled
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.structures.two_arm.contrasts import PRINTED_END
from bayes_ivf.study import Study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

UNEVEN = (30, 20)
"""Women of arms that a claim about counts tells apart, even where it names no direction."""
ALPHA = 0.05
DOUBT = 0.25


def claims_of_counts(card: Card) -> list[Design]:
    """Return the designs of claims with a direction, and of those without."""
    return [_design(card, how) for how in ("directed", "undirected")]


def _design(card: Card, how: str) -> Design:
    directions = {"directed": ("higher", "lower", "none"), "undirected": ("differs", "none")}[how]
    bases = {}
    for direction in directions:
        study = Study.from_claim(UNEVEN, direction, ALPHA, benefit="lower", of="counts")  # type: ignore[arg-type]
        bases[direction] = build_problem(study, "claim", card, defaults.PRIMARY_PRIOR)
    told = {"directed": "higher, lower or no difference", "undirected": "different or no difference"}[how]
    return Design(
        f"{card.id}-claim-counts-{how}",
        f"words after Fisher's test of counts of {UNEVEN[0]} and {UNEVEN[1]} women: {told}",
        partial(_simulate_claim_of_counts, bases),
        _claim_of_counts_log_likelihood,
        next(iter(bases.values())),
    )


def _simulate_claim_of_counts(bases: Mapping[str, Problem], rng: np.random.Generator) -> Simulated:
    """Every event is fitted by the model of its own words."""
    truth = draw_truth(next(iter(bases.values())), rng)
    risks = special.expit(_log_odds(next(iter(bases.values())), truth))[0, 0]
    event = claim_counts.simulate(rng, risks, UNEVEN, ALPHA)
    return Simulated(truth, bases[event if event in bases else "differs"])


def _claim_of_counts_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of what was printed, given the size of an effect where both signs are averaged over."""
    if problem.variant != TWO_SIDES:
        return claim_counts.log_likelihood(problem.data, logit_risk=_log_odds(problem, posterior))
    size, prior = np.abs(posterior["effect"]), problem.priors["effect"]
    logs = []
    for effect in (size, -size):
        risks = _log_odds(problem, dict(posterior) | {"effect": effect})
        logs.append(prior.logpdf(effect) + claim_counts.log_likelihood(problem.data, logit_risk=risks))
    return np.asarray(np.logaddexp(*logs) - np.logaddexp(prior.logpdf(size), prior.logpdf(-size)))


def _log_odds(problem: Problem, posterior: Posterior) -> Array:
    return np.stack(arm_log_odds(problem, posterior), axis=-1)


def statistics_of_counts(card: Card) -> list[Design]:
    """Return the designs of a printed chi-square with its direction, believed and doubted."""
    return [_statistic_design(card, how) for how in ("directed", "doubted")]


def _statistic_design(card: Card, how: str) -> Design:
    doubt = DOUBT if how == "doubted" else 0
    base = _of_print(card, doubt, "higher", "chi-square(1) = 4")
    told = f", with probability {DOUBT} of another trial" if doubt else ""
    return Design(
        f"{card.id}-statistic-counts-{how}",
        f"Pearson's chi-square of counts of {UNEVEN[0]} and {UNEVEN[1]} women with two decimals, and its direction{told}",
        partial(_simulate_statistic, card, base, doubt),
        _statistic_log_likelihood,
        base,
    )


def _of_print(card: Card, doubt: float, direction: str, statistic: str) -> Problem:
    study = Study.from_claim(UNEVEN, direction, statistic=statistic, benefit="lower", of="counts")  # type: ignore[arg-type]
    return build_problem(study, "claim", card, defaults.PRIMARY_PRIOR, {"doubt": doubt, "corrected": 0})


def _simulate_statistic(card: Card, base: Problem, doubt: float, rng: np.random.Generator) -> Simulated:
    """Print the chi-square of counts; where it is doubted, now and then that of another trial.

    Tables that lie too far apart for a sampler are drawn again with their truth: ranks are uniform given any print.
    """
    while True:
        found = _one_statistic(card, base, doubt, rng)
        if can_be_sampled(found.problem):
            return found


def _one_statistic(card: Card, base: Problem, doubt: float, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    printed = truth
    if doubt:
        printed = draw_truth(base, rng) if rng.random() < doubt else truth
        truth = truth | {f"{slot}{PRINTED_END}": value for slot, value in printed.items()}
    risks = special.expit(_log_odds(base, printed))[0, 0]
    return Simulated(truth, _of_print(card, doubt, *statistic_counts.simulate(rng, risks, UNEVEN)))


def _statistic_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log probability of the print under the risks that it is of."""
    own = {slot: posterior.get(f"{slot}{PRINTED_END}", posterior[slot]) for slot in (problem.coding, "effect")}
    return statistic_counts.log_likelihood(problem.data, logit_risk=_log_odds(problem, own))
