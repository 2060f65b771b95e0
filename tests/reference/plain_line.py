"""Densities of one number on plain panels: distribution functions, quantiles and moments, sharing no code with the package."""

from __future__ import annotations

import numpy as np

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
# integrals of the Lagrange polynomials of the nodes from -1 to x, over their weights, as polynomials of x
_INVERSE = np.linalg.inv(np.vander(NODES, 8, increasing=True))
_INTEGRAL = np.concatenate([np.zeros((1, 8)), _INVERSE / np.arange(1, 9)[:, None]])
_INTEGRAL[0] = -((-1.0) ** np.arange(1, 9)) @ _INTEGRAL[1:]
CUMULATIVE = (_INTEGRAL / WEIGHTS).T


def share_below(mass, left, right, bound):
    """Mass (P,) of panels with node masses (P, 8) below a bound inside them."""
    x = np.atleast_1d(np.clip(2 * (bound - left) / (right - left) - 1, -1, 1))
    return ((mass @ CUMULATIVE) * np.vander(x, 9, increasing=True)).sum(axis=1)


def pieces(edges):
    """Sorted edges (..., P + 1) to nodes and weights (..., P, 8)."""
    left, right = edges[..., :-1, None], edges[..., 1:, None]
    half = (right - left) / 2
    return (left + right) / 2 + half * NODES, half * WEIGHTS


def offsets(smallest, reach, factor=2.0):
    """Distances from a point, each a factor of the last."""
    steps = smallest * factor ** np.arange(np.ceil(np.log(reach / smallest) / np.log(factor)) + 1)
    return np.concatenate([-steps[::-1], [0.0], steps])


def tops(log, low, high, width):
    """Maxima between bounds (arrays of one shape) by golden section, to a width."""
    ratio = (np.sqrt(5) - 1) / 2
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    f_a, f_b = log(a), log(b)
    longest = float(np.max(high - low, initial=width))
    for _ in range(int(np.ceil(np.log(longest / width) / -np.log(ratio)))):
        left = f_a > f_b
        low, high = np.where(left, low, a), np.where(left, b, high)
        step = ratio * (high - low)
        x = np.where(left, high - step, low + step)
        f = log(x)
        a, b, f_a, f_b = np.where(left, x, b), np.where(left, a, x), np.where(left, f, f_b), np.where(left, f_a, f)
    return (low + high) / 2


class Grid1D:
    """A density on panels.

    Parameters
    ----------
    left, right : array (P,)
    values : array (P, 8)
        Density at the nodes, up to a factor.
    """

    def __init__(self, left, right, values):
        x, weights = (each[:, 0] for each in pieces(np.stack([left, right], axis=-1)))
        mass = values * weights
        self.total = mass.sum()
        kept = mass.sum(axis=1) > 1e-25 * self.total
        self.left, self.right = left[kept], right[kept]
        self.x, self.mass = x[kept], mass[kept] / self.total
        self.before = np.concatenate([[0.0], np.cumsum(self.mass.sum(axis=1))])

    def below(self, t):
        """Probability of at most `t`."""
        i = int(np.searchsorted(self.right, t))
        if i == len(self.right):
            return 1.0
        return float(self.before[i] + share_below(self.mass[i : i + 1], self.left[i], self.right[i], t)[0])

    def quantile(self, p):
        """Where the distribution function has a value."""
        i = min(max(int(np.searchsorted(self.before, p)) - 1, 0), len(self.left) - 1)
        low, high = self.left[i], self.right[i]
        for _ in range(60):
            middle = (low + high) / 2
            if self.before[i] + share_below(self.mass[i : i + 1], self.left[i], self.right[i], middle)[0] < p:
                low = middle
            else:
                high = middle
        return float((low + high) / 2)

    def moments(self, function=lambda x: x):
        """Mean and sd of a function."""
        values = function(self.x)
        mean = (values * self.mass).sum()
        return float(mean), float(np.sqrt((self.mass * (values - mean) ** 2).sum()))


def invert(below, p, low, high):
    """Where a rising function has the value `p`, between two bounds: false position, and halving where that is slow."""
    f_low, f_high = below(low) - p, below(high) - p
    for step in range(200):
        width = high - low
        if width <= 1e-13 * max(abs(low), abs(high)) or f_low >= 0 or f_high <= 0:
            break
        x = (low + high) / 2 if step % 3 == 2 else low - f_low * width / (f_high - f_low)
        x = min(max(x, low + 1e-3 * width), high - 1e-3 * width)
        f = below(x) - p
        if f < 0:
            low, f_low = x, f
        else:
            high, f_high = x, f
        if abs(f) < 1e-11:
            return x
    return low if f_low >= 0 else high if f_high <= 0 else (low + high) / 2
