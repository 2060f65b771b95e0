"""Counts of events: binomial, as one observed variable over the arms."""

from __future__ import annotations

from typing import Any

import pymc as pm


def observe_counts(data: dict[str, Any], *, logit_risk: Any = None, risk: Any = None) -> None:
    """Observe events among n.

    Parameters
    ----------
    data : dict
        ``events`` and ``n``, dims arm.
    logit_risk, risk : tensor, shape (arm,)
        One of the two: log odds, or probability.
    """
    given = {"logit_p": logit_risk} if risk is None else {"p": risk}
    pm.Binomial("events_observed", n=data["n"], observed=data["events"], dims="arm", **given)
