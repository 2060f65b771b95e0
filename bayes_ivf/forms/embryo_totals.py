"""Embryo totals in two arms: women, embryos, pregnant women and implanted embryos of each, observed together.

How an arm's embryos were shared out over its women is not printed; the likelihood is a weighted mean over all ways to do so.
Formulas are in the room that holds the arithmetic of totals.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo import (
    FACTORED_FROM,
    ROWS_LIMIT,
    ArmLikelihood,
    ArmTotals,
    count_allocations,
    factor_arrays,
    fit_surface,
    prepare_arm,
    row_arrays,
)
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.embryo_layout import EmbryoLayout, layout_of
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.totals_printed import pregnancies_of as pregnancies_of
from bayes_ivf.forms.totals_printed import totals_of, what_cannot_be
from bayes_ivf.problem import DataArray, Problem
from bayes_ivf.simulate import simulate_embryos
from bayes_ivf.study import ARMS, Outcome, Study, plural

Array = npt.NDArray[np.float64]
Arms = tuple[ArmLikelihood, ArmLikelihood]

FORM = Form("embryo_totals", kinds=(), support="shared")
DIMS: Mapping[str, str] = {}
OPTIONS: tuple[str, ...] = ("M", "weights", "mechanism")
simulate = simulate_embryos
MOST_WAYS = 200_000
"""Ways of sharing out an arm's embryos up to which a list of them, and of what follows from each, fits in memory."""
FEW_WAYS = 500
"""Ways up to which all of them, weighted equally, take no more than seconds."""


def chosen_arms(study: Study, outcome: Outcome, chosen: Mapping[str, Any]) -> tuple[ArmLikelihood, ArmLikelihood]:
    """Prepare the likelihoods of an outcome's arms under options of the card.

    Raises
    ------
    RequestError
        If a total cannot be known, no distribution of embryos over women can give the totals, or too many can.
    """
    totals, most, weights = totals_of(study, outcome), int(chosen["M"]), chosen["weights"]
    units = plural(outcome.per)
    ways = [count_allocations(each.women, each.embryos, most, weights) for each in totals]
    faults = [
        Fault(
            f"{study.id}/{outcome.id}, {arm}",
            f"{number:,.0f} ways of sharing out {each.embryos} {units} among {each.women} women, at most {most} each",
            f"at most {MOST_WAYS:,} ways",
            "give a smaller M or the weights least_spread; or analyze women by the model two_arm",
        )
        for arm, each, number in zip(ARMS, totals, ways, strict=True)
        if number > MOST_WAYS
    ]
    if not faults and outcome.per != "embryo":
        faults = what_cannot_be(totals, units, most, weights, f"{study.id}/{outcome.id}")
    if faults:
        raise RequestError(faults)
    return prepare_arms(totals, chosen["M"], weights, chosen["mechanism"])


def few_ways(study: Study, outcome: Outcome, most: int) -> bool:
    """Whether the ways of sharing out the units of both arms are so few that all of them take no more than seconds."""
    ways = (count_allocations(each.women, each.embryos, most, "equal") for each in totals_of(study, outcome))
    return max(ways) <= FEW_WAYS


@lru_cache(maxsize=256)
def _arm(totals: ArmTotals, max_embryos: int, weights: str, mechanism: str, where: str) -> ArmLikelihood:
    return prepare_arm(totals, max_embryos, weights, mechanism, where)


def prepare_arms(
    totals: tuple[ArmTotals, ArmTotals], max_embryos: str, weights: str, mechanism: str
) -> tuple[ArmLikelihood, ArmLikelihood]:
    """Prepare both arms' likelihoods, once for each set of totals and options.

    Raises
    ------
    RequestError
        If no distribution of embryos over women can give the totals.
    """
    found = []
    faults: list[Fault] = []
    for each, where in zip(totals, ARMS, strict=True):
        try:
            found.append(_arm(each, int(max_embryos), weights, mechanism, where))
        except RequestError as error:
            faults.extend(error.faults)
    if faults:
        raise RequestError(faults)
    return found[0], found[1]


def arms_of(problem: Problem) -> tuple[ArmLikelihood, ArmLikelihood]:
    """Return the prepared arms of a problem again."""
    totals = tuple(ArmTotals(*(int(value) for value in row)) for row in problem.data["totals"])
    weights, mechanism, most = (problem.options[name] for name in ("weights", "mechanism", "M"))
    return prepare_arms(cast(Any, totals), most, weights, mechanism)


def arrays(arms: tuple[ArmLikelihood, ArmLikelihood]) -> tuple[dict[str, DataArray], bool]:
    """Return the arrays of both arms, and whether they are rows of tables or a surface."""
    totals = [[each.totals.women, each.totals.embryos, each.totals.pregnant, each.totals.implanted] for each in arms]
    data: dict[str, DataArray] = {"totals": np.array(totals, dtype=np.int64)}
    if all(each.rows is not None and len(each.rows.constants) <= ROWS_LIMIT for each in arms):
        for each, arm in zip(arms, ARMS, strict=True):
            data[f"constants_{arm}"], data[f"exponents_{arm}"] = row_arrays(each)
        return data, True
    return data, False


