"""Batches of densities with known distribution functions, in the form that `quadrature` asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bayes_ivf.quadrature import IDENTITY, RULES, Grid1D, LogFactor, SinhMap, SupportFinder1D, Transform


@dataclass(frozen=True)
class Solution:
    """A one-dimensional posterior under one rule."""

    grid: Grid1D
    transform: Transform

    @property
    def log_total(self):
        return self.grid.log_total

    def log_density_at_null(self):
        return np.full(len(self.grid.log_total), np.nan)

    def missed(self):
        """What the ends of the panels would carry in one more unit: a search that stopped short is seen by it."""
        panels = self.grid.panels
        first, last = (panels.below(panels.edges[end : end + 1])[1][0] for end in (0, len(panels.edges) - 1))
        edge = np.maximum(first, last) / panels.total
        return np.where(edge > 1e-6, edge, 0.0)

    def evaluate(self, quantity, s):
        return self.grid.marginal(s)

    def location(self, quantity):
        return self.grid.moments(self.grid.x)

    def moments(self, quantity):
        return self.grid.moments(self.transform.backward(self.grid.x))


@dataclass(frozen=True)
class Family:
    """A batch of densities of one coordinate, by the parameters (B,) of their log kernel.

    Parameters
    ----------
    log_kernel : callable
        Of x (K, B) and the parameters.
    parameters : dict of str to array (B,)
    center, width : array (B,)
    marks, kinks : callable
        From the parameters, lists of arrays (B,).
    radius : float
    transform : Transform
        From the quantity to x.
    """

    log_kernel: Callable[..., Any]
    parameters: dict[str, Any]
    center: Any
    width: Any
    marks: Callable[..., list[Any]] = field(default=lambda **_: [])
    kinks: Callable[..., list[Any]] = field(default=lambda **_: [])
    radius: float = 15.0
    transform: Transform = IDENTITY
    chunk: int = 32
    rules: tuple[Any, ...] = RULES

    @property
    def size(self):
        return len(self.center)

    @property
    def estimands(self):
        return ("x",)

    def take(self, index):
        parameters = {name: values[index] for name, values in self.parameters.items()}
        return Family(
            self.log_kernel,
            parameters,
            self.center[index],
            self.width[index],
            self.marks,
            self.kinks,
            self.radius,
            self.transform,
        )

    def groups(self):
        return np.zeros(self.size, dtype=np.intp)

    def scale(self, quantity):
        return self.transform

    def log_constants(self):
        return np.zeros(self.size)

    def solve(self, rules):
        finder = SupportFinder1D(
            lambda x: self.log_kernel(x, **self.parameters),
            SinhMap(self.center, self.width),
            self.marks(**self.parameters),
            self.kinks(**self.parameters),
            np.full(self.size, self.radius),
        )
        return tuple(Solution(finder.grid(rule.outer), self.transform) for rule in rules)


@dataclass(frozen=True)
class Product:
    """Kernels of the plane as products of ridge functions, by (combination, log factor, center, scale, kinks)."""

    ridges: tuple[Any, ...]
    size: int
    radius: float = 15.0

    def factors(self):
        return tuple(
            LogFactor(combination, log, np.full(self.size, center), np.full(self.size, scale), kinks)
            for combination, log, center, scale, kinks in self.ridges
        )

    def take(self, index):
        return Product(self.ridges, len(index), self.radius)

    def reach(self):
        return np.full(self.size, self.radius)


def normal_ridge(combination, center, scale):
    """A normal factor of one combination."""
    return combination, lambda x: -0.5 * ((x - center) / scale) ** 2, center, scale, ()
