"""Priors of many problems that share a family, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.priors.families import FAMILIES

Array = npt.NDArray[np.float64]

_POWER_TAILS = {"StudentT": "nu", "HalfStudentT": "nu", "Cauchy": "", "HalfCauchy": ""}
_LINEAR_TAILS = {"Laplace": "b", "Logistic": "s"}


@dataclass(frozen=True)
class BatchedPrior:
    """One slot's prior for every problem of a batch: one family, arrays of parameters.

    Parameters
    ----------
    dist : str
        PyMC's name of the family.
    parameters : mapping of str to array (B,) or float
        PyMC's parameter names; broadcast over problems.

    Raises
    ------
    RequestError
        If the family is unknown, a parameter is missing, unknown, not finite or outside its domain.

    Examples
    --------
    Two problems, a Student t prior with another scale in each:

    >>> import numpy as np
    >>> import bayes_ivf as bi
    >>> prior = bi.priors.BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": np.array([1.0, 2.0])})
    >>> prior.size, prior.proper, prior.support, prior.kinks()
    (2, True, 'real', [])
    >>> prior.logpdf(np.zeros(2)).round(4).tolist(), prior.quantile(0.975).round(3).tolist()
    ([-1.0009, -1.694], [3.182, 6.365])
    >>> [values.round(3).tolist() for values in np.broadcast_arrays(*prior.center_and_scale())]
    [[0.0, 0.0], [1.189, 2.378]]
    >>> float(prior.tail_index()), float(prior.tail_rate())
    (3.0, 0.0)
    >>> prior.take(np.array([1]), 2).parameters["sigma"]
    array([2.])
    """

    dist: str
    parameters: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.dist not in FAMILIES:
            raise RequestError(Fault("prior", repr(self.dist), ", ".join(FAMILIES), "name one of these distributions"))
        family = FAMILIES[self.dist]
        given = dict(family.defaults) | dict(self.parameters)
        if set(given) != set(family.parameters):
            names = ", ".join(family.parameters) or "none"
            raise RequestError(
                Fault(f"prior {self.dist}", ", ".join(given) or "nothing", names, "give exactly these parameters")
            )
        values = {name: np.asarray(given[name], dtype=float) for name in family.parameters}
        for name, value in values.items():
            wrong = ~np.isfinite(value) | ((value <= 0) & (family.parameters[name] == "positive"))
            if wrong.any():
                raise RequestError(
                    Fault(
                        f"prior {self.dist}, {name}",
                        str(np.atleast_1d(value)[np.atleast_1d(wrong)][0]),
                        f"finite {family.parameters[name]} numbers",
                        "correct the number",
                    )
                )
        if self.dist == "Uniform" and (values["lower"] >= values["upper"]).any():
            raise RequestError(Fault("prior Uniform", "lower >= upper", "lower < upper", "correct the bounds"))
        object.__setattr__(self, "parameters", MappingProxyType(values))

    @property
    def size(self) -> int:
        """Number of problems that the parameters speak of; 1 if they are plain numbers."""
        return max((value.size for value in self.parameters.values()), default=1)

    def take(self, index: npt.NDArray[np.intp], size: int) -> BatchedPrior:
        """Return the priors of some of `size` problems."""
        return BatchedPrior(
            self.dist, {name: np.broadcast_to(value, (size,))[index] for name, value in self.parameters.items()}
        )

    @property
    def proper(self) -> bool:
        """Whether the density integrates to one."""
        return FAMILIES[self.dist].proper

    @property
    def support(self) -> str:
        """``real``, ``positive``, ``unit`` or ``interval``."""
        return FAMILIES[self.dist].support

    def logpdf(self, x: Array) -> Array:
        """Log density; the trailing axis of `x` runs over problems."""
        return np.asarray(FAMILIES[self.dist].logpdf(x, **self.parameters))

    def quantile(self, q: float) -> Array:
        """Quantile of every problem's prior."""
        return np.asarray(FAMILIES[self.dist].ppf(q, **self.parameters), dtype=float)

    def center_and_scale(self) -> tuple[Array, Array]:
        """Median, and half the central 68%: where to look first, never used as a result."""
        return self.quantile(0.5), (self.quantile(0.84) - self.quantile(0.16)) / 2

    def kinks(self) -> list[Array]:
        """Points where the density is not smooth."""
        if self.dist == "Laplace":
            return [self.parameters["mu"]]
        if self.dist == "Uniform":
            return [self.parameters["lower"], self.parameters["upper"]]
        return []

    def tail_index(self) -> Array:
        """Power of the tail, Pr(|x| > t) ~ t**-index; infinite where the tail falls faster than any power."""
        if self.dist in _POWER_TAILS:
            name = _POWER_TAILS[self.dist]
            return np.asarray(self.parameters[name]) if name else np.asarray(1.0)
        return np.asarray(np.inf)

    def tail_rate(self) -> Array:
        """Rate of an exponential tail exp(-rate * |x|): 0 for power tails, infinite for lighter or bounded ones."""
        if self.dist in _LINEAR_TAILS:
            return 1.0 / np.asarray(self.parameters[_LINEAR_TAILS[self.dist]])
        return np.asarray(0.0 if self.dist in _POWER_TAILS else np.inf)


def broadcast_priors(data: Mapping[str, Array], *slots: BatchedPrior) -> dict[str, Array]:
    """Broadcast data (B,) or (1,) and priors against each other.

    Raises
    ------
    RequestError
        If they speak of different numbers of problems.

    Examples
    --------
    >>> import numpy as np
    >>> import bayes_ivf as bi
    >>> prior = bi.priors.BatchedPrior("Normal", {"mu": 0.0, "sigma": np.array([1.0, 2.0])})
    >>> bi.priors.broadcast_priors({"n": np.array([40.0])}, prior)["n"].tolist()
    [40.0, 40.0]
    """
    sizes = {value.shape[0] for value in data.values()} | {slot.size for slot in slots}
    size = max(sizes)
    if not sizes <= {1, size}:
        found = ", ".join(str(number) for number in sorted(sizes))
        raise RequestError(Fault("priors", f"{found} problems", "1 or as many as data", "give one prior per problem"))
    return {name: np.ascontiguousarray(np.broadcast_to(value, (size,))) for name, value in data.items()}