def _factors_of(problem: Problem) -> dict[str, DataArray]:
    """Factors of both arms where there are many rows and none may underflow."""
    if max(len(problem.data[f"constants_{arm}"]) for arm in ARMS) < FACTORED_FROM:
        return {}
    found = [factor_arrays(each) for each in arms_of(problem)]
    named = zip(found, ARMS, strict=True)
    return {f"{name}_{arm}": a for each, arm in named for name, a in each.items()} if all(found) else {}


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return what NUTS reads the likelihood of large arms from; nothing for problems that list few tables.

    Made when a model is built and not with the problem, since only NUTS needs it and it may take seconds.

    Raises
    ------
    RequestError
        If the likelihood has no form that NUTS can use.
    """
    layout = layout_of(problem)
    if layout is None:
        return {}
    if layout.listed:
        return _factors_of(problem)
    if not can_be_listed(problem):
        raise RequestError(
            Fault(
                f"model {problem.model} of {problem.study}/{problem.outcome}",
                "losses before the clinical pregnancy, and more ways to share out the embryos than can be listed",
                'engine="exact" of the model embryo_cluster, or the mechanism beta_binomial',
                "choose one of these",
            )
        )
    found: dict[str, DataArray] = {}
    for each, arm in zip(arms_of(problem), ARMS, strict=True):
        surface = fit_surface(each)
        found |= {f"{name}_{arm}": getattr(surface, name) for name in ("coefficients", "frame", "lost")}
    return found


def can_be_listed(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for the embryos of a problem.

    A surface for each possible number of losses is made from a list of tables; where there are too many to list, the
    mechanism ``biochemical`` is left to quadrature.
    """
    layout = layout_of(problem)
    if layout is None or layout.listed or layout.mechanism != "biochemical":
        return True
    return all(each.rows is not None for each in arms_of(problem))


def observe(
    data: Mapping[str, Any],
    arm: str,
    log_odds: Any,
    within: Any,
    loss: Any,
    *,
    layout: EmbryoLayout,
) -> None:
    """Observe the totals of one arm.

    Parameters
    ----------
    data : dict
        ``constants_ARM`` and ``exponents_ARM``, which the factors of `derived` may stand in for, or ``coefficients_ARM``,
        ``frame_ARM`` and ``lost_ARM``; ``totals``, shape (arm, 4): women, embryos, pregnant women, implanted embryos.
    arm : str
    log_odds, within, loss : tensor, scalar
        Log odds of the chance per embryo (of receptivity), icc (q), and probability of loss before the clinical
        pregnancy, or None.
    layout : EmbryoLayout
    """
    import pymc as pm
    import pytensor.tensor as pt

    from bayes_ivf.embryo.graph import arm_logp, factored_logp, surface_logp

    mechanism, most, weights = layout.mechanism, int(layout.most), layout.weights
    arrays = {name.removesuffix(f"_{arm}"): value for name, value in data.items() if name.endswith(f"_{arm}")}
    parameters = [log_odds, within] + ([] if loss is None else [loss])
    index = ARMS.index(arm)

    def logp(value: Any, given: Any, pair: Any, first: Any, second: Any, *rest: Any) -> Any:
        third = rest[0] if rest else None
        if "weights" in arrays:
            total = factored_logp(arrays, first, second, third, mechanism=mechanism, max_embryos=most)
        elif layout.listed:
            rows = arrays["constants"], arrays["exponents"]
            total = arm_logp(*rows, first, second, third, mechanism=mechanism, max_embryos=most)
        else:
            surface = arrays["coefficients"], arrays["frame"], arrays["lost"]
            total = surface_logp(*surface, value[0], first, pm.math.logit(second), third)
        # the arrays belong to one pair of totals, so no other has a density here
        return pt.where(pt.eq(value, pair).all(), total, -np.inf)

    pm.CustomDist(
        f"totals_{arm}_observed",
        data["totals"][index, :2],
        data["totals"][index, 2:],
        *parameters,
        logp=logp,
        random=partial(_simulate, mechanism, most, weights),
        signature="(n),(k)" + ",()" * len(parameters) + "->(k)",
        observed=data["totals"][index, 2:],
        dims="total",
        dtype="int64",
    )


def _simulate(
    mechanism: str,
    most: int,
    weights: str,
    given: Any,
    pair: Any,
    log_odds: Any,
    within: Any,
    *rest: Any,
    rng: Any = None,
    size: Any = None,
) -> Any:
    """Simulate pregnant women and implanted embryos of an arm with the same women and embryos."""
    women, embryos = (int(value) for value in np.asarray(given).reshape(-1, 2)[0])
    if size is not None:
        log_odds, within = np.broadcast_to(log_odds, size), np.broadcast_to(within, size)
    options: dict[str, Any] = {
        "women": women,
        "embryos": embryos,
        "max_embryos": most,
        "weights": weights,
        "mechanism": mechanism,
    }
    shape = np.broadcast_shapes(*(np.shape(each) for each in (log_odds, within, *rest)))
    return np.stack(simulate(rng, log_odds, within, *rest, **options), axis=-1).reshape(*shape, 2)


def log_likelihood(arms: Arms, log_odds: tuple[Array, Array], within: Array, loss: Array | float) -> Array:
    """Log probability of both arms' totals; see `observe`. Parameters of shape (...) give (...).

    Parameters
    ----------
    arms : (ArmLikelihood, ArmLikelihood)
        Of `arms_of`.
    log_odds : (array, array), each of shape (...)
        Of the chance per embryo, treatment and control.
    within, loss : array, shape (...)
        Correlation (q under receptivity), and probability of loss before the clinical pregnancy.
    """
    pairs = zip(arms, log_odds, strict=True)
    return np.asarray(sum(arm.log_likelihood(each, within, np.asarray(loss)) for arm, each in pairs))


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood; see `can_be_listed`."""
    return can_be_listed(problem)


def solver(problem: Problem) -> Solver | None:
    """Return None: the structure of nested embryos integrates over what both arms share."""
    return None
