"""Normal-normal hierarchies: effects of J studies around a mean, over a grid of the between-study sd.

Given tau everything is normal: mu, each theta, and the effect of a new study. See Roever, Bayesian random-effects
meta-analysis using the bayesmeta R package, Journal of Statistical Software 93(6) (2020), doi 10.18637/jss.v093.i06.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.inference.exact.line import Line, LineScout
from bayes_ivf.inference.exact.posterior import ExactPosterior
from bayes_ivf.inference.exact.quadrature import Rule, Stretch, add_up
from bayes_ivf.inference.exact.questions import RULES
from bayes_ivf.inference.exact.slots import Slot, stretch_to_slots

Array = npt.NDArray[np.float64]

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))
TAU_SCALES = ("tau", "tau_squared", "log_tau_squared")
"""What the prior in the `tau` slot is on."""


@dataclass(frozen=True)
class _Given:
    """Conditional means and variances at values of tau (N, B); those of theta have a leading axis J."""

    log_likelihood: Array
    mu: tuple[Array, Array]
    theta: tuple[Array, Array]


@dataclass(frozen=True)
class HierarchyProblem:
    """A batch of hierarchies with the same number of studies, for `ExactPosterior`.

    Parameters
    ----------
    y, se : array (J, B)
        Estimates and standard errors.
    mu, tau : Slot
    tau_scale : {"tau", "tau_squared", "log_tau_squared"}
    """

    y: Array
    se: Array
    mu: Slot
    tau: Slot
    tau_scale: str

    chunk = 64
    rules = RULES

    @property
    def size(self) -> int:
        """Number of hierarchies."""
        return int(self.y.shape[1])

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return ("mu", "tau", "theta_new", *(f"theta[{j}]" for j in range(len(self.y))))

    def take(self, index: npt.NDArray[np.intp]) -> HierarchyProblem:
        """Return some of the hierarchies."""
        return HierarchyProblem(
            np.ascontiguousarray(self.y[:, index]),
            np.ascontiguousarray(self.se[:, index]),
            self.mu.take(index, self.size),
            self.tau.take(index, self.size),
            self.tau_scale,
        )

    def groups(self) -> npt.NDArray[np.intp]:
        """All hierarchies may share a chunk."""
        return np.zeros(self.size, dtype=np.intp)

    def log_tau_prior(self, log_tau: Array) -> Array:
        """Log prior density of log tau."""
        x = np.clip(log_tau, -150, 150)
        if self.tau_scale == "log_tau_squared":
            return np.asarray(self.tau.logpdf(2 * log_tau) + np.log(2.0))
        if self.tau_scale == "tau_squared":
            return np.asarray(self.tau.logpdf(np.exp(2 * x)) + 2 * x + np.log(2.0))
        return np.asarray(self.tau.logpdf(np.exp(x)) + x)

    def log_tau_quantile(self, q: float) -> Array:
        """Prior quantile of log tau, to start the search from."""
        value = self.tau.quantile(q)
        if self.tau_scale == "log_tau_squared":
            return np.asarray(value / 2)
        with np.errstate(divide="ignore"):
            log = np.log(value)
        return np.asarray(log / 2 if self.tau_scale == "tau_squared" else log)

    def given(self, tau: Array) -> _Given:
        """Derive what follows from tau (N, B)."""
        variance = self.se[:, None] ** 2 + tau**2
        weight = 1 / variance
        total = add_up(weight)
        pooled = add_up(weight * self.y[:, None]) / total
        gap = self.y[:, None] - pooled
        log = add_up(-0.5 * gap * gap * weight - 0.5 * np.log(variance) - _LOG_SQRT_2PI)
        if self.mu.proper:
            m, v = self.mu.parameters["mu"], self.mu.parameters["sigma"] ** 2
            # The pooled estimate given mu is normal; what it replaces is its own density at its own value.
            log = log + 0.5 * np.log(2 * np.pi / total) - 0.5 * (pooled - m) ** 2 / (v + 1 / total)
            log = log - 0.5 * np.log(v + 1 / total) - _LOG_SQRT_2PI
            precision = total + 1 / v
            pooled = (total * pooled + m / v) / precision
            total = precision
        else:
            log = log + 0.5 * np.log(2 * np.pi / total)
        shrink = tau**2 * weight
        theta_mean = shrink * self.y[:, None] + (1 - shrink) * pooled
        theta_var = shrink * self.se[:, None] ** 2 + (1 - shrink) ** 2 / total
        return _Given(log, (pooled, 1 / total), (theta_mean, theta_var))

    def solve(self, rules: Sequence[Rule]) -> tuple[HierarchySolution, ...]:
        """Posterior under some rules."""

        def log_kernel(log_tau: Array) -> Array:
            tau = np.exp(np.clip(log_tau, -150, 150))
            return self.given(tau).log_likelihood + self.log_tau_prior(log_tau)

        quantiles = [
            np.broadcast_to(self.log_tau_quantile(q), (self.size,)) for q in (1e-4, 0.02, 0.16, 0.5, 0.84, 0.98, 0.9999)
        ]
        center, scale = quantiles[3], (quantiles[4] - quantiles[2]) / 2
        spread = np.log(np.maximum(np.std(self.y, axis=0), 1e-3 * self.se.min(axis=0)))
        error = 0.5 * np.log(add_up(self.se**2) / len(self.se))
        marks = [*quantiles, spread, spread + 1, error - 2, error, error + 1]
        # Prior tails in log tau: exponential, or a power for Student-t on log tau squared.
        power = self.tau.tail_index() if self.tau_scale == "log_tau_squared" else np.asarray(np.inf)
        reach = np.where(np.isfinite(power), np.clip(30 / power, 15, 300), 8.5)
        kinks = [np.broadcast_to(kink, (self.size,)) for kink in self.tau.kinks()]
        if self.tau_scale != "log_tau_squared":
            half = 0.5 if self.tau_scale == "tau_squared" else 1.0
            kinks = [half * np.log(kink) for kink in kinks if (kink > 0).all()]
        else:
            kinks = [kink / 2 for kink in kinks]
        found = LineScout(log_kernel, Stretch(center, scale), marks, kinks, np.broadcast_to(reach, (self.size,)))
        return tuple(HierarchySolution(self, found.line(rule.inner + 2)) for rule in rules)

    def log_constants(self) -> Array:
        """Nothing is left out of the kernel; undefined for a flat mean."""
        return np.full(self.size, 0.0 if self.mu.proper else np.nan)

    def log_prior_at_null(self) -> Array:
        """Log prior density of mu = 0; undefined for a flat mean."""
        at_zero = self.mu.logpdf(np.zeros(self.size)) if self.mu.proper else np.nan
        return np.broadcast_to(at_zero, (self.size,))


@dataclass(frozen=True)
class HierarchySolution:
    """The posterior of a chunk under one rule."""

    problem: HierarchyProblem
    line: Line

    @property
    def log_total(self) -> Array:
        """Log marginal likelihood of the estimates."""
        return self.line.log_total

    @cached_property
    def _tau(self) -> Array:
        return np.exp(np.clip(self.line.x, -150, 150))

    @cached_property
    def _given(self) -> _Given:
        return self.problem.given(self._tau)

    def log_density_at_null(self) -> Array:
        """Log posterior density of mu at zero."""
        mean, variance = self._given.mu
        with np.errstate(divide="ignore"):
            log = -0.5 * mean * mean / variance - 0.5 * np.log(variance) - _LOG_SQRT_2PI + np.log(self.line.share)
        top = log.max(axis=0)
        return np.asarray(top + np.log(add_up(np.exp(log - top))))

    def _normal(self, estimand: str) -> tuple[Array, Array]:
        """Conditional mean and variance (N, B) of the estimand given tau."""
        mean, variance = self._given.mu
        if estimand == "mu":
            return mean, variance
        if estimand == "theta_new":
            return mean, variance + self._tau**2
        j = int(estimand.removeprefix("theta[").removesuffix("]"))
        return self._given.theta[0][j], self._given.theta[1][j]

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the estimand's coordinate at `s` (K, B)."""
        if estimand == "tau":
            return self.line.marginal(s)
        mean, variance = self._normal(estimand)
        sd = np.sqrt(variance)
        z = (s - mean[:, None]) / sd[:, None]
        share = self.line.share[:, None]
        density = np.exp(-0.5 * z * z - _LOG_SQRT_2PI) / sd[:, None]
        return add_up(special.ndtr(z) * share), add_up(density * share)

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread of the coordinate, robust against heavy tails of tau."""
        if estimand == "tau":
            return self.line.moments(self.line.x)
        mean, variance = self._normal(estimand)
        center = add_up(mean * self.line.share)
        # The spread at a typical tau: moments may not exist.
        typical = np.exp(add_up(0.5 * np.log(variance) * self.line.share))
        return center, np.hypot(typical, np.sqrt(add_up((mean - center) ** 2 * self.line.share)))

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,); NaN where they do not exist.

        The likelihood falls as tau ** -(J - 1) for a flat mean and as tau ** -J for a normal one. With the power of the
        prior's tail this decides which moments of tau, of theta_new and, for a flat mean, of mu are finite. A normal
        prior bounds mu whatever tau is.
        """
        index = self._tail_index()
        if estimand == "tau":
            mean, sd = self.line.moments(self._tau)
        else:
            center, variance = self._normal(estimand)
            mean = add_up(center * self.line.share)
            sd = np.sqrt(add_up((variance + (center - mean) ** 2) * self.line.share))
        bounded = estimand.startswith("theta[") or (estimand == "mu" and self.problem.mu.proper)
        if estimand.startswith("theta[") and len(self.problem.y) == 1 and not self.problem.mu.proper:
            bounded = True
        return np.where(bounded | (index > 1), mean, np.nan), np.where(bounded | (index > 2), sd, np.nan)

    def _tail_index(self) -> Array:
        """Power k with Pr(tau > t) ~ t ** -k a posteriori."""
        tau, scale = self.problem.tau, self.problem.tau_scale
        power = tau.tail_index()
        if scale == "log_tau_squared":
            # A power-law tail on the log falls slower than any power of tau: with two studies or fewer no moment is
            # given.
            if np.isfinite(power).any() and len(self.problem.y) <= 2:
                return np.asarray(0.0)
            power = np.where(np.isfinite(power), 0.0, 2 * tau.tail_rate())
        else:
            if tau.dist == "InverseGamma":
                power = tau.parameters["alpha"]
            power = power * (2.0 if scale == "tau_squared" else 1.0)
        return np.asarray(power + len(self.problem.y) - (0 if self.problem.mu.proper else 1))


