"""Deterministic integration of many one-dimensional densities at once.

Panels carry Gauss-Legendre nodes; `placing` puts them where a density varies. The trailing axes of every array are
independent problems; the leading axis is integrated. No result depends on what else is in the batch: there is no matrix
product and no stopping rule across problems.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ORDER = 12
"""Gauss-Legendre nodes in a panel."""
_LOG_2 = float(np.log(2.0))
_FEW = 4
# For fewer points than this, polynomials are made only where they are asked for.


@dataclass(frozen=True)
class Rule:
    """How fine a rule is: panels of the outer and of the inner integral."""

    outer: int
    inner: int


def _legendre() -> tuple[Array, Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(ORDER)
    to_series = np.linalg.inv(np.polynomial.legendre.legvander(nodes, ORDER - 1))
    integral = np.zeros((ORDER + 1, ORDER))
    for k in range(ORDER):
        series = np.polynomial.legendre.legint(to_series[:, k], lbnd=-1)
        integral[:, k] = np.pad(np.polynomial.legendre.leg2poly(series), (0, ORDER + 1))[: ORDER + 1]
    return nodes, weights, integral


NODES, WEIGHTS, _INTEGRAL = _legendre()


def add_up(values: Array) -> Array:
    """Sum over the leading axis in an order that does not depend on the other axes."""
    while len(values) > 1:
        half = len(values) // 2
        head = values[:half] + values[half : 2 * half]
        values = np.concatenate([head, values[2 * half :]]) if len(values) % 2 else head
    return np.asarray(values[0])


def log_cosh(y: Array) -> Array:
    """Log of cosh without overflow."""
    size = np.abs(y)
    total = np.exp(-2 * size)
    np.log1p(total, out=total)
    total += size
    total -= _LOG_2
    return total


@dataclass(frozen=True)
class SinhMap:
    """The map ``x = center + scale * sinh(y)``: linear near the center, logarithmic in the tails.

    Power-law tails become exponential in `y`, which panels integrate well.
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
        """Log of dx/dy."""
        return np.asarray(log_cosh(y) + np.log(self.scale))

    def take(self, index: npt.NDArray[np.intp]) -> SinhMap:
        """Return the map of some problems."""
        return SinhMap(self.center[..., index], self.scale[..., index])


def _integrate(values: Array) -> Array:
    """Powers (ORDER + 1, ...) of the integral from -1 of the polynomial through values (ORDER, ...) at the nodes."""
    powers = np.zeros((ORDER + 1, *values.shape[1:]))
    term = np.empty(values.shape[1:])
    for j in range(ORDER + 1):
        for k in range(ORDER):
            np.multiply(values[k], _INTEGRAL[j, k], out=term)
            powers[j] += term
    return powers


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
        half = np.diff(edges, axis=0) / 2
        by_node = np.ascontiguousarray(np.moveaxis(values.reshape(-1, ORDER, *edges.shape[1:]), 1, 0))
        masses = half * add_up(by_node * along(WEIGHTS, half.ndim))
        start = np.zeros_like(edges)
        np.cumsum(masses, axis=0, out=start[1:])
        return cls(edges, by_node, start)

    @property
    def total(self) -> Array:
        """Integral over all panels."""
        return np.asarray(self.start[-1])

    @cached_property
    def powers(self) -> Array:
        """Polynomials of all panels; touch it before many calls of `below` for few points each."""
        return _integrate(self.values)

    def below(self, y: Array) -> tuple[Array, Array]:
        """Integral up to `y` and density at `y`.

        Parameters
        ----------
        y : array (K, ...)
            Points in the stretched coordinate; may be infinite.
        """
        inside = np.clip(y, self.edges[0], self.edges[-1])
        panel = np.zeros(y.shape, dtype=np.intp)
        for edge in self.edges[1:-1]:
            panel += inside > edge
        rows = int(np.prod(self.edges.shape[1:], dtype=int))
        flat = panel * rows + np.arange(rows).reshape(self.edges.shape[1:])
        left = self.edges[:-1].reshape(-1).take(flat)
        half = np.maximum((self.edges[1:].reshape(-1).take(flat) - left) / 2, 1e-300)
        z = np.clip((inside - left) / half - 1, -1, 1)
        few = len(y) < _FEW and "powers" not in self.__dict__
        if few:
            powers = _integrate(np.stack([values.reshape(-1).take(flat) for values in self.values]))
        else:
            powers = self.powers.reshape(ORDER + 1, -1)
        mass = powers[ORDER] if few else powers[ORDER].take(flat)
        slope = np.zeros(y.shape)
        for j in range(ORDER - 1, -1, -1):
            slope *= z
            slope += mass
            mass = mass * z
            mass += powers[j] if few else powers[j].take(flat)
        mass *= half
        mass += self.start[:-1].reshape(-1).take(flat)
        slope[(y < self.edges[0]) | (y > self.edges[-1])] = 0.0
        return mass, slope


def panel_nodes(edges: Array) -> tuple[Array, Array]:
    """Nodes (P * ORDER, ...) and weights of the same shape for panels with these edges (P + 1, ...)."""
    half = (np.diff(edges, axis=0) / 2)[:, None]
    middle = (edges[:-1] + edges[1:])[:, None] / 2
    shape = (-1, *edges.shape[1:])
    dims = edges.ndim - 1
    return (middle + half * along(NODES, dims)).reshape(shape), (half * along(WEIGHTS, dims)).reshape(shape)


def along(values: npt.NDArray[Any], dims: int) -> npt.NDArray[Any]:
    """Values along the leading axis of arrays with `dims` axes."""
    return values.reshape(-1, *[1] * dims)


def peak(logs: Array, axis: int | tuple[int, ...] = 0) -> Array:
    """Maximum along an axis; finite even where everything is minus infinity."""
    return np.asarray(np.maximum(logs.max(axis=axis), -1e300))
