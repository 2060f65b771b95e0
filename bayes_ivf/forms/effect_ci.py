"""A printed effect with its confidence interval or standard error: OR 1.61 (1.03 to 2.53), and no numbers of the arms.

On the scale on which its interval is symmetric, the log for ratios and its own for differences, the estimate is normal around
the effect:

    estimate ~ Normal(effect, se),    se = (upper - lower) / (2 z),

with z the standard normal quantile of the interval's level, 1.959964 for 95% (1.644854 for a one-sided limit of 95%). Where one
limit is printed, se is its distance from the estimate over z. Where no numbers that print like estimate and limits are symmetric
on that scale,

- a ratio is tried on its own scale: if its interval was made there, se is that of the ratio over the ratio (delta method);
- else each limit gives a standard error of its own, both are told, and the larger one is used.

Where the women of both arms are known, a mean difference tells the standard deviation that both arms have if they have the same,

    sd = se / sqrt(1 / n_t + 1 / n_c),

by which priors on standardized differences become priors on it. A risk difference alone, or a mean difference without the women
of both arms, has a flat prior.

References
----------
Spiegelhalter, Abrams and Myles 2004, doi 10.1002/0470092602; standard errors from limits, and standard deviations from standard
errors: Cochrane Handbook, chapter 6 (sd: 6.5.2.3), doi 10.1002/9781119536604.ch6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.stacking import batched_priors, stacked
from bayes_ivf.problem import DataArray, Problem, array
from bayes_ivf.study import ARMS, EffectCI, Outcome, Printed, Size, Study

Array = npt.NDArray[np.float64]

FORM = Form("effect_ci", kinds=("effect_ci",), support="effect_only")
DIMS: Mapping[str, str] = {}
OPTIONS: tuple[str, ...] = ()
OTHER_RATIOS = ("risk_ratio", "hazard_ratio")
"""Ratios whose log takes the prior of log odds ratios: where events are rare they are close, elsewhere it is wide for them."""


_OTHER_SPREADS = frozenset(("paired", "cluster", "before_after", "from_baseline"))
"""Words of designs whose standard error is not that of two independent arms of women."""


def _same(value: Array) -> Array:
    return value


_QUANTITIES: Mapping[str, Mapping[str, Callable[[Array], Array]]] = {
    "odds_ratio": {"odds_ratio": np.exp, "log_odds_ratio": _same},
    "risk_ratio": {"risk_ratio": np.exp},
    "hazard_ratio": {"hazard_ratio": np.exp},
    "risk_difference": {"risk_difference": _same},
    "mean_difference": {"mean_difference": _same},
}
"""Every quantity that an effect on a scale gives, from the effect as it is modeled; the one on which it is told first."""


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return estimate and standard error on the scale that is modeled, and the printed scale.

    Raises
    ------
    RequestError
        If no effect was printed that can hold.
    """
    where, effect = f"{study.id}/{outcome.id}", outcome.effect
    if effect is None:
        allowed = "scale, estimate, and low, high or se"
        raise RequestError(Fault(f"{where}.effect", "nothing that can hold", allowed, "correct the printed effect"))
    return read(effect), effect.scale


def read(effect: EffectCI) -> dict[str, DataArray]:
    """Return estimate and standard error of a printed effect on the scale that is modeled; see `EffectCI.standard_error`."""
    estimate = effect.values[0]
    middle = float(np.log(estimate)) if effect.ratio else estimate
    return {"estimate": array(middle, np.float64), "se": array(effect.standard_error, np.float64)}


def observe(data: Mapping[str, Any], effect: Any, scale: str) -> None:
    """Observe the printed estimate.

    Parameters
    ----------
    data : mapping
        ``estimate`` and ``se``, scalars: log of a ratio, or a difference in its own unit.
    effect : tensor, scalar
        On the same scale.
    scale : str
        As printed.
    """
    import pymc as pm

    pm.Normal("effect_observed", mu=effect, sigma=data["se"], observed=data["estimate"])


def log_likelihood(data: Mapping[str, Any], effect: Array, scale: str) -> Array:
    """Log density of the estimate, up to a constant; see `observe`. Parameters of shape (...) give (...)."""
    return np.asarray(-(((data["estimate"] - np.asarray(effect)) / data["se"]) ** 2) / 2)