def solve_hierarchy(
    y: npt.ArrayLike,
    se: npt.ArrayLike,
    *,
    mu: Slot,
    tau: Slot,
    tau_scale: str = "tau",
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of normal-normal hierarchies.

    ``y[j] ~ N(theta[j], se[j])``, ``theta[j] ~ N(mu, tau)``, theta_new ~ N(mu, tau).

    Parameters
    ----------
    y, se : array (J,) or (B, J)
        Estimates and standard errors, J >= 1.
    mu : Slot
        Normal or Flat.
    tau : Slot
        Proper prior: a family of positive numbers (or Uniform from 0) on tau or on tau squared, or a family on the real
        line on the log of tau squared (Student-t, as Rhodes 2015).
    tau_scale : {"tau", "tau_squared", "log_tau_squared"}
        What the prior is on. Turner 2015 is LogNormal on "tau_squared".
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimands: mu, tau, theta_new, theta[0], ... The effect of the Bayes factor is mu. Moments that a heavy tail
        of tau leaves infinite are NaN.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    values, errors = np.broadcast_arrays(
        np.atleast_2d(np.asarray(y, dtype=float)), np.atleast_2d(np.asarray(se, dtype=float))
    )
    faults = []
    if not np.isfinite(values).all() or values.shape[1] < 1:
        faults.append(Fault("y", "a value that is not finite, or none", "finite numbers", "correct the estimates"))
    if not (np.isfinite(errors) & (errors > 0)).all():
        faults.append(Fault("se", f"{errors.min():g}", "positive numbers", "correct the standard errors"))
    if mu.dist not in ("Normal", "Flat"):
        faults.append(Fault("mu", mu.dist, "Normal, Flat", "choose one of the two, or use NUTS"))
    if tau_scale not in TAU_SCALES:
        faults.append(Fault("tau_scale", repr(tau_scale), ", ".join(TAU_SCALES), "name one of these"))
    real = tau_scale == "log_tau_squared"
    uniform = tau.dist == "Uniform" and (real or bool((tau.parameters["lower"] >= 0).all()))
    if not tau.proper or (tau.support != ("real" if real else "positive") and not uniform):
        allowed = "a proper distribution on the real line" if real else "a proper distribution of positive numbers"
        faults.append(Fault("tau", tau.dist, allowed, "choose another prior"))
    if faults:
        raise RequestError(faults)
    size = len(stretch_to_slots({"y": values[:, 0]}, mu, tau)["y"])
    values, errors = (np.broadcast_to(given, (size, values.shape[1])) for given in (values, errors))
    whole = np.arange(size)
    problem = HierarchyProblem(
        np.ascontiguousarray(values.T),
        np.ascontiguousarray(errors.T),
        mu.take(whole, len(values)),
        tau.take(whole, len(values)),
        tau_scale,
    )
    return ExactPosterior(problem, workers)
