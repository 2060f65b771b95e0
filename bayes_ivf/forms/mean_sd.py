"""A printed mean and standard deviation in two arms: both sufficient statistics of normal samples.

With mean m and variance v of n values, the log likelihood of mu and sigma is, up to a constant,
-n log sigma - ((n - 1) v + n (m - mu)^2) / (2 sigma^2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.stacking import batched_priors, stacked
from bayes_ivf.problem import DataArray, Problem, Variances, array
from bayes_ivf.simulate import simulate_means
from bayes_ivf.study import ARMS, MeanSD, Outcome, Study, sd_factor, spread_rule

Array = npt.NDArray[np.float64]

FORM = Form("mean_sd", kinds=("mean_sd",), support="location")
DIMS: Mapping[str, str] = {"mean": "arm", "variance": "arm", "n": "arm"}
OPTIONS: tuple[str, ...] = ("variance",)
simulate = simulate_means


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return means, variances and sizes of both arms, unit of the outcome; a declared standard error is no sd."""
    printed = [cast(MeanSD, (outcome.data or {})[arm]) for arm in ARMS]
    sd = np.array([float(datum.sd) * (sd_factor(outcome.spread, datum.n) or 1.0) for datum in printed])
    data = {
        "mean": np.array([float(datum.mean) for datum in printed]),
        "variance": sd**2,
        "n": array([datum.n for datum in printed], np.int64),
    }
    return data, ""


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return how standard deviations follow from what is printed instead of them."""
    rule = spread_rule(outcome.spread)
    return (rule,) if rule else ()


def observe(
    data: Mapping[str, Any], mu: Any, sigma: Any, *, own: Any = 1.0, dims: str | tuple[str, ...] = "arm"
) -> None:
    """Observe means and variances of normal samples.

    The variance has its own density, chi-square with its Jacobian, so that the pair carries the likelihood of the
    whole sample.

    Parameters
    ----------
    data : mapping
        ``mean``, ``variance`` (the squared printed sd) and ``n``, dims arm; unit of the outcome.
    mu, sigma : tensor, shape (arm,)
        Unit of the outcome; sigma may be a scalar.
    own : tensor
        Share of the standard error that is not already in `mu` as a common factor of several outcomes.
    dims : str or tuple of str
        Of data and parameters.
    """
    import pymc as pm

    n = data["n"]
    pm.Normal("mean_observed", mu=mu, sigma=own * sigma / pm.math.sqrt(n), observed=data["mean"], dims=dims)
    half = (n - 1) / 2
    pm.Gamma("variance_observed", alpha=half, beta=half / sigma**2, observed=data["variance"], dims=dims)


def log_likelihood(data: Mapping[str, Any], mu: Array, sigma: Array) -> Array:
    """Log density of all values, up to a constant; see `observe`. Parameters of shape (..., arm) give (...)."""
    n, mean, variance = (data[name] for name in ("n", "mean", "variance"))
    squares = (n - 1) * variance + n * (mean - mu) ** 2
    return np.asarray((-n * np.log(sigma) - squares / (2 * sigma**2)).sum(axis=-1))


def rough(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return means and variances."""
    return data["mean"], data["variance"]


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing: NUTS reads means and variances."""
    return {}


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def solver(problem: Problem) -> Solver | None:
    """Exact for independent arms with flat priors, and for a prior on the effect with a flat or normal level."""
    priors = problem.priors
    if problem.coding == "arms":
        flat = not any(prior.proper for prior in priors.values())
        return _means_reference if flat else None
    return _means if priors[problem.coding].dist in ("Flat", "Normal") else None


def _mean_arrays(problems: Sequence[Problem]) -> list[np.ndarray]:
    columns = stacked(problems, "mean"), np.sqrt(stacked(problems, "variance")), stacked(problems, "n")
    return [column[:, arm] for arm in (0, 1) for column in columns]


def _means_reference(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_means_reference

    common = problems[0].laid_out(Variances).common
    return solve_means_reference(*_mean_arrays(problems), common_sigma=common, workers=workers)


def _means(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_means

    slots, first = batched_priors(problems), problems[0]
    level = slots[first.coding] if first.priors[first.coding].proper else None
    return solve_means(
        *_mean_arrays(problems),
        effect=slots["effect"],
        level=level,
        coding=first.coding,
        sigma=slots["sigma"] if first.priors["sigma"].proper else None,
        common_sigma=first.laid_out(Variances).common,
        workers=workers,
    )
