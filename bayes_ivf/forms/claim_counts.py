"""A claim about counts that are not printed: "no difference in adverse reactions (P>0.05)", "more often, P<0.05", "P=0.044".

What is known is that the table of the trial is one of those that the named test puts on the claimed side. With i of n_t and j of
n_c women, and S the set of tables with such a P (and with the higher risk in the claimed arm, where a direction is claimed)::

    Pr(claim | p_t, p_c) = sum over (i, j) in S of Bin(i | n_t, p_t) Bin(j | n_c, p_c)

and words that are doubted with probability w carry no information with that probability: (1 - w) Pr + w.

P<a means a P below a, and P>a one of at least a. An exact P stands for every table whose P rounds to what is printed; it is a
number, and doubt in it mixes posterior and prior, as of `p_value`: with probability w the print is of another trial, whose risks
come from the same prior. A claim that names no direction is as likely with the arms exchanged only if these are of one size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.auditing import (
    MOST_TABLES,
    SIDES,
    TABLE_TESTS,
    TEST_WORDS,
    claim_groups,
    p_of_tables,
    p_span,
    printing_tables,
    tests_of_counts,
)
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.doubted_print import doubt_of, mixed_with_prior
from bayes_ivf.forms.form import DOUBTED, TWO_SIDES, Form, Solver, side_of
from bayes_ivf.forms.known_tables import lies_in_one_piece, refuse_other, solve_nothing, solve_tables, word_of
from bayes_ivf.forms.operations import doubted, log_doubted
from bayes_ivf.forms.printed_t import is_exact
from bayes_ivf.forms.stacking import stacked
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.simulate import simulate_counts
from bayes_ivf.study import ARMS, Claim, Outcome, Size, Study

Array = npt.NDArray[np.float64]

FORM = Form("claim_counts", kinds=("claim_counts",), support="two_by_two")
DIMS: Mapping[str, str] = {"n": "arm"}
OPTIONS: tuple[str, ...] = ("doubt", "test")
MOST_SAMPLED = 100_000
"""Tables of two arms up to which NUTS sums over them."""
_NEVER = -1e300
# Log of nothing that has a slope.


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return the arrays of a claim, and whether its tables lie on two sides.

    Raises
    ------
    RequestError
        If the claim has no P, its direction contradicts it, the arms are too large, or no table has such a P.
    """
    claim, where = outcome.claim, f"{study.id}/{outcome.id}"
    sizes = [cast(Size, (outcome.data or {})[arm]).n for arm in ARMS]
    if claim is None or claim.p is None:
        raise RequestError(Fault(where, "a claim without a P", "P<alpha, P>alpha or P=...", "give the P as printed"))
    if claim.relation != "=" and (claim.relation == ">") != (claim.direction == "none"):
        allowed = "a direction with P<alpha, or no difference with P>alpha"
        raise RequestError(Fault(where, f"direction {claim.direction} with {claim.p}", allowed, "correct the claim"))
    if is_exact(outcome):
        refuse_other(study, outcome, claim.p, where)
    if (sizes[0] + 1) * (sizes[1] + 1) > MOST_TABLES:
        found = f"a claim about counts of {sizes[0]} and {sizes[1]} women: {(sizes[0] + 1) * (sizes[1] + 1)} tables"
        raise RequestError(Fault(where, found, f"at most {MOST_TABLES} tables", "give the counts"))
    data: dict[str, DataArray] = {
        "n": array(sizes, np.int64),
        "bounds": array(p_span(claim), np.float64),
        "side": array(SIDES.get(claim.direction, 0), np.int64),
        "test": array(list(TABLE_TESTS).index(options["test"]), np.int64),
        "claimed": array(1, np.int64),
        **doubt_of(options, is_exact(outcome)),
    }
    tables = tables_of(data)
    if not tables.any():
        raise RequestError(_none_fits(data, claim, options["test"], where))
    word = word_of(tables, sizes, int(data["side"]))
    return data, f"{word}{DOUBTED}" if "empty" in data else word


def _none_fits(data: Mapping[str, Any], claim: Claim, test: str, where: str) -> Fault:
    sizes = [int(each) for each in data["n"]]
    side = "" if claim.direction in ("differs", "none") else f", {claim.direction} in the treatment arm"
    others = [each for place, each in enumerate(TABLE_TESTS) if tables_of(dict(data) | {"test": np.array(place)}).any()]
    do = (
        f'{TEST_WORDS[others[0]]} has such tables: options={{"test": "{others[0]}"}}' if others else "no usual test has"
    )
    found = f"no counts of {sizes[0]} and {sizes[1]} women give {claim.p}{side} by {TEST_WORDS[test]}, so that no effect can be"
    hint = (
        f"{do}; else check P and n, or give the counts"
        if others
        else "see the audit; check P and n, or give the counts"
    )
    return Fault(where, f"{found} told from it; the counts would give one", "a P that some table has", hint)


