"""A chi-square or z of counts that are not printed: "chi-square(1) = 4.20", "z = 2.05", with the women of both arms.

What is known is that the table of the trial is one of those that print so. With i of n_t and j of n_c women, chi-square X
without (Pearson) or with (Yates) a correction for continuity, z its root, and S_c the tables whose X rounds to the print (and
whose P does, and that have the higher risk in the named arm, where these are printed)::

    L_c(p_t, p_c) = sum over (i, j) in S_c of Bin(i | n_t, p_t) Bin(j | n_c, p_c)

Which of the two it was is seldom said: two readings of stated weight, whose posteriors are mixed. A reading without any table
could not have been printed and is left out. Doubt mixes posterior and prior, as of every number (`doubted_print`).

References
----------
Pearson K (1900). On the criterion that a given system of deviations from the probable can be reasonably supposed to have arisen
from random sampling. doi 10.1080/14786440009463897. Yates F (1934). Contingency tables involving small numbers and the
chi-square test. doi 10.2307/2983604.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.auditing import (
    ANY,
    CORRECTIONS,
    MOST_TABLES,
    SIDES,
    TEST_WORDS,
    chi_square_span,
    claim_groups,
    p_span,
    printing_tables,
    tests_of_counts,
)
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms import claim_counts
from bayes_ivf.forms.doubted_print import doubt_of, mixed_with_prior
from bayes_ivf.forms.form import DOUBTED, Form, Solver
from bayes_ivf.forms.known_tables import refuse_other, solve_nothing, solve_tables, word_of
from bayes_ivf.forms.printed_t import is_exact
from bayes_ivf.forms.stacking import stacked
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.simulate import simulate_counts
from bayes_ivf.study import ARMS, Outcome, Size, Statistic, Study

Array = npt.NDArray[np.float64]

FORM = Form("statistic_counts", kinds=("claim_counts",), support="two_by_two")
DIMS: Mapping[str, str] = {"n": "arm"}
OPTIONS: tuple[str, ...] = ("doubt", "corrected")
observe, rough, is_mixed = claim_counts.observe, claim_counts.rough, claim_counts.is_mixed
_TESTS = tuple(CORRECTIONS)
_NEVER = -1e300
# Log of nothing that has a slope.


def takes(outcome: Outcome) -> bool:
    """Whether a test statistic is printed."""
    return outcome.statistic is not None and not outcome.statistic.cannot_be


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return the arrays of a print, and whether its tables lie on two sides.

    Raises
    ------
    RequestError
        If it is no chi-square or z of both arms, the arms are too large, or no table prints so.
    """
    where = f"{study.id}/{outcome.id}"
    treatment, control = (cast(Size, (outcome.data or {})[arm]).n for arm in ARMS)
    statistic = cast(Statistic, outcome.statistic)
    refuse_other(study, outcome, statistic, where)
    span = chi_square_span(statistic)
    if span is None:
        found = f"{statistic} of events: a check only, from which no counts of two arms follow; the counts would give an effect"
        _refuse(where, found, "chi-square(1), or z", "give the counts, or an effect with its interval")
    if statistic.n not in (None, treatment + control):
        found = f"{statistic} beside {treatment + control} in both arms: of others than these"
        _refuse(where, found, f"N = {treatment + control}", "give n of the women whom the test was of")
    if (treatment + 1) * (control + 1) > MOST_TABLES:
        found = f"a statistic of counts of {treatment} and {control} women"
        _refuse(where, found, f"at most {MOST_TABLES} tables", "give the counts")
    claim = outcome.claim
    p = ANY if claim is None or claim.p is None else p_span(claim)
    if outcome.alternative == "one-sided":
        p = (2 * p[0], 2 * p[1])
    side = 0 if claim is None else SIDES.get(claim.direction, 0)
    data: dict[str, DataArray] = {
        "n": array((treatment, control), np.int64),
        "span": array(span, np.float64),
        "p": array(p, np.float64),
        "side": array(side, np.int64),
        "claimed": array(1, np.int64),
        **doubt_of(options, is_exact(outcome)),
    }
    weights = _weights(options)
    left = {test: weight for test, weight in weights.items() if _tables(data, test).any()}
    if not left:
        with_p = "" if p == ANY else f" with {cast(Any, claim).p}"
        said = f", {cast(Any, claim).direction} in the treatment arm" if side else ""
        tests = " or ".join(TEST_WORDS[test] for test in weights)
        found = f"no counts of {treatment} and {control} women give {statistic}{with_p}{said} by {tests}"
        to_do = "see the audit; check the statistic and n, or give the counts"
        _refuse(
            where,
            f"{found}, so that no effect can be told from it; the counts would give one",
            "a statistic that some table has",
            to_do,
        )
    data["test"] = array([_TESTS.index(test) for test in left], np.int64)
    data["weight"] = array(np.array(list(left.values())) / sum(left.values()), np.float64)
    word = word_of(np.maximum.reduce([tables_of(data, j) for j in range(len(left))]), (treatment, control), side)
    return data, f"{word}{DOUBTED}" if "empty" in data else word


