"""The posterior of both log odds at given shared parameters, in the form that `quadrature` integrates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.arm_curves import ArmCurves, arm_curves, exact_values
from bayes_ivf.embryo.curves import Curves
from bayes_ivf.embryo.problem import EmbryoProblem
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import LogFactor, prior_factor

Array = npt.NDArray[np.float64]

_SCAN = np.array([0.0, 1.0, 2.0, 3.2, 5.0, 8.0, 14.0, 24.0, 36.0])
_SCAN = np.concatenate([-_SCAN[:0:-1], _SCAN])
_LOGITS = np.array([-12.0, -8.0, -5.0, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0, 8.0, 12.0])
_DROP = 25.0
# beyond this the curves go on as straight lines, which is all that so little mass needs


@dataclass(frozen=True)
class Posterior2D:
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
        return int(self.treatment.values.shape[1])

    def take(self, index: npt.NDArray[np.intp]) -> Posterior2D:
        """Return the same at some of the B values."""
        return Posterior2D(self.problem, self.treatment.take(index), self.control.take(index))

    def factors(self) -> tuple[LogFactor, ...]:
        """Return the two likelihoods, then the priors on average (or control) and effect."""
        first = (0.5, 0.5) if self.problem.coding == "average" else (0.0, 1.0)
        return (
            _arm_term(self.treatment, (1.0, 0.0)),
            _arm_term(self.control, (0.0, 1.0)),
            prior_factor(self.problem.first, first, self.size),
            prior_factor(self.problem.effect, (1.0, -1.0), self.size),
        )

    def reach(self) -> Array:
        """How far the panels look: power-law tails are followed to a probability of 1e-13."""
        index = np.minimum(self.problem.first.tail_index(), self.problem.effect.tail_index())
        return np.broadcast_to(np.where(np.isfinite(index), np.clip(30 / index, 15, 300), 15.0), (self.size,))


def _arm_term(curves: Curves, combination: tuple[float, float]) -> LogFactor:
    # mean and sd of the likelihood, taken as a density, say where to look; a wide factor keeps a flat side finite
    points = np.linspace(curves.edges[0], curves.edges[-1], 40 * (len(curves.edges) - 1) + 1)
    logs = curves(np.broadcast_to(points[:, None], (len(points), curves.values.shape[1]))) - points[:, None] ** 2 / 50
    weight = np.exp(logs - logs.max(axis=0))
    weight /= weight.sum(axis=0)
    center = (weight * points[:, None]).sum(axis=0)
    variance = (weight * (points[:, None] - center) ** 2).sum(axis=0)
    return LogFactor(combination, curves, center, np.sqrt(variance + (points[1] - points[0]) ** 2))


@dataclass(frozen=True)
class Posterior2DFactory:
    """Makes kernels on the range of log odds that matters for one problem.

    Parameters
    ----------
    problem : EmbryoProblem
        Arms and priors.
    treatment, control : ArmCurves
        Values of the arms on panels over that range.
    logits, profile : (n,) array of float
        Logits of the icc (or q), and the log of the highest posterior density found at each: where to look.
    """

    problem: EmbryoProblem
    treatment: ArmCurves
    control: ArmCurves
    logits: Array
    profile: Array

    def at(self, within: Array, loss: Array) -> Posterior2D:
        """Posterior2D at pairs of shared parameters, (B,)."""
        curves = [Curves.fit(arm.edges, arm.log_likelihood(within, loss)) for arm in (self.treatment, self.control)]
        return Posterior2D(self.problem, *curves)


def posterior_2d_factory(problem: EmbryoProblem) -> Posterior2DFactory:
    """Scan the posterior on a coarse grid and keep the parameters at which it is not negligible."""
    loss = np.array([float(problem.loss.quantile(q)) for q in (0.1, 0.5, 0.9)]) if problem.loss else np.zeros(1)
    low, high = special.logit(_support(problem.within))
    grids = _SCAN, _SCAN, np.unique(np.clip(np.append(_LOGITS, 0.5 * (low + high)), low, high))
    for _ in range(2):
        ranges, profile = _scan(problem, grids, loss)
        logits = grids[2]
        grids = tuple(np.linspace(*span, 9) for span in ranges)  # type: ignore[assignment]
    arms = problem.treatment, problem.control
    treatment, control = (arm_curves(arm, span, ranges[2], loss) for arm, span in zip(arms, ranges[:2], strict=True))
    return Posterior2DFactory(problem, treatment, control, logits, profile)


def _scan(
    problem: EmbryoProblem, grids: tuple[Array, Array, Array], loss: Array
) -> tuple[tuple[tuple[float, float], ...], Array]:
    """Ranges of x_t, x_c and the logit outside of which the posterior is negligible, and its profile over the logit."""
    x_t, x_c, logits = grids
    shared = special.expit(logits)
    treatment, control = (
        exact_values(arm, x, np.repeat(shared, len(loss)), np.tile(loss, len(shared))).reshape(len(x), len(logits), -1)
        for arm, x in ((problem.treatment, x_t), (problem.control, x_c))
    )
    first = (x_t[:, None] + x_c) / 2 if problem.coding == "average" else np.broadcast_to(x_c, (len(x_t), len(x_c)))
    effect = x_t[:, None] - x_c
    prior = problem.first.logpdf(_nearest(first, problem.first)) + problem.effect.logpdf(
        _nearest(effect, problem.effect)
    )
    within = problem.within.logpdf(shared) + np.log(shared) + np.log1p(-shared)
    logs = (treatment[:, None] + control[None]).max(axis=-1) + prior[..., None] + within
    keep = logs > logs.max() - _DROP
    ranges = (
        _range(x_t, keep.any(axis=(1, 2))),
        _range(x_c, keep.any(axis=(0, 2))),
        _range(logits, keep.any(axis=(0, 1))),
    )
    return ranges, logs.max(axis=(0, 1)) - logs.max()


def _support(slot: BatchedPrior) -> tuple[float, float]:
    low, high = (float(slot.quantile(q)) for q in (1e-12, 1 - 1e-12))
    return max(low, 1e-15), min(high, 1 - 1e-15)


def _nearest(x: Array, slot: BatchedPrior) -> Array:
    # a bounded prior may lie between the points of the coarse grid
    if slot.support != "interval":
        return x
    return np.asarray(np.clip(x, slot.parameters["lower"], slot.parameters["upper"]))


def _range(grid: Array, keep: npt.NDArray[np.bool_]) -> tuple[float, float]:
    kept = np.flatnonzero(keep)
    return float(grid[max(kept[0] - 1, 0)]), float(grid[min(kept[-1] + 1, len(grid) - 1)])
