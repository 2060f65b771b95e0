"""Where a true value lies among posterior draws that are thinned until they hardly depend on each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf.calibration.constants import RANK_DRAWS
from bayes_ivf.problem import Problem
from bayes_ivf.study import ARMS

Array = npt.NDArray[np.float64]


def quantities(problem: Problem, posterior: Mapping[str, Array], log_likelihood: Array) -> dict[str, Array]:
    """Return everything that is ranked: parameters, estimands and the test quantity.

    Parameters
    ----------
    problem : Problem
    posterior : mapping of str to array, shape (chain, draw, ...)
        Posterior draws, or the truth as a single draw.
    log_likelihood : array, shape (chain, draw)

    Returns
    -------
    dict of str to array, shape (chain, draw)
        A parameter with one value per arm gives one quantity for each. The ratio of means is ranked whether or not
        the control mean is surely positive.
    """
    from bayes_ivf.structures import contrasts

    found: dict[str, Array] = {}
    for slot in problem.priors:
        values = posterior[slot]
        if values.ndim == 2:
            found[slot] = values
        else:
            found |= {f"{slot}_{arm}": values[..., i] for i, arm in enumerate(ARMS)}
    estimands = {each.text: values for each, values in contrasts(problem, posterior).items()}
    if "control_mean" in estimands:
        estimands["ratio_of_means"] = estimands["treatment_mean"] / estimands["control_mean"]
    found |= {name: estimands[name] for name in sorted(estimands) if name not in found}
    return found | {"log_likelihood": log_likelihood}


def thin(draws: Array) -> Array:
    """Return `RANK_DRAWS` draws at equal distances, chain by chain, shape (RANK_DRAWS,)."""
    chains, length = draws.shape
    each = -(-(RANK_DRAWS + 1) // chains)
    if length < each:
        raise ValueError(f"{chains} chains of {length} draws are too few for {RANK_DRAWS} ranks")
    at = (np.arange(each) * length) // each + length // each - 1
    return draws[:, at].ravel()[:RANK_DRAWS]


def rank(truth: float, draws: Array, rng: np.random.Generator) -> int:
    """Return how many draws lie below the truth, 0..draws; ties are broken by lot."""
    below, tied = int(np.count_nonzero(draws < truth)), int(np.count_nonzero(draws == truth))
    return below + (int(rng.integers(tied + 1)) if tied else 0)