def _refuse(where: str, found: str, allowed: str, to_do: str) -> None:
    raise RequestError(Fault(where, found, allowed, to_do))


def _weights(options: Mapping[str, str]) -> dict[str, float]:
    """Stated weight of each test that has one."""
    corrected = float(options["corrected"])
    weights = zip(_TESTS, (1 - corrected, corrected), strict=True)
    return {test: weight for test, weight in weights if weight > 0}


def stated(study: Study, outcome: Outcome) -> dict[str, object]:
    """Return the weight of the corrected reading where words name Yates, or a continuity correction."""
    tests = tests_of_counts(claim_groups(study, outcome), statistic=True)
    return {"corrected": 1} if tests == _TESTS[1:] else {}


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what everything about the outcome hangs on: the test, and its readings."""
    data, _ = arrays(study, outcome, options)
    printed = [str(outcome.statistic)] + ([] if outcome.claim is None else [repr(outcome.claim.text)])
    tests = [TEST_WORDS[_TESTS[place]] for place in data["test"]]
    weights = " and ".join(f"{weight:.6g}" for weight in data["weight"])
    several = f", which of them is not said (weights {weights})" if len(tests) > 1 else ""
    test = f"{' or '.join(tests)} of counts{several}"
    out = [TEST_WORDS[each] for each in _weights(options) if TEST_WORDS[each] not in tests]
    left_out = f" No counts of so many women give it by {out[0]}." if out else ""
    known = f"Known only from {' and '.join(printed)}"
    if options["doubt"] == "0":
        return (f"{known}; if that is true and came from {test}.{left_out}",)
    return (f"{known}, doubted with probability {options['doubt']}; {test}.{left_out}",)


def tables_of(data: Mapping[str, Any], reading: int) -> Array:
    """Return which tables (n_t + 1, n_c + 1) print so by a reading: 1 or 0."""
    return _tables(data, _TESTS[int(data["test"][reading])])


def _tables(data: Mapping[str, Any], test: str) -> Array:
    n_t, n_c = (int(each) for each in data["n"])
    low, high = (tuple(float(end) for end in data[name]) for name in ("span", "p"))
    side = int(data["side"])
    return printing_tables(test, (n_t, n_c), p=cast(Any, high), statistic=cast(Any, low), side=side).astype(float)


def log_likelihood(data: Mapping[str, Any], *, logit_risk: Array | None = None, risk: Array | None = None) -> Array:
    """Log of the mixture of likelihoods; see `observe`. Parameters of shape (..., arm) give (...)."""
    if risk is None:
        log_odds = np.asarray(logit_risk)
        yes, no = special.log_expit(log_odds), special.log_expit(-log_odds)
    else:
        yes, no = np.log(risk), np.log1p(-risk)
    factors = data.get("log_factor", np.zeros(len(data["test"])))
    logs = []
    for reading, factor in enumerate(factors):
        rows, columns = np.nonzero(tables_of(data, reading))
        arms = []
        for arm, events in enumerate((rows, columns)):
            n = int(data["n"][arm])
            ways = special.gammaln(n + 1.0) - special.gammaln(events + 1.0) - special.gammaln(n - events + 1.0)
            arms.append(ways + events * yes[..., arm, None] + (n - events) * no[..., arm, None])
        logs.append(factor + special.logsumexp(arms[0] + arms[1], axis=-1))
    believed = special.logsumexp(np.stack(logs, axis=-1), axis=-1)
    doubt = float(data["doubt"])
    with np.errstate(divide="ignore"):
        printed = np.logaddexp(np.log1p(-doubt) + believed, np.log(doubt)) if doubt else believed
        return np.asarray(printed if int(data["claimed"]) else np.log1p(-np.exp(printed)))


def simulate(
    rng: np.random.Generator, risks: Sequence[float] | Array, sizes: Sequence[int], corrected: bool = False
) -> tuple[str, str]:
    """Print the direction of simulated counts and their chi-square with two decimals, such as ``"chi-square(1) = 4.20"``."""
    (a, b), (n, m) = simulate_counts(rng, np.asarray(risks), np.asarray(sizes)), sizes
    observed = np.array([[a, n - a], [b, m - b]], dtype=float)
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / observed.sum()
    off = np.abs(observed - expected)
    off = np.maximum(off - 0.5, 0.0) if corrected else off
    value = float((off**2 / expected).sum()) if expected.min() > 0 else 0.0
    direction = "higher" if a * m > b * n else "lower" if a * m < b * n else "none"
    return direction, f"chi-square(1) = {np.floor(100 * value + 0.5) / 100:.2f}"


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return the log weights of all tables, readings weighed as stated over their marginal likelihoods, and possible events."""
    data = problem.data
    sizes = [int(n) for n in data["n"]]
    log_factor = _log_factor(problem)
    shape = np.full((sizes[0] + 1, sizes[1] + 1), -np.inf)
    for reading, factor in enumerate(log_factor):
        shape = np.logaddexp(shape, np.where(tables_of(data, reading) > 0, factor, -np.inf))
    ways = []
    for n in sizes:
        k = np.arange(n + 1.0)
        ways.append(special.gammaln(n + 1.0) - special.gammaln(k + 1) - special.gammaln(n - k + 1))
    log_tables = np.where(np.isneginf(shape), _NEVER, ways[0][:, None] + ways[1] + shape)
    events = {f"events_{arm}": np.arange(n + 1.0) for arm, n in zip(ARMS, sizes, strict=True)}
    return {"log_tables": log_tables, "log_factor": log_factor, **events}


