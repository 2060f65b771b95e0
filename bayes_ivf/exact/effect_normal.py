"""A normal estimate of an effect with a prior on it: the classical reanalysis of a printed effect and its interval.

With a normal prior the posterior is normal, of precision 1 / s0^2 + 1 / se^2, and with a flat one of that of the estimate; with
another it is tabulated on panels.
A ratio is the exponential of the effect: in the coordinate of `Transform` it is the effect itself, so one distribution function
serves every estimand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import (
    IDENTITY,
    LOG,
    RULES,
    ExactPosterior,
    Grid1D,
    Rule,
    SinhMap,
    SupportFinder1D,
    Transform,
)

Array = npt.NDArray[np.float64]

_LOG_ROOT = 0.5 * np.log(2 * np.pi)
_SEEN = (-8.0, -3.0, -1.0, 0.0, 1.0, 3.0, 8.0)
"""Where the search looks around estimate and prior, in standard errors and in the prior's scale."""
_WIDE = 0.25
"""Standard error of a log ratio above which exp(2 x) may lift a tail that panels leave out; below, little cancels there."""
_REACH = 15.0
"""How far it looks, in the stretched coordinate: sinh(15) is 1.6 million standard errors."""


def _log_normal(x: Array, center: Array, sd: Array) -> Array:
    return np.asarray(-(((x - center) / sd) ** 2) / 2 - np.log(sd) - _LOG_ROOT)


def _is_ratio(estimand: str) -> bool:
    return estimand.endswith("_ratio") and not estimand.startswith("log_")