def simulate(rng: np.random.Generator, effect: float, se: float, scale: str, decimals: int = 2) -> EffectCI:
    """Print an estimate, the effect with an error of the size of its standard error, and its 95% limits, all rounded."""
    center = effect + se * float(rng.standard_normal())
    half = NormalDist().inv_cdf(0.975) * se
    shown = [np.exp(end) if "ratio" in scale else end for end in (center, center - half, center + half)]
    estimate, low, high = (Printed(f"{value:.{decimals}f}") for value in shown)
    return EffectCI(scale, estimate, low, high)


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing: NUTS reads estimate and standard error."""
    return {}


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what everything about the outcome hangs on: the interval, what it is adjusted for, and whose prior it has."""
    effect = outcome.effect
    if effect is None:
        return ()
    said = effect.scale.replace("_", " ")
    scale = "the log scale" if effect.ratio else "its scale"
    text = f"Known only from its {said} with {effect.interval}{effect.adjustment}, taken as normal on {scale}."
    if not effect.ratio:
        return tuple(part for part in (text, _uneven(effect, scale), _own_prior(study, outcome, effect)) if part)
    other = f"Its prior is that of log odds ratios, taken for the log {said}." if effect.scale in OTHER_RATIOS else ""
    return tuple(part for part in (text, _uneven(effect, scale), other) if part)


def own_unit(study: Study, outcome: Outcome) -> float | None:
    """Return the standard deviation behind a mean difference, by its standard error and the women of both arms.

    None for other scales, without the women, and where units are no independent women of two arms.
    """
    effect = outcome.effect
    if effect is None or effect.scale != "mean_difference" or _dependent(study, outcome):
        return None
    sizes = [datum.n for arm in ARMS if isinstance(datum := (outcome.data or {}).get(arm), Size) and datum.n > 0]
    return effect.standard_error / math.sqrt(sum(1 / n for n in sizes)) if len(sizes) == len(ARMS) else None


def _dependent(study: Study, outcome: Outcome) -> bool:
    from bayes_ivf.auditing import claim_groups

    return outcome.icc is not None or bool(claim_groups(study, outcome) & _OTHER_SPREADS)


def _own_prior(study: Study, outcome: Outcome, effect: EffectCI) -> str:
    """Say where the prior on a difference comes from."""
    said = effect.scale.replace("_", " ")
    unit = own_unit(study, outcome)
    if unit is None:
        return (
            f"Prior sets speak of odds and of standard deviations, and neither follows from a {said} alone: its prior is the "
            "flat one of the set “Reference”, under which the posterior is the printed estimate with its standard error, unless "
            "another one is written for it."
        )
    left = " (what the adjustment leaves of it)" if effect.adjusted.strip() else ""
    return (
        "Priors on standardized differences are turned into its unit by the standard deviation that follows from "
        f"{effect.interval} and the women of both arms, {unit:.3g}{left}, if both arms have the same."
    )


def _uneven(effect: EffectCI, scale: str) -> str:
    """Say what standard error is used where the estimate does not lie in the middle of its limits; empty where it does."""
    if effect.middle == "model":
        return ""
    if effect.middle == "own":
        return (
            f"Its limits lie symmetrically about the ratio itself and not on {scale}, so the standard error of the log is that "
            f"of the ratio over the ratio, {effect.standard_error:.3g}."
        )
    lower, upper = effect.side_errors
    return (
        f"Its limits do not lie symmetrically about it on {scale}, whatever rounding hides: the lower one gives a standard error "
        f"of {lower:.3g}, the upper one {upper:.3g}; the larger is used."
    )


def is_even(variant: str) -> bool:
    """Return False: an estimate has a sign."""
    return False


def rough(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return estimate and standard error, by which a sampler finds its way under a flat prior."""
    return data["estimate"], data["se"]


def prior_table(variant: str) -> Literal["log_odds"] | None:
    """Return the table of prior sets for log ratios; None for differences, see `own_unit`."""
    return "log_odds" if "ratio" in variant else None


def quantities(effect: Array, variant: str) -> dict[str, Array]:
    """Return the printed quantity and, for odds ratios, its log."""
    with np.errstate(over="ignore"):
        return {name: function(effect) for name, function in _QUANTITIES[variant].items()}


def solver(problem: Problem) -> Solver | None:
    """Return the solver of a normal estimate with a prior on the effect."""
    return _effects


def _effects(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_effect

    return solve_effect(
        stacked(problems, "estimate"),
        stacked(problems, "se"),
        effect=batched_priors(problems)["effect"],
        estimands=tuple(_QUANTITIES[problems[0].variant]),
        workers=workers,
    )