def _tests(study: Study, outcome: Outcome) -> tuple[str, ...]:
    return tests_of_counts(claim_groups(study, outcome), statistic=False)


def stated(study: Study, outcome: Outcome) -> dict[str, object]:
    """Return the test that words name; of an exact P without such words, the first that has tables if Fisher's has none."""
    claim = outcome.claim
    if claim is None or claim.p is None:
        return {}
    tests = _tests(study, outcome)
    if len(tests) < len(TABLE_TESTS):
        return {"test": tests[0]}
    sizes = [cast(Size, (outcome.data or {})[arm]).n for arm in ARMS]
    if not is_exact(outcome) or (sizes[0] + 1) * (sizes[1] + 1) > MOST_TABLES:
        return {}
    span, side = p_span(claim), SIDES.get(claim.direction, 0)
    possible = [test for test in tests if printing_tables(test, (sizes[0], sizes[1]), p=span, side=side).any()]
    return {"test": possible[0]} if possible and possible[0] != tests[0] else {}


def tables_of(data: Mapping[str, Any]) -> Array:
    """Return which tables (n_t + 1, n_c + 1) the claim leaves: 1 or 0."""
    n_t, n_c = (int(each) for each in data["n"])
    low, high = (float(each) for each in data["bounds"])
    test = list(TABLE_TESTS)[int(data["test"])]
    return printing_tables(test, (n_t, n_c), p=(low, high), side=int(data["side"])).astype(float)


def _log_tables(data: Mapping[str, Any]) -> Array:
    """Log of the number of ways of each table that is left, (n_t + 1, n_c + 1)."""
    ways = []
    for n in (int(each) for each in data["n"]):
        k = np.arange(n + 1.0)
        ways.append(special.gammaln(n + 1.0) - special.gammaln(k + 1) - special.gammaln(n - k + 1))
    return np.where(tables_of(data) > 0, ways[0][:, None] + ways[1], _NEVER)


def observe(
    data: Mapping[str, Any], *, logit_risk: Any = None, risk: Any = None, other: tuple[Any, Any, Any] | None = None
) -> Any:
    """Observe that a claim about counts was printed.

    Parameters
    ----------
    data : mapping
        ``log_tables``, log of the ways of each table that the claim leaves (see `derived`); ``doubt``; ``claimed``, 1.
    logit_risk, risk : tensor, shape (arm,)
        One of the two: log odds, or probability.
    other : (tensor, tensor, tensor), optional
        Log odds with the effect turned around, and the log probabilities of this sign and of that, over which is averaged.

    Returns
    -------
    tensor
        Log odds of this sign against that, given what was printed; 0 without `other`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    chance, log_odds = log_chance(data, _logs(logit_risk, risk)), pt.constant(0.0)
    if other is not None:
        turned, share, rest = other
        away = log_chance(data, _logs(turned, None))
        log_odds = share + _believed(data, chance) - rest - _believed(data, away)
        chance = pt.logaddexp(share + chance, rest + away)
    pm.CustomDist(
        "claim_observed",
        chance,
        data["doubt"],
        logp=_logp,
        random=_random,
        signature="(),()->()",
        observed=data["claimed"],
        dtype="int64",
    )
    return log_odds


def _believed(data: Mapping[str, Any], chance: Any) -> Any:
    """Log probability that the claim is printed, or is not."""
    return _logp(data["claimed"], chance, data["doubt"])


def _logs(logit_risk: Any, risk: Any) -> tuple[Any, Any]:
    """Log of the risk and of one minus the risk, each (arm,)."""
    import pytensor.tensor as pt

    if risk is not None:
        return pt.log(risk), pt.log1p(-risk)
    return -pt.softplus(-logit_risk), -pt.softplus(logit_risk)


def log_chance(data: Mapping[str, Any], logs: tuple[Any, Any]) -> Any:
    """Log probability, as a tensor, that the table is one of those left."""
    import pytensor.tensor as pt

    yes, no = logs
    arms = []
    for arm, name in enumerate(ARMS):
        events = data[f"events_{name}"]
        arms.append(events * yes[arm] + (data["n"][arm] - events) * no[arm])
    return pt.logsumexp(arms[0][:, None] + arms[1][None, :] + data["log_tables"])


def _logp(value: Any, log_claim: Any, doubt: Any) -> Any:
    import pytensor.tensor as pt

    claimed = log_doubted(log_claim, doubt)
    # observed is that the claim was printed; its absence is only ever simulated
    return pt.where(pt.eq(value, 1), claimed, pt.log1p(-pt.minimum(pt.exp(claimed), 1 - 1e-16)))


def _random(log_claim: Any, doubt: Any, rng: Any = None, size: Any = None) -> Any:
    return rng.binomial(1, np.clip(doubted(np.exp(log_claim), doubt), 0, 1), size=size)


def log_likelihood(data: Mapping[str, Any], *, logit_risk: Array | None = None, risk: Array | None = None) -> Array:
    """Log probability of what was printed; see `observe`. Parameters of shape (..., arm) give (...)."""
    if risk is None:
        log_odds = np.asarray(logit_risk)
        yes, no = special.log_expit(log_odds), special.log_expit(-log_odds)
    else:
        yes, no = np.log(risk), np.log1p(-risk)
    tables, log_tables = tables_of(data) > 0, _log_tables(data)
    rows, columns = np.nonzero(tables)
    n_t, n_c = (int(each) for each in data["n"])
    logs = log_tables[rows, columns] + rows * yes[..., 0, None] + (n_t - rows) * no[..., 0, None]
    logs = logs + columns * yes[..., 1, None] + (n_c - columns) * no[..., 1, None]
    printed = doubted(np.exp(special.logsumexp(logs, axis=-1)), data["doubt"])
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(printed if int(data["claimed"]) else 1 - printed))


def rough(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return no events among nobody: a claim says little of either arm by itself."""
    return data["n"] * 0, data["n"] * 0


