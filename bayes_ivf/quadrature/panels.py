"""Gauss-Legendre panels: a density as polynomials, and its integral up to any point.

**The sinh map.** A density f of x is integrated in the stretched coordinate y::

    x = center + scale sinh(y),    dx/dy = scale cosh(y),    f_y(y) = f(x) scale cosh(y)

It is linear near the center and logarithmic in the tails, so that a power law ``|x| ** -(nu + 1)`` becomes the
exponential ``exp(-nu |y|)``, which polynomials follow well.

**Panels.** On a panel of half width h and middle m, let p be the polynomial through the values ``f_k`` at the K = 12
Gauss-Legendre nodes ``z_k`` in [-1, 1]. Its integral from the left edge is a polynomial of degree K in z::

    Q(z) = sum_j C_j z ** j,    C = A f,    h Q(1) = h sum_k w_k f_k

with one matrix A for all panels (`_INTEGRAL`). The distribution function at y is ``start + h Q((y - m) / h)``; its
derivative ``Q'`` is p, the density.

The leading axis of every array is integrated, the trailing axes are independent problems. No result depends on what
else is in the batch: there is no matrix product (whose blocking depends on its shape) and no stopping rule across
problems.

Examples
--------
Two problems at once: an exponential density on [0, 30], and one twice as fast.

>>> import numpy as np
>>> rate = np.array([1.0, 2.0])
>>> edges = np.linspace(0, 30, 31)[:, None] * np.ones(2)
>>> nodes, _ = panel_nodes(edges)
>>> panels = Panels.tabulate(edges, rate * np.exp(-rate * nodes))
>>> panels.total.round(10)
array([1., 1.])
>>> below, density = panels.below(np.array([[0.7, 0.7]]))
>>> bool(np.abs(below - (1 - np.exp(-rate * 0.7))).max() < 1e-12)
True

References
----------
Trefethen LN (2008). Is Gauss quadrature better than Clenshaw-Curtis? SIAM Review 50:67-87. doi:10.1137/060659831
(nodes, and the interpolating polynomial behind a rule). Takahasi H, Mori M (1974). Double exponential formulas for
numerical integration. Publications of the RIMS 9:721-741. doi:10.2977/prims/1195192451 (integration after a sinh map).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ORDER = 12
"""Gauss-Legendre nodes K in a panel: the rule is exact to degree 23; panels of one sd give a normal density's total and
distribution function to 1e-14, so that more nodes would make the polynomials of `Panels` costlier and gain nothing."""
_LOG_2 = float(np.log(2.0))
_COLUMNS = 1024
# Polynomials that are made at a time: 100 kB an array.
_FEW_POINTS = 4
# Below this many points, only the polynomials of the panels that hold them are made: rules have five panels or more.


@dataclass(frozen=True)
class Rule:
    """How fine a rule is: number of panels of the outer and of the inner integral."""

    outer: int
    inner: int


def _legendre() -> tuple[Array, Array, Array]:
    """Nodes z and weights w (K,), and the matrix A (K + 1, K) from values to powers of the integral from -1."""
    nodes, weights = np.polynomial.legendre.leggauss(ORDER)
    to_series = np.linalg.inv(np.polynomial.legendre.legvander(nodes, ORDER - 1))
    integral = np.zeros((ORDER + 1, ORDER))
    for k in range(ORDER):
        series = np.polynomial.legendre.legint(to_series[:, k], lbnd=-1)
        integral[:, k] = np.pad(np.polynomial.legendre.leg2poly(series), (0, ORDER + 1))[: ORDER + 1]
    return nodes, weights, integral


NODES, WEIGHTS, _INTEGRAL = _legendre()


def add_up(values: Array) -> Array:
    """Sum over the leading axis, pair by pair, in an order that does not depend on the other axes.

    NumPy's own sum chooses its order by the layout of the whole array, so that a row's last bit would depend on its
    neighbors.

    References
    ----------
    Higham NJ (1993). The accuracy of floating point summation. SIAM Journal on Scientific Computing 14:783-799.
    doi:10.1137/0914050
    """
    while len(values) > 1:
        half = len(values) // 2
        head = values[:half] + values[half : 2 * half]
        values = np.concatenate([head, values[2 * half :]]) if len(values) % 2 else head
    return np.asarray(values[0])


def count_below(edges: Array, values: Array) -> npt.NDArray[np.intp]:
    """Number of edges (L, ...) that are at most values (K, ...), the trailing axes shared."""
    return np.asarray((edges[:, None] <= values).sum(axis=0))


def log_cosh(y: Array) -> Array:
    """Log of cosh without overflow: ``|y| + log(1 + exp(-2 |y|)) - log 2``."""
    size = np.abs(y)
    total = np.exp(-2 * size)
    np.log1p(total, out=total)
    total += size
    total -= _LOG_2
    return total


@dataclass(frozen=True)
class SinhMap:
    """The map ``x = center + scale * sinh(y)``: linear near the center, logarithmic in the tails.

    Parameters
    ----------
    center, scale : array (...)
        By problem; the scale is positive.
    """

    center: Array
    scale: Array

    def x(self, y: Array) -> Array:
        """Natural coordinate at `y`."""
        return np.asarray(self.center + self.scale * np.sinh(y))

    def y(self, x: Array) -> Array:
        """Stretched coordinate at `x`; infinities stay infinite."""
        return np.arcsinh((x - self.center) / self.scale)

    def log_slope(self, y: Array) -> Array:
        """Log of the Jacobian dx/dy."""
        return np.asarray(log_cosh(y) + np.log(self.scale))

    def take(self, index: npt.NDArray[np.intp]) -> SinhMap:
        """Return the map of some problems."""
        return SinhMap(self.center[..., index], self.scale[..., index])


def _integrate(values: Array) -> Array:
    """Coefficients C (ORDER + 1, ...) of the integral from -1 of the polynomial through values (ORDER, ...) at the nodes.

    A loop and not a matrix product, for the reason given at the top; by columns that stay in the processor's cache.
    """
    flat = values.reshape(ORDER, -1)
    powers = np.zeros((ORDER + 1, flat.shape[1]))
    for first in range(0, flat.shape[1], _COLUMNS):
        some = slice(first, first + _COLUMNS)
        for value, coefficients in zip(flat, _INTEGRAL.T, strict=True):
            powers[:, some] += coefficients[:, None] * value[some]
    return powers.reshape(ORDER + 1, *values.shape[1:])


@dataclass(frozen=True)
class Panels:
    """A density as polynomials on panels: its integral up to any point.

    Parameters
    ----------
    edges : array (P + 1, ...)
        Panel boundaries in the stretched coordinate.
    values : array (ORDER, P, ...)
        Density at the nodes.
    start : array (P + 1, ...)
        Integral up to each edge.
    """

    edges: Array
    values: Array
    start: Array

    @classmethod
    def tabulate(cls, edges: Array, values: Array) -> Panels:
        """From the density at the nodes, array (P * ORDER, ...)."""
        half = (edges[1:] - edges[:-1]) / 2
        by_node = np.ascontiguousarray(values.reshape(-1, ORDER, *edges.shape[1:]).swapaxes(0, 1))
        masses = half * add_up(by_node * along(WEIGHTS, half.ndim))
        start = np.zeros_like(edges)
        np.cumsum(masses, axis=0, out=start[1:])
        return cls(edges, by_node, start)

    @classmethod
    def side_by_side(cls, several: Sequence[Panels]) -> Panels:
        """Join along the trailing axis; whoever has fewer panels is given empty ones behind its last."""
        count = max(len(panels.edges) for panels in several)
        edges, starts, values = [], [], []
        for panels in several:
            rest = count - len(panels.edges)
            edges.append(np.concatenate([panels.edges, *[panels.edges[-1:]] * rest]))
            starts.append(np.concatenate([panels.start, *[panels.start[-1:]] * rest]))
            nothing = np.zeros((ORDER, rest, *panels.edges.shape[1:]))
            values.append(np.concatenate([panels.values, nothing], axis=1))
        return cls(*(np.concatenate(parts, axis=-1) for parts in (edges, values, starts)))

    @property
    def total(self) -> Array:
        """Integral over all panels."""
        return np.asarray(self.start[-1])

    @cached_property
    def powers(self) -> Array:
        """Coefficients C of all panels. Cached; access once before repeated calls of `below` with fewer than 4 points."""
        return _integrate(self.values)

    def below(self, y: Array) -> tuple[Array, Array]:
        """Integral up to `y` and density at `y`.

        Parameters
        ----------
        y : array (K, ...)
            Points in the stretched coordinate; may be infinite.

        Returns
        -------
        mass, density : array (K, ...)
            Beyond the panels the mass is 0 or the total, to rounding, and the density 0.
        """
        inside = y.clip(self.edges[0], self.edges[-1])
        panel = (inside > self.edges[1:-1, None]).sum(axis=0)
        rows = math.prod(self.edges.shape[1:])
        flat = panel * rows + np.arange(rows).reshape(self.edges.shape[1:])
        left = self.edges[:-1].reshape(-1).take(flat)
        # an empty panel (two equal edges, see `with_kinks`) must not divide by zero
        half = np.maximum((self.edges[1:].reshape(-1).take(flat) - left) / 2, 1e-300)
        z = ((inside - left) / half - 1).clip(-1, 1)
        only_asked = len(y) < _FEW_POINTS and "powers" not in self.__dict__
        if only_asked:
            powers = _integrate(np.stack([values.reshape(-1).take(flat) for values in self.values]))
        else:
            powers = self.powers.reshape(ORDER + 1, -1)
        mass = powers[ORDER] if only_asked else powers[ORDER].take(flat)
        # Horner's rule for Q and, beside it, for its derivative
        slope = np.zeros(y.shape)
        for j in range(ORDER - 1, -1, -1):
            slope *= z
            slope += mass
            mass = mass * z
            mass += powers[j] if only_asked else powers[j].take(flat)
        mass *= half
        mass += self.start[:-1].reshape(-1).take(flat)
        slope[(y < self.edges[0]) | (y > self.edges[-1])] = 0.0
        return mass, slope


def panel_nodes(edges: Array) -> tuple[Array, Array]:
    """Nodes (P * ORDER, ...) and weights of the same shape for panels with these edges (P + 1, ...)."""
    half = ((edges[1:] - edges[:-1]) / 2)[:, None]
    middle = (edges[:-1] + edges[1:])[:, None] / 2
    shape = (-1, *edges.shape[1:])
    dims = edges.ndim - 1
    return (middle + half * along(NODES, dims)).reshape(shape), (half * along(WEIGHTS, dims)).reshape(shape)


def along(values: npt.NDArray[Any], dims: int) -> npt.NDArray[Any]:
    """Reshape values (K,) to (K, 1, ..., 1), for arithmetic with arrays whose trailing `dims` axes are problems."""
    return values.reshape(-1, *[1] * dims)


def peak(logs: Array, axis: int | tuple[int, ...] = 0) -> Array:
    """Maximum along an axis; -1e300 where everything is minus infinity, so that differences stay defined."""
    return np.asarray(np.maximum(logs.max(axis=axis), -1e300))
