"""What is calibrated: a design draws parameters and a trial, and knows what to rank."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bayes_ivf.calibration.constants import FAST_SIMULATIONS
from bayes_ivf.calibration.sources import code_hash
from bayes_ivf.problem import Problem

Array = npt.NDArray[np.float64]
LogLikelihood = Callable[[Problem, Mapping[str, Array]], Array]


@dataclass(frozen=True, eq=False)
class Simulated:
    """One draw from the joint distribution of parameters and data.

    Parameters
    ----------
    truth : mapping of str to array, shape (1, 1, ...)
        True parameters, named and shaped like one posterior draw.
    problem : Problem
        With the simulated data.
    """

    truth: Mapping[str, Array]
    problem: Problem


@dataclass(frozen=True, eq=False)
class Design:
    """A structure with a likelihood and priors, whose posterior is to be calibrated.

    Parameters
    ----------
    name, label : str
    simulate : callable
        From a generator to a `Simulated`; problems of one design share few compiled models.
    log_likelihood : callable
        From a problem and posterior draws to the log likelihood of the simulated data, in plain NumPy: the test
        quantity that depends on data and parameters.
    sources : tuple of str
        Code that decides the numbers: ``path`` below the package, or ``path:name,name`` for some of its definitions.
    problem : Problem
        One of its problems; priors and options are those of all.
    simulations : int
        How many unless told otherwise.
    """

    name: str
    label: str
    simulate: Callable[[np.random.Generator], Simulated]
    log_likelihood: LogLikelihood
    sources: tuple[str, ...] = field(repr=False)
    problem: Problem = field(repr=False)
    simulations: int = FAST_SIMULATIONS

    @property
    def fingerprint(self) -> str:
        """Hash of everything that decides the ranks: the code, the priors and the options."""
        priors = {slot: str(prior) for slot, prior in sorted(self.problem.priors.items())}
        chosen = f"{priors} {self.problem.coding} {self.problem.variant} {sorted(self.problem.options.items())}"
        return hashlib.sha256(f"{code_hash(self.sources)}\n{chosen}".encode()).hexdigest()


def draw_truth(problem: Problem, rng: np.random.Generator, shapes: Mapping[str, int] | None = None) -> dict[str, Array]:
    """Draw every parameter from its prior, by inversion.

    Parameters
    ----------
    problem : Problem
        With proper priors.
    rng : numpy.random.Generator
    shapes : mapping of str to int, optional
        Slots that have several values, such as one sigma for each arm.

    Returns
    -------
    dict of str to array, shape (1, 1) or (1, 1, values)
    """
    shapes = shapes or {}
    return {
        slot: prior.ppf(rng.random((1, 1, shapes[slot]) if slot in shapes else (1, 1)))
        for slot, prior in problem.priors.items()
    }


COMMON = (
    "calibration/constants.py:RANK_DRAWS",
    "calibration/design.py:draw_truth",
    "calibration/ranks.py",
    "structures/graph.py:updates,register,prior_variable,AsinhTransform,HEAVY_TAILED,HALF",
    "inference/nuts.py",
    "inference/run_nuts.py:fit_nuts",
    "priors/families.py",
)
"""What every design depends on."""
