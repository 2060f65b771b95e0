"""An exact P or a test statistic and nothing else: "P = 0.044, higher", "t(78) = 2.05", with the women of both arms.

As of a two-sided, equal-variance t test, with ``T = (Z + d / scale) / S``, ``df S ** 2 ~ chi2(df)``, ``df = n_t + n_c - 2`` and
``scale = sqrt(1 / n_t + 1 / n_c)``: the probability that T lies where it prints so,

    L(d) = P_d(low <= |T| <= high, T of the printed sign),

with [low, high] the sizes of t within the rounding of P, or of the statistic, or of both; of either sign where no direction is
printed. (Of a narrow interval that is the density of the noncentral t times its width.) A z is read as a t, F(1, df) as its
square.

Doubt mixes posterior and prior: with probability w the print is of another effect, drawn from the same prior. Quadrature mixes
``(1 - w) L / m + w`` with m the probability of the print under the prior; NUTS samples both effects and a choice (`is_mixed`).

References
----------
Johnson NL, Welch BL (1940). Applications of the non-central t-distribution. doi 10.1093/biomet/31.3-4.362.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import DOUBTED, Form, Solver, side_of
from bayes_ivf.forms.printed_t import (
    ImpliedMeans,
    implied_means,
    is_exact,
    printed_t,
    rounded_p,
    sizes_of,
    t_of_p,
    women_of,
)
from bayes_ivf.forms.stacking import batched_priors, stacked
from bayes_ivf.problem import UNIT, DataArray, Plain, Problem, array
from bayes_ivf.simulate import simulate_p_value
from bayes_ivf.study import Outcome, Study

Array = npt.NDArray[np.float64]

FORM = Form("p_value", kinds=("claim_only", "p_value"), support="effect_only")
DIMS: Mapping[str, str] = {"n": "arm", "t": "end", "slope": "node", "shrink": "node", "log_weights": "node"}
OPTIONS: tuple[str, ...] = ("doubt",)
simulate = simulate_p_value
__all__ = ["rounded_p", "sizes_of", "t_of_p"]
SIDES = {"lower": "lower", "higher": "higher", "differs": "either", "none": "either"}
"""Direction of a claim in a study file, and the sign that it gives t."""
_SIGNS = {"lower": (-1,), "higher": (1,), "either": (1, -1)}


def takes(outcome: Outcome) -> bool:
    """Whether an outcome is printed with an exact P or a statistic."""
    return is_exact(outcome)


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return the arrays of a print, and the sign of its t.

    Raises
    ------
    RequestError
        If it is not of a t test of two independent arms, contradicts itself, or says next to nothing.
    """
    found = printed_t(study, outcome)
    data = nodes_of(women_of(outcome), found.low, found.high, f"{study.id}/{outcome.id}")
    data |= {"doubt": array(float(options["doubt"]), np.float64)}
    side = SIDES["differs" if outcome.claim is None else outcome.claim.direction]
    means = implied_means(study, outcome)
    if means is not None:
        # the means tell the sign, and by their standard deviation a difference in their own unit
        side = "higher" if means.difference > 0 else "lower"
        data[UNIT] = array(means.sd, np.float64)
    return data, f"{side}{DOUBTED}" if float(options["doubt"]) else side


def nodes_of(women: tuple[int, int], low: float, high: float, where: str = "t") -> dict[str, DataArray]:
    """Return the arrays of an interval of sizes of t.

    Parameters
    ----------
    women : (int, int)
        Of the treatment and the control arm.
    low, high : float
        ``0 <= low < high``, finite.
    where : str
        Named in errors.
    """
    from bayes_ivf.exact import number_of_nodes, t_nodes

    df = float(sum(women) - 2)
    number = int(number_of_nodes(df, low, high)) if math.isfinite(high) else 0
    if not number:
        allowed = "a P or a statistic with more digits"
        raise RequestError(
            Fault(where, f"a t between {low:g} and {high:g}, which says next to nothing", allowed, "copy all digits")
        )
    slope, shrink, log_weights = t_nodes(df, low, high, number)
    return {
        "n": array(women, np.int64),
        "t": array((low, high), np.float64),
        "slope": slope,
        "shrink": shrink,
        "log_weights": log_weights,
    }


def observe(data: dict[str, Any], effect: Any, side: str) -> None:
    """Observe the print.

    Parameters
    ----------
    data : dict
        ``n`` (arm); ``t``, the ends of the interval; ``slope``, ``shrink`` and ``log_weights`` (node), see `nodes_of`.
    effect : tensor, scalar
        Standardized mean difference that the print is of.
    side : {"lower", "higher", "either"}
        Whether it is doubted, told behind it, changes nothing here.
    """
    import pymc as pm
    import pytensor.tensor as pt

    pm.CustomDist(
        "p_value_observed",
        effect / pt.sqrt((1.0 / data["n"]).sum()),
        pt.cast(data["n"].sum() - 2, "float64"),
        data["slope"],
        data["shrink"],
        data["log_weights"],
        logp=partial(_logp, side_of(side)),
        random=partial(_random, side_of(side)),
        signature="(),(),(n),(n),(n)->()",
        observed=data["t"].mean(),
        dtype="float64",
    )


