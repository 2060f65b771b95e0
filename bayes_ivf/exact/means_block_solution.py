"""Answers about many printed means at once, on few nodes where these are enough; see `means_block`.

Of every problem the nodes become more until the distribution functions of two rules in a row agree at a few points. A problem
that the last ones leave open, or whose sigmas lie where none of this is believed, is answered as in `means_mixture_solution`.

Examples
--------
Without a difference in print, and a prior around none, the difference is as likely positive as negative:

>>> from bayes_ivf.exact.means_data import MeansData
>>> from bayes_ivf.priors import BatchedPrior
>>> data = MeansData(*(np.array([value]) for value in (8.0, 2.0, 20.0, 8.0, 2.0, 20.0)))
>>> effect, flat = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0}), BatchedPrior("Flat", {})
>>> fine, _ = solve_together(Given(data, effect, flat, "average", flat, False), ((0.6, 20), (0.8, 14)))
>>> below, _ = fine.evaluate("mean_difference", np.zeros((1, 1)))
>>> round(float(below[0, 0]), 9)
0.5
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.means_block import BlockNodes, MeansBlock
from bayes_ivf.exact.means_block_answers import ask, location_of, moments_of
from bayes_ivf.exact.means_data import MEAN_ESTIMANDS, MeansData, sigma_index
from bayes_ivf.exact.means_mixture import MeansMixture
from bayes_ivf.exact.means_mixture_solution import MixtureSolution, MomentsOfMeans
from bayes_ivf.priors import BatchedPrior

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_LADDER = ((6, 6), (8, 8), (10, 10), (13, 12), (16, 14))
# Nodes of each sigma, and of the prior's scale.
_AGREED = 2e-9
# Change between two rules up to which the finer one, some ten times as good, is believed.
_NULL = 8
# Nodes of each sigma where the effect is zero: it is only their sum that is asked for.
_PROBES = np.array([-2.2, 0.4, 2.2])[:, None]
# Standard deviations from the mean at which they are compared.


@dataclass(frozen=True)
class Given:
    """What is printed of B problems, and their priors; as of `MeansBlock`."""

    data: MeansData
    effect: BatchedPrior
    level: BatchedPrior
    coding: str
    sigma: BatchedPrior
    common: bool

    def take(self, index: Index) -> Given:
        """Return some of the problems."""
        size = self.data.size
        effect, level, sigma = (each.take(index, size) for each in (self.effect, self.level, self.sigma))
        return Given(self.data.take(index), effect, level, self.coding, sigma, self.common)

    def block(self, *, null: bool = False) -> MeansBlock:
        """All problems together."""
        return MeansBlock(self.data, self.effect, self.level, self.coding, self.sigma, self.common, null)

    def mixtures(self, *, null: bool = False) -> tuple[MeansMixture, ...]:
        """Each problem by itself."""
        parts = [self.take(np.array([i])) for i in range(self.data.size)]
        return tuple(
            MeansMixture(each.data, each.effect, each.level, each.coding, each.sigma, each.common, null)
            for each in parts
        )


class NullMass:
    """Log integrals with the effect at zero, under two rules that are asked for only with the evidence."""

    def __init__(self, given: Given, number: int) -> None:
        self.given, self.number = given, number

    @cached_property
    def _block(self) -> MeansBlock:
        return self.given.block(null=True)

    @cached_property
    def coarser(self) -> Array:
        """Under the coarser rule, array (B,)."""
        return self._block.nodes(self.number, 1).log_total

    @cached_property
    def finer(self) -> Array:
        """Under the finer one."""
        return self._block.nodes(self.number + 2, 1).log_total

    @property
    def doubtful(self) -> npt.NDArray[np.bool_]:
        """Whether (B,) neither is believed."""
        return np.asarray(self._block.doubtful | ~(np.abs(self.finer - self.coarser) < _AGREED))


@dataclass(frozen=True)
class Part:
    """Some problems of a chunk: their places, nodes, fewer nodes to look around with, the same with no effect, and the rule."""

    places: Index
    nodes: BlockNodes
    rough: BlockNodes
    null: NullMass
    fine: bool = True


@dataclass(frozen=True)
class BlockSolution(MomentsOfMeans):
    """The posterior of a chunk under one rule.

    Parameters
    ----------
    given : Given
    parts : tuple of Part
        Problems that few nodes answer.
    rest : Index
        Places of the problems that they do not.
    others : MixtureSolution
        Of these.
    """

    given: Given
    parts: tuple[Part, ...]
    rest: Index
    others: MixtureSolution

    @property
    def log_total(self) -> Array:
        """Log integral of likelihood times prior, array (B,)."""
        return self._gather([part.nodes.log_total for part in self.parts], lambda: self.others.log_total)

    def missed(self) -> Array:
        """Probability (B,) that may lie beyond the nodes."""
        return self._gather([np.zeros(len(part.places)) for part in self.parts], self.others.missed)

    def log_density_at_null(self) -> Array:
        """Log posterior density (B,) of a standardized difference of zero."""
        return self._null - self.log_total

    @cached_property
    def _null(self) -> Array:
        found = []
        for part in self.parts:
            values = (part.null.finer if part.fine else part.null.coarser).copy()
            # found by other nodes where few do not agree
            open_ = np.flatnonzero(part.null.doubtful)
            if len(open_):
                mixtures = self.given.take(part.places[open_]).mixtures(null=True)
                values[open_] = [each.tabulate(self.others.step, 1).log_total for each in mixtures]
            found.append(values)
        return self._gather(found, lambda: self.others.log_density_at_null() + self.others.log_total)

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) at `s` (K, B)."""
        return self._ask("nodes", "evaluate", estimand, s)

    def sketch(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """`evaluate` to some six digits: where to look."""
        return self._ask("rough", "sketch", estimand, s)

    def _sigma_index(self, estimand: str) -> Array:
        return sigma_index(self.given.data, self.given.sigma, self.given.common, estimand)

    @property
    def _size(self) -> int:
        return self.given.data.size

    def _gather(self, found: Sequence[Array], others: Callable[[], Array]) -> Array:
        values = np.empty(self._size)
        for part, value in zip(self.parts, found, strict=True):
            values[part.places] = value
        if len(self.rest):
            values[self.rest] = others()
        return values

    def _moments(self, estimand: str) -> tuple[Array, Array]:
        mean, sd = np.empty((2, self._size))
        for part in self.parts:
            mean[part.places], sd[part.places] = moments_of(part.nodes, estimand)
        if len(self.rest):
            mean[self.rest], sd[self.rest] = self.others.location(estimand)
        return mean, sd

    def _ask(self, which: str, how: str, estimand: str, s: Array) -> tuple[Array, Array]:
        below, density = np.empty((2, *s.shape))
        for part in self.parts:
            at = s[:, part.places]
            below[:, part.places], density[:, part.places] = ask(getattr(part, which), estimand, at)
        if len(self.rest):
            below[:, self.rest], density[:, self.rest] = getattr(self.others, how)(estimand, s[:, self.rest])
        return below, density


def solve_together(given: Given, nodes: Sequence[tuple[float, int]]) -> tuple[BlockSolution | MixtureSolution, ...]:
    """Posteriors under some rules, the finest one first.

    Parameters
    ----------
    given : Given
    nodes : sequence of tuple
        Step and number of `MixtureSolution` under each rule, for problems that are left to it.
    """
    parts = _climb(given)
    places = np.concatenate([np.zeros(0, dtype=np.intp), *(part.places for part in parts)])
    rest = np.setdiff1d(np.arange(given.data.size), places)
    left = given.take(rest)
    mixtures, nulls = left.mixtures(), left.mixtures(null=True)
    others = tuple(MixtureSolution(mixtures, nulls, *each) for each in nodes)
    if not parts:
        return others
    fewer = tuple(replace(part, nodes=part.rough, fine=False) for part in parts)
    by_rule = (parts, *[fewer] * (len(nodes) - 1))
    return tuple(BlockSolution(given, some, rest, each) for some, each in zip(by_rule, others, strict=True))


def _climb(given: Given) -> tuple[Part, ...]:
    """Problems that some rule answers, each with the first of them."""
    block = given.block()
    open_, parts = np.flatnonzero(~block.doubtful), []
    if not len(open_):
        return ()
    block = block.take(open_)
    last = block.nodes(*_LADDER[0])
    for number, scales in _LADDER[1:]:
        new = block.nodes(number, scales, check=True)
        agreed = _agree(new, last)
        some, left = np.flatnonzero(agreed), np.flatnonzero(~agreed)
        if len(some):
            null = NullMass(given.take(open_[some]), _NULL)
            parts.append(Part(open_[some], new.take(some), last.take(some), null))
        if not len(left):
            break
        open_, block, last = open_[left], block.take(left), new.take(left)
    return tuple(parts)


def _agree(fine: BlockNodes, coarse: BlockNodes) -> npt.NDArray[np.bool_]:
    """Whether (B,) two rules agree in a few probabilities, means and sds, and few nodes of w overlook nothing."""
    worst = np.maximum(np.abs(fine.log_total - coarse.log_total), fine.overlooked)
    for estimand in MEAN_ESTIMANDS:
        mean, sd = location_of(fine, estimand)
        at = mean + sd * _PROBES
        changes = [*(ask(fine, estimand, at)[0] - ask(coarse, estimand, at)[0])]
        if estimand != "ratio_of_means":
            other, spread = moments_of(coarse, estimand)
            changes += [(other - mean) / sd, spread / sd - 1]
        # a ratio may not exist under either
        worst = np.fmax(worst, np.max(np.abs(changes), axis=0))
    return np.asarray(worst < _AGREED)
