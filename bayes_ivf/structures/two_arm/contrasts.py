"""From draws of the parameters of two arms to draws of their contrasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.estimand_id import EstimandId, at_place
from bayes_ivf.estimands import mean_contrasts, rate_contrasts, risk_contrasts
from bayes_ivf.forms import find_form
from bayes_ivf.problem import Plain, Problem, Variances
from bayes_ivf.structures.arms import arm_log_odds

Array = npt.NDArray[np.float64]

PRINTED_END = "_printed"
PRINTED = f"effect{PRINTED_END}"
"""Variable of the effect that a doubted print is of; with the probability of the doubt it is another one than the outcome's."""


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Return the draws of every estimand, each of shape (chain, draw)."""
    return at_place(_MAKERS[find_form(problem).support](problem, posterior))


def unsigned(problem: Problem) -> list[str]:
    """Return the places whose effect has a size and no sign that anything could be said of: here, or none."""
    form = find_form(problem)
    return [""] if form.support == "effect_only" and form.load_part().is_even(problem.laid_out(Plain).word) else []


def moments(problem: Problem) -> dict[EstimandId, float]:
    """Return the order below which moments exist, of quantities that lack some."""
    found: Mapping[str, float] = getattr(find_form(problem).load_part(), "moments", lambda _: {})(problem)
    return {EstimandId(name): order for name, order in found.items()}


def _risks(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    if problem.coding == "arms":
        return risk_contrasts(posterior["treatment"], posterior["control"])
    treatment, control = arm_log_odds(problem, posterior)
    return risk_contrasts(special.expit(treatment), special.expit(control), posterior["effect"])


def _means(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    sigma = posterior["sigma"]
    own_scale = getattr(find_form(problem).load_part(), "own_scale", None)
    if own_scale is not None:
        return cast(dict[str, Array], own_scale(*_locations(problem, posterior), problem.laid_out(Variances).word))
    standardizer = sigma if problem.laid_out(Variances).common else np.sqrt((sigma**2).mean(axis=-1))
    if problem.coding == "arms":
        return mean_contrasts(posterior["treatment"], posterior["control"], standardizer)
    shift = posterior["effect"] * standardizer
    if problem.coding == "average":
        return mean_contrasts(posterior["average"] + shift / 2, posterior["average"] - shift / 2, standardizer)
    return mean_contrasts(posterior["control"] + shift, posterior["control"], standardizer)


def _rates(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    treatment, control = arm_log_odds(problem, posterior)
    with np.errstate(over="ignore"):
        return rate_contrasts(np.exp(treatment), np.exp(control), posterior["effect"])


def _locations(problem: Problem, posterior: Mapping[str, Array]) -> tuple[Array, Array]:
    """Locations and spreads of both arms, each of shape (chain, draw, arm), on the scale on which values are normal."""
    sigma = posterior["sigma"]
    if problem.laid_out(Variances).common:
        sigma = np.stack([sigma, sigma], axis=-1)
    if problem.coding == "arms":
        return np.stack([posterior["treatment"], posterior["control"]], axis=-1), sigma
    shares = (0.5, -0.5) if problem.coding == "average" else (1.0, 0.0)
    shift = posterior["effect"] * np.sqrt((sigma**2).mean(axis=-1))
    return np.stack([posterior[problem.coding] + share * shift for share in shares], axis=-1), sigma


def _effect(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    return find_form(problem).load_part().quantities(posterior["effect"], problem.laid_out(Plain).word)


_MAKERS = {"two_by_two": _risks, "location": _means, "two_rates": _rates, "effect_only": _effect}
"""By what a form's likelihood speaks of."""
