"""How a study file was read where it does not say itself what was meant; said once for a study."""

from __future__ import annotations

from collections.abc import Container

from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.trial import Study


def undeclared_spreads(study: Study, asked: Container[str] = ()) -> str:
    """Return one sentence that names the outcomes whose ``±`` is read as a standard deviation; empty if there are none.

    Parameters
    ----------
    study : Study
    asked : container of str
        Only of these outcomes; of all by default.
    """
    items = [item for item in study.items if not asked or item.id in asked]
    names = ", ".join(item.id for item in items if KINDS[item.kind].spread and item.data and item.spread is None)
    advice = 'write spread = "sd" if it is one, or spread = "se" if it is a standard error'
    return (
        f"{names}: ± is read as a standard deviation, since the file does not say what it is; {advice}" if names else ""
    )
