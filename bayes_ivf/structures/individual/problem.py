"""Problems of the structure `individual`: women as in `two_arm`, embryos with an intercept of their woman."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, PriorError, RequestError
from bayes_ivf.priors import Prior, check_slots, read_prior
from bayes_ivf.problem import DataArray, Place, PriorLike, Problem, array, coding_of, make_problem, resolve
from bayes_ivf.structures.embryo_cluster.problem import places, pregnancies_of
from bayes_ivf.structures.two_arm.problem import applying_options
from bayes_ivf.structures.two_arm.problem import build as two_arm
from bayes_ivf.study import ARMS, MeanSD, Outcome, Study
from bayes_ivf.study.facts import Kind
from bayes_ivf.study.individual import Nested

INTERCEPT_PRIOR = Prior("HalfNormal", {"sigma": 2.0})
"""Of the standard deviation of the women's intercepts (log odds): latent icc about 0.36, 95% within 0.82."""
REACH = 7.5
"""Standard deviations that the quadrature nodes span on either side; beyond lies 6e-14 of the probability."""
MAX_NODES = 4001
CAVEAT = (
    "Women's intercepts are taken as normal, with one standard deviation in both arms: odds ratios compare embryos of women "
    "alike, risks are averaged over women."
)
FEW_SHARE = 0.2
FEW = (
    "Only {several} of {women} women received more than one embryo: how alike embryos of one woman are is then known from its "
    "prior more than from the rows, and the prior on the effect is narrower for risks averaged over women than in two_arm."
)


__all__ = ["applying_options", "build", "why_not"]


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return None: what rows cannot be used is said when the problem is made."""
    return None


def build(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None
) -> Problem:
    """Make a problem of individual data.

    Rows of women carry no more about the arms than their counts, or mean and standard deviation, do: they become the
    problem of `two_arm`, with the same hash and the same numbers. So do embryos of women who received one each.

    Raises
    ------
    RequestError
        If the rows of embryos are gone.
    PriorError, CardError
        If priors or options do not fit.
    """
    data = cast(Mapping[Any, Any], outcome.data)
    if outcome.per != "embryo":
        kind: Kind = "mean_sd" if isinstance(data["treatment"], MeanSD) else "counts"
        made = two_arm(study, replace(outcome, kind=kind), card, prior, options)
        return replace(made, structure="two_arm")
    where = f"{study.id}/{outcome.id}"
    if not all(isinstance(data[arm], Nested) for arm in ARMS):
        raise RequestError(
            Fault(where, "totals of embryos", "a row for each embryo", "make the study with Study.from_frame")
        )
    card.choose(options)
    tables = cast("list[Nested]", [data[arm] for arm in ARMS])
    several, women = (sum(n for each in tables for m, _, n in each.table if m > least) for least in (1, 0))
    if not several:
        # without a second embryo nothing ties embryos together: they are women
        made = two_arm(study, replace(outcome, kind="counts"), card, prior, options)
        return replace(made, structure="two_arm")
    few = FEW.format(several=several, women=women) if several < FEW_SHARE * women else ""
    name, priors = _priors(prior, outcome.sign, f"prior of {where}")
    return make_problem(
        study,
        outcome,
        card,
        likelihood="embryo_rows",
        coding=coding_of(priors),
        data=embryo_data(tables, priors["sigma"]),
        priors=priors,
        prior_set=name,
        caveats=(CAVEAT, few) if few else (CAVEAT,),
        assumes=few,
        places=places(outcome, pregnancies_of(study, outcome))
        | {
            scale: Place(outcome.id, outcome.label, outcome.sign, None, (("icc", scale),))
            for scale in ("latent", "probability")
        },
    )


def _priors(prior: PriorLike, sign: int, where: str) -> tuple[str, dict[str, Prior]]:
    """Return the priors of the log odds, and of the intercepts' standard deviation."""
    given = dict(prior) if isinstance(prior, Mapping) else None
    spec = None if given is None else given.pop("sigma", None)
    name, priors = resolve(prior if given is None else given, "log_odds", ("average", "effect", "control"), sign, where)
    sigma = INTERCEPT_PRIOR if spec is None else read_prior(spec, f"{where}.sigma")
    faults = check_slots({"sigma": sigma}, "means", where)
    if not sigma.proper:
        faults.append(Fault(f"{where}.sigma", str(sigma), "a proper distribution", "choose a wide proper prior"))
    if faults:
        raise PriorError(faults)
    return name, priors | {"sigma": sigma}


def embryo_data(tables: list[Nested], sigma: Prior) -> dict[str, DataArray]:
    """Return the arrays of a problem of embryo rows.

    Parameters
    ----------
    tables : list of Nested
        Treatment and control.
    sigma : Prior
        Of the intercepts; decides how close the quadrature nodes lie.

    Returns
    -------
    dict of str to array
        ``received, implanted`` (cell): m and k, every k from 0 to m; ``women`` (arm, cell); ``nodes, log_weights`` (node).
    """
    sizes = sorted({m for datum in tables for m, _, _ in datum.table})
    cells = [(m, k) for m in sizes for k in range(m + 1)]
    women = np.zeros((len(tables), len(cells)), dtype=np.int64)
    for row, datum in zip(women, tables, strict=True):
        for m, k, number in datum.table:
            row[cells.index((m, k))] = number
    nodes, log_weights = intercept_nodes(sigma, max(sizes))
    return {
        "received": array([m for m, _ in cells], np.int64),
        "implanted": array([k for _, k in cells], np.int64),
        "women": women,
        "nodes": nodes,
        "log_weights": log_weights,
    }


def intercept_nodes(sigma: Prior, most: int) -> tuple[DataArray, DataArray]:
    """Return nodes over a standard normal intercept.

    Equal steps converge geometrically on a smooth integrand: with the logistic function's poles pi / sigma away from the
    real line, the error falls as exp(-2 pi^2 / (sigma step)). Gauss-Hermite nodes are too sparse in the middle once sigma is
    large.

    Parameters
    ----------
    sigma : Prior
        Of the intercepts' standard deviation.
    most : int
        Most embryos of one woman; many embryos make the integrand narrow.

    Returns
    -------
    nodes, log_weights : array, shape (node,)
        Standard deviations, and log probabilities that sum to one.
    """
    largest = float(sigma.ppf(0.9999))
    step = min(0.25, 1.2 / largest, 2 / (largest * math.sqrt(most)) if most > 3 else math.inf)
    number = min(2 * math.ceil(REACH / step) + 1, MAX_NODES)
    nodes = np.linspace(-REACH, REACH, number)
    log_weights = -(nodes**2) / 2
    return nodes, log_weights - np.log(np.exp(log_weights).sum())
