"""The words "lower, P<0.05" and nothing else: the event that a two-sided, equal-variance t test gave them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.dist_math import normal_lcdf
from scipy import special


def observe_claim(
    data: dict[str, Any],
    effect: Any,
    direction: str,
    *,
    pulled: Any = 0.0,
    own: Any = 1.0,
    name: str = "claim_observed",
) -> None:
    """Observe that a claim was printed.

    Given the pooled standard deviation, the test statistic is normal; its scatter is integrated over fixed nodes, in
    logs, so that far tails keep a slope.

    Parameters
    ----------
    data : dict
        ``n`` (arm); ``nodes``, the critical value times a chi-scaled node, and ``log_weights`` (node); ``doubt``, the
        probability that the words carry no information; ``claimed``, 1.
    effect : tensor, scalar
        Standardized mean difference.
    direction : {"lower", "higher", "differs", "no_difference"}
    pulled, own : tensor
        What a factor common to several outcomes adds to the statistic, and the sd that is left to this outcome alone;
        `nodes` are then already divided by `own`.
    name : str
    """
    shift = (effect / pt.sqrt((1.0 / data["n"]).sum()) + pulled) / own
    pm.CustomDist(
        name,
        shift,
        data["doubt"],
        data["nodes"],
        data["log_weights"],
        logp=partial(_logp, _LOG_EVENT[direction]),
        random=partial(_random, direction),
        signature="(),(),(n),(n)->()",
        observed=data["claimed"],
        dtype="int64",
    )


def _lower(nodes: Any, shift: Any) -> Any:
    return normal_lcdf(0, 1, -nodes - shift)


def _higher(nodes: Any, shift: Any) -> Any:
    return normal_lcdf(0, 1, shift - nodes)


def _differs(nodes: Any, shift: Any) -> Any:
    return pt.logaddexp(_lower(nodes, shift), _higher(nodes, shift))


def _no_difference(nodes: Any, shift: Any) -> Any:
    # seen from the side where both bounds lie in the small tail, so that nothing cancels
    size = pt.abs(shift)
    upper, lower = normal_lcdf(0, 1, nodes - size), normal_lcdf(0, 1, -nodes - size)
    return upper + pt.log(-pt.expm1(pt.minimum(lower - upper, -1e-300)))


_LOG_EVENT: dict[str, Callable[[Any, Any], Any]] = {
    "lower": _lower,
    "higher": _higher,
    "differs": _differs,
    "no_difference": _no_difference,
}


def _logp(
    log_event: Callable[[Any, Any], Any], value: Any, shift: Any, doubt: Any, nodes: Any, log_weights: Any
) -> Any:
    shift = pt.as_tensor(shift)
    log_claim = pt.logsumexp(log_weights + log_event(nodes, shift[..., None]), axis=-1)
    claimed = pt.logaddexp(pt.log1p(-doubt) + log_claim, pt.log(doubt))
    # observed is that the claim was printed; its absence is only ever simulated
    return pt.where(pt.eq(value, 1), claimed, pt.log1p(-pt.minimum(pt.exp(claimed), 1 - 1e-16)))


def _random(
    direction: str, shift: Any, doubt: Any, nodes: Any, log_weights: Any, rng: Any = None, size: Any = None
) -> Any:
    shift = np.asarray(shift)[..., None]
    below, above = special.ndtr(-nodes - shift), special.ndtr(shift - nodes)
    event = {"lower": below, "higher": above, "differs": below + above, "no_difference": 1 - below - above}[direction]
    chance = (1 - doubt) * (event * np.exp(log_weights)).sum(-1) + doubt
    return rng.binomial(1, np.clip(chance, 0, 1), size=size)
