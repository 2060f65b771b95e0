"""How a study file was read where it does not say itself what was meant; said once for a study."""

from __future__ import annotations

from collections.abc import Container

from bayes_ivf.study.arms import ARMS
from bayes_ivf.study.data import Unusable
from bayes_ivf.study.facts import Outcome
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.trial import Study


def _open(item: Outcome) -> bool:
    """Whether a number after ± is read without a word that says what it is."""
    data = () if item.data is None else item.data.values()
    return KINDS[item.kind].spread and item.spread is None and not all(isinstance(datum, Unusable) for datum in data)


def unstated_correlations(study: Study) -> str:
    """Return one sentence that names counts of randomized clusters whose correlation is not stated; empty without any."""
    if not study.clusters:
        return ""
    names = ", ".join(
        item.id
        for item in study.items
        if item.role == "outcome" and item.icc is None and all(item.counts(arm) is not None for arm in ARMS)
    )
    return (
        f"{names}: clusters were randomized, and women of one cluster are taken as independent, since no intraclass "
        "correlation is stated; intervals are too narrow by the root of the design effect; write icc = { value = 0.05, "
        "low = 0, high = 0.1 }, or what is known of such outcomes"
        if names
        else ""
    )


def undeclared_spreads(study: Study, asked: Container[str] = ()) -> str:
    """Return one sentence that names the outcomes whose ``±`` is read as a standard deviation; empty if there are none.

    Parameters
    ----------
    study : Study
    asked : container of str
        Only of these outcomes; of all by default.
    """
    items = [item for item in study.items if not asked or item.id in asked]
    names = ", ".join(item.id for item in items if _open(item))
    advice = 'write spread = "sd" if it is one, or spread = "se" if it is a standard error'
    return (
        f"{names}: ± is read as a standard deviation, since the file does not say what it is; {advice}" if names else ""
    )
