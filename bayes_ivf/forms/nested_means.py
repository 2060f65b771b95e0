"""Means of values that are alike in a woman or in a randomized cluster, with a stated intraclass correlation.

Of N values in k clusters, m a cluster, with an intraclass correlation of rho, Kish's design effect is D = 1 + (m - 1) rho (m is
the sum of squared sizes over their sum where that is stated, else the mean size, and D then a lower bound), and

    mean ~ Normal(mu, sigma^2 D / N),       E[sd^2] = sigma^2 c,   c = (N - D) / (N - 1),
    nu sd^2 / (c sigma^2) ~ chi-square(nu),     nu = (N - D)^2 / ((N - k) (1 - rho)^2 + (k - 1) D^2).

sigma is the sd of single values, between and within clusters. The sum of squares around the mean is a sum of two scaled
chi-squares (within and between clusters of equal size, independent of the mean), of which nu keeps mean and variance
(Satterthwaite); it is exact at rho = 0 (nu = N - 1) and at rho = 1 (nu = k - 1). Effective numbers less one, N / D - 1, would be
the same there and too few in between.

References
----------
Kish 1965, Survey Sampling. Donner and Klar 2000, Design and Analysis of Cluster Randomization Trials. Satterthwaite 1946, doi
10.2307/3002019. Eldridge, Ashby and Kerry 2006, doi 10.1093/ije/dyl129 (clusters of different size).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms import mean_sd
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.nested_counts import effective_words
from bayes_ivf.forms.stacking import batched_priors, stacked
from bayes_ivf.problem import DataArray, Problem, Variances, array
from bayes_ivf.study import ARMS, Outcome, Study, cluster_numbers, design_effects

Array = npt.NDArray[np.float64]

FORM = Form("nested_means", kinds=("mean_sd",), support="location")
DIMS: Mapping[str, str] = {"mean": "arm", "variance": "arm", "n": "arm", "df": "arm"}
OPTIONS: tuple[str, ...] = ("variance", "icc")
rough, derived, can_be_sampled = mean_sd.rough, mean_sd.derived, mean_sd.can_be_sampled


def takes(outcome: Outcome) -> bool:
    """Whether the correlation of values that share a woman or a cluster is stated."""
    return outcome.icc is not None and outcome.baseline is None and outcome.spread != "unknown"


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return means, variances of single values, effective sizes and degrees of freedom, unit of the outcome.

    Raises
    ------
    RequestError
        If nothing is nested, or an arm has a single cluster whose values are wholly alike.
    """
    data, word = mean_sd.arrays(study, outcome, options)
    icc, n = float(options["icc"]), data["n"].astype(float)
    effects = np.array(design_effects(study, outcome, icc))
    k = np.array([cluster_numbers(study, outcome, arm) for arm in ARMS])
    bias = (n - effects) / (n - 1)
    for arm, left in zip(ARMS, bias, strict=True):
        if not left > 1e-9:
            raise RequestError(
                Fault(
                    f"{study.id}/{outcome.id}, {arm}",
                    f"a single cluster with a correlation of {icc:g}: no spread between values is left",
                    "more clusters, or a smaller correlation",
                    "correct icc or [clusters]",
                )
            )
    df = (n - effects) ** 2 / ((n - k) * (1 - icc) ** 2 + (k - 1) * effects**2)
    found = {"mean": data["mean"], "variance": data["variance"] / bias, "n": array(n / effects, np.float64)}
    return found | {"df": array(df, np.float64)}, word


def observe(data: Mapping[str, Any], mu: Any, sigma: Any) -> None:
    """Observe means and variances; see `mean_sd.observe`. Parameters have the dimension arm, unit of the outcome.

    Parameters
    ----------
    data : mapping
        ``mean``, ``variance`` (the squared sd, free of bias), ``n`` (effective) and ``df``, dims arm.
    mu, sigma : tensor, shape (arm,)
        sigma may be a scalar.
    """
    import pymc as pm

    half = data["df"] / 2
    pm.Normal("mean_observed", mu=mu, sigma=sigma / pm.math.sqrt(data["n"]), observed=data["mean"], dims="arm")
    pm.Gamma("variance_observed", alpha=half, beta=half / sigma**2, observed=data["variance"], dims="arm")


def log_likelihood(data: Mapping[str, Any], mu: Array, sigma: Array) -> Array:
    """Log density of means and variances, up to a constant; see `observe`. Parameters of shape (..., arm) give (...)."""
    squares = data["df"] * data["variance"] + data["n"] * (data["mean"] - mu) ** 2
    return np.asarray((-(data["df"] + 1) * np.log(sigma) - squares / (2 * sigma**2)).sum(axis=-1))


def simulate(
    rng: np.random.Generator, mu: npt.ArrayLike, sigma: npt.ArrayLike, clusters: npt.ArrayLike, size: int, icc: float
) -> tuple[Array, Array]:
    """Simulate means and variances of values with a random intercept for each cluster.

    Parameters
    ----------
    rng : numpy.random.Generator
    mu, sigma : array_like, shape (..., arm)
        Mean, and sd of single values.
    clusters : array_like of int, shape (arm,)
    size : int
        Values of each cluster.
    icc : float
        Share of the variance that lies between clusters.

    Returns
    -------
    mean, variance : array, shape (..., arm)
        Of the values as a paper prints them, with n - 1 in the variance.
    """
    mu, sigma, clusters = np.broadcast_arrays(np.asarray(mu, dtype=float), np.asarray(sigma, dtype=float), clusters)
    mean, variance = np.empty(mu.shape), np.empty(mu.shape)
    for place in np.ndindex(mu.shape):
        shared = rng.standard_normal((int(clusters[place]), 1))
        own = rng.standard_normal((int(clusters[place]), size))
        values = mu[place] + sigma[place] * (np.sqrt(icc) * shared + np.sqrt(1 - icc) * own)
        mean[place], variance[place] = values.mean(), values.var(ddof=1)
    return mean, variance


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the result hangs on: the correlation that was stated, and the weight that it leaves to each arm."""
    sizes = [(outcome.data or {})[arm].n for arm in ARMS]  # type: ignore[union-attr]  # means have a size
    told = effective_words(study, outcome, float(options["icc"]), sizes)
    return (*mean_sd.conditions(study, outcome, options), told)


def solver(problem: Problem) -> Solver | None:
    """Return the solver of means with standard deviations, where that has one."""
    if mean_sd.solver(problem) is None:
        return None
    return _reference if problem.coding == "arms" else _means


def _columns(problems: Sequence[Problem]) -> tuple[list[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    columns = stacked(problems, "mean"), np.sqrt(stacked(problems, "variance")), stacked(problems, "n")
    df = stacked(problems, "df")
    return [column[:, arm] for arm in (0, 1) for column in columns], (df[:, 0], df[:, 1])


def _reference(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_means_reference

    columns, df = _columns(problems)
    common = problems[0].laid_out(Variances).common
    return solve_means_reference(*columns, common_sigma=common, df=df, workers=workers)


def _means(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_means

    slots, first = batched_priors(problems), problems[0]
    columns, df = _columns(problems)
    return solve_means(
        *columns,
        effect=slots["effect"],
        level=slots[first.coding] if first.priors[first.coding].proper else None,
        coding=first.coding,
        sigma=slots["sigma"] if first.priors["sigma"].proper else None,
        common_sigma=first.laid_out(Variances).common,
        df=df,
        workers=workers,
    )
