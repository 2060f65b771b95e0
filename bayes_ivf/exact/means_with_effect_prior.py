"""Printed means with a prior on the standardized mean difference.

**Model** (coding "average"; with "control" the means are m and ``m + d s``)::

    mu_t = m + d s / 2,  mu_c = m - d s / 2,    s = sqrt((sigma_t ** 2 + sigma_c ** 2) / 2)
    xbar_i ~ N(mu_i, sigma_i ** 2 / n_i),       (n_i - 1) s_i ** 2 / sigma_i ** 2 ~ chi2(n_i - 1)
    d ~ p_d,   m flat or normal,   sigma_i flat on the log or ~ p_sigma (or one sigma for both)

**Integrals.** The level m is integrated in closed form (`means_kernel`). Rows are nodes of both log sigmas; in each the effect
d has panels, and both means are ``anchor + lean d`` with a normal anchor independent of d (`means_nodes`)::

    P(d <= s)           = sum_rows share F_row(s)
    P(mu_t - mu_c <= s) = sum_rows share F_row(s / pooled)
    P(mu_c <= s)        = sum_rows sum_d share Phi((s - anchor - lean_c d) / anchor_sd)

(or a sum over nodes of the anchor, where it is the narrower one); a ratio of means is, given the anchor, a threshold on d.

Under a normal or t prior no integral over d is left: `means_mixture`, which answers first where both arms have four women.

d is innermost since everything asked is a threshold on d, or a normal probability, given the rest.

**Moments.** As one sigma grows, its posterior falls as ``sigma ** -n`` (times what a sigma prior adds): a moment of order k of
a mean or difference needs k < n. The standardized difference has all moments, the ratio none.

Examples
--------
With a Cauchy effect and one sigma the Bayes factor is that of Rouder and others (2009), a one-dimensional integral over g:

>>> import numpy as np
>>> from scipy import integrate
>>> effect = BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 0.707})
>>> posterior = solve_means(9.1, 3.0, 20, 8.2, 2.5, 15, effect=effect, common_sigma=True)
>>> df, n = 33, 20 * 15 / 35
>>> t = (9.1 - 8.2) / np.sqrt((19 * 3.0**2 + 14 * 2.5**2) / df / n)
>>> def integrand(g):
...     a = 1 + n * g * 0.707**2
...     return a**-0.5 * (1 + t**2 / a / df) ** (-(df + 1) / 2) * (2 * np.pi) ** -0.5 * g**-1.5 * np.exp(-1 / (2 * g))
>>> against_null = integrate.quad(integrand, 0, np.inf)[0] / (1 + t**2 / df) ** (-(df + 1) / 2)
>>> bool(abs(posterior.log_bayes_factor_null[0] + np.log(against_null)) < 1e-5)
True

References
----------
Rouder JN, Speckman PL, Sun D, Morey RD, Iverson G (2009). Bayesian t tests for accepting and rejecting the null hypothesis.
Psychonomic Bulletin and Review 16:225-237. doi:10.3758/PBR.16.2.225
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.means_block_solution import BlockSolution, Given, solve_together
from bayes_ivf.exact.means_data import MEAN_ESTIMANDS, MeansData, read_means
from bayes_ivf.exact.means_kernel import MeansKernel
from bayes_ivf.exact.means_mixture import MeansMixture
from bayes_ivf.exact.means_mixture_solution import MixtureSolution
from bayes_ivf.exact.means_solution import MeansSolution
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import ExactPosterior, Rule, Transform

Array = npt.NDArray[np.float64]
Solution = MeansSolution | MixtureSolution | BlockSolution

_RULES = (Rule(2, 4), Rule(3, 5), Rule(5, 8), Rule(8, 12))
_MIXTURES = ("Normal", "StudentT", "Cauchy")
"""Priors on the effect that are mixtures of normal distributions."""
_MIXTURE_RULES = {_RULES[0]: (0.8, 14), _RULES[1]: (0.6, 20)}
"""Step and number of nodes of a mixture that stand for the first two rules: ten to a thousand times as accurate as these. They
answer where fewer nodes (`means_block`) do not."""
_THIRD = ((0.35, 0), (0.5, 0))
"""The same for the third rule and the one that it is compared with, with equidistant nodes of the scale: where few are not enough
for a narrow t prior, and for sigmas that a contradiction leaves far from normal."""
_FEWEST = 4
"""Women in the smaller arm from which on the tail of log sigma is short enough for equidistant nodes to reach its end."""


@dataclass(frozen=True)
class MeansBatch:
    """A batch of printed means with an effect prior, for `ExactPosterior`."""

    data: MeansData
    effect: BatchedPrior
    level: BatchedPrior
    coding: str
    sigma: BatchedPrior
    common: bool

    chunk = 4
    # three dimensions: 36 x 36 rows of 60 effects of so many problems are 2.5 MB an array
    chunks = (4, 64)
    # by group: hundreds of nodes of so many problems are a megabyte an array
    rules = _RULES

    @property
    def size(self) -> int:
        """Number of problems."""
        return self.data.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return MEAN_ESTIMANDS

    @property
    def proper(self) -> bool:
        """Whether all priors are proper."""
        return self.level.proper and self.sigma.proper

    def take(self, index: npt.NDArray[np.intp]) -> MeansBatch:
        """Return some of the problems."""
        return MeansBatch(
            self.data.take(index),
            self.effect.take(index, self.size),
            self.level.take(index, self.size),
            self.coding,
            self.sigma.take(index, self.size),
            self.common,
        )

    def groups(self) -> npt.NDArray[np.intp]:
        """1 where the posterior is a mixture of normal distributions, which the first rules make use of; else 0."""
        smooth = self.effect.dist in _MIXTURES and not self.sigma.kinks()
        return np.asarray(smooth & (np.minimum(self.data.df_t, self.data.df_c) + 1 >= _FEWEST), dtype=np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[Solution, ...]:
        """Posterior of one group under some rules; panels are compared with panels."""
        if self.groups().all() and set(rules) <= set(_MIXTURE_RULES):
            return solve_together(self._given, [_MIXTURE_RULES[rule] for rule in rules])
        if self.groups().all() and tuple(rules) == (_RULES[2], _RULES[1]) and self._few:
            return tuple(MixtureSolution(*self._mixtures, *nodes) for nodes in _THIRD)
        return tuple(MeansSolution(*self._kernels, rule) for rule in rules)

    @cached_property
    def _few(self) -> bool:
        """Whether the only problem's finest mixture takes less than panels."""
        return self.size == 1 and all(pair[0].fits(*_THIRD[0]) for pair in self._mixtures)

    @cached_property
    def _kernels(self) -> tuple[MeansKernel, MeansKernel]:
        priors = (self.effect, self.level, self.coding, self.sigma, self.common)
        return MeansKernel(self.data, *priors), MeansKernel(self.data, *priors, null=True)

    @property
    def _given(self) -> Given:
        return Given(self.data, self.effect, self.level, self.coding, self.sigma, self.common)

    @cached_property
    def _mixtures(self) -> tuple[tuple[MeansMixture, ...], tuple[MeansMixture, ...]]:
        return self._given.mixtures(), self._given.mixtures(null=True)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Nothing is left out of the kernel; undefined for improper priors."""
        return np.full(self.size, 0.0 if self.proper else np.nan)

    def log_prior_at_null(self) -> Array:
        """Log prior density of a standardized difference of zero; flat priors on level and sigma cancel."""
        return np.broadcast_to(self.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_means(
    mean_treatment: npt.ArrayLike,
    sd_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    mean_control: npt.ArrayLike,
    sd_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    effect: BatchedPrior,
    level: BatchedPrior | None = None,
    coding: str = "average",
    sigma: BatchedPrior | None = None,
    common_sigma: bool = False,
    df: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two printed means with a prior on the standardized mean difference.

    The mean difference is ``SMD * sqrt((sigma_t**2 + sigma_c**2) / 2)``.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control : array (B,)
        As printed; the sds are sample sds, positive, and n at least 2.
    effect : BatchedPrior
        Prior on the standardized mean difference: any proper family on the real line or an interval.
    level : BatchedPrior, optional
        Flat (default) or Normal prior on the mean midway between the arms (`coding` "average") or of the control arm.
    coding : {"average", "control"}
    sigma : BatchedPrior, optional
        Prior on each sigma: any proper family on positive numbers or an interval of them; flat on log sigma by default.
    common_sigma : bool
        Whether both arms share one sigma.
    df : (array (B,), array (B,)), optional
        Degrees of freedom of the sds, treatment and control, where values are alike in clusters: then n are effective numbers,
        which need not be whole. By default n - 1.
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimands as in `solve_means_reference`. The log marginal likelihood is that of both means and both variances
        (densities of xbar and s ** 2), NaN if the level or sigma prior is flat. In the Bayes factor flat priors cancel:
        with a Cauchy effect and one sigma it is that of Rouder and others (2009, doi 10.3758/PBR.16.2.225).

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
    level = level or BatchedPrior("Flat", {})
    sigma = sigma or BatchedPrior("Flat", {})
    if coding not in ("average", "control"):
        faults.append(Fault("coding", repr(coding), "average, control", "name one of the two"))
    if not effect.proper or effect.support not in ("real", "interval"):
        faults.append(
            Fault(
                "effect", effect.dist, "a proper distribution on the real line or an interval", "choose another prior"
            )
        )
    if level.dist not in ("Flat", "Normal"):
        faults.append(Fault(coding, level.dist, "Flat, Normal", "choose one of the two, or use NUTS"))
    positive = sigma.support == "positive" or sigma.dist == "Flat"
    if not positive and not (sigma.dist == "Uniform" and (sigma.parameters["lower"] >= 0).all()):
        faults.append(Fault("sigma", sigma.dist, "a distribution of positive numbers", "choose another prior"))
    if faults:
        raise RequestError(faults)
    fields = {name: getattr(data, name) for name in data.__dataclass_fields__}
    data = MeansData(**broadcast_priors(fields, effect, level, sigma))
    everything = np.arange(data.size)
    problem = MeansBatch(
        data,
        effect.take(everything, data.size),
        level.take(everything, data.size),
        coding,
        sigma.take(everything, data.size),
        common_sigma,
    )
    return ExactPosterior(problem, workers)
