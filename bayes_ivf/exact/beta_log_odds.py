"""Log odds of a Beta-distributed risk on panels.

For p ~ Beta(a, b) the log odds x have the density ``exp(a x) / (1 + exp(x)) ** (a + b) / B(a, b)``, mean
``digamma(a) - digamma(b)`` and variance ``trigamma(a) + trigamma(b)``; their tails fall as exp(a x) and exp(-b x).

Examples
--------
>>> import numpy as np
>>> from scipy import special
>>> a, b = np.array([3.0, 0.5]), np.array([7.0, 40.5])
>>> grid = BetaLogOdds.find(a, b).grid(12)
>>> below, _ = grid.below(special.logit(np.array([[0.2, 0.2]])))
>>> bool(np.abs(below - special.betainc(a, b, 0.2)).max() < 1e-6)
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.quadrature import (
    Panels,
    SinhMap,
    equidistribute,
    initial_points,
    locate_support,
    panel_nodes,
    with_kinks,
)

Array = npt.NDArray[np.float64]

_DETAIL_RANGE, _DETAIL = 40.0, 0.4
# Panels also resolve the other arm's distribution function, which turns over a few units of log odds: one share per 2.5 units,
# within 40 (a one-dimensional grid can afford more than `Grid2D`).
_FALLS = np.log([0.5, 2.0, 6.0, 15.0, 35.0, 80.0])
# Of exp(-size * risk), in nats: from where it begins to fall to where nothing is left.


def log_odds_location(a: Array, b: Array) -> tuple[Array, Array]:
    """Mean and sd of the log odds of a Beta(a, b) risk."""
    return special.digamma(a) - special.digamma(b), np.sqrt(special.polygamma(1, a) + special.polygamma(1, b))


def log_density(x: Array, a: Array, b: Array) -> Array:
    """Log density of the log odds of a Beta(a, b) risk."""
    size = np.abs(x)
    return np.asarray(
        a * np.minimum(x, 0) - b * np.maximum(x, 0) - (a + b) * np.log1p(np.exp(-size)) - special.betaln(a, b)
    )


@dataclass(frozen=True)
class LogOddsGrid:
    """Log odds on panels: nodes x (N, ...) with their probabilities (weight), and the distribution function."""

    x: Array
    weight: Array
    panels: Panels
    stretch: SinhMap

    def below(self, x: Array) -> tuple[Array, Array]:
        """Distribution function and density at `x` (K, ...)."""
        y = self.stretch.y(x)
        mass, density = self.panels.below(y)
        # 600: beyond any panel the density is zero, and the Jacobian must not overflow
        per_x = np.exp(-self.stretch.log_slope(np.clip(y, -600, 600)))
        return mass / self.panels.total, density * per_x / self.panels.total

    def take(self, index: npt.NDArray[np.intp]) -> LogOddsGrid:
        """Return some of the problems, with repetition."""
        panels = Panels(self.panels.edges[:, index], self.panels.values[:, :, index], self.panels.start[:, index])
        stretch = SinhMap(self.stretch.center[index], self.stretch.scale[index])
        return LogOddsGrid(self.x[:, index], self.weight[:, index], panels, stretch)


@dataclass(frozen=True)
class BetaLogOdds:
    """Bracket of the mass of the log odds of Beta risks; the rules that are compared share it."""

    a: Array
    b: Array
    stretch: SinhMap
    points: Array
    logs: Array

    @classmethod
    def find(cls, a: Array, b: Array) -> BetaLogOdds:
        """Bracket the log odds of Beta(a, b) risks, arrays (B,)."""
        stretch = SinhMap(*log_odds_location(a, b))

        def log(y: Array) -> Array:
            return log_density(stretch.x(y), a, b) + stretch.log_slope(y)

        # None or all of a large arm: a slow tail on one side, and on the other exp(-size * risk), as steep as a cliff.
        cliff_points = [np.log(a) - fall for fall in _FALLS] + [fall - np.log(b) for fall in _FALLS]
        starting_points = np.concatenate([initial_points(np.full(a.shape, 9.0)), stretch.y(np.stack(cliff_points))])
        starting_points.sort(axis=0)
        return cls(a, b, stretch, *locate_support(log, starting_points, log(starting_points)))

    def outside(self, grid: LogOddsGrid) -> Array:
        """Probability (B,) beyond a grid's ends, in closed form: two rules that share a search cannot show it."""
        ends = self.stretch.x(grid.panels.edges[[0, -1]])
        below = special.betainc(self.a, self.b, special.expit(ends[0]))
        return np.asarray(below + special.betainc(self.b, self.a, special.expit(-ends[1])))

    def take(self, index: npt.NDArray[np.intp]) -> BetaLogOdds:
        """Return some of the problems, with repetition."""
        stretch = SinhMap(self.stretch.center[index], self.stretch.scale[index])
        return BetaLogOdds(self.a[index], self.b[index], stretch, self.points[:, index], self.logs[:, index])

    def covers(self, x: Array) -> npt.NDArray[np.bool_]:
        """Whether `x` (K, B) lies within the bracket."""
        y = self.stretch.y(x)
        return np.asarray((y > self.points[0]) & (y < self.points[-1]))

    def grid(self, panels: int, edges_at: Sequence[Array] = ()) -> LogOddsGrid:
        """Tabulate on panels, with edges also at some `x` (B,)."""

        def detail(y: Array) -> Array:
            return np.clip(self.stretch.x(y), -_DETAIL_RANGE, _DETAIL_RANGE) * _DETAIL

        edges = equidistribute(self.points, self.logs, panels, detail)
        edges = with_kinks(edges, [self.stretch.y(x) for x in edges_at])
        y, weight = panel_nodes(edges)
        x = self.stretch.x(y)
        values = np.exp(log_density(x, self.a, self.b) + self.stretch.log_slope(y))
        tabulated = Panels.tabulate(edges, values)
        return LogOddsGrid(x, values * weight / tabulated.total, tabulated, self.stretch)
