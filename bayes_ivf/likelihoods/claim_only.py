"""The words "lower, P<0.05" and nothing else: the event that a two-sided, equal-variance t test gave them."""

from __future__ import annotations

from typing import Any

import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.dist_math import normal_lcdf


def observe_claim(data: dict[str, Any], effect: Any, direction: str) -> None:
    """Observe that a claim was printed.

    Given the pooled standard deviation, the test statistic is normal; its scatter is integrated over fixed nodes, in
    logs, so that far tails keep a slope.

    Parameters
    ----------
    data : dict
        ``n`` (arm); ``nodes``, the critical value times a chi-scaled node, and ``log_weights`` (node); ``doubt``, the
        probability that the words carry no information.
    effect : tensor, scalar
        Standardized mean difference.
    direction : {"lower", "higher", "differs", "no_difference"}
    """
    ncp = effect / pt.sqrt((1.0 / data["n"]).sum())
    nodes, doubt = data["nodes"], data["doubt"]

    def claimed(shift: Any) -> Any:
        below, above = normal_lcdf(0, 1, -nodes - shift), normal_lcdf(0, 1, shift - nodes)
        if direction == "lower":
            log_event = below
        elif direction == "higher":
            log_event = above
        elif direction == "differs":
            log_event = pt.logaddexp(below, above)
        else:
            # between the critical values; from the side where both tails are small, so that nothing cancels
            size = pt.abs(shift)
            upper, lower = normal_lcdf(0, 1, nodes - size), normal_lcdf(0, 1, -nodes - size)
            log_event = upper + pt.log1mexp(pt.minimum(lower - upper, -1e-300))
        return pt.logsumexp(data["log_weights"] + log_event)

    def logp(value: Any, shift: Any, doubt: Any) -> Any:
        believed = pt.log1p(-doubt) + claimed(shift)
        return pt.where(pt.eq(value, 1), pt.logaddexp(believed, pt.log(doubt)), pt.log1p(-pt.exp(believed)))

    def random(shift: Any, doubt: Any, size: Any = None) -> Any:
        return pm.Bernoulli.dist(p=(1 - doubt) * pt.exp(claimed(shift)) + doubt, size=size)

    pm.CustomDist("claim_observed", ncp, doubt, logp=logp, dist=random, observed=data["claimed"], dtype="int64")
