"""Counts of events: binomial, as one observed variable over the arms."""

from __future__ import annotations

from typing import Any

import pymc as pm


def observe_counts(data: dict[str, Any], *, logit_risk: Any = None, risk: Any = None, stage: str = "") -> None:
    """Observe events among n.

    Parameters
    ----------
    data : dict
        ``events`` and ``n``, dims arm.
    logit_risk, risk : tensor, shape (arm,)
        One of the two: log odds, or probability.
    stage : str
        Put before the names of data and variable, for one of several counts in a model.
    """
    prefix = f"{stage}_" if stage else ""
    given = {"logit_p": logit_risk} if risk is None else {"p": risk}
    n, events = data[f"{prefix}n"], data[f"{prefix}events"]
    pm.Binomial(f"{prefix}events_observed", n=n, observed=events, dims="arm", **given)
