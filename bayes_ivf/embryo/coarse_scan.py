"""Coarse scan of the posterior: outside of which log odds and shared parameters it is negligible.

The log posterior ``log L_t + log L_c + log priors`` is computed on a coarse grid of (x_t, x_c, logit icc), maximized over three
values of lambda. Parameters at which it lies more than 25 below its maximum are dropped (exp(-25) = 1e-11), the grid is laid
again over the rest, and the arms' likelihoods are then tabulated on that range alone.

Examples
--------
Ten of 20 women are pregnant in each arm, one embryo each: the posterior of both log odds lies around zero.

>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> from bayes_ivf.embryo.problem import embryo_problem
>>> from bayes_ivf.priors import Prior
>>> arm = prepare_arm(ArmTotals(20, 20, 10, 10), max_embryos=1)
>>> normal = Prior("Normal", {"mu": 0.0, "sigma": 1.5})
>>> factory = scan_posterior(embryo_problem(arm, arm, {"average": normal, "effect": normal}))
>>> print(factory.treatment.edges[[0, -1]].round(1))
[-3.8  3.8]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.arm_curves import ArmCurves, arm_curves, exact_values
from bayes_ivf.embryo.curves import Curves
from bayes_ivf.embryo.posterior_2d import Posterior2D
from bayes_ivf.embryo.problem import EmbryoProblem
from bayes_ivf.priors import BatchedPrior

Array = npt.NDArray[np.float64]

_LOG_ODDS = np.array([0.0, 1.0, 2.0, 3.2, 5.0, 8.0, 14.0, 24.0, 36.0])
_LOG_ODDS = np.concatenate([-_LOG_ODDS[:0:-1], _LOG_ODDS])
"""First grid of x_t and x_c: probabilities from 2e-16 to 1 - 2e-16, closest where they are likely."""
_LOGITS = np.array([-12.0, -8.0, -5.0, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0, 8.0, 12.0])
"""First grid of the logit of the icc (or q)."""
_DROP = 25.0
"""Log posterior below the maximum that is dropped, 1e-11: beyond, the curves go on as straight lines, which is all that so
little mass needs."""


@dataclass(frozen=True)
class Posterior2DFactory:
    """Makes the posterior of both log odds at any shared parameters, on the range of log odds that matters.

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
        """Posterior at pairs of shared parameters, (B,)."""
        curves = [Curves.fit(arm.edges, arm.log_likelihood(within, loss)) for arm in (self.treatment, self.control)]
        return Posterior2D(self.problem, *curves)


def scan_posterior(problem: EmbryoProblem) -> Posterior2DFactory:
    """Scan the posterior on a coarse grid, twice, and tabulate the arms where it is not negligible."""
    loss = np.array([float(problem.loss.quantile(q)) for q in (0.1, 0.5, 0.9)]) if problem.loss else np.zeros(1)
    low, high = special.logit(_support(problem.within))
    grids = _LOG_ODDS, _LOG_ODDS, np.unique(np.clip(np.append(_LOGITS, 0.5 * (low + high)), low, high))
    for _ in range(2):
        ranges, profile = _scan(problem, grids, loss)
        logits = grids[2]
        # nine points suffice: the range that is left has one hump
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
    # density of the logit
    within = problem.within.logpdf(shared) + np.log(shared) + np.log1p(-shared)
    logs = (treatment[:, None] + control[None]).max(axis=-1) + prior[..., None] + within
    # sums of hundreds of nats below the peak may cancel to nothing
    logs = np.where(np.isnan(logs), -np.inf, logs)
    keep = logs > logs.max() - _DROP
    ranges = (
        _range(x_t, keep.any(axis=(1, 2))),
        _range(x_c, keep.any(axis=(0, 2))),
        _range(logits, keep.any(axis=(0, 1))),
    )
    return ranges, logs.max(axis=(0, 1)) - logs.max()


def _support(prior: BatchedPrior) -> tuple[float, float]:
    # all but 1e-12 of the prior at each end, and never an end at which a logit is infinite
    low, high = (float(prior.quantile(q)) for q in (1e-12, 1 - 1e-12))
    return max(low, 1e-15), min(high, 1 - 1e-15)


def _nearest(x: Array, prior: BatchedPrior) -> Array:
    # a bounded prior may lie between the points of the coarse grid
    if prior.support != "interval":
        return x
    return np.asarray(np.clip(x, prior.parameters["lower"], prior.parameters["upper"]))


def _range(grid: Array, keep: npt.NDArray[np.bool_]) -> tuple[float, float]:
    kept = np.flatnonzero(keep)
    return float(grid[max(kept[0] - 1, 0)]), float(grid[min(kept[-1] + 1, len(grid) - 1)])
