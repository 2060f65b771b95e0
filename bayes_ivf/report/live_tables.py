"""What the page needs of an outcome to integrate it under another prior: printed numbers, or a table of its likelihood.

Counts, means and estimates go to the page as they were printed; only what a page cannot compute is tabulated: the arms of
embryo totals over log odds x correlation, and the probability of a claim over the effect. Tables are rounded, so that they are
the same wherever they are made.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf import defaults
from bayes_ivf.forms import find_form
from bayes_ivf.priors import Prior, load_prior_set
from bayes_ivf.problem import Problem, Variances

Array = npt.NDArray[np.float64]
Entry = dict[str, Any]
_Rule = tuple[Array, Array, tuple[float, float]]

FAMILIES = ("Normal", "StudentT", "Cauchy", "Logistic")
"""Families of a prior on an effect that the page integrates: smooth ones, whose steps can be halved until nothing moves."""
DIGITS = 11
"""Significant digits of a table."""
NODES = 40
"""Of the correlation."""
_TABLES = frozenset({"claim", "table"})
"""Parts of an entry that are tables."""
_SAME = 1e-9
"""Difference of two numbers of a table that rounding may leave."""
_LOG_ODDS, _STEP = 11.0, 0.25
"""How far a table of embryos reaches on either side of no preference, and its step."""
_MANY = 400
"""Embryos of an arm above which the step is halved."""
_MOST, _LESS = 700, 7.0
"""Embryos of an arm up to which it is tabulated where there are too many tables to list (seconds), and how far then."""
_SETTLED = 1e-8
"""Change of the log integral over the correlation with twice the nodes at which they are enough."""
_DEEPEST = -30.0
"""Log probability of a claim at which its table ends: nodes of the pooled sd miss 1e-20 of it, and beyond there that shows."""
_CLAIM = 14.0
"""Standardized differences up to which a claim is tabulated."""


def live_entry(problems: Sequence[Problem]) -> Entry | None:
    """Return what the page needs of one outcome; None if it cannot integrate it.

    Parameters
    ----------
    problems : sequence of Problem
        The same data under every prior set, the primary one first.
    """
    first = problems[0]
    data = _data(first)
    if data is None:
        return None
    chosen = {each.prior_set: priors for each in problems if (priors := _priors(each)) is not None}
    if first.prior_set not in chosen:
        return None
    return {
        "model": first.model,
        "data": data,
        "sign": first.sign,
        "mcid": first.mcid,
        "priors": chosen,
        "own": _own(first),
    }


def _data(problem: Problem) -> Entry | None:
    """What the likelihood of a problem is made of, by the arrays that it has."""
    for names, maker in _MAKERS.items():
        if set(names) <= set(problem.data):
            return maker(problem)
    return None


def _counts(problem: Problem) -> Entry | None:
    # several decodings, or effective counts of clusters, have more arrays and another likelihood
    if set(problem.data) != {"events", "n"}:
        return None
    return {name: problem.data[name].tolist() for name in ("events", "n")}


def _means(problem: Problem) -> Entry | None:
    data = problem.data
    # values that are alike in clusters have degrees of freedom of their own
    if set(data) != {"mean", "variance", "n"}:
        return None
    plain = not isinstance(problem.layout, Variances) or problem.layout.common
    shapes = {data[name].shape for name in ("mean", "variance", "n")}
    proper = any(prior.proper for slot, prior in problem.priors.items() if slot in ("average", "control", "sigma"))
    if plain or proper or shapes != {(2,)} or int(data["n"].min()) < 4:
        return None
    return {"mean": data["mean"].tolist(), "sd": np.sqrt(data["variance"]).tolist(), "n": data["n"].tolist()}


def _effect(problem: Problem) -> Entry | None:
    if problem.data["estimate"].ndim or find_form(problem).load_part().prior_table(problem.variant) is None:
        return None
    return {name: _round(float(problem.data[name])) for name in ("estimate", "se")}


def _claim(problem: Problem) -> Entry | None:
    """Log probability of the claim if its words say something."""
    data = problem.data
    part = find_form(problem).load_part()
    if data["claimed"].ndim or not part.can_be_sampled(problem):
        return None
    believed = dict(data) | {"doubt": np.array(0.0)}
    step = round(float(np.sqrt((1 / data["n"]).sum())) / 6, 3)
    x = step * np.arange(-round(_CLAIM / step), round(_CLAIM / step) + 1)
    log = part.log_likelihood(believed, x, problem.variant)
    middle = np.abs(x) < 10 * step
    if np.allclose(log[middle], log[::-1][middle], rtol=0, atol=1e-9):
        log = part.log_likelihood(
            believed, np.abs(x), problem.variant
        )  # on the other side two chances near one would cancel
    kept = np.flatnonzero(log > _DEEPEST)
    x, log = x[kept[0] : kept[-1] + 1], log[kept[0] : kept[-1] + 1]
    even = {"even": True} if part.is_even(problem.variant) else {}
    table = {"start": _round(x[0]), "step": step, "log": _rounded(log)}
    return {"claim": table, "doubt": float(data["doubt"])} | even


def _embryos(problem: Problem) -> Entry | None:
    """Log likelihood of each arm over log odds x correlation."""
    part: Any = find_form(problem).load_part()
    shared = {slot: prior for slot, prior in problem.priors.items() if slot in ("icc", "q", "lambda")}
    icc = shared.get("icc")
    if set(shared) != {"icc"} or icc is None or icc.dist not in ("Uniform", "Beta"):
        return None
    if icc.dist == "Beta" and min(icc.parameters.values()) < 1:  # the density is infinite at an end
        return None
    arms = part.arms_of(problem)
    most = max(arm.totals.embryos for arm in arms)
    listed = all(arm.rows is not None for arm in arms)
    if not listed and most > _MOST:
        return None
    step, reach = _STEP if most <= _MANY else _STEP / 2, _LOG_ODDS if listed else _LESS
    log_odds = step * np.arange(-round(reach / step), round(reach / step) + 1)
    for number in (NODES, 2 * NODES):
        rule, finer = _legendre(icc, number), _legendre(icc, 2 * number)
        nodes, weights, ends = rule
        values = [np.asarray(arm.log_likelihood(log_odds[None, :], nodes[:, None])) for arm in arms]
        change = _mass(icc, rule, values) - _mass(icc, finer, [_at(finer[0], rule, each) for each in values])
        if abs(change) < _SETTLED:
            axes = {"start": float(log_odds[0]), "step": step, "nodes": nodes.tolist(), "weights": weights.tolist()}
            logs = {"prior": _rounded(icc.logpdf(nodes)), "arms": [_rounded(each) for each in values]}
            return {"table": axes | {"ends": list(ends)} | logs}
    return None


def _legendre(icc: Prior, number: int) -> _Rule:
    """Gauss-Legendre rule over the range of a correlation."""
    low, high = (icc.parameters["lower"], icc.parameters["upper"]) if icc.dist == "Uniform" else (0.0, 1.0)
    x, weights = np.polynomial.legendre.leggauss(number)
    return low + (high - low) * (x + 1) / 2, (high - low) * weights / 2, (low, high)


def _at(rho: Array, rule: _Rule, values: Array) -> Array:
    """Values (node, ...) at other correlations, by barycentric interpolation as in the page."""
    nodes, weights, (low, high) = rule
    share = (-1.0) ** np.arange(len(nodes)) * np.sqrt((nodes - low) * (high - nodes) * weights)
    parts = share / (rho[:, None] - nodes)
    return np.asarray(parts @ values / parts.sum(axis=1, keepdims=True))


def _mass(icc: Prior, rule: _Rule, values: Sequence[Array]) -> float:
    """Log integral over the correlation, both log odds summed: it hangs on the number of nodes as the posterior does."""
    nodes, weights, _ = rule
    logs = [special.logsumexp(each, axis=1) for each in values]
    return float(special.logsumexp(logs[0] + logs[1], b=weights * np.exp(icc.logpdf(nodes))))


_MAKERS: Mapping[tuple[str, ...], Callable[[Problem], Entry | None]] = {
    ("events", "n"): _counts,
    ("mean", "variance", "n"): _means,
    ("claimed", "alpha", "doubt", "n"): _claim,
    ("estimate", "se"): _effect,
    ("totals",): _embryos,
}
"""By the arrays of a problem."""


def _priors(problem: Problem) -> Entry | None:
    """Priors of a problem as the page reads them; None if it cannot integrate one of them."""
    priors, coding = problem.priors, problem.coding
    if coding == "arms":
        arms = [priors[name] for name in ("treatment", "control")]
        beta = all(each.dist == "Beta" for each in arms)
        return {"arms": [dict(each.parameters) for each in arms]} if beta else None
    first = priors.get(coding)
    used = [priors["effect"], *([first] if first is not None and first.proper else [])]
    if any(each.dist not in FAMILIES for each in used):
        return None
    found: Entry = {"coding": coding, "effect": _spec(priors["effect"])}
    return found | ({"first": _spec(first)} if first is not None and first.proper else {})


def _own(problem: Problem) -> Entry:
    """What stands beside a prior that a reader writes for the effect alone, as in `fit`: the primary set's level."""
    if problem.coding not in ("average", "control", "arms") or "mean" in problem.data:
        return {"coding": "average"}
    return {"coding": "average", "first": _spec(load_prior_set(defaults.PRIMARY_PRIOR).slots["log_odds"]["average"])}


