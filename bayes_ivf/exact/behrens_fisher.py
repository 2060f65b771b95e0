"""Printed means with flat priors on both means and on log sigma: of each arm (Behrens and Fisher), or one of both.

**Model**, i = t, c::

    xbar_i ~ N(mu_i, sigma_i ** 2 / n_i),   (n_i - 1) s_i ** 2 / sigma_i ** 2 ~ chi2(n_i - 1),   p(mu_i, log sigma_i) constant

Each mean is ``xbar_i + s_i / sqrt(n_i) t(n_i - 1)``, independent of the other. With one sigma for both arms, s is pooled and all
are Student's t with ``n_t + n_c - 2`` degrees of freedom.

**Integrals.** Given both sigmas the difference is normal, so that over the nodes of log sigma (outer: both sigmas; inner:
closed)::

    P(mu_t - mu_c <= s) = int int Phi((s - (xbar_t - xbar_c)) / sqrt(sigma_t ** 2 / n_t + sigma_c ** 2 / n_c)) p(sigmas) d sigmas

and the same for the standardized difference, with s times the pooled sigma. The ratio is an integral over the control mean x
of the treatment mean's t distribution at ``s x``, with the inequality turned where x < 0.

**Moments.** A t variable with df degrees of freedom has moments below df: a mean needs n > 2, a variance n > 3. The ratio has
none, since the control mean's density at zero is positive.

Examples
--------
``P(mu_t <= mu_c)`` against a direct integral over one of two t variables:

>>> import numpy as np
>>> from scipy import integrate, stats
>>> posterior = solve_means_reference(9.1, 3.0, 20, 8.2, 2.5, 15)
>>> treatment, control = stats.t(19, 9.1, 3.0 / np.sqrt(20)), stats.t(14, 8.2, 2.5 / np.sqrt(15))
>>> direct, _ = integrate.quad(lambda x: control.pdf(x) * treatment.cdf(x), -20, 40, points=[8.2])
>>> bool(abs(posterior.cdf("mean_difference", 0.0)[0] - direct) < 1e-6)
True

References
----------
Box GEP, Tiao GC (1973). Bayesian inference in statistical analysis, section 2.5. doi:10.1002/9781118033197
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import RequestError
from bayes_ivf.exact.means_data import (
    MEAN_ESTIMANDS,
    POSITIVE_ENOUGH,
    ArmMean,
    MeansData,
    arm_means,
    log_sd_likelihood,
    read_means,
)
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.quadrature import RULES, ExactPosterior, Grid1D, Rule, SinhMap, SupportFinder1D, Transform, add_up

Array = npt.NDArray[np.float64]

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


def _t_logpdf(x: Array, center: Array, scale: Array, df: Array) -> Array:
    z = (x - center) / scale
    constant = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * np.log(df * np.pi) - np.log(scale)
    return np.asarray(constant - (df + 1) / 2 * np.log1p(z * z / df))


@dataclass(frozen=True)
class _SupportFinders:
    """Brackets of log sigma of each arm and of the control mean; the rules that are compared share them."""

    treatment: SupportFinder1D
    control: SupportFinder1D
    mean: SupportFinder1D


def _finder(arms: tuple[ArmMean, ArmMean]) -> _SupportFinders:
    treatment, control = arms
    size = len(control.center)
    # radius of the search for light tails, see `TwoByTwoPosterior.reach`
    radius = np.full(size, 15.0)

    def log_sigma(arm: ArmMean) -> SupportFinder1D:
        stretch = SinhMap(np.log(arm.sd), 1 / np.sqrt(2 * arm.df))
        kernel: Callable[[Array], Array] = lambda x: log_sd_likelihood(x, arm.sd, arm.df + 1)  # noqa: E731
        return SupportFinder1D(kernel, stretch, [], [], radius)

    zero = np.zeros(size)
    mean = SupportFinder1D(
        lambda x: _t_logpdf(x, control.center, control.scale, control.df),
        SinhMap(control.center, control.scale),
        [zero],
        [zero],
        np.clip(30 / control.df, 15, 300),  # a t tail of index df falls by 30 nats within 30 / df
    )
    return _SupportFinders(log_sigma(treatment), log_sigma(control), mean)


@dataclass(frozen=True)
class BehrensFisherSolution:
    """The posterior of a chunk under one rule."""

    data: MeansData
    rule: Rule
    finders: _SupportFinders
    common: bool

    @cached_property
    def _arms(self) -> tuple[ArmMean, ArmMean]:
        return arm_means(self.data, self.common)

    @cached_property
    def _sigma(self) -> tuple[Array, Array, Array]:
        """Sigma of both arms at the nodes (N, B), and the nodes' probabilities."""
        t = self.finders.treatment.grid(self.rule.outer)
        if self.common:
            sigma = np.exp(t.x)
            return sigma, sigma, t.share
        c = self.finders.control.grid(self.rule.outer)
        shape = (len(t.x), len(c.x), self.data.size)
        sigma_t = np.broadcast_to(np.exp(t.x)[:, None], shape).reshape(-1, shape[-1])
        sigma_c = np.broadcast_to(np.exp(c.x)[None], shape).reshape(-1, shape[-1])
        return sigma_t, sigma_c, (t.share[:, None] * c.share[None]).reshape(-1, shape[-1])

    @cached_property
    def _spread(self) -> tuple[Array, Array]:
        """Pooled sigma and standard error of the difference at the nodes."""
        sigma_t, sigma_c, _ = self._sigma
        pooled = np.hypot(sigma_t, sigma_c) / np.sqrt(2)
        return pooled, np.hypot(sigma_t / np.sqrt(self.data.n_t), sigma_c / np.sqrt(self.data.n_c))

    @cached_property
    def _control(self) -> Grid1D:
        return self.finders.mean.grid(3 * self.rule.inner)

    @property
    def log_total(self) -> Array:
        """Undefined: the priors are improper."""
        return np.full(self.data.size, np.nan)

    def log_density_at_null(self) -> Array:
        """Undefined: the priors are improper."""
        return np.full(self.data.size, np.nan)

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) at `s` (K, B)."""
        data = self.data
        treatment, control = self._arms
        if estimand in ("control_mean", "treatment_mean"):
            arm = control if estimand == "control_mean" else treatment
            return _t_curve(s, arm.center, arm.scale, arm.df)
        if estimand == "ratio_of_means":
            return self._ratio(s)
        if estimand == "mean_difference" and self.common:
            return _t_curve(s, data.difference, np.hypot(treatment.scale, control.scale), treatment.df)
        share = self._sigma[2]
        pooled, error = self._spread
        per_s = pooled if estimand == "standardized_mean_difference" else np.ones_like(pooled)
        below, density = np.empty_like(s), np.empty_like(s)
        for k, point in enumerate(s):
            z = (point * per_s - data.difference) / error
            below[k] = add_up(special.ndtr(z) * share)
            density[k] = add_up(np.exp(-0.5 * z * z - _LOG_SQRT_2PI) * per_s / error * share)
        return below, density

    def _ratio(self, s: Array) -> tuple[Array, Array]:
        treatment, control = self._arms
        x, share = self._control.x, self._control.share
        scale, df = treatment.scale, treatment.df
        if self.common:
            # a control mean far from its center tells of a larger sigma: the other mean is then t with one degree more.
            z = (x - control.center) / control.scale
            scale, df = scale * np.sqrt((df + z * z) / (df + 1)), df + 1
        zero = np.zeros((1, self.data.size))
        positive = 1 - _t_curve(zero, control.center, control.scale, control.df)[0][0]
        below, density = np.empty_like(s), np.empty_like(s)
        for k, point in enumerate(s):
            below_treatment, slope = _t_curve(point * x, treatment.center, scale, df)
            below[k] = add_up(np.where(x > 0, below_treatment, 1 - below_treatment) * share)
            density[k] = add_up(np.abs(x) * slope * share)
        reported = positive > POSITIVE_ENOUGH
        return np.where(reported, below, np.nan), np.where(reported, density, np.nan)

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread, to start searches from."""
        treatment, control = self._arms
        if estimand in ("control_mean", "treatment_mean"):
            arm = control if estimand == "control_mean" else treatment
            return arm.center, arm.scale
        if estimand == "ratio_of_means":
            safe = np.where(control.center == 0, 1.0, control.center)
            ratio = treatment.center / safe
            return ratio, np.hypot(treatment.scale, ratio * control.scale) / np.abs(safe)
        error = np.hypot(treatment.scale, control.scale)
        if estimand == "mean_difference":
            return self.data.difference, error
        pooled = np.hypot(treatment.sd, control.sd) / np.sqrt(2)
        return self.data.difference / pooled, error / pooled

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,); NaN where they do not exist.

        A mean has a t distribution with n - 1 degrees of freedom (n1 + n2 - 2 with a common sigma): its expectation
        needs more than one, its variance more than two. A ratio has neither, since the density of the control mean at
        zero is positive.
        """
        if estimand == "ratio_of_means":
            undefined = np.full(self.data.size, np.nan)
            return undefined, undefined
        if estimand == "standardized_mean_difference":
            share = self._sigma[2]
            pooled, error = self._spread
            mean = self.data.difference * add_up(share / pooled)
            squares = (self.data.difference / pooled - mean) ** 2 + (error / pooled) ** 2
            return mean, np.sqrt(add_up(squares * share))
        treatment, control = self._arms
        (mean_t, var_t), (mean_c, var_c) = treatment.moments(), control.moments()
        if estimand == "control_mean":
            return mean_c, np.sqrt(var_c)
        if estimand == "treatment_mean":
            return mean_t, np.sqrt(var_t)
        return mean_t - mean_c, np.sqrt(var_t + var_c)


def _t_curve(x: Array, center: Array, scale: Array, df: Array) -> tuple[Array, Array]:
    return special.stdtr(df, (x - center) / scale), np.exp(_t_logpdf(x, center, scale, df))


@dataclass(frozen=True)
class BehrensFisherBatch:
    """A batch of printed means with flat priors, for `ExactPosterior`."""

    data: MeansData
    common: bool

    chunk = 16
    # 84 x 84 nodes of both sigmas of so many problems are 0.9 MB an array
    rules = RULES

    @property
    def size(self) -> int:
        """Number of problems."""
        return self.data.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return MEAN_ESTIMANDS

    def take(self, index: npt.NDArray[np.intp]) -> BehrensFisherBatch:
        """Return some of the problems."""
        return BehrensFisherBatch(self.data.take(index), self.common)

    def groups(self) -> npt.NDArray[np.intp]:
        """All problems may share a chunk."""
        return np.zeros(self.size, dtype=np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[BehrensFisherSolution, ...]:
        """Posterior under some rules."""
        finders = _finder(arm_means(self.data, self.common))
        return tuple(BehrensFisherSolution(self.data, rule, finders, self.common) for rule in rules)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Undefined: the priors are improper."""
        return np.full(self.size, np.nan)

    def log_prior_at_null(self) -> Array:
        """Undefined: there is no effect prior."""
        return np.full(self.size, np.nan)


