"""Mixtures of posteriors under one rule: every answer of a component, weighed and added up within its mixture.

Components of all mixtures of a chunk lie flat side by side, in as many pieces as their kinds ask for; `Segments` knows where each
belongs, and adds in a fixed order, so that no mixture depends on its neighbors.

Examples
--------
Three components, of which the first and the last make one mixture:

>>> segments = Segments.of(np.array([0, 1, 0]), 2)
>>> segments.total(np.array([1.0, 5.0, 2.0]))
array([3., 5.])
>>> segments.posterior(np.array([0.5, 1.0, 0.5]), np.log([0.1, 0.2, 0.3]), by_evidence=True).round(2)
array([0.25, 1.  , 0.75])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature import Transform

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Segments:
    """Which mixture each of N components belongs to.

    Parameters
    ----------
    owner : array of int (N,)
    order : array of int (N,)
        Sorts components by mixture, those of one mixture as they were given.
    starts : array of int (B,)
        Where each mixture starts in that order.
    """

    owner: Index
    order: Index
    starts: Index

    @classmethod
    def of(cls, owner: Index, size: int) -> Segments:
        """Sort components of `size` mixtures, each of which has at least one."""
        order = np.argsort(owner, kind="stable")
        return cls(owner, order, np.searchsorted(owner[order], np.arange(size)))

    def total(self, values: Array) -> Array:
        """Sum (..., B) over the components of each mixture of values (..., N)."""
        return np.asarray(np.add.reduceat(values[..., self.order], self.starts, axis=-1))

    def normalized(self, weight: Array) -> Array:
        """Weights (N,) that add up to one in each mixture; NaN where all are zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(weight / self.total(weight)[self.owner])

    def log_mix(self, logs: Array, weight: Array) -> Array:
        """Log (B,) of the weighted sum of what has these logs (N,); components without weight do not count."""
        counted = np.where(weight > 0, logs, -np.inf)
        peak = np.maximum.reduceat(counted[self.order], self.starts)
        peak = np.where(np.isneginf(peak), 0.0, peak)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.total(weight * np.exp(counted - peak[self.owner]))) + peak)

    def posterior(self, weight: Array, log_evidence: Array, by_evidence: bool) -> Array:
        """Posterior weights (N,) of components with stated weights; those that could not have been printed get none."""
        possible = np.where(np.isneginf(log_evidence), 0.0, weight)
        if not by_evidence:
            return self.normalized(possible)
        counted = np.where(possible > 0, log_evidence, -np.inf)
        peak = np.maximum.reduceat(counted[self.order], self.starts)
        peak = np.where(np.isneginf(peak), 0.0, peak)
        return self.normalized(possible * np.exp(counted - peak[self.owner]))


@dataclass(frozen=True)
class Components:
    """Components of one kind: the problems of one batch.

    Parameters
    ----------
    batch : Batch
    owner : array of int (n,)
        Mixture of each problem.
    weight : array (n,)
        Stated.
    constants : array (n,)
        What the log marginal likelihood of each adds to `Solution.log_total`.
    names : mapping of str to str
        What the batch calls an estimand, by the name it is asked by.
    """

    batch: Any
    owner: Index
    weight: Array
    constants: Array
    names: Mapping[str, str]

    @property
    def first(self) -> Components:
        """The first of them."""
        return self.take(np.zeros(1, dtype=np.intp))

    def take(self, index: Index) -> Components:
        """Return some of them."""
        batch = self.batch if np.array_equal(index, np.arange(len(self.owner))) else self.batch.take(index)
        return Components(batch, self.owner[index], self.weight[index], self.constants[index], self.names)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        found: Transform = self.batch.scale(self.names[estimand])
        return found

    def of(self, index: Index, size: int) -> Components:
        """Return the components of some of `size` mixtures, whose numbers are their places in `index`."""
        place = np.full(size, -1, dtype=np.intp)
        place[index] = np.arange(len(index))
        owner = place[self.owner]
        kept = np.flatnonzero(owner >= 0)
        return replace(self.take(kept), owner=owner[kept])


Piece = tuple[Index, Components, Any]