def _log_factor(problem: Problem) -> Array:
    """Log of weight over marginal likelihood (reading,), by which stated weights become the posterior's; 0 of one alone."""
    if len(problem.data["test"]) == 1:
        return np.zeros(1)
    readings, _, weights = _readings([problem], 1)
    return np.asarray(np.log(weights) - readings.log_marginal_likelihood)


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood; see `claim_counts`."""
    readings = range(len(problem.data["test"]))
    return claim_counts.sampled(problem, np.maximum.reduce([tables_of(problem.data, j) for j in readings]))


def solver(problem: Problem) -> Solver | None:
    """Return the mixture of what each reading is solved by."""
    return _solve


def _readings(problems: Sequence[Problem], workers: int | None) -> tuple[Any, npt.NDArray[np.intp], Array]:
    """Posteriors of all readings of all problems, which may have one or two, the problem of each, and its weight."""
    sizes = [len(problem.data["test"]) for problem in problems]
    owner = np.repeat(np.arange(len(problems), dtype=np.intp), sizes)
    flat = [problem for problem, size in zip(problems, sizes, strict=True) for _ in range(size)]
    tables = [tables_of(problem.data, j) for problem, size in zip(problems, sizes, strict=True) for j in range(size)]
    weights = np.concatenate([problem.data["weight"] for problem in problems])
    return solve_tables(flat, tables, stacked(flat, "doubt"), workers), owner, weights


def _solve(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import mix_posteriors

    found, owner, weights = _readings(problems, workers)
    if is_mixed(problems[0].variant):
        prior = solve_nothing(problems, workers)
        return mixed_with_prior(found, owner, weights, prior, stacked(problems, "empty"), workers)
    if len(owner) == len(problems):
        return found
    return mix_posteriors([found], owners=[owner], weights=[weights], workers=workers)
