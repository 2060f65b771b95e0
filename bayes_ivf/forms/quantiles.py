"""A printed median with its quartiles or its range in two arms, rounded: order statistics of normal or log-normal values.

With F the distribution function of one value and r_k the rank of the k-th printed number among n,

    (F(q_1), F(q_2) - F(q_1), ..., 1 - F(q_K)) ~ Dirichlet(r_1, r_2 - r_1, ..., n + 1 - r_K),

times the densities at q, integrated over the interval that each number was rounded from. A quartile has the rank (n + 1) p, or
1 + (n - 1) p as R, NumPy and Excel print it; minimum and maximum have the ranks 1 and n. For whole ranks this is the distribution
of order statistics, for others an interpolation of it.

References
----------
David HA, Nagaraja HN (2003). Order statistics. doi:10.1002/0471722162
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.quantile_graph import draw, log_probability
from bayes_ivf.forms.stacking import batched_priors
from bayes_ivf.problem import DataArray, Problem, Variances, array
from bayes_ivf.simulate import simulate_quantiles
from bayes_ivf.study import ARMS, Outcome, Quantiles, Study

Array = npt.NDArray[np.float64]

FORM = Form("quantiles", kinds=("quantiles",), support="location")
DIMS: Mapping[str, str] = {"n": "arm"}
OPTIONS: tuple[str, ...] = ("variance", "log_normal", "quartiles")
simulate = simulate_quantiles
LOG_NORMAL, EITHER = "log-normal", "either"
"""How a problem reads the values, unless as normal; either has a stated weight for each reading."""
_SHARES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
_SIDES = ("low", "high")
_NO_MOMENTS = (
    "Means and medians of log-normal values have posteriors with such long tails that they have no mean and no standard "
    "deviation: medians and intervals are told alone."
)


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return rounding intervals and ranks of both arms' numbers, and how values are read; logs where they are log-normal.

    Where a value is not positive, which log-normal ones are, the reading as log-normal is left out, unless it is the only one.

    Raises
    ------
    RequestError
        If it is.
    """
    printed = [cast(Quantiles, (outcome.data or {})[arm]) for arm in ARMS]
    half = 0.5 / 10 ** max(number.decimals for each in printed for number in each.numbers.values())
    weight, least = float(options["log_normal"]), _least(outcome)
    if weight == 1 and least <= 0:
        raise RequestError(_not_positive(f"{study.id}/{outcome.id}", least))
    word = LOG_NORMAL if weight == 1 else EITHER if weight > 0 and least > 0 else ""
    data: dict[str, DataArray] = {"n": array([each.n for each in printed], np.int64)}
    if word == EITHER:
        data["log_normal"] = array(weight, np.float64)
    for arm, each in zip(ARMS, printed, strict=True):
        numbers = [float(number) for number in each.numbers.values()]
        for side, away in zip(_SIDES, (-half, half), strict=True):
            ends = [number + away for number in numbers]
            data[f"{side}_{arm}"] = array([_log(end, half) for end in ends] if word == LOG_NORMAL else ends, np.float64)
        data[f"rank_{arm}"] = array([_rank(name, each.n, options["quartiles"]) for name in each.numbers], np.float64)
    return data, word