@dataclass(frozen=True)
class ConjugateSolution:
    """The normal posterior of a chunk under normal priors.

    Parameters
    ----------
    mean, sd : array (B,)
        Of the effect.
    log_total : array (B,)
        Log marginal likelihood of the estimate; NaN under a flat prior.
    """

    mean: Array
    sd: Array
    log_total: Array

    def log_density_at_null(self) -> Array:
        """Log posterior density at no effect; NaN under a flat prior, which has no density to compare it with."""
        known = np.where(np.isnan(self.log_total), np.nan, self.mean)
        return _log_normal(np.zeros_like(self.mean), known, self.sd)

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the effect, the coordinate of every estimand."""
        return special.ndtr((s - self.mean) / self.sd), np.exp(_log_normal(s, self.mean, self.sd))

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread, to start searches from."""
        return self.mean, self.sd

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd; of a ratio those of a log-normal distribution."""
        if not _is_ratio(estimand):
            return self.mean, self.sd
        with np.errstate(over="ignore"):
            mean = np.exp(self.mean + self.sd**2 / 2)
            return mean, mean * np.sqrt(np.expm1(self.sd**2))


@dataclass(frozen=True)
class PanelSolution:
    """The posterior of a chunk on panels, under one rule."""

    problem: EffectBatch
    rule: Rule
    grid: Grid1D
    log_kernel_at_null: Array

    @property
    def log_total(self) -> Array:
        """Log marginal likelihood of the estimate."""
        return self.grid.log_total

    def log_density_at_null(self) -> Array:
        """Log posterior density at no effect."""
        return np.asarray(self.log_kernel_at_null - self.grid.log_total)

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the effect, the coordinate of every estimand."""
        return self.grid.marginal(s)

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread, to start searches from."""
        return self.grid.moments(self.grid.x)

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd, which the normal tails of the likelihood bound under every prior."""
        if not _is_ratio(estimand):
            return self.grid.moments(self.grid.x)
        with np.errstate(over="ignore"):
            mean, sd = self.grid.moments(np.exp(self.grid.x))
            wide = np.flatnonzero(self.problem.se > _WIDE)
            if len(wide):
                mean[wide], sd[wide] = self._wide_moments(wide)
        return mean, sd

    def _wide_moments(self, wide: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        """Moments of a ratio whose tail beyond the panels counts.

        exp(k x) N(y | x, se) is N(y + k se^2 | x, se) exp(k y + k^2 se^2 / 2): a moment is a ratio of marginal likelihoods.
        """
        part = self.problem.take(wide)
        first, second = (
            part.shifted(k).integrate((self.rule,))[0].log_total
            + k * part.estimate
            + (k * part.se) ** 2 / 2
            - self.grid.log_total[wide]
            for k in (1, 2)
        )
        return np.exp(first), np.exp(first) * np.sqrt(np.expm1(second - 2 * first))


@dataclass(frozen=True)
class EffectBatch:
    """A batch of normal estimates on one scale, for `ExactPosterior`."""

    estimate: Array
    se: Array
    effect: BatchedPrior
    estimands: tuple[str, ...]

    chunk = 256
    rules = RULES

    @property
    def size(self) -> int:
        """Number of estimates."""
        return len(self.estimate)

    def take(self, index: npt.NDArray[np.intp]) -> EffectBatch:
        """Return some of the estimates."""
        prior = self.effect.take(index, self.size)
        return EffectBatch(self.estimate[index], self.se[index], prior, self.estimands)

    def shifted(self, times: int) -> EffectBatch:
        """Return the batch with estimates that lie so many squared standard errors higher."""
        return EffectBatch(self.estimate + times * self.se**2, self.se, self.effect, self.estimands)

    def groups(self) -> npt.NDArray[np.intp]:
        """All may share a chunk."""
        return np.zeros(self.size, dtype=np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[ConjugateSolution | PanelSolution, ...]:
        """Posterior under some rules: in closed form under normal and flat priors."""
        if not self.effect.proper:
            return (ConjugateSolution(self.estimate, self.se, np.full(self.size, np.nan)),) * len(rules)
        return (self.conjugate(),) * len(rules) if self.effect.dist == "Normal" else self.integrate(rules)

    def conjugate(self) -> ConjugateSolution:
        """Return the posterior under normal priors."""
        center, spread = (np.broadcast_to(self.effect.parameters[name], (self.size,)) for name in ("mu", "sigma"))
        wide = np.hypot(spread, self.se)
        # a weighted mean in this form keeps its digits where one of the two sds is tiny
        mean = center + (self.estimate - center) * (spread / wide) ** 2
        return ConjugateSolution(mean, spread * self.se / wide, _log_normal(self.estimate, center, wide))

    def integrate(self, rules: Sequence[Rule]) -> tuple[PanelSolution, ...]:
        """Return the posterior under some rules, by quadrature."""
        center, spread = (np.broadcast_to(value, (self.size,)) for value in self.effect.center_and_scale())

        def log_kernel(effect: Array) -> Array:
            return self.effect.logpdf(effect) + _log_normal(self.estimate, effect, self.se)

        marks = [middle + k * scale for middle, scale in ((self.estimate, self.se), (center, spread)) for k in _SEEN]
        reach = np.full(self.size, _REACH)
        support = SupportFinder1D(log_kernel, SinhMap(self.estimate, self.se), marks, self.effect.kinks(), reach)
        at_null = log_kernel(np.zeros((1, self.size)))[0]
        return tuple(PanelSolution(self, rule, support.grid(rule.inner + 2), at_null) for rule in rules)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the effect, which is the log of a ratio."""
        return LOG if _is_ratio(estimand) else IDENTITY

    def log_constants(self) -> Array:
        """Nothing is left out of the density."""
        return np.zeros(self.size)

    def log_prior_at_null(self) -> Array:
        """Log prior density of no effect."""
        return np.broadcast_to(self.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_effect(
    estimate: npt.ArrayLike,
    se: npt.ArrayLike,
    *,
    effect: BatchedPrior,
    estimands: tuple[str, ...],
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of an effect of which a normal estimate is known.

    Parameters
    ----------
    estimate, se : array (B,)
        Estimate and standard error: log of a ratio, or a difference in its own unit.
    effect : BatchedPrior
        Prior on the effect on that scale: any proper family on the real line or an interval, or Flat.
    estimands : tuple of str
        Names of the effect and of its exponential.
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior

    Raises
    ------
    RequestError
        Listing every fault.

    Examples
    --------
    Odds ratio 1.61 (1.03 to 2.53) with N(0, 1) on the log odds ratio:

    >>> import numpy as np
    >>> from bayes_ivf.priors import BatchedPrior
    >>> se = np.log(2.53 / 1.03) / (2 * 1.959964)
    >>> posterior = solve_effect(
    ...     np.log([1.61]), [se], effect=BatchedPrior("Normal", {"mu": 0, "sigma": 1}), estimands=("odds_ratio",)
    ... )
    >>> posterior.summarize("odds_ratio").median.round(3), (1 - posterior.cdf("odds_ratio", 1)).round(3)
    (array([1.572]), array([0.979]))
    """
    given = {"estimate": estimate, "se": se}
    values = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in given.values()))
    center, spread = broadcast_priors(dict(zip(given, values, strict=True)), effect).values()
    faults = []
    if not np.isfinite(center).all():
        faults.append(Fault("estimate", "no finite number", "finite numbers", "correct the estimate"))
    if not (np.isfinite(spread) & (spread > 0)).all():
        faults.append(Fault("se", str(spread.min()), "finite numbers above 0", "correct the standard error"))
    if effect.support not in ("real", "interval"):
        allowed = "a distribution on the real line or an interval"
        faults.append(Fault("effect", effect.dist, allowed, "choose another prior"))
    if faults:
        raise RequestError(faults)
    whole = np.arange(len(center))
    return ExactPosterior(EffectBatch(center, spread, effect.take(whole, len(center)), estimands), workers)