def solve_means_reference(
    mean_treatment: npt.ArrayLike,
    sd_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    mean_control: npt.ArrayLike,
    sd_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    common_sigma: bool = False,
    df: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two printed means under p(mu_t, mu_c, log sigma_t, log sigma_c) flat.

    Each mean is ``mean + sd / sqrt(n) * t(n - 1)``, independent of the other; the difference is Behrens-Fisher. With one
    sigma for both arms all three are Student's t with ``n1 + n2 - 2`` degrees of freedom around the pooled sd.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control : array (B,)
        As printed; the sds are sample sds, positive, and n at least 2.
    common_sigma, df, workers
        As in `solve_means`.

    Returns
    -------
    ExactPosterior
        Estimands: mean_difference, standardized_mean_difference, ratio_of_means (NaN unless the control mean is
        positive with probability above 0.999), control_mean, treatment_mean. The means' own moments are NaN for n = 2
        (mean) and n <= 3 (sd), where they do not exist, and always for the ratio. The priors are improper: no
        marginal likelihood, no Bayes factor.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    data, faults = read_means(
        df,
        mean_treatment=mean_treatment,
        sd_treatment=sd_treatment,
        n_treatment=n_treatment,
        mean_control=mean_control,
        sd_control=sd_control,
        n_control=n_control,
    )
    if faults:
        raise RequestError(faults)
    return ExactPosterior(BehrensFisherBatch(data, common_sigma), workers)
