"""Counts of units that share a woman, or of women that share a cluster, with a stated intraclass correlation.

Cycles, transfers or eyes of one woman are alike, and so are women of one clinic. From totals alone the correlation is not known:
it is stated in the study file (`icc`), and each arm says as much as fewer independent units,

    n* = n / D,   r* = r / D,   D = 1 + (m - 1) icc,

with m units a cluster on average (Kish's design effect). Where clusters differ in size D is larger, so this one is a lower bound:
for that, m would be the sum of squared sizes over their sum. The likelihood is the binomial one, raised to the power 1 / D:

    log L = r* log p + (n* - r*) log(1 - p)

References
----------
Kish 1965, Survey Sampling. Donner and Klar 2000, Design and Analysis of Cluster Randomization Trials. Williams 1982, doi
10.2307/2347977 (a binomial variance that is inflated by 1 + (m - 1) icc).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.forms import counts
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.stacking import batched_priors, stacked
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.study import ARMS, Outcome, Study, cluster_size, design_effects

Array = npt.NDArray[np.float64]

FORM = Form("nested_counts", kinds=("counts", "percent"), support="two_by_two")
DIMS: Mapping[str, str] = {"events": "arm", "n": "arm", "design_effect": "arm"}
OPTIONS: tuple[str, ...] = ("icc",)


def takes(outcome: Outcome) -> bool:
    """Whether the correlation of units that share a cluster is stated."""
    return outcome.icc is not None


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return events, units and the design effect of both arms; nothing of them changes a model.

    Raises
    ------
    RequestError
        If what was printed fits no unique pair of whole numbers, or nothing is nested.
    """
    data, word = counts.arrays(study, outcome, options)
    effects = design_effects(study, outcome, float(options["icc"]))
    return data | {"design_effect": array(effects, np.float64)}, word


def observe(data: Mapping[str, Any], *, logit_risk: Any = None, risk: Any = None) -> None:
    """Observe events among n, each arm with the weight of its effective number of units; see `counts.observe`."""
    import pymc as pm

    log_odds = logit_risk if risk is None else pm.math.logit(risk)
    pm.CustomDist(
        "events_observed",
        log_odds,
        data["n"],
        data["design_effect"],
        logp=_logp,
        random=_random,
        observed=data["events"],
        dims="arm",
        dtype="int64",
    )


def _logp(value: Any, log_odds: Any, n: Any, design_effect: Any) -> Any:
    import pytensor.tensor as pt

    return (-value * pt.softplus(-log_odds) - (n - value) * pt.softplus(log_odds)) / design_effect


def _random(log_odds: Any, n: Any, design_effect: Any, rng: Any = None, size: Any = None) -> Any:
    alike = np.maximum(np.round(np.asarray(n) / design_effect).astype(np.int64), 1)
    share = rng.binomial(alike, special.expit(log_odds), size=size) / alike
    return np.round(share * n).astype(np.int64)


def log_likelihood(data: Mapping[str, Any], *, logit_risk: Array | None = None, risk: Array | None = None) -> Array:
    """Log likelihood of effective counts, up to a constant; see `observe`. Parameters of shape (..., arm) give (...)."""
    weighted = {name: data[name] / data["design_effect"] for name in ("events", "n")}
    return counts.log_likelihood(weighted, logit_risk=logit_risk, risk=risk)


def simulate(
    rng: np.random.Generator, risk: npt.ArrayLike, n: npt.ArrayLike, design_effect: npt.ArrayLike
) -> npt.NDArray[np.int64]:
    """Simulate events among n units that come in groups of `design_effect` wholly alike ones, for which the likelihood is exact.

    Parameters
    ----------
    rng : numpy.random.Generator
    risk : array_like, shape (..., arm)
    n, design_effect : array_like of int, shape (arm,)
        `n` a multiple of `design_effect`.

    Returns
    -------
    array of int, shape (..., arm)
    """
    risk, n, alike = np.broadcast_arrays(np.asarray(risk, dtype=float), np.asarray(n), np.asarray(design_effect))
    events = np.empty(risk.shape, dtype=np.int64)
    for place in np.ndindex(risk.shape):
        groups = rng.random(int(n[place] // alike[place])) < risk[place]
        events[place] = int(alike[place]) * int(np.count_nonzero(groups))
    return events


def rough(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return effective events and units."""
    return data["events"] / data["design_effect"], data["n"] / data["design_effect"]


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing: NUTS reads the counts."""
    return {}


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the result hangs on: the correlation that was stated, and the weight that it leaves to each arm."""
    counts_of = [outcome.counts(arm) for arm in ARMS]
    sizes = [None if found is None else found.n for found in counts_of]
    return (effective_words(study, outcome, float(options["icc"]), sizes),)


def effective_words(study: Study, outcome: Outcome, icc: float, sizes: Sequence[int | None]) -> str:
    """Say of both arms, as far as their sizes are known, as how many independent units they count."""
    told = [
        f"{n} count as {n / effect:.1f} ({cluster_size(study, outcome, arm):.1f} a cluster)"
        for arm, n, effect in zip(ARMS, sizes, design_effects(study, outcome, icc), strict=True)
        if n is not None
    ]
    stated = outcome.icc is not None and outcome.icc.size is not None
    return (
        f"An intraclass correlation of {icc:g} was stated, not estimated: of the treatment and the control arm "
        f"{' and '.join(told)}{'' if stated else '; where clusters differ in size, less'}."
    )


def solver(problem: Problem) -> Solver | None:
    """Return the solver of two arms with priors on the risks, or on a level and the effect."""
    return _beta_arms if problem.coding == "arms" else _counts


def _beta_arms(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_beta_arms

    slots = batched_priors(problems)
    events_t, n_t, events_c, n_c = _effective(problems)
    treatment, control = slots["treatment"], slots["control"]
    return solve_beta_arms(
        events_t, n_t, events_c, n_c, treatment=treatment, control=control, effective=True, workers=workers
    )


def _effective(problems: Sequence[Problem]) -> tuple[np.ndarray, ...]:
    effect = stacked(problems, "design_effect")
    events, n = stacked(problems, "events") / effect, stacked(problems, "n") / effect
    return events[:, 0], n[:, 0], events[:, 1], n[:, 1]


def _counts(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_counts

    slots, coding = batched_priors(problems), problems[0].coding
    return solve_counts(
        *_effective(problems),
        first=slots[coding],
        effect=slots["effect"],
        coding=coding,
        effective=True,
        workers=workers,
    )
