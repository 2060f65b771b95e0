"""Generating functions: polynomials in (u, y) of which one coefficient is the probability of an arm's totals.

A woman with m embryos contributes, u marking a clinical pregnancy and y an implanted embryo beyond a pregnant woman's first::

    A_m(y) + u B_m(y),        B_m(y) = (1 - lambda) sum_(k >= 1) p(k | m) y^(k - 1)
                              A_m(y) = p(0 | m) + lambda sum_(k >= 1) p(k | m) y^k

Products over the women of an allocation, summed over allocations, give `equal_weights.EqualWeights` and
`multinomial.Multinomial`. The coefficient is taken by `saddlepoint_contour`.

Examples
--------
Chances of a woman with one and with two embryos, at y = 1, where A + B is one:

>>> pmf = Pmf(none=np.array([[0.7, 0.5]]), some=np.array([[[0.3, 0.0], [0.4, 0.1]]]), loss=np.zeros(1))
>>> without, with_ = pmf.split(np.zeros((1, 1)))
>>> print(without[:, 0, 0].real, with_[:, 0, 0].real)
[0.7 0.5] [0.3 0.5]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complexfloating]

TINY = 1e-300
"""Stands for zero where a logarithm is taken; far below any chance, far above the least floating-point number."""


@dataclass(frozen=True)
class Pmf:
    """Cell probabilities of a batch of parameter values.

    Parameters
    ----------
    none : (G, M) array of float
        Pr(K = 0 | m).
    some : (G, M, M) array of float
        Pr(K = k | m) by m and k - 1.
    loss : (G,) array of float
        Probability that an implantation does not become clinical (0 unless ``biochemical``).
    """

    none: Floats
    some: Floats
    loss: Floats

    def __getitem__(self, part: slice | npt.NDArray[np.int64]) -> Pmf:
        return Pmf(self.none[part], self.some[part], self.loss[part])

    def split(self, log_y: Complexes) -> tuple[Complexes, Complexes]:
        """Women without and with a clinical pregnancy, by m: two arrays of shape (M,) + that of `log_y`.

        `log_y` has shape (G, N); a pregnant woman's first embryo is counted with the woman, not by y.
        """
        y = np.exp(log_y)
        shape = (-1, 1)
        without = []
        with_ = []
        for m in range(self.none.shape[1]):
            power = np.zeros_like(y)
            for k in range(m, -1, -1):
                power = power * y + self.some[:, m, k].reshape(shape)
            with_.append((1 - self.loss.reshape(shape)) * power)
            without.append(self.none[:, m].reshape(shape) + self.loss.reshape(shape) * y * power)
        return np.stack(without), np.stack(with_)


class GeneratingFunction(Protocol):
    """A polynomial in (u, y) whose coefficient of ``u^target[0] y^target[1]``, times exp(`constant`), is Pr(P, S)."""

    @property
    def target(self) -> tuple[int, int]:
        """Powers of u and y."""

    @property
    def degree(self) -> tuple[int, int]:
        """Highest powers that occur."""

    @property
    def constant(self) -> float:
        """Log of the factor."""

    def log_value(
        self, without: Complexes, with_: Complexes, log_u: Complexes, floor: Floats | float = -np.inf
    ) -> Complexes:
        """Log of the function at X arguments, (X,).

        Parameters
        ----------
        without, with_ : (M, X) arrays
            From `Pmf.split`.
        log_u : (X,) array
            Log of u.
        floor : (X,) array of float
            Log of what may be left out of each sum.
        """

    def women(
        self, without: Complexes, with_: Complexes, log_u: Complexes, floor: Floats | float = -np.inf
    ) -> Complexes:
        """Women by embryos received, weighted by the terms of the function over their sum, (M, X)."""

    def log_bound(self, without: Complexes, with_: Complexes, log_radius: Floats, angle: Floats) -> Floats:
        """Upper bound of the log modulus relative to that at angle zero, (G, U, Y).

        Parameters
        ----------
        without, with_ : (M, G, Y) arrays
            From `Pmf.split`; the first y of each G is at angle zero.
        log_radius : (G,) array of float
            Of u.
        angle : (U,) array of float
            Of u; the first is zero.
        """


def nonzero(value: Complexes) -> Complexes:
    """Keep a number from being exactly zero."""
    return np.where(np.abs(value) < TINY, TINY, value)


def log_nonzero(value: Complexes) -> Complexes:
    """Logarithm that stays finite at zero."""
    return np.asarray(np.log(nonzero(value)))
