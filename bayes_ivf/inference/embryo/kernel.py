"""The posterior of both log odds at given shared parameters, in the form that `exact.sheet` integrates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from bayes_ivf.inference.embryo.curves import Curves, tabulate
from bayes_ivf.inference.embryo.problem import EmbryoProblem
from bayes_ivf.inference.exact.charts import Table, Term, prior_term
from bayes_ivf.likelihoods.embryo_totals import ArmLikelihood

Array = npt.NDArray[np.float64]

TOLERANCE = 1e-9
"""Largest error of a tabulated log likelihood."""
_SCAN = np.array([0.0, 0.75, 1.5, 2.2, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 14.0, 20.0, 28.0, 36.0])
_SCAN = np.concatenate([-_SCAN[:0:-1], _SCAN])
_SCAN_SHARED = np.array([0.02, 0.2, 0.5, 0.8, 0.98])
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


def arm_values(arm: ArmLikelihood, log_odds: Array, within: Array, loss: Array) -> Array:
    """Log likelihood at every combination, (N, R * L)."""
    if arm.mechanism == "biochemical":
        found = arm.log_likelihood_by_loss(log_odds[:, None], within, loss)
    else:
        found = arm.log_likelihood(log_odds[:, None], within)[..., None]
    return found.reshape(len(log_odds), -1)


@dataclass(frozen=True)
class KernelMaker:
    """Makes kernels on the range of log odds that matters for one problem.

    Parameters
    ----------
    problem : EmbryoProblem
        Arms and priors.
    ranges : pair of (float, float)
        Log odds of treatment and control outside of which the posterior is negligible.
    """

    problem: EmbryoProblem
    ranges: tuple[tuple[float, float], tuple[float, float]]

    def at(self, within: Array, loss: Array) -> Kernel:
        """Kernel at every combination of `within` (R,) and `loss` (L,), the latter running fastest."""
        arms = (self.problem.treatment, self.problem.control)
        curves = [
            tabulate(lambda x, arm=arm: arm_values(arm, x, within, loss), low, high, TOLERANCE)  # type: ignore[misc]
            for arm, (low, high) in zip(arms, self.ranges, strict=True)
        ]
        return Kernel(self.problem, *curves)


def kernel_maker(problem: EmbryoProblem) -> KernelMaker:
    """Scan the posterior on a coarse grid and keep the log odds at which it is not negligible."""
    within = problem.within
    shared = np.array([float(within.quantile(q)) for q in _SCAN_SHARED])
    loss = np.array([float(problem.loss.quantile(q)) for q in (0.1, 0.5, 0.9)]) if problem.loss else np.zeros(1)
    treatment = arm_values(problem.treatment, _SCAN, shared, loss)
    control = arm_values(problem.control, _SCAN, shared, loss)
    x_t, x_c = _SCAN[:, None], _SCAN[None, :]
    first = (x_t + x_c) / 2 if problem.coding == "average" else x_c + 0 * x_t
    prior = problem.first.logpdf(_nearest(first, problem.first)) + problem.effect.logpdf(
        _nearest(x_t - x_c, problem.effect)
    )
    logs = (treatment[:, None, :] + control[None, :, :]).max(axis=2) + prior
    keep = logs > logs.max() - _DROP
    return KernelMaker(problem, (_range(keep.any(axis=1)), _range(keep.any(axis=0))))


def _nearest(x: Array, slot: object) -> Array:
    # a bounded prior may lie between the points of the coarse grid
    parameters = getattr(slot, "parameters", {})
    if "lower" not in parameters:
        return x
    return np.asarray(np.clip(x, parameters["lower"], parameters["upper"]))


def _range(keep: npt.NDArray[np.bool_]) -> tuple[float, float]:
    kept = np.flatnonzero(keep)
    low, high = max(kept[0] - 1, 0), min(kept[-1] + 1, len(_SCAN) - 1)
    return float(_SCAN[low]), float(_SCAN[high])
