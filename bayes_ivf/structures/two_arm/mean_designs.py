"""Designs of means: of women, and of values that are alike in clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from bayes_ivf.calibration import Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.forms import mean_sd, nested_means
from bayes_ivf.problem import Problem, Variances, build_problem
from bayes_ivf.study import ARMS, StatedCorrelation, Study

Array = npt.NDArray[np.float64]
Posterior = Mapping[str, Array]

WOMEN = (40, 40)
"""Women in each simulated arm, as in the index trial."""
CLUSTERS, SIZE, ICC = (8, 8), 10, 0.3
"""Clusters of each simulated arm, values of each cluster, and how alike they are."""
# center and scale of a hormone; flat priors cannot be drawn from
_PROPER = {
    "average": {"dist": "Normal", "mu": 6, "sigma": 2},
    "effect": {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": 1},
    "sigma": {"dist": "HalfNormal", "sigma": 1.5},
}


def means_and_sds(card: Card, variance: str) -> Design:
    """Return the design of means and standard deviations with separate or common variances."""
    study = Study.from_means((6.0, 1.0, WOMEN[0]), (6.0, 1.0, WOMEN[1]), outcome="mean", benefit="lower")
    base = build_problem(study, "mean", card, _PROPER, {"variance": variance})
    return Design(
        f"{card.id}-means-{variance}",
        f"means and sds of {WOMEN[0]} and {WOMEN[1]} women, {variance} variances, proper priors",
        partial(_simulate_means, base),
        _means_log_likelihood,
        base,
    )


def _simulate_means(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng, None if base.laid_out(Variances).common else {"sigma": len(ARMS)})
    mu, sigma = _arm_means(base, truth)
    mean, variance = mean_sd.simulate(rng, mu[0, 0], sigma[0, 0], base.data["n"])
    return Simulated(truth, replace(base, data=dict(base.data) | {"mean": mean, "variance": variance}))


def _arm_means(problem: Problem, posterior: Posterior) -> tuple[Array, Array]:
    """Mean and standard deviation of both arms, shape (chain, draw, arm)."""
    sigma = posterior["sigma"]
    if problem.laid_out(Variances).common:
        sigma = np.stack([sigma, sigma], axis=-1)
    shift = posterior["effect"] * np.sqrt((sigma[..., 0] ** 2 + sigma[..., 1] ** 2) / 2)
    return np.stack([posterior["average"] + shift / 2, posterior["average"] - shift / 2], axis=-1), sigma


def _means_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log density of all women's values, which depends on them through mean and variance only."""
    return mean_sd.log_likelihood(problem.data, *_arm_means(problem, posterior))


def values_in_clusters(card: Card) -> Design:
    """Return the design of values with a random intercept for each cluster, whose correlation is stated."""
    n = [number * SIZE for number in CLUSTERS]
    study = Study.from_means((6.0, 1.0, n[0]), (6.0, 1.0, n[1]), outcome="mean", benefit="lower")
    item = replace(study.items[0], icc=StatedCorrelation(ICC, ICC, ICC))
    study = replace(study, items=(item,), clusters=dict(zip(ARMS, CLUSTERS, strict=True)))
    base = build_problem(study, "mean", card, _PROPER)
    return Design(
        f"{card.id}-means-nested",
        f"means and sds of {CLUSTERS[0]} and {CLUSTERS[1]} clusters of {SIZE}, correlation {ICC}, proper priors",
        partial(_simulate_clusters, base),
        _nested_log_likelihood,
        base,
    )


def _simulate_clusters(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng, {"sigma": len(ARMS)})
    mu, sigma = _arm_means(base, truth)
    mean, variance = nested_means.simulate(rng, mu[0, 0], sigma[0, 0], CLUSTERS, SIZE, ICC)
    n = np.array(CLUSTERS) * SIZE
    unbiased = variance * (n - 1) / (n - n / base.data["n"])
    return Simulated(truth, replace(base, data=dict(base.data) | {"mean": mean, "variance": unbiased}))


def _nested_log_likelihood(problem: Problem, posterior: Posterior) -> Array:
    """Log density of means and variances, up to a constant."""
    return nested_means.log_likelihood(problem.data, *_arm_means(problem, posterior))
