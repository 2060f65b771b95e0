"""Percentages that stand for several pairs of counts: a mixture over all of them.

With pairs j of counts (treatment and control) of stated weights w_j, binomial likelihoods L_j and marginal likelihoods m_j under
the problem's priors,

    likelihood = sum_j (w_j / m_j) L_j,    so that    posterior = sum_j w_j posterior_j      (decodings "stated")
    likelihood = sum_j w_j B_j L_j,        so that    posterior = sum_j v_j posterior_j,  v_j ~ w_j B_j m_j    ("evidence")

with B_j the binomial coefficients. Under ``evidence`` a pair is a hypothesis about the print: denominators have a uniform prior
over all that were searched, fitting or not, and Pr(printed | n) is the sum of Bin(k | n) over the k that print so. ``stated``
takes the weights given, equal ones, for the posterior's. Quadrature knows the m_j; NUTS is handed them as data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.auditing import DecodedPairs, decoded_pairs, is_ambiguous, spread_out
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms import counts
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.study import Outcome, Study

Array = npt.NDArray[np.float64]

FORM = Form("decoded_counts", kinds=("counts", "percent"), support="two_by_two")
DIMS: Mapping[str, Any] = {"events": (None, "arm"), "n": (None, "arm")}
OPTIONS: tuple[str, ...] = ("decodings",)
MOST = 400
"""Pairs of counts that are mixed; of more, so many are taken, evenly spread over all: the mixture hardly changes with them."""
_BY_EVIDENCE = "evidence"


def takes(outcome: Outcome) -> bool:
    """Whether percentages fit several pairs of counts."""
    return outcome.icc is None and is_ambiguous(outcome)


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return events, units and weight of every pair, and by what they are weighed.

    Raises
    ------
    RequestError
        If an arm has no counts at all.
    """
    decoded = decoded_pairs(study, outcome)
    pairs = spread_out(decoded, MOST)
    if not pairs:
        allowed = "percentages that whole numbers fit in both arms"
        raise RequestError(Fault(f"{study.id}/{outcome.id}", "no counts", allowed, "give the counts, or n"))
    found = {
        "events": array([[arm.events for arm in pair] for pair in pairs], np.int64),
        "n": array([[arm.n for arm in pair] for pair in pairs], np.int64),
        "weight": array(np.full(len(pairs), 1 / len(pairs)), np.float64),
    }
    return found, options["decodings"]


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what everything about the outcome hangs on: which pairs were mixed, and how they were weighed."""
    decoded = decoded_pairs(study, outcome)
    weighed = (
        "weighed by how probable the printed percentages are under each, with every denominator searched as likely"
        if options["decodings"] == _BY_EVIDENCE
        else "each with the same weight"
    )
    return (f"{decoded.told} The result is a mixture over {_mixed(decoded)}, {weighed}.",)


def _mixed(decoded: DecodedPairs) -> str:
    if decoded.size <= MOST:
        return f"all {decoded.size} that are left" if decoded.filters else f"all {decoded.size}"
    return f"{len(spread_out(decoded, MOST))} of them, evenly spread, since so many cannot be told apart"


def observe(data: Mapping[str, Any], *, logit_risk: Any = None, risk: Any = None) -> None:
    """Observe the percentages as a mixture over the counts that they can stand for.

    Parameters
    ----------
    data : mapping
        ``events`` and ``n``, shape (pair, arm), and ``log_factor`` (pair,) of `derived`.
    logit_risk, risk : tensor, shape (arm,)
        One of the two: log odds, or probability.
    """
    import pymc as pm
    import pytensor.tensor as pt

    given = logit_risk if risk is None else pm.math.logit(risk)

    def logp(value: Any, log_odds: Any, n: Any, log_factor: Any) -> Any:
        yes, no = -pt.softplus(-log_odds), -pt.softplus(log_odds)
        each = (value * yes + (n - value) * no).sum(axis=-1) + log_factor
        return pt.logsumexp(each)

    pm.CustomDist(
        "events_observed",
        given,
        data["n"],
        data["log_factor"],
        logp=logp,
        random=_predict,
        signature="(a),(j,a),(j)->(j,a)",
        observed=data["events"],
        dtype="int64",
    )


def _predict(log_odds: Any, n: Any, log_factor: Any, rng: Any = None, size: Any = None) -> Any:
    """Events of a new trial with the units of each pair."""
    return rng.binomial(np.asarray(n, dtype=np.int64), special.expit(np.asarray(log_odds))[..., None, :])


def log_likelihood(data: Mapping[str, Any], *, logit_risk: Array | None = None, risk: Array | None = None) -> Array:
    """Log of the mixture of likelihoods; see `observe`. Parameters of shape (..., arm) give (...)."""
    each = [
        counts.log_likelihood({"events": events, "n": n}, logit_risk=logit_risk, risk=risk)
        for events, n in zip(data["events"], data["n"], strict=True)
    ]
    return np.asarray(special.logsumexp(np.stack(each, axis=-1) + data["log_factor"], axis=-1))


def simulate(rng: np.random.Generator, risk: Array, n: npt.ArrayLike, decimals: int = 0) -> tuple[str, ...]:
    """Print the events of each arm as a percentage, shape (arm,)."""
    events = counts.simulate(rng, risk, np.asarray(n))
    return tuple(as_percent(k, size, decimals) for k, size in zip(events, np.asarray(n), strict=True))


def as_percent(events: int, n: int, decimals: int = 0) -> str:
    """Print a share of counts, rounded half away from zero."""
    return f"{np.floor(100 * 10**decimals * events / n + 0.5) / 10**decimals:.{decimals}f}%"


def rough(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the events and units of an average pair."""
    return data["events"].mean(axis=0), data["n"].mean(axis=0)


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return the log weight of each pair's likelihood, which NUTS reads: by quadrature, where weights are stated."""
    weight = np.log(problem.data["weight"])
    if problem.variant == _BY_EVIDENCE:
        return {"log_factor": np.asarray(weight + _coefficients(problem))}
    (parts, _) = _parts([problem], 1)
    return {"log_factor": np.asarray(weight - (parts.log_marginal_likelihood - _coefficients(problem)))}


def _coefficients(problem: Problem) -> Array:
    """Log binomial coefficients (pair,) of both arms."""
    events, n = problem.data["events"], problem.data["n"]
    rest = special.gammaln(n + 1) - special.gammaln(events + 1) - special.gammaln(n - events + 1)
    return np.asarray(rest.sum(axis=1))


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def solver(problem: Problem) -> Solver | None:
    """Return the mixture of what counts are solved by."""
    return _solve


def _parts(problems: Sequence[Problem], workers: int | None) -> tuple[Any, npt.NDArray[np.intp]]:
    """Posteriors of all pairs of all problems, as of counts, and the problem of each."""
    flat = [
        replace(problem, likelihood=counts.FORM.name, data={"events": events, "n": n})
        for problem in problems
        for events, n in zip(problem.data["events"], problem.data["n"], strict=True)
    ]
    owner = np.repeat(np.arange(len(problems), dtype=np.intp), [len(problem.data["weight"]) for problem in problems])
    solve = counts.solver(problems[0])
    assert solve is not None
    return solve(flat, workers), owner


def _solve(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import mix_posteriors

    parts, owner = _parts(problems, workers)
    weights = np.concatenate([problem.data["weight"] for problem in problems])
    by: Any = problems[0].variant
    return mix_posteriors([parts], owners=[owner], weights=[weights], by=by, workers=workers)
