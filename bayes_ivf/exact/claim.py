"""An outcome known only as a claim, "lower, P < 0.05", as data on the standardized mean difference.

**Model**::

    t = (Z + d / scale) / S,   Z ~ N(0, 1),   df S ** 2 ~ chi2(df),   df = n_t + n_c - 2,   scale = sqrt(1 / n_t + 1 / n_c)
    P(claim | d) = (1 - doubt) P_d(t in the claim's region) + doubt,    d ~ p_d

The region is ``t < -c`` ("lower"), ``t > c`` ("higher"), ``|t| > c`` ("differs") or ``|t| < c`` ("no difference"), c the
two-sided critical value of level alpha.

**Integral.** The pooled sd S is averaged out (inner): by fixed nodes of it, or for few women over the numerator (`claim_few`),
where nodes of S would leave steps. What remains is a one-dimensional posterior of d (outer), with edges around the step of the
claim where the prior is wide::

    P(d <= s | claim) = int_{-inf}^s p_d(d) P(claim | d) dd / int p_d(d) P(claim | d) dd

**Moments** exist as those of the prior, which no claim bounds on its own side; "no difference" without doubt bounds both.

Examples
--------
"Lower, P < 0.05" from 20 and 25 women, ``d ~ N(0, 1)``, against the noncentral t distribution:

>>> from scipy import integrate, stats
>>> posterior = solve_claim("lower", 20, 25, effect=BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}))
>>> scale, c = np.sqrt(1 / 20 + 1 / 25), stats.t(43).ppf(0.975)
>>> def integral(low, high):
...     d = np.linspace(low, high, 201)
...     return integrate.simpson(stats.norm.pdf(d) * stats.nct.cdf(-c, 43, d / scale), x=d)
>>> lower, upper = integral(-5, -0.5), integral(-0.5, 2)
>>> bool(abs(posterior.cdf("standardized_mean_difference", -0.5)[0] - lower / (lower + upper)) < 1e-6)
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.claim_few import critical_value, few, log_claim_of_few
from bayes_ivf.exact.claim_probability import claim_nodes, log_claim_probability
from bayes_ivf.exact.line_solution import SIZE, LineSolution
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import RULES, ExactPosterior, Rule, SinhMap, SupportFinder1D, Transform, add_up

Array = npt.NDArray[np.float64]

DIRECTIONS = ("lower", "higher", "differs", "no difference")
_WIDE, _FALL = 4.0, (-2.0, 0.0, 2.0, 4.0, 8.0)
# Scales of a prior, in standard errors, from which on the claim is a step that needs edges; points that the search samples around
# the step, in its widths.
_STEP = (-4.0, -1.5, 0.0, 1.5, 4.0)
# Edges around the step, in standard errors: Phi has risen from 3e-5 to 1 - 3e-5 between the outermost.


@dataclass(frozen=True)
class ClaimSolution(LineSolution):
    """The posterior of a chunk of claims under one rule."""

    problem: ClaimBatch

    @property
    def log_total(self) -> Array:
        """Log marginal likelihood of the claim."""
        return self.grid.log_total

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd; NaN where the prior's power-law tail, which no claim bounds, leaves none."""
        bounded = (self.problem.doubt == 0) if self.problem.direction == "no difference" else False
        index = self.problem.effect.tail_index()
        return self.moments_where(estimand, bounded | (index > 1), bounded | (index > 2))