def _least(outcome: Outcome) -> float:
    """Smallest printed number of both arms."""
    printed = [cast(Quantiles, (outcome.data or {})[arm]) for arm in ARMS]
    return min(float(number) for each in printed for number in each.numbers.values())


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return how values are read, and which reading is left out."""
    weight = float(options["log_normal"])
    if weight == 1:
        return (f"Values are taken as {LOG_NORMAL}.", _NO_MOMENTS)
    if weight == 0:
        return ("Values are taken as normal.",)
    if _least(outcome) <= 0:
        return (f"Values are taken as normal: {_least(outcome):g} was printed, and log-normal values are above 0.",)
    return (
        f"Values are taken as normal or log-normal, with weights {1 - weight:g} and {weight:g}, which are stated and not "
        "learned.",
        _NO_MOMENTS,
    )


def _log(end: float, half: float) -> float:
    """Log of an end of an interval; a number that rounds to the smallest positive one may be as small as a tenth of that."""
    return math.log(max(end, 0.1 * half))


def _rank(name: str, n: int, quartiles: str) -> float:
    if name not in _SHARES:
        return 1.0 if name == "low" else float(n)
    return (n + 1) * _SHARES[name] if quartiles == "n+1" else 1 + (n - 1) * _SHARES[name]


def _not_positive(where: str, least: float) -> Fault:
    return Fault(
        where,
        f"{least:g}, which no log-normal value can be",
        "positive numbers, for values whose logs are normal",
        "use the option log_normal = 0",
    )


def observe(data: Mapping[str, Any], mu: Any, sigma: Any) -> None:
    """Observe the printed numbers of both arms, each within the interval that it was rounded from.

    Parameters
    ----------
    data : mapping
        ``low_ARM`` and ``high_ARM``, ends of those intervals, and ``rank_ARM``, shape (K,); ``n``, dims arm; and the nodes of
        `derived`.
    mu, sigma : tensor, shape (arm,)
        On the scale on which values are normal; sigma may be a scalar.
    """
    import pymc as pm
    import pytensor.tensor as pt

    for i, arm in enumerate(ARMS):
        sizes: list[int] = []
        while f"log_weight_{arm}_{len(sizes)}" in data:
            start = f"node_{arm}_{len(sizes)}_"
            sizes.append(sum(name.startswith(start) for name in data))
        nodes = [data[f"node_{arm}_{g}_{j}"] for g, size in enumerate(sizes) for j in range(size)]
        weights = [data[f"log_weight_{arm}_{g}"] for g in range(len(sizes))]
        dims = ",".join(
            f"(m{g})" for g in [*(g for g, size in enumerate(sizes) for _ in range(size)), *range(len(sizes))]
        )
        pm.CustomDist(
            f"quantiles_{arm}_observed",
            mu[i],
            sigma if sigma.ndim == 0 else sigma[i],
            pt.cast(data["n"][i], "int64"),
            data[f"rank_{arm}"],
            data[f"alpha_{arm}"],
            data[f"log_constant_{arm}"],
            *nodes,
            *weights,
            logp=partial(log_probability, tuple(sizes)),
            random=draw,
            signature=f"(),(),(),(k),(a),(),{dims}->(k)",
            observed=data[f"middle_{arm}"],
            dtype="float64",
        )


def log_likelihood(data: Mapping[str, Any], mu: Array, sigma: Array) -> Array:
    """Log probability of what was printed; see `observe`. Parameters of shape (..., arm) give (...)."""
    from bayes_ivf.exact import log_likelihood_of_arm

    arms = (_arm(data, i).nodes for i in range(len(ARMS)))
    return np.asarray(sum(log_likelihood_of_arm(nodes, mu[..., i], sigma[..., i]) for i, nodes in enumerate(arms)))


def _arm(data: Mapping[str, Any], i: int, turn: bool = False) -> Any:
    """Return an arm's likelihood, on the log scale where its numbers are to be turned."""
    from bayes_ivf.exact import ArmLikelihood

    low, high, rank = (data[f"{name}_{ARMS[i]}"] for name in (*_SIDES, "rank"))
    if turn:
        half = float(high[0] - low[0]) / 2
        low, high = (np.array([_log(float(end), half) for end in ends]) for ends in (low, high))
    return ArmLikelihood(low, high, rank, int(data["n"][i]))


