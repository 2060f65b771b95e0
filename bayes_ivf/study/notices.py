"""How a study file was read where it does not say itself what was meant; said once for a study."""

from __future__ import annotations

from bayes_ivf.study.trial import Study


def undeclared_spreads(study: Study) -> str:
    """Return one sentence that names the outcomes whose ``±`` is read as a standard deviation; empty if there are none."""
    names = ", ".join(item.id for item in study.items if item.kind == "mean_sd" and item.data and item.spread is None)
    told = 'write spread = "sd" if it is one, or spread = "se" if it is a standard error'
    return (
        f"{names}: ± is read as a standard deviation, since the file does not say what it is; {told}" if names else ""
    )
