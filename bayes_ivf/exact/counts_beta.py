"""Two arms of counts with independent Beta priors on the risks: closed forms, and one integral where there is none.

**Model**::

    r_i ~ Bin(n_i, p_i),    p_i ~ Beta(alpha_i, beta_i)    hence    p_i | r_i ~ Beta(alpha_i + r_i, beta_i + n_i - r_i)

for the arms i = t, c.

**Integral.** The risks are independent, so that a contrast (difference, ratio, odds ratio) needs one integral over the outer
arm's log odds u of the inner arm's distribution function at the level curve ``g_s(u)``::

    P(h <= s) = int p(u) F_inner(g_s(u)) du

The outer arm is the one with the narrower posterior: there F_inner changes slowly over the nodes. Where the inner risk reaches
0 or 1 the integrand has an endpoint singularity of the order of the inner arm's shape, and edges are graded toward it.

**Moments** are closed: ``E p ** k`` as ratios of rising factorials. That of the risk ratio exists where ``a_c > k``, that of
the odds ratio where also ``b_t > k``, since ``E p_c ** -k`` needs an integrable density at 0.

Examples
--------
``P(p_t > p_c)`` against its closed form, a finite sum of beta functions for whole shapes:

>>> import numpy as np
>>> from scipy import special
>>> uniform = BatchedPrior("Beta", {"alpha": 1.0, "beta": 1.0})
>>> posterior = solve_beta_arms(16, 40, 12, 40, treatment=uniform, control=uniform)
>>> a_t, b_t, a_c, b_c = 17, 25, 13, 29
>>> i = np.arange(a_t)
>>> terms = special.betaln(a_c + i, b_c + b_t) - np.log(b_t + i) - special.betaln(1 + i, b_t) - special.betaln(a_c, b_c)
>>> bool(abs(1 - posterior.cdf("risk_difference", 0.0)[0] - np.exp(terms).sum()) < 1e-6)
True

References
----------
Gunel E, Dickey J (1974). Bayes factors for independence in contingency tables. Biometrika 61:545-557. doi:10.1093/biomet/61.3.545
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.beta_log_odds import BetaLogOdds, log_odds_location
from bayes_ivf.exact.beta_solution import BetaShapes, BetaSolution
from bayes_ivf.exact.counts_logistic import ESTIMANDS, read_counts
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import ExactPosterior, Rule, Transform

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BetaBatch:
    """A batch of two-arm tables with Beta priors, for `ExactPosterior`."""

    prior: BetaShapes
    posterior: BetaShapes
    log_coefficients: Array

    chunk = 256
    # 20 points of a distribution function at 60 outer nodes of so many tables are 2.5 MB an array
    rules = (Rule(5, 5), Rule(6, 6), Rule(10, 10), Rule(20, 20), Rule(36, 36))

    @property
    def size(self) -> int:
        """Number of tables."""
        return len(self.log_coefficients)

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return ESTIMANDS

    def take(self, index: npt.NDArray[np.intp]) -> BetaBatch:
        """Return some of the tables."""
        return BetaBatch(self.prior.take(index), self.posterior.take(index), self.log_coefficients[index])

    def groups(self) -> npt.NDArray[np.intp]:
        """Whether the treatment arm is the outer one: the arm with the narrower posterior, so that steps stay smooth."""
        s = self.posterior
        spread_t, spread_c = log_odds_location(s.a_t, s.b_t)[1], log_odds_location(s.a_c, s.b_c)[1]
        return (spread_t < spread_c).astype(np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[BetaSolution, ...]:
        """Posterior under some rules; all tables must be of one group."""
        outer = "treatment" if self.groups()[0] else "control"
        finders: dict[str, BetaLogOdds] = {}
        return tuple(BetaSolution(self.posterior, rule, outer, finders) for rule in rules)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Binomial coefficients over the priors' beta functions, in logs."""
        p = self.prior
        return np.asarray(self.log_coefficients - special.betaln(p.a_t, p.b_t) - special.betaln(p.a_c, p.b_c))

    def log_prior_at_null(self) -> Array:
        """Log prior density of a log odds ratio of zero."""
        return self.prior.log_density_at_null()

    def log_bayes_factor_usual(self) -> Array:
        """Log Bayes factor (B,) for one common risk with the prior that both arms share; NaN if they do not share one.

        A ratio of beta functions (Gunel and Dickey 1974, doi 10.1093/biomet/61.3.545).
        """
        p, q = self.prior, self.posterior
        common = special.betaln(q.a_t + q.a_c - p.a_c, q.b_t + q.b_c - p.b_c) - special.betaln(p.a_t, p.b_t)
        separate = special.betaln(q.a_t, q.b_t) - special.betaln(p.a_t, p.b_t)
        separate = separate + special.betaln(q.a_c, q.b_c) - special.betaln(p.a_c, p.b_c)
        return np.where((p.a_t == p.a_c) & (p.b_t == p.b_c), common - separate, np.nan)


def solve_beta_arms(
    events_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    events_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    treatment: BatchedPrior,
    control: BatchedPrior,
    effective: bool = False,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two-arm tables of counts with an independent Beta prior on each arm's risk.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array (B,)
        Whole numbers, ``0 <= events <= n``, ``n >= 1``.
    treatment, control : BatchedPrior
        Beta priors on the risks (probability scale).
    effective : bool
        Whether the counts are those over a design effect, which need not be whole and have no marginal likelihood.
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        The same estimands as `solve_counts`. All moments are closed forms; those that are infinite are NaN. The log
        Bayes factor for no effect is on the log odds ratio.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    data, faults = read_counts(events_treatment, n_treatment, events_control, n_control, whole=not effective)
    for prior_of_arm, where in ((treatment, "treatment"), (control, "control")):
        if prior_of_arm.dist != "Beta":
            faults.append(
                Fault(where, prior_of_arm.dist, "Beta", "give both arms a Beta prior, or use the logistic model")
            )
    if faults:
        raise RequestError(faults)
    data = broadcast_priors(data, treatment, control)
    size = len(data["n_control"])
    shapes = [
        np.broadcast_to(prior_of_arm.parameters[name], (size,))
        for prior_of_arm in (treatment, control)
        for name in ("alpha", "beta")
    ]
    prior = BetaShapes(*shapes)
    events = [data["events_treatment"], data["events_control"]]
    failures = [data["n_treatment"] - events[0], data["n_control"] - events[1]]
    posterior = BetaShapes(
        shapes[0] + events[0], shapes[1] + failures[0], shapes[2] + events[1], shapes[3] + failures[1]
    )
    log_coefficients = sum(
        special.gammaln(k + f + 1) - special.gammaln(k + 1) - special.gammaln(f + 1)
        for k, f in zip(events, failures, strict=True)
    )
    if effective:
        log_coefficients = np.full(size, np.nan)
    return ExactPosterior(BetaBatch(prior, posterior, np.asarray(log_coefficients)), workers)
