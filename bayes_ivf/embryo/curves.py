"""Smooth functions of one log odds, tabulated once and read at millions of points.

On each panel the function is the polynomial of degree 13 through its values at 14 Chebyshev nodes,
``f(x) = sum_j c_j T_j(z) = sum_j a_j z^j`` with z the position within the panel from -1 to 1, read by Horner's rule. The last
coefficients c_12, c_13 tell the error: for an analytic function they fall geometrically.

Examples
--------
>>> edges = choose_edges(lambda x: -np.logaddexp(0, -x)[:, None], -8.0, 8.0, tolerance=1e-8)
>>> curves = Curves.fit(edges, -np.logaddexp(0, -chebyshev_nodes(edges))[:, None])
>>> print(len(edges) - 1, curves(np.array([[0.3]])).round(6), -np.logaddexp(0, -0.3).round(6))
8 [[-0.554355]] -0.554355

Beyond the panels it goes on as a straight line, unless that would rise:

>>> print(curves(np.array([[-10.0], [10.0]]))[:, 0].round(3))
[-10.  -0.]

References
----------
Trefethen LN (2019). Approximation Theory and Approximation Practice, extended edition. SIAM. doi:10.1137/1.9781611975949
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature import CHEBYSHEV_ORDER, TO_CHEBYSHEV, chebyshev_nodes, equidistant_edges

Array = npt.NDArray[np.float64]


def _to_power() -> Array:
    """From values at the nodes of a panel to coefficients of powers of the position."""
    powers = np.zeros((CHEBYSHEV_ORDER, CHEBYSHEV_ORDER))
    for degree in range(CHEBYSHEV_ORDER):
        power = np.polynomial.chebyshev.cheb2poly(np.eye(CHEBYSHEV_ORDER)[degree])
        powers[: len(power), degree] = power
    return np.asarray(powers @ TO_CHEBYSHEV)


_TO_POWER = _to_power()
_RELEVANT = 40.0
"""Below its maximum by more than 40 a log likelihood counts for less than 1e-17."""
_HALVINGS = 3
"""Most halvings of the panels, to an eighth of the first width; an error left over shows in the comparison of two rules."""


@dataclass(frozen=True)
class Curves:
    """One curve for each of B values of the shared parameters, on common panels of equal width.

    Beyond the panels they go on as straight lines, unless these would rise: the panels hold all shared parameters that
    matter; at one that does not, a rising line would soon make it matter.

    Parameters
    ----------
    edges : (P + 1,) array of float
        Equidistant.
    values : (P * CHEBYSHEV_ORDER, B) array of float
        At `chebyshev.chebyshev_nodes`.
    coefficients : (CHEBYSHEV_ORDER, P * B) array of float
        Powers of the position within a panel, from -1 to 1.
    tail : (P, B) array of float
        Size of the last two Chebyshev coefficients: about the error of the curve.
    """

    edges: Array
    values: Array
    coefficients: Array
    tail: Array

    @classmethod
    def fit(cls, edges: Array, values: Array) -> Curves:
        """Curves through `values` at the nodes of panels with these edges."""
        panels = values.reshape(len(edges) - 1, CHEBYSHEV_ORDER, -1)
        coefficients = np.einsum("jk,pkb->jpb", _TO_POWER, panels)
        tail = np.abs(np.einsum("jk,pkb->jpb", TO_CHEBYSHEV[-2:], panels)).sum(axis=0)
        return cls(edges, values, coefficients.reshape(CHEBYSHEV_ORDER, -1), tail)

    def take(self, index: npt.NDArray[np.intp]) -> Curves:
        """Return some of the B curves."""
        shape = (CHEBYSHEV_ORDER, len(self.edges) - 1, -1)
        coefficients = np.ascontiguousarray(self.coefficients.reshape(shape)[..., index]).reshape(CHEBYSHEV_ORDER, -1)
        return Curves(self.edges, self.values[:, index], coefficients, self.tail[:, index])

    def __call__(self, x: Array) -> Array:
        """Values at x (..., B)."""
        inside = np.clip(x, self.edges[0], self.edges[-1])
        out = self.inside(inside)
        if (inside == x).all():
            return out
        beyond = np.nonzero(inside != x)
        flat = np.broadcast_to(np.arange(self.values.shape[1]), x.shape)[beyond]
        ends = np.stack([self.slope(np.full((1, self.values.shape[1]), edge))[0] for edge in self.edges[[0, -1]]])
        excess = (x - inside)[beyond]
        out[beyond] += np.minimum(np.where(excess < 0, ends[0][flat], ends[1][flat]) * excess, 0.0)
        return out

    def inside(self, x: Array) -> Array:
        """Values at x (..., B) within the panels."""
        z, flat = self._locate(x)
        out = self.coefficients[CHEBYSHEV_ORDER - 1].take(flat)
        for j in range(CHEBYSHEV_ORDER - 2, -1, -1):
            out *= z
            out += self.coefficients[j].take(flat)
        return np.asarray(out)

    def slope(self, x: Array) -> Array:
        """Return derivatives at x (..., B); those of the ends beyond the panels."""
        z, flat = self._locate(np.clip(x, self.edges[0], self.edges[-1]))
        out = (CHEBYSHEV_ORDER - 1) * self.coefficients[CHEBYSHEV_ORDER - 1].take(flat)
        for j in range(CHEBYSHEV_ORDER - 2, 0, -1):
            out *= z
            out += j * self.coefficients[j].take(flat)
        return np.asarray(out * 2 / (self.edges[1] - self.edges[0]))

    def _locate(self, x: Array) -> tuple[Array, npt.NDArray[np.intp]]:
        width = self.edges[1] - self.edges[0]
        position = (x - self.edges[0]) / width
        panel = np.clip(position.astype(np.intp), 0, len(self.edges) - 2)
        number = self.values.shape[1]
        return 2 * (position - panel) - 1, panel * number + np.arange(number)


def choose_edges(
    function: Callable[[Array], Array], low: float, high: float, tolerance: float, width: float = 2.0
) -> Array:
    """Edges of enough panels for curves between low and high.

    Parameters
    ----------
    function : callable
        Points (N,) to values (N, B).
    low, high : float
        Range.
    tolerance : float
        Largest acceptable last Chebyshev coefficients where a log likelihood is within 40 of its maximum.
    width : float
        Of the first panels tried; they are halved until the tolerance is met.
    """
    edges = equidistant_edges(low, high, width)
    for _ in range(_HALVINGS):
        curves = Curves.fit(edges, function(chebyshev_nodes(edges)))
        height = curves.values.reshape(len(edges) - 1, CHEBYSHEV_ORDER, -1).max(axis=1)
        if (curves.tail[height > height.max(axis=0) - _RELEVANT] < tolerance).all():
            break
        edges = np.linspace(low, high, 2 * len(edges) - 1)
    return edges