def _spec(prior: Prior) -> Entry:
    return {"dist": prior.dist} | dict(prior.parameters)


def _round(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _rounded(values: Array) -> Any:
    return [_rounded(each) if np.ndim(each) else _round(float(each)) for each in values]


def joined(entries: Mapping[str, Entry]) -> Entry:
    """Put entries together; a table that several of them share is kept once, by a hash of its text.

    Parameters
    ----------
    entries : mapping of str to entry
        By outcome.
    """
    tables: Entry = {}
    outcomes = {}
    for outcome, entry in entries.items():
        data = dict(entry["data"])
        for name in _TABLES & set(data):
            key = _key(data[name])
            tables[key] = data[name]
            data[name] = key
        outcomes[outcome] = entry | {"data": data}
    return {"tables": tables, "outcomes": outcomes}


def live_tables(groups: Iterable[Sequence[Problem]]) -> Entry:
    """Return the tables of a run, ready to be written as JSON.

    Parameters
    ----------
    groups : iterable of sequences of Problem
        The problems of record of each outcome, see `live_entry`.
    """
    found = {group[0].outcome: entry for group in groups if (entry := live_entry(group)) is not None}
    return joined(found)


def with_kept_tables(made: Entry, kept: Any) -> tuple[Entry, tuple[str, ...]]:
    """Put the tables of a page in place of those that were made anew, where both say the same.

    Another processor may round the last digit of a table otherwise: a page is then the same but for that digit.

    Parameters
    ----------
    made : mapping
        Of `live_tables`, from the study of a page.
    kept : object
        What the page has for its script, as it was read: of any form.

    Returns
    -------
    entry : mapping
    differing : tuple of str
        Outcomes whose table on the page is none, or says something else.
    """
    tables, outcomes, differing = {}, {}, []
    for outcome, entry in made["outcomes"].items():
        data = dict(entry["data"])
        for name in _TABLES & set(data):
            table, key = made["tables"][data[name]], _found(kept, "outcomes", outcome, "data", name)
            other = _found(kept, "tables", key)
            if isinstance(key, str) and _key(other) == key and _alike(table, other):
                data[name], table = key, other
            else:
                differing.append(outcome)
            tables[data[name]] = table
        outcomes[outcome] = entry | {"data": data}
    return {"tables": tables, "outcomes": outcomes}, tuple(differing)


def _found(tree: Any, *path: Any) -> Any:
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) and isinstance(name, str) else None
    return tree


def _key(table: Any) -> str:
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:12]


def _alike(one: Any, other: Any) -> bool:
    """Whether two trees have the same form and numbers that differ by no more than rounding."""
    if isinstance(one, dict):
        return isinstance(other, dict) and list(one) == list(other) and all(_alike(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_alike, one, other))
    return isinstance(other, float | int) and math.isclose(one, other, rel_tol=_SAME, abs_tol=_SAME)
