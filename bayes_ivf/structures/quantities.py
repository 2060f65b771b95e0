"""From draws of a model's parameters to draws of the estimands; plain arrays of any shape."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf.estimands import SIZE
from bayes_ivf.problem import Problem
from bayes_ivf.structures.embryo_cluster.contrasts import _embryo_totals
from bayes_ivf.structures.family.contrasts import _claim_family, _mean_family, _members
from bayes_ivf.structures.funnel.contrasts import _funnel
from bayes_ivf.structures.individual.contrasts import _embryo_rows
from bayes_ivf.structures.two_arm.contrasts import _claim_only, _counts, _mean_sd

Array = npt.NDArray[np.float64]


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Return the draws of every estimand of a problem, each of shape (chain, draw)."""
    return _MAKERS[problem.likelihood](problem, posterior)


def with_sizes(problem: Problem, estimands: Mapping[str, Array]) -> dict[str, Array]:
    """Return the draws with the size of every difference that is claimed without a direction, sizes first."""
    if problem.likelihood not in ("claim_only", "claim_family"):
        return dict(estimands)
    places = [""] if problem.likelihood == "claim_only" else _members(problem)
    claimed = zip(places, problem.variant.split("|"), strict=True)
    undirected = [place for place, direction in claimed if direction == "differs"]
    return {f"{SIZE}{each}": np.abs(estimands[f"standardized_mean_difference{each}"]) for each in undirected} | dict(
        estimands
    )


_MAKERS = {
    "counts": _counts,
    "mean_sd": _mean_sd,
    "claim_only": _claim_only,
    "embryo_totals": _embryo_totals,
    "funnel": _funnel,
    "mean_sd_family": _mean_family,
    "claim_family": _claim_family,
    "embryo_rows": _embryo_rows,
}
