"""One kind of printed datum per file: how it is observed, given the parameters of the arms.

In: ``pm.Data`` and tensors. Out: observed variables in the model on the stack.
Never: priors, or how effects relate to each other.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayes_ivf.likelihoods.claim_only import observe_claim
    from bayes_ivf.likelihoods.counts import observe_counts
    from bayes_ivf.likelihoods.embryos import observe_embryos
    from bayes_ivf.likelihoods.individual import observe_embryo_rows
    from bayes_ivf.likelihoods.mean_sd import observe_mean_sd

__all__ = ["observe_claim", "observe_counts", "observe_embryo_rows", "observe_embryos", "observe_mean_sd"]

_ROOMS = {
    "observe_claim": "claim_only",
    "observe_counts": "counts",
    "observe_embryo_rows": "individual",
    "observe_embryos": "embryos",
    "observe_mean_sd": "mean_sd",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
