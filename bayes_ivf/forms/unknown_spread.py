"""Means with a spread that may be a standard deviation or a standard error: one label for both arms, as a mixture.

With both readings j of stated weight w_j (spread as printed, or times the square root of n), their likelihoods L_j and marginal
likelihoods m_j under the problem's priors,

    likelihood = sum_j (w_j / m_j) L_j,    so that    posterior = sum_j w_j posterior_j.

The weights given are the posterior's: they are a judgment of how papers of this kind label their tables, which the two spreads
of one outcome say little about. Standard deviations of both readings lie a factor of sqrt(n) apart, with nothing between them,
so that a sampler would not cross: quadrature alone solves it. A reading of weight 0 is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms import mean_sd
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.simulate import simulate_means
from bayes_ivf.study import ARMS, MeanSD, Outcome, Study, sd_factor

Array = npt.NDArray[np.float64]

FORM = Form("unknown_spread", kinds=("mean_sd",), support="location")
DIMS: Mapping[str, Any] = {"mean": "arm", "variance": (None, "arm"), "n": "arm"}
OPTIONS: tuple[str, ...] = ("variance", "sd_weight")
READINGS = ("sd", "se")
simulate = simulate_means


def takes(outcome: Outcome) -> bool:
    """Whether the file says that nobody knows what the spread is."""
    return outcome.baseline is None and outcome.spread == "unknown"


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return means and sizes of both arms, unit of the outcome, and variances (reading, arm) with a weight (reading,)."""
    printed = [cast(MeanSD, (outcome.data or {})[arm]) for arm in ARMS]
    share = float(options["sd_weight"])
    weights = {name: weight for name, weight in zip(READINGS, (share, 1 - share), strict=True) if weight > 0}
    sd = [[float(datum.sd) * (sd_factor(name, datum.n) or 1.0) for datum in printed] for name in weights]
    data = {
        "mean": np.array([float(datum.mean) for datum in printed]),
        "variance": np.array(sd) ** 2,
        "n": array([datum.n for datum in printed], np.int64),
        "weight": array(list(weights.values()), np.float64),
    }
    return data, ""


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the result hangs on: the weight of each reading, and that one label holds for a table."""
    share = float(options["sd_weight"])
    return (
        "Whether the printed spreads are standard deviations or standard errors is not known: the result is a mixture of both "
        f"readings, with a weight of {share:.6g} for standard deviations. One label holds for a whole table, so that outcomes "
        "which share it are right or wrong together.",
    )


def observe(data: Mapping[str, Any], mu: Any, sigma: Any) -> None:
    """Observe means, and variances as a mixture of both readings.

    Parameters
    ----------
    data : mapping
        ``mean`` and ``n``, dims arm; ``variance`` (reading, arm) and ``log_factor`` (reading,), their log weights over
        log marginal likelihoods.
    mu, sigma : tensor, shape (arm,)
        Unit of the outcome; sigma may be a scalar.
    """
    import pymc as pm
    import pytensor.tensor as pt

    n, spread = data["n"], pt.broadcast_to(sigma, (2,))
    pm.Normal("mean_observed", mu=mu, sigma=spread / pm.math.sqrt(n), observed=data["mean"], dims="arm")

    def logp(value: Any, sigma: Any, n: Any, log_factor: Any) -> Any:
        each = -(n - 1) * (pt.log(sigma) + value / (2 * sigma**2))
        return pt.logsumexp(each.sum(axis=-1) + log_factor)

    pm.CustomDist(
        "variance_observed",
        spread,
        n,
        data["log_factor"],
        logp=logp,
        random=_predict,
        signature="(a),(a),(j)->(j,a)",
        observed=data["variance"],
    )


def _predict(sigma: Any, n: Any, log_factor: Any, rng: Any = None, size: Any = None) -> Any:
    """Variances of a new trial, the same under each reading."""
    drawn = np.asarray(sigma) ** 2 * rng.chisquare(np.asarray(n) - 1.0) / (np.asarray(n) - 1.0)
    return np.broadcast_to(drawn[..., None, :], (*drawn.shape[:-1], np.shape(log_factor)[-1], drawn.shape[-1]))


def log_likelihood(data: Mapping[str, Any], mu: Array, sigma: Array) -> Array:
    """Log of the mixture of likelihoods, up to a constant; see `observe`. Parameters of shape (..., arm) give (...)."""
    each = [
        mean_sd.log_likelihood({"mean": data["mean"], "variance": variance, "n": data["n"]}, mu, sigma)
        for variance in data["variance"]
    ]
    return np.asarray(np.logaddexp.reduce(np.stack(each, axis=-1) + data["log_factor"], axis=-1))


def rough(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return means, and variances by the average reading."""
    return data["mean"], data["variance"].mean(axis=0)


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return the log factor of the one reading that is left.

    Raises
    ------
    RequestError
        If both are: draws of one would be taken for all.
    """
    if not can_be_sampled(problem):
        raise RequestError(
            Fault(
                f"model {problem.model} of {problem.study}/{problem.outcome}",
                "spreads of unknown kind, whose two readings lie too far apart for a sampler to cross",
                'engine="exact", or sd_weight 0 or 1 for one of the readings',
                'choose one of these, or declare spread = "sd" or "se"',
            )
        )
    return {"log_factor": np.zeros(1)}


def can_be_sampled(problem: Problem) -> bool:
    """Whether only one reading is left: a sampler does not cross from one to the other."""
    return len(problem.data["weight"]) == 1


def solver(problem: Problem) -> Solver | None:
    """Return the mixture of what means with standard deviations are solved by; None where those have no solver."""
    return None if mean_sd.solver(_reading(problem, 0)) is None else _solve


def _reading(problem: Problem, j: int) -> Problem:
    """Return the problem of one reading, as of means with standard deviations."""
    data = {"mean": problem.data["mean"], "variance": problem.data["variance"][j], "n": problem.data["n"]}
    return replace(problem, likelihood=mean_sd.FORM.name, data=data)


def _solve(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import mix_posteriors

    sizes = [len(problem.data["weight"]) for problem in problems]
    flat = [_reading(problem, j) for problem, size in zip(problems, sizes, strict=True) for j in range(size)]
    solve = mean_sd.solver(flat[0])
    assert solve is not None
    owner = np.repeat(np.arange(len(problems), dtype=np.intp), sizes)
    weights = np.concatenate([problem.data["weight"] for problem in problems])
    return mix_posteriors([solve(flat, workers)], owners=[owner], weights=[weights], workers=workers)
