"""Linear coordinates of a plane, and positive functions of it that are products of factors of one combination each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from bayes_ivf.priors import BatchedPrior

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Coordinates:
    """Outer and inner coordinate (u, v): ``x_t = t[0] u + t[1] v``, ``x_c = c[0] u + c[1] v``; unit Jacobian."""

    t: tuple[float, float]
    c: tuple[float, float]
    outer: tuple[float, float]
    """`u` as a combination of (x_t, x_c)."""

    def of(self, combination: tuple[float, float]) -> tuple[float, float]:
        """Coefficients of (u, v) of a combination of (x_t, x_c)."""
        p, q = combination
        return p * self.t[0] + q * self.c[0], p * self.t[1] + q * self.c[1]


@dataclass(frozen=True)
class LogFactor:
    """One factor of the posterior: a function of one combination of (x_t, x_c).

    `center` and `scale` say where the factor varies; they steer the panels and never enter a result.
    """

    combination: tuple[float, float]
    log: Callable[[Array], Array]
    center: Array
    scale: Array
    kinks: tuple[Array, ...] = ()
    site: tuple[Array, Array] | None = None
    """Center and scale of the normal density that stands for the factor at the posterior's mode, if these differ."""


class Integrand(Protocol):
    """B positive functions of the plane, as products of factors of one linear combination each."""

    @property
    def size(self) -> int:
        """B."""

    def take(self, index: npt.NDArray[np.intp]) -> Self:
        """Return some of the functions."""

    def factors(self) -> tuple[LogFactor, ...]:
        """Return the factors: two that data give, then two that priors give."""

    def reach(self) -> Array:
        """How far (B,) panels look in stretched coordinates."""


def prior_factor(slot: BatchedPrior, combination: tuple[float, float], size: int) -> LogFactor:
    """Return the factor of a prior on a combination of the log odds."""
    center, scale = (np.broadcast_to(value, (size,)) for value in slot.center_and_scale())
    return LogFactor(combination, slot.logpdf, center, scale, tuple(np.broadcast_to(k, (size,)) for k in slot.kinks()))


def determinant(first: LogFactor, second: LogFactor) -> float:
    """Determinant of two factors' combinations; 0 if both speak of the same one."""
    (a, b), (c, d) = first.combination, second.combination
    return a * d - b * c


def intersection(first: LogFactor, second: LogFactor) -> tuple[Array, Array]:
    """Log odds (x_t, x_c) at which two factors both have their center."""
    (a, b), (c, d) = first.combination, second.combination
    det = determinant(first, second)
    return (d * first.center - b * second.center) / det, (a * second.center - c * first.center) / det


def gaussian_approximation(
    terms: tuple[LogFactor, ...], chart: Coordinates
) -> tuple[Array, Array, Array, Array, Array]:
    """Mean of (u, v), sd of u, slope of v on u and conditional sd of v, each factor taken as normal."""
    p_uu = p_uv = p_vv = r_u = r_v = np.asarray(0.0)
    for term in terms:
        a, b = chart.of(term.combination)
        center, scale = term.site or (term.center, term.scale)
        weight = scale**-2.0
        p_uu, p_uv, p_vv = p_uu + weight * a * a, p_uv + weight * a * b, p_vv + weight * b * b
        r_u, r_v = r_u + weight * a * center, r_v + weight * b * center
    slope = -p_uv / p_vv
    schur = np.maximum(p_uu - p_uv * p_uv / p_vv, 1e-12 * p_uu)
    mean_u = (r_u + slope * r_v) / schur
    mean_v = (r_v - p_uv * mean_u) / p_vv
    return mean_u, mean_v, schur**-0.5, slope, p_vv**-0.5