def _logp(side: str, value: Any, ncp: Any, df: Any, slope: Any, shrink: Any, log_weights: Any) -> Any:
    """Log probability of the interval around the printed t; other values are only ever simulated."""
    import pytensor.tensor as pt

    ncp = pt.as_tensor(ncp)
    interval = partial(_log_interval, pt.as_tensor(df), slope, shrink, log_weights)
    found = [interval(sign * ncp) for sign in _SIGNS[side]]
    return (found[0] if len(found) == 1 else pt.logaddexp(*found)) + pt.zeros_like(value)


def _log_interval(df: Any, slope: Any, shrink: Any, log_weights: Any, ncp: Any) -> Any:
    """Log probability of the interval, by nodes of t and of the inner integral; see `exact.t_interval`."""
    import pytensor.tensor as pt

    from bayes_ivf.exact import INNER_NODES, INNER_STEP

    a = df[..., None] + 1
    ncp = ncp[..., None]
    q = pt.arcsinh(ncp * slope / (2 * pt.sqrt(a)))
    squared = pt.exp(2 * q)
    width = 1 / pt.sqrt(a * (1 + squared))
    v = width[..., None] * INNER_NODES
    e = pt.expm1(v)
    inner = pt.exp(a[..., None] * (v - e - squared[..., None] * e * e / 2)).sum(axis=-1)
    log = log_weights - ncp * ncp * shrink / 2 + a * (q - pt.expm1(-2 * q) / 2) + pt.log(width * INNER_STEP * inner)
    return pt.logsumexp(log, axis=-1)


def _random(side: str, ncp: Any, df: Any, *nodes: Any, rng: Any = None, size: Any = None) -> Any:
    """Draw a t; where no direction is printed, its size."""
    ncp = np.asarray(ncp, dtype=float)
    shape = np.broadcast_shapes(ncp.shape, np.shape(df)) if size is None else size
    t = (rng.standard_normal(shape) + ncp) / np.sqrt(rng.chisquare(df, shape) / df)
    return {"higher": t, "lower": -t}.get(side, np.abs(t))


def log_likelihood(data: Mapping[str, Any], effect: Array, side: str) -> Array:
    """Log probability of the print, given the effect that it is of; see `observe`."""
    from bayes_ivf.exact import log_t_interval

    ncp = np.atleast_1d(np.asarray(effect, dtype=float) / np.sqrt((1 / data["n"]).sum()))
    df = np.array([float(data["n"].sum() - 2)])
    nodes = [data[name][:, None] for name in ("slope", "shrink", "log_weights")]

    def interval(sign: int) -> Array:
        return log_t_interval(sign * ncp.reshape(-1, 1), df, *nodes).reshape(np.shape(effect))

    return np.asarray(np.logaddexp.reduce([interval(sign) for sign in _SIGNS[side_of(side)]]))


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing that NUTS needs beyond the arrays of the print."""
    return {}


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what everything about the outcome hangs on."""
    printed = [] if outcome.statistic is None else [str(outcome.statistic)]
    if outcome.claim is not None:
        printed.append(repr(outcome.claim.text))
    shown = " and ".join(printed)
    means = implied_means(study, outcome)
    told = () if means is None else (_unit_words(means, outcome),)
    if options["doubt"] == "0":
        return (f"Known only from {shown}; if that is true and came from an equal-variance t test.", *told)
    return (f"Known only from {shown}, doubted with probability {options['doubt']}.", *told)


def _unit_words(means: ImpliedMeans, outcome: Outcome) -> str:
    """Say where the standard deviation comes from by which a standardized difference is told in the outcome's unit."""
    what = "the statistic" if outcome.statistic is not None else "P"
    return (
        f"The standard deviation is not printed: it follows from the means and {what} if an equal-variance t test gave it, "
        f"{means.sd:.3g} in both arms ({means.sd_low:.3g} to {means.sd_high:.3g} by rounding), and turns standardized "
        "differences into those of the means."
    )


def is_even(variant: str) -> bool:
    """Whether the likelihood is the same for both signs of the effect: no direction is printed."""
    return side_of(variant) == "either"


def is_mixed(variant: str) -> bool:
    """Whether the print may be of another effect than the outcome's, with the probability of the doubt."""
    return variant.endswith(DOUBTED)


def prior_table(variant: str) -> Literal["means"]:
    """Return the table of prior sets for standardized mean differences."""
    return "means"


def quantities(effect: Array, variant: str) -> dict[str, Array]:
    """Return the standardized mean difference, which is the effect itself."""
    return {"standardized_mean_difference": effect}


def solver(problem: Problem) -> Solver | None:
    """Return the solver of a print with a prior on the effect."""
    return _p_values


def _p_values(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_p_value

    n, t = stacked(problems, "n"), stacked(problems, "t")
    return solve_p_value(
        side_of(problems[0].laid_out(Plain).word),
        n[:, 0],
        n[:, 1],
        t[:, 0],
        t[:, 1],
        effect=batched_priors(problems)["effect"],
        doubt=stacked(problems, "doubt"),
        workers=workers,
    )
