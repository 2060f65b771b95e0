"""Linear coordinates of a plane, and positive functions that are products of factors of one combination each.

A plane has axes (x1, x2). The integrands here are ridge products: each factor depends on one linear combination alone::

    k(x1, x2) = prod_i f_i(p_i x1 + q_i x2)

`Coordinates` name an outer coordinate u and an inner one v with unit Jacobian, in which the plane is integrated row by row,
``int du int dv``. A good choice gives rows that change slowly with u.

**Gaussian approximation.** With each factor replaced by a normal density of center m_i and scale s_i, the product is normal
with precision matrix ``sum_i w_i (a_i, b_i)' (a_i, b_i)``, where ``w_i = 1 / s_i ** 2`` and (a_i, b_i) are the coefficients
of (u, v). It gives the search its center and scale, and the ridge line ``E(v | u)``; it enters no result.

Examples
--------
Two unit normal factors at x1 = 1 and x2 = 2 and a narrow one on their difference, in u = (x1 + x2) / 2, v = x1 - x2:

>>> import numpy as np
>>> def normal(combination, center, scale):
...     return LogFactor(combination, lambda x: -0.5 * ((x - center) / scale) ** 2, np.array(center), np.array(scale))
>>> factors = (normal((1, 0), 1.0, 1.0), normal((0, 1), 2.0, 1.0), normal((1, -1), 0.0, 0.1))
>>> mean_and_difference = Coordinates(t=(1.0, 0.5), c=(1.0, -0.5), outer=(0.5, 0.5))
>>> mean_u, mean_v, sd_u, slope, sd_v = gaussian_approximation(factors, mean_and_difference)
>>> [round(float(value), 4) for value in (mean_u, mean_v, sd_u, sd_v)]
[1.5, -0.005, 0.7071, 0.0998]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from bayes_ivf.priors import BatchedPrior

Array = npt.NDArray[np.float64]
Joint = Callable[[Array, Array], Array]
"""Log of a positive function of both axes, arrays (..., B) to array (..., B)."""
Detail = Callable[[float, float, Array, Array], Array]
"""What panels have to resolve of such a function, as shares that add up along a line; see `Integrand`."""


@dataclass(frozen=True)
class Coordinates:
    """An outer and an inner coordinate (u, v) of the plane, with unit Jacobian.

    Parameters
    ----------
    t, c : pair of float
        The first and the second axis: ``x1 = t[0] u + t[1] v``, ``x2 = c[0] u + c[1] v``.
    outer : pair of float
        `u` as a combination of (x1, x2).
    """

    t: tuple[float, float]
    c: tuple[float, float]
    outer: tuple[float, float]

    def of(self, combination: tuple[float, float]) -> tuple[float, float]:
        """Coefficients of (u, v) of a combination of (x1, x2)."""
        p, q = combination
        return p * self.t[0] + q * self.c[0], p * self.t[1] + q * self.c[1]


@dataclass(frozen=True)
class LogFactor:
    """One factor of the integrand: a function of one combination of (x1, x2).

    Parameters
    ----------
    combination : pair of float
        (p, q) of ``p x1 + q x2``.
    log : callable
        Log of the factor, array (..., B) to array (..., B).
    center, scale : array (B,)
        Where the factor varies; they steer the panels and never enter a result.
    kinks : tuple of arrays (B,)
        Where the factor is not smooth.
    site : pair of arrays (B,), optional
        Center and scale of the normal density that stands for the factor at the integrand's mode, if these differ.
    """

    combination: tuple[float, float]
    log: Callable[[Array], Array]
    center: Array
    scale: Array
    kinks: tuple[Array, ...] = ()
    site: tuple[Array, Array] | None = None


class Integrand(Protocol):
    """B positive functions of the plane, as products of factors of one linear combination each.

    One that also has a factor of both axes, which is no ridge, gives its log as ``log_joint(x1, x2)``. If that varies where the
    product does not, ``detail(slope1, slope2, x1, x2)`` grows by one for each panel that it needs along a line with these slopes.
    """

    @property
    def size(self) -> int:
        """B."""

    def take(self, index: npt.NDArray[np.intp]) -> Self:
        """Return some of the functions."""

    def factors(self) -> tuple[LogFactor, ...]:
        """Return the factors: two whose combinations span the plane, then two others that do."""

    def reach(self) -> Array:
        """Radius (B,) of the search in stretched coordinates."""


def prior_factor(density: BatchedPrior, combination: tuple[float, float], size: int) -> LogFactor:
    """Return the factor of a density, such as a prior, of a combination of the axes, for B = `size` problems."""
    center, scale = (np.broadcast_to(value, (size,)) for value in density.center_and_scale())
    return LogFactor(
        combination, density.logpdf, center, scale, tuple(np.broadcast_to(k, (size,)) for k in density.kinks())
    )


def determinant(first: LogFactor, second: LogFactor) -> float:
    """Determinant of two factors' combinations; 0 if these are parallel."""
    (a, b), (c, d) = first.combination, second.combination
    return a * d - b * c


def intersection(first: LogFactor, second: LogFactor) -> tuple[Array, Array]:
    """Point (x1, x2) at which two factors both have their center."""
    (a, b), (c, d) = first.combination, second.combination
    det = determinant(first, second)
    return (d * first.center - b * second.center) / det, (a * second.center - c * first.center) / det


def gaussian_approximation(
    factors: tuple[LogFactor, ...], coordinates: Coordinates
) -> tuple[Array, Array, Array, Array, Array]:
    """Mean of (u, v), sd of u, slope of v on u and conditional sd of v, each factor taken as normal; see above.

    Returns
    -------
    mean_u, mean_v, sd_u, slope, sd_v : arrays that broadcast to (B,)
        ``E(v | u) = mean_v + slope (u - mean_u)``, with sd `sd_v`.
    """
    p_uu = p_uv = p_vv = r_u = r_v = np.asarray(0.0)
    for factor in factors:
        a, b = coordinates.of(factor.combination)
        center, scale = factor.site or (factor.center, factor.scale)
        weight = scale**-2.0
        p_uu, p_uv, p_vv = p_uu + weight * a * a, p_uv + weight * a * b, p_vv + weight * b * b
        r_u, r_v = r_u + weight * a * center, r_v + weight * b * center
    slope = -p_uv / p_vv
    # of two nearly parallel ridges the difference may cancel to nothing
    precision_u = np.maximum(p_uu - p_uv * p_uv / p_vv, 1e-12 * p_uu)
    mean_u = (r_u + slope * r_v) / precision_u
    mean_v = (r_v - p_uv * mean_u) / p_vv
    return mean_u, mean_v, precision_u**-0.5, slope, p_vv**-0.5
