"""The posterior of both log odds at given shared parameters, in the form that `exact.sheet` integrates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.embryo.curves import Curves
from bayes_ivf.inference.embryo.problem import EmbryoProblem
from bayes_ivf.inference.embryo.source import ArmSource, arm_source, exact_values
from bayes_ivf.inference.exact.charts import Table, Term, prior_term
from bayes_ivf.inference.exact.slots import Slot

Array = npt.NDArray[np.float64]

TOLERANCE = 1e-8
"""Largest last Chebyshev coefficients of a tabulated log likelihood."""
_SCAN = np.array([0.0, 0.75, 1.5, 2.2, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 14.0, 20.0, 28.0, 36.0])
_SCAN = np.concatenate([-_SCAN[:0:-1], _SCAN])
_LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
_LOGITS = np.array([-12.0, -8.0, -5.0, -1.7, 0.0, 1.7, 5.0, 8.0, 12.0])
_DROP = 60.0


@dataclass(frozen=True)
class Kernel:
    """Both arms' log likelihood curves at B values of the shared parameters, with the priors of the log odds.

    Parameters
    ----------
    problem : EmbryoProblem
        Arms and priors.
    treatment, control : Curves
        Log likelihood by log odds.
    """

    problem: EmbryoProblem
    treatment: Curves
    control: Curves

    @property
    def size(self) -> int:
        """B."""
        return self.treatment.values.shape[1]

    def take(self, index: npt.NDArray[np.intp]) -> Kernel:
        """The same at some of the B values."""
        arms = (Curves.fit(arm.edges, arm.values[:, index]) for arm in (self.treatment, self.control))
        return Kernel(self.problem, *arms)

    def as_table(self) -> Table:
        """Itself, for `exact.sheet`, which asks of a table only `size`, `terms` and `reach`."""
        return cast("Table", self)

    def terms(self) -> tuple[Term, ...]:
        """The two likelihoods, then the priors on average (or control) and effect."""
        first = (0.5, 0.5) if self.problem.coding == "average" else (0.0, 1.0)
        return (
            _arm_term(self.treatment, (1.0, 0.0)),
            _arm_term(self.control, (0.0, 1.0)),
            prior_term(self.problem.first, first, self.size),
            prior_term(self.problem.effect, (1.0, -1.0), self.size),
        )

    def reach(self) -> Array:
        """How far the panels look: power-law tails are followed to a probability of 1e-13."""
        index = np.minimum(self.problem.first.tail_index(), self.problem.effect.tail_index())
        return np.broadcast_to(np.where(np.isfinite(index), np.clip(30 / index, 15, 300), 15.0), (self.size,))


def _arm_term(curves: Curves, combination: tuple[float, float]) -> Term:
    # mean and sd of the likelihood, taken as a density, say where to look; a wide factor keeps a flat side finite
    points = np.linspace(curves.edges[0], curves.edges[-1], 40 * (len(curves.edges) - 1) + 1)
    logs = curves(np.broadcast_to(points[:, None], (len(points), curves.values.shape[1]))) - points[:, None] ** 2 / 50
    weight = np.exp(logs - logs.max(axis=0))
    weight /= weight.sum(axis=0)
    center = (weight * points[:, None]).sum(axis=0)
    variance = (weight * (points[:, None] - center) ** 2).sum(axis=0)
    return Term(combination, curves, center, np.sqrt(variance + (points[1] - points[0]) ** 2))


@dataclass(frozen=True)
class KernelMaker:
    """Makes kernels on the range of log odds that matters for one problem.

    Parameters
    ----------
    problem : EmbryoProblem
        Arms and priors.
    treatment, control : ArmSource
        Values of the arms on panels over that range.
    """

    problem: EmbryoProblem
    treatment: ArmSource
    control: ArmSource

    def at(self, within: Array, loss: Array) -> Kernel:
        """Kernel at every combination of `within` (R,) and `loss` (L,), the latter running fastest."""
        curves = [Curves.fit(arm.edges, arm.log_likelihood(within, loss)) for arm in (self.treatment, self.control)]
        return Kernel(self.problem, *curves)


def kernel_maker(problem: EmbryoProblem) -> KernelMaker:
    """Scan the posterior on a coarse grid and keep the parameters at which it is not negligible."""
    within = problem.within
    levels = np.array([float(within.quantile(q)) for q in _LEVELS])
    logits = np.unique(np.clip(np.concatenate([special.logit(levels), _LOGITS]), *special.logit(_support(within))))
    loss = np.array([float(problem.loss.quantile(q)) for q in (0.1, 0.5, 0.9)]) if problem.loss else np.zeros(1)
    arms = problem.treatment, problem.control
    scans = [exact_values(arm, _SCAN, special.expit(logits), loss).reshape(-1, len(logits), len(loss)) for arm in arms]
    x_t, x_c = _SCAN[:, None], _SCAN[None, :]
    first = (x_t + x_c) / 2 if problem.coding == "average" else x_c + 0 * x_t
    prior = problem.first.logpdf(_nearest(first, problem.first)) + problem.effect.logpdf(
        _nearest(x_t - x_c, problem.effect)
    )
    logs = (scans[0][:, None] + scans[1][None]).max(axis=-1) + prior[..., None]
    keep = logs > logs.max() - _DROP
    shared = _range(logits, keep.any(axis=(0, 1)))
    ranges = _range(_SCAN, keep.any(axis=(1, 2))), _range(_SCAN, keep.any(axis=(0, 2)))
    sources = [arm_source(arm, *span, shared, loss, TOLERANCE) for arm, span in zip(arms, ranges, strict=True)]
    return KernelMaker(problem, *sources)


def _support(slot: Slot) -> tuple[float, float]:
    low, high = (float(slot.quantile(q)) for q in (1e-12, 1 - 1e-12))
    return max(low, 1e-15), min(high, 1 - 1e-15)


def _nearest(x: Array, slot: Slot) -> Array:
    # a bounded prior may lie between the points of the coarse grid
    if slot.support != "interval":
        return x
    return np.asarray(np.clip(x, slot.parameters["lower"], slot.parameters["upper"]))


def _range(grid: Array, keep: npt.NDArray[np.bool_]) -> tuple[float, float]:
    kept = np.flatnonzero(keep)
    return float(grid[max(kept[0] - 1, 0)]), float(grid[min(kept[-1] + 1, len(grid) - 1)])