def rough(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return means and variances that have about these quantiles."""
    if all(isinstance(each, np.ndarray) for each in data.values()):
        pick, put = np.stack, np.asarray
    else:
        import pytensor.tensor as pt

        pick, put = pt.stack, pt.as_tensor
    ends = [[data[f"low_{arm}"][k] + data[f"high_{arm}"][k] for arm in ARMS] for k in (0, -1)]
    middle = [(low + high) / 4 for low, high in zip(*ends, strict=True)]
    spread = [(high - low) / 4 for low, high in zip(*ends, strict=True)]
    return put(pick(middle)), put(pick([each**2 for each in spread]))


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return the nodes over the rounding intervals, and what of the likelihood does not hang on parameters.

    Raises
    ------
    RequestError
        If values are read in two ways, which have stated weights and no joint likelihood.
    """
    if not can_be_sampled(problem):
        raise RequestError(
            Fault(
                f"model {problem.model} of {problem.study}/{problem.outcome}",
                "values read as normal or log-normal, with stated weights",
                'engine="exact", or the option log_normal = 0 or 1',
                "choose one of these",
            )
        )
    made: dict[str, DataArray] = {}
    for i, arm in enumerate(ARMS):
        nodes = _arm(problem.data, i).nodes
        made[f"alpha_{arm}"] = nodes.alpha
        made[f"log_constant_{arm}"] = array(nodes.log_constant, np.float64)
        made[f"middle_{arm}"] = (problem.data[f"low_{arm}"] + problem.data[f"high_{arm}"]) / 2
        for g, group in enumerate(nodes.groups):
            made[f"log_weight_{arm}_{g}"] = group.log_weight
            made |= {f"node_{arm}_{g}_{j}": column.copy() for j, column in enumerate(group.q.T)}
    return made


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood: where values are read in one way."""
    return problem.laid_out(Variances).word != EITHER


def own_scale(mu: Array, sigma: Array, word: str) -> dict[str, Array]:
    """Return every quantity of two arms from their parameters.

    Parameters
    ----------
    mu, sigma : array, shape (..., arm)
        On the scale on which values are normal.
    word : str
        Text of `arrays`.

    Returns
    -------
    dict of str to array
        On the outcome's own scale: contrasts of means and of medians, and both arms' means and medians.
    """
    from bayes_ivf.estimands import mean_contrasts

    median, mean, sd = mu, mu, sigma
    if word == LOG_NORMAL:
        with np.errstate(over="ignore"):
            median, mean = np.exp(mu), np.exp(mu + sigma**2 / 2)
            sd = mean * np.sqrt(np.expm1(sigma**2))
    with np.errstate(over="ignore", invalid="ignore"):
        found = mean_contrasts(mean[..., 0], mean[..., 1], np.sqrt((sd**2).mean(axis=-1)))
        if word == LOG_NORMAL:
            ratio = mean[..., 0] / mean[..., 1]
            square = np.expm1(sigma**2)
            spread = np.sqrt((ratio**2 * square[..., 0] + square[..., 1]) / 2)
            found["standardized_mean_difference"] = (ratio - 1) / spread
    others = mean_contrasts(median[..., 0], median[..., 1], np.ones(median.shape[:-1]))
    del others["standardized_mean_difference"]
    found |= {name.replace("means", "medians").replace("mean", "median"): values for name, values in others.items()}
    return {name: found[name] for name in _ORDER if name in found}


_ORDER = (
    "mean_difference",
    "standardized_mean_difference",
    "ratio_of_means",
    "median_difference",
    "ratio_of_medians",
    "control_mean",
    "treatment_mean",
    "control_median",
    "treatment_median",
)


def moments(problem: Problem) -> dict[str, float]:
    """Return the order below which moments exist, of quantities that lack some; see `bayes_ivf.exact.quantiles`."""
    if problem.laid_out(Variances).word == LOG_NORMAL:
        order = 0.0
    elif problem.priors["sigma"].proper:
        return {}
    else:
        ranks = [problem.data[f"rank_{arm}"] for arm in ARMS]
        order = min(float(rank[-1] - rank[0]) for rank in ranks)
    return {name: order for name in _ORDER if not name.startswith("standardized")}


def solver(problem: Problem) -> Solver | None:
    """Exact for arms with flat priors, and for a prior on the effect with a flat or normal level."""
    priors = problem.priors
    if problem.laid_out(Variances).word == EITHER and any(priors[slot].proper for slot in priors if slot != "effect"):
        return None
    if problem.coding == "arms":
        return _quantiles if not any(prior.proper for prior in priors.values()) else None
    return _quantiles if priors[problem.coding].dist in ("Flat", "Normal") else None


def _quantiles(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import mix_posteriors

    word = problems[0].laid_out(Variances).word
    if word != EITHER:
        return _solved(problems, workers, word == LOG_NORMAL)
    weight = np.array([float(problem.data["log_normal"]) for problem in problems])
    parts = [_solved(problems, workers, log_normal) for log_normal in (False, True)]
    return mix_posteriors(parts, weights=[1 - weight, weight], workers=workers)


def _solved(problems: Sequence[Problem], workers: int | None, log_normal: bool) -> Any:
    """Solve problems in one reading."""
    from bayes_ivf.exact import solve_quantiles

    slots, first = batched_priors(problems), problems[0]
    layout = first.laid_out(Variances)
    flat = first.coding == "arms"
    level = None if flat or not first.priors[first.coding].proper else slots[first.coding]
    turn = log_normal and layout.word == EITHER
    return solve_quantiles(
        [(_arm(problem.data, 0, turn), _arm(problem.data, 1, turn)) for problem in problems],
        effect=None if flat else slots["effect"],
        level=level,
        coding="average" if flat else first.coding,
        sigma=slots["sigma"] if first.priors["sigma"].proper else None,
        common_sigma=layout.common,
        log_normal=log_normal,
        workers=workers,
    )