@dataclass(frozen=True)
class ClaimBatch:
    """A batch of claims of one kind, for `ExactPosterior`."""

    direction: str
    alpha: Array
    n_treatment: Array
    n_control: Array
    doubt: Array
    effect: BatchedPrior

    chunk = 32
    rules = RULES

    @property
    def size(self) -> int:
        """Number of claims."""
        return len(self.alpha)

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        sizes = (SIZE,) if self.direction == "differs" else ()
        return (*sizes, "standardized_mean_difference")

    def take(self, index: npt.NDArray[np.intp]) -> ClaimBatch:
        """Return some of the claims."""
        return ClaimBatch(
            self.direction,
            self.alpha[index],
            self.n_treatment[index],
            self.n_control[index],
            self.doubt[index],
            self.effect.take(index, self.size),
        )

    def groups(self) -> npt.NDArray[np.intp]:
        """Whether the claim is a step in a wide prior, which needs panels of its own."""
        spread = self.effect.center_and_scale()[1]
        step = (self.doubt > 0) | (len(self._sides()) > 1)
        return (step & (spread > _WIDE * self._scale)).astype(np.intp)

    @property
    def _scale(self) -> Array:
        """Standard error of a standardized difference, array (B,)."""
        return np.sqrt(1 / self.n_treatment + 1 / self.n_control)

    def solve(self, rules: Sequence[Rule]) -> tuple[ClaimSolution, ...]:
        """Posterior under some rules."""
        scale = self._scale
        df = self.n_treatment + self.n_control - 2
        bounds, weights = claim_nodes(df, self.alpha)
        critical = critical_value(df, self.alpha)
        is_few = few(df, critical)

        def log_kernel(d: Array) -> Array:
            log = log_claim_probability(d, self.direction, scale, bounds, weights)
            if is_few.any():
                few_problems = (values[..., is_few] for values in (d, scale, df, critical))
                log[..., is_few] = log_claim_of_few(next(few_problems), self.direction, *few_problems)
            with np.errstate(divide="ignore"):
                believed = np.logaddexp(np.log1p(-self.doubt) + log, np.log(self.doubt))
            return self.effect.logpdf(d) + believed

        center, spread = (np.broadcast_to(value, (self.size,)) for value in self.effect.center_and_scale())
        edge = add_up(bounds * np.exp(weights)) * scale
        # few women: the standard deviation, and with it the step, is less certain than the numerator
        step_width = scale * np.maximum(1.0, critical / np.sqrt(2 * df))
        marks = [center, *(side * (edge + k * step_width) for side in (-1, 1) for k in _FALL)]
        index = np.broadcast_to(self.effect.tail_index(), (self.size,))
        # as in `TwoByTwoPosterior.reach`: a tail of index nu falls by 30 nats within 30 / nu
        reach = np.where(np.isfinite(index), np.clip(30 / index, 15, 300), 15.0)
        steps = [side * (edge + k * scale) for side in self._sides() for k in _STEP] if self.groups()[0] else []
        # the size folds the line at zero, so that a panel ends there
        fold = [np.zeros(self.size)] if self.direction == "differs" else []
        support = SupportFinder1D(
            log_kernel, SinhMap(center, spread), marks, [*self.effect.kinks(), *steps, *fold], reach
        )
        at_null = support.log_density(np.zeros((1, self.size)))[0]
        return tuple(ClaimSolution(support.grid(rule.inner + 2), at_null, self) for rule in rules)

    def _sides(self) -> tuple[int, ...]:
        """Where the claim's probability rises: at negative or positive differences, or at both."""
        return {"lower": (-1,), "higher": (1,)}.get(self.direction, (-1, 1))

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Nothing is left out of a probability."""
        return np.zeros(self.size)

    def log_prior_at_null(self) -> Array:
        """Log prior density of a difference of zero."""
        return np.broadcast_to(self.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_claim(
    direction: str,
    n_treatment: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    effect: BatchedPrior,
    alpha: npt.ArrayLike = 0.05,
    doubt: npt.ArrayLike = 0.0,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of a standardized mean difference of which only a significance claim is known.

    The likelihood of the claim is ``(1 - doubt) Pr(claim | d) + doubt``, with Pr from the equal-variance t test.

    Parameters
    ----------
    direction : {"lower", "higher", "differs", "no difference"}
        What is claimed of treatment against control; the first three with P < alpha, the last with P > alpha.
    n_treatment, n_control : array (B,)
        Women per arm.
    effect : BatchedPrior
        Prior on the standardized mean difference: any proper family on the real line or an interval.
    alpha : array (B,)
        Level, between 0 and 1.
    doubt : array (B,)
        Probability that the words carry no information about d, from 0 to 1 (the prior).
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimand: standardized_mean_difference; of "differs" its absolute value, too.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    arrays = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(value, dtype=float)) for value in (alpha, n_treatment, n_control, doubt))
    )
    data = dict(zip(("alpha", "n_t", "n_c", "eps"), arrays, strict=True))
    level, n_t, n_c, eps = broadcast_priors(data, effect).values()
    faults = []
    if direction not in DIRECTIONS:
        faults.append(Fault("direction", repr(direction), ", ".join(DIRECTIONS), "name one of these"))
    if not ((level > 0) & (level < 1)).all():
        faults.append(Fault("alpha", str(level.min()), "numbers between 0 and 1", "give the level of the test, 0.05"))
    if not ((eps >= 0) & (eps <= 1)).all():
        faults.append(Fault("doubt", f"{eps.min()} to {eps.max()}", "numbers from 0 to 1", "correct the doubt"))
    for name, n in (("n_treatment", n_t), ("n_control", n_c)):
        if not (np.isfinite(n) & (n >= 2) & (n % 1 == 0)).all():
            faults.append(Fault(name, str(n.min()), "whole numbers, at least 2", "correct the number of women"))
    if not effect.proper or effect.support not in ("real", "interval"):
        faults.append(
            Fault(
                "effect", effect.dist, "a proper distribution on the real line or an interval", "choose another prior"
            )
        )
    if faults:
        raise RequestError(faults)
    everything = np.arange(len(level))
    problem = ClaimBatch(direction, level, n_t, n_c, eps, effect.take(everything, len(level)))
    return ExactPosterior(problem, workers)
