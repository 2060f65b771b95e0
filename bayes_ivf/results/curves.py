"""Prior and posterior densities of an effect on a grid, ready to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import numpy.typing as npt

from bayes_ivf.effects import REPORTED, SIZE
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.results.row import estimand_id
from bayes_ivf.results.sentence import main_row

if TYPE_CHECKING:
    import pandas as pd

    from bayes_ivf.inference import Fit

Array = npt.NDArray[np.float64]

EFFECTS = (
    EstimandId(SIZE),
    EstimandId("log_odds_ratio", "receptivity"),
    EstimandId("log_odds_ratio"),
    EstimandId("standardized_mean_difference"),
)
"""Quantities that are the parameter ``effect`` of a model, or its size: the first that a fit has."""
UNSIGNED = REPORTED[SIZE].label.lower()
"""Scale of a claim that names no direction."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Densities of one effect.

    Parameters
    ----------
    outcome, label, model, options, prior : str
    scale : str
        ``log odds ratio``, ``standardized mean difference``, or its size where a claim names no direction.
    sign : {1, -1, 0}
        Of benefit.
    p_benefit : float or None
    x, prior_density, posterior_density : array, shape (point,)
        The prior is NaN where there is none on this quantity.
    engine : {"exact", "nuts"}
        Which posterior is drawn.
    """

    outcome: Annotated[str, "id of the outcome, or of what a model derives"]
    label: Annotated[str, "what is drawn, in words"]
    model: Annotated[str, "id of the model card"]
    options: Annotated[str, "options that were not left at their defaults, such as M=3;weights=equal"]
    prior: Annotated[str, "id of the prior set"]
    scale: Annotated[str, "what x is on"]
    sign: Annotated[int, "1: more is benefit; -1: less is; 0: neither"]
    p_benefit: Annotated[float | None, "probability that treatment helps"]
    x: Annotated[Array, "point"]
    prior_density: Annotated[Array, "density before the data; empty without a prior"]
    posterior_density: Annotated[Array, "density after the data"]
    engine: Annotated[str, "exact or nuts"] = "nuts"


def effect_curve(fit: Fit, points: int = 241) -> Curve | None:
    """Return the curve of a fit's effect, by its own engine; None if its model has no prior on an effect."""
    problem = fit.problem
    prior = problem.priors.get("effect")
    effect = _effect(fit)
    if prior is None or effect is None:
        return None
    sized = effect.estimand == SIZE
    low, high = fit.interval(effect, 0.99, "eti")
    if prior.proper:
        wide = prior.ppf([0.05, 0.95])
        low, high = min(low, float(wide[0])), max(high, float(wide[1]), -float(wide[0]) if sized else high)
    # a size begins at zero, which lies between two points
    at = high * (np.arange(points) + 0.5) / points if sized else np.linspace(low, high, points)
    x, density = fit.density(effect, at)
    before = np.full(points, np.nan)
    if prior.proper:
        before = np.exp(prior.logpdf(x)) + (np.exp(prior.logpdf(-x)) if sized else 0.0)
    p_benefit = None
    if problem.sign and not sized:
        p_benefit = fit.probability(effect, above=0.0) if problem.sign > 0 else fit.probability(effect, below=0.0)
    return Curve(
        problem.outcome,
        problem.label,
        problem.model,
        problem.options_text,
        problem.prior_set,
        REPORTED[effect.estimand].label.lower(),
        0 if sized else problem.sign,
        p_benefit,
        x,
        before,
        density,
        fit.engine,
    )


def posterior_curve(fit: Fit, points: int = 241) -> Curve:
    """Return the posterior of the quantity on which a fit is told, for models without a prior on an effect of their own."""
    row = main_row(fit.rows)
    told = estimand_id(fit.problem, row)
    low, high = fit.interval(told, 0.998, "eti")
    x, density = fit.density(told, np.linspace(low, high, points))
    return Curve(
        row.outcome,
        f"{fit.problem.label}: {REPORTED[row.estimand].label.lower()}",
        row.model,
        row.options,
        row.prior,
        row.scale,
        0 if row.p_benefit is None else fit.problem.place(told.place).sign,
        row.p_benefit,
        x,
        np.full(points, np.nan),
        density,
        fit.engine,
    )


def _effect(fit: Fit) -> EstimandId | None:
    """Return the quantity that is the only effect of a model, or its size; None if it has none, or several."""
    if [slot for slot in fit.problem.priors if slot.endswith("effect")] != ["effect"]:
        return None
    known = {estimand_id(fit.problem, row) for row in fit.rows}
    return next((each for each in EFFECTS if each in known), None)


def curves_from(frame: pd.DataFrame) -> tuple[Curve, ...]:
    """Return the curves whose points a frame holds, columns as in ``curves.csv``."""
    densities = ("x", "prior_density", "posterior_density")
    curves = []
    for _, part in frame.groupby(["outcome", "model", "options", "prior"], sort=False):
        values = part.to_dict("records")[0] | {name: part[name].to_numpy() for name in densities}
        missing = values["p_benefit"] != values["p_benefit"]
        curves.append(Curve(**{**values, "p_benefit": None if missing else values["p_benefit"]}))
    return tuple(curves)