def simulate(
    rng: np.random.Generator, risks: Sequence[float] | Array, sizes: Sequence[int], alpha: float, test: str = "fisher"
) -> str:
    """Print what a test of simulated counts comes to.

    Returns
    -------
    {"higher", "lower", "none"}
        With P<alpha, or "none" with P>alpha.
    """
    events = simulate_counts(rng, np.asarray(risks), np.asarray(sizes))
    p = p_of_tables(test, int(sizes[0]), int(sizes[1]))[events[0], events[1]]
    if p >= alpha:
        return "none"
    return "higher" if events[0] * sizes[1] > events[1] * sizes[0] else "lower"


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return the log number of ways of each table that is left, and the events that an arm may have."""
    events = {f"events_{arm}": np.arange(n + 1.0) for arm, n in zip(ARMS, problem.data["n"], strict=True)}
    return {"log_tables": _log_tables(problem.data), **events}


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood: not of large arms or tables far apart, nor of two independent arms on two sides."""
    return sampled(problem, tables_of(problem.data))


def sampled(problem: Problem, tables: Array) -> bool:
    """Whether NUTS can sample a problem of which these tables are left."""
    few, two_sides = int(np.prod(problem.data["n"] + 1)) <= MOST_SAMPLED, side_of(problem.variant) == TWO_SIDES
    return few and not (problem.coding == "arms" and two_sides) and lies_in_one_piece(tables, 1 + two_sides)


def is_mixed(variant: str) -> bool:
    """Whether the print may be of another trial, with the probability ``empty`` of its arrays."""
    return variant.endswith(DOUBTED)


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what everything about the outcome hangs on."""
    words = cast(Claim, outcome.claim).text
    test = TEST_WORDS[options["test"]]
    if stated(study, outcome).get("test") == options["test"] and len(_tests(study, outcome)) == len(TABLE_TESTS):
        test = f"{test}, since {TEST_WORDS[next(iter(TABLE_TESTS))]} gives that P for no counts,"
    if options["doubt"] == "0":
        return (f"Known only from the words {words!r}; if the claim is true and came from {test} of counts.",)
    return (f"Known only from the words {words!r}, doubted with probability {options['doubt']}; {test} of counts.",)


def solver(problem: Problem) -> Solver | None:
    """Return the solver of a claim about counts."""
    return _claims


def _claims(problems: Sequence[Problem], workers: int | None) -> Any:
    tables = [tables_of(problem.data) for problem in problems]
    found = solve_tables(problems, tables, stacked(problems, "doubt"), workers)
    if not is_mixed(problems[0].variant):
        return found
    prior, each, one = solve_nothing(problems, workers), np.arange(len(problems)), np.ones(len(problems))
    return mixed_with_prior(found, each, one, prior, stacked(problems, "empty"), workers)
