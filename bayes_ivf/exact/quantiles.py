"""Printed medians with quartiles or ranges of two arms, with a prior on the standardized difference or flat locations.

**Model** (coding "average"; with "control" the locations are m and ``m + d s``)::

    mu_t = m + d s / 2,  mu_c = m - d s / 2,    s = sqrt((sigma_t ** 2 + sigma_c ** 2) / 2)
    values of arm i ~ N(mu_i, sigma_i ** 2), or their logs are
    what is printed of arm i: fractional order statistics, rounded (`quantile_nodes`)
    d ~ p_d,   m flat or normal,   sigma_i flat on the log or ~ p_sigma (or one sigma for both)

or mu_t, mu_c and both log sigmas flat. Of normal values mean and median are mu; of log-normal ones the median is ``exp(mu)`` and
the mean ``exp(mu + sigma ** 2 / 2)``, and the prior on d speaks of the log scale.

**Integrals.** Both sigmas are summed on nodes, which leaves a density of both locations (`quantile_plane`); whatever is asked is
a threshold on their difference, given the rest (`quantile_values`).

**Moments.** As sigma grows, an arm's likelihood falls as a power of it, the difference of its outermost ranks: moments of normal
values exist below that order. Of log-normal values no moment of a mean or a median exists while log sigma is flat.

Examples
--------
Median 5 with quartiles 3 and 8 of 62 women against 4 (2 to 7) of 51, rounded to whole numbers:

>>> from bayes_ivf.exact.quantile_arm import ArmLikelihood
>>> def arm(numbers, n):
...     q = np.array(numbers, dtype=float)
...     return ArmLikelihood(q - 0.5, q + 0.5, np.array([0.25, 0.5, 0.75]) * (n + 1), n)
>>> effect = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})
>>> posterior = solve_quantiles([(arm((3, 5, 8), 62), arm((2, 4, 7), 51))], effect=effect)
>>> summary = posterior.summarize("mean_difference")
>>> [round(float(value[0]), 2) for value in (summary.median, summary.ci_low, summary.ci_high)]
[0.95, -0.57, 2.46]

References
----------
David HA, Nagaraja HN (2003). Order statistics. doi:10.1002/0471722162
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.quantile_arm import ArmLikelihood
from bayes_ivf.exact.quantile_rows import Priors
from bayes_ivf.exact.quantile_solution import QuantileSolution
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import ExactPosterior, Rule, Transform

Array = npt.NDArray[np.float64]
Arms = tuple[ArmLikelihood, ArmLikelihood]

QUANTILE_ESTIMANDS = (
    "mean_difference",
    "standardized_mean_difference",
    "ratio_of_means",
    "median_difference",
    "ratio_of_medians",
    "control_mean",
    "treatment_mean",
    "control_median",
    "treatment_median",
)
_FLAT = BatchedPrior("Flat", {})


@dataclass(frozen=True)
class QuantileBatch:
    """A batch of printed quantiles, for `ExactPosterior`; each problem is solved by itself."""

    arms: tuple[Arms, ...]
    effect: BatchedPrior | None
    level: BatchedPrior
    coding: str
    sigma: BatchedPrior
    common: bool
    log_normal: bool

    chunk = 1
    rules = tuple(Rule(outer, inner) for outer, inner in ((3, 5), (4, 6), (8, 10)))

    @property
    def size(self) -> int:
        """Number of problems."""
        return len(self.arms)

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return QUANTILE_ESTIMANDS

    @cached_property
    def priors(self) -> Priors:
        """Priors of the first problem."""
        first = np.array([0])
        effect = None if self.effect is None else self.effect.take(first, self.size)
        level, sigma = (each.take(first, self.size) for each in (self.level, self.sigma))
        return Priors(effect, level, self.coding, sigma, self.common)

    def take(self, index: npt.NDArray[np.intp]) -> QuantileBatch:
        """Return some of the problems."""
        return QuantileBatch(
            tuple(self.arms[i] for i in index),
            None if self.effect is None else self.effect.take(index, self.size),
            self.level.take(index, self.size),
            self.coding,
            self.sigma.take(index, self.size),
            self.common,
            self.log_normal,
        )

    def groups(self) -> npt.NDArray[np.intp]:
        """All may share a chunk."""
        return np.zeros(self.size, dtype=np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[QuantileSolution, ...]:
        """Posterior of one problem under some rules."""
        return tuple(QuantileSolution(self.arms[0], self.priors, self.log_normal, rule) for rule in rules)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Nothing is left out of the kernel; undefined for improper priors."""
        proper = self.effect is not None and self.level.proper and self.sigma.proper
        return np.full(self.size, 0.0 if proper else np.nan)

    def log_prior_at_null(self) -> Array:
        """Log prior density of no difference; flat priors on level and sigma cancel."""
        if self.effect is None:
            return np.full(self.size, np.nan)
        return np.broadcast_to(self.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_quantiles(
    arms: Sequence[Arms],
    *,
    effect: BatchedPrior | None = None,
    level: BatchedPrior | None = None,
    coding: str = "average",
    sigma: BatchedPrior | None = None,
    common_sigma: bool = False,
    log_normal: bool = False,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two arms of which quantiles were printed.

    Parameters
    ----------
    arms : sequence of (ArmLikelihood, ArmLikelihood)
        Treatment and control of each of B problems, on the log scale if `log_normal`.
    effect : BatchedPrior, optional
        Prior on the standardized difference of both locations on that scale: any proper family on the real line or an
        interval. Without one, both locations are flat.
    level : BatchedPrior, optional
        Flat (default) or Normal, on the location midway between the arms or of the control arm, on that scale.
    coding : {"average", "control"}
    sigma : BatchedPrior, optional
        Prior on each sigma on that scale; flat on log sigma by default.
    common_sigma : bool
        Whether both arms share one sigma.
    log_normal : bool
        Whether the logs of values are normal; quantities are told on the outcome's own scale.
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior

    Raises
    ------
    RequestError
        If a family of prior is not solved.
    """
    level, sigma = level or _FLAT, sigma or _FLAT
    faults = []
    if effect is not None and (not effect.proper or effect.support not in ("real", "interval")):
        allowed = "a proper distribution on the real line or an interval"
        faults.append(Fault("effect", effect.dist, allowed, "choose another prior"))
    if level.dist not in ("Flat", "Normal"):
        faults.append(Fault(coding, level.dist, "Flat, Normal", "choose one of the two, or use NUTS"))
    if faults:
        raise RequestError(faults)
    return ExactPosterior(QuantileBatch(tuple(arms), effect, level, coding, sigma, common_sigma, log_normal), workers)