@dataclass(frozen=True)
class MixtureSolution:
    """The mixtures of a chunk under one rule.

    Parameters
    ----------
    pieces : tuple of (array of int, Components, Solution)
        Flat places, kind and posterior of the components that were solved together.
    segments : Segments
    weight : array (N,)
        Stated weights, of sum one in each mixture.
    constants : array (N,)
    by_evidence : bool
    like : Components
        Whose coordinates are used.
    """

    pieces: tuple[Piece, ...]
    segments: Segments
    weight: Array
    constants: Array
    by_evidence: bool
    like: Components

    @cached_property
    def log_evidence(self) -> Array:
        """Log marginal likelihood (N,) of every component; NaN where its prior is improper."""
        found = np.empty(len(self.weight))
        for index, _, solution in self.pieces:
            found[index] = solution.log_total
        return found + self.constants

    @cached_property
    def share(self) -> Array:
        """Posterior weight (N,) of every component."""
        return self.segments.posterior(self.weight, self.log_evidence, self.by_evidence)

    @property
    def log_total(self) -> Array:
        """Log marginal likelihood (B,), averaged over the components with their stated weights."""
        return self.segments.log_mix(self.log_evidence, self.weight)

    def log_density_at_null(self) -> Array:
        """Log posterior density (B,) at the point null."""
        found = np.empty(len(self.weight))
        for index, _, solution in self.pieces:
            found[index] = solution.log_density_at_null()
        return self.segments.log_mix(found, self.share)

    def missed(self) -> Array:
        """Probability (B,) that the components' searches did not bracket."""
        found = np.zeros(len(self.weight))
        for index, _, solution in self.pieces:
            if hasattr(solution, "missed"):
                found[index] = solution.missed()
        return self._mix(found)

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the estimand's coordinate at `s` (K, B)."""
        below, density = self.evaluate_all((estimand,), s[:, None])
        return below[:, 0], density[:, 0]

    def sketch(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """`evaluate`, more cheaply where the components can."""
        below, density = self.sketch_all((estimand,), s[:, None])
        return below[:, 0], density[:, 0]

    def evaluate_all(self, estimands: Sequence[str], s: Array) -> tuple[Array, Array]:
        """`evaluate` of several estimands at once, arrays (K, estimand, B)."""
        return self._ask("evaluate", estimands, s)

    def sketch_all(self, estimands: Sequence[str], s: Array) -> tuple[Array, Array]:
        """`sketch` of several estimands at once, arrays (K, estimand, B)."""
        return self._ask("sketch", estimands, s)

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread (B,) of the coordinate, to start searches from."""
        center, spread = np.empty(len(self.weight)), np.empty(len(self.weight))
        for index, part, solution in self.pieces:
            own, common = self._scales(part, estimand)
            middle, width = solution.location(part.names[estimand])
            if own is not common:
                moved = common.forward(own.backward(middle))
                middle, width = moved, width * np.exp(own.log_slope(middle) - common.log_slope(moved))
            center[index], spread[index] = middle, width
        return self._moments(center, spread)

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,) of the quantity; NaN where those of a component do not exist."""
        mean, sd = np.empty(len(self.weight)), np.empty(len(self.weight))
        for index, part, solution in self.pieces:
            mean[index], sd[index] = solution.moments(part.names[estimand])
        return self._moments(mean, sd)

    def _moments(self, mean: Array, sd: Array) -> tuple[Array, Array]:
        middle = self._mix(mean)
        with np.errstate(invalid="ignore", over="ignore"):
            return middle, np.sqrt(self._mix(sd * sd + (mean - middle[self.segments.owner]) ** 2))

    def _mix(self, values: Array) -> Array:
        """Weighted sum (..., B) of values (..., N) of components; those without weight do not count."""
        with np.errstate(invalid="ignore"):
            return self.segments.total(np.where(self.share > 0, values * self.share, 0.0))

    def _scales(self, part: Components, estimand: str) -> tuple[Transform, Transform]:
        """Coordinate of an estimand in a kind of component, and in the mixture."""
        return part.scale(estimand), self.like.scale(estimand)

    def _ask(self, how: str, estimands: Sequence[str], s: Array) -> tuple[Array, Array]:
        at = s[..., self.segments.owner]
        below, density = np.empty(at.shape), np.empty(at.shape)
        for index, part, solution in self.pieces:
            own = at[..., index]
            log_slope = np.zeros(own.shape)
            for i, estimand in enumerate(estimands):
                scale, common = self._scales(part, estimand)
                if scale is not common:
                    there = scale.forward(common.backward(own[:, i]))
                    log_slope[:, i] = common.log_slope(own[:, i]) - scale.log_slope(there)
                    own[:, i] = there
            names = [part.names[estimand] for estimand in estimands]
            inside = np.isfinite(own)
            found, height = _ask_one(solution, how, names, np.where(inside, own, 0.0))
            with np.errstate(over="ignore", invalid="ignore"):
                height = np.where(inside, height * np.exp(log_slope), 0.0)
            beyond = np.where(np.isnan(own), np.nan, own > 0)
            below[..., index], density[..., index] = np.where(inside, found, beyond), height
        return self._mix(below), self._mix(density)


def _ask_one(solution: Any, how: str, names: Sequence[str], s: Array) -> tuple[Array, Array]:
    """Ask some components about several quantities, arrays (K, quantity, n), in as few calls as they take."""
    if hasattr(solution, f"{how}_all"):
        found: tuple[Array, Array] = getattr(solution, f"{how}_all")(names, s)
        return found
    ask = getattr(solution, how, solution.evaluate)
    pairs = [ask(name, np.ascontiguousarray(s[:, i])) for i, name in enumerate(names)]
    return np.stack([below for below, _ in pairs], axis=1), np.stack([density for _, density in pairs], axis=1)
