"""Two arms of counts with independent Beta priors on the risks: closed forms, and one integral where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.beta_log_odds import BetaLogOdds, LogOddsGrid, log_density, log_odds_location
from bayes_ivf.exact.counts_logistic import ESTIMANDS, read_counts
from bayes_ivf.exact.level_curves import CONTRASTS, threshold
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import ExactPosterior, Rule, Transform, add_up

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BetaShapes:
    """BetaShapes of both arms' Beta distributions, arrays (B,)."""

    a_t: Array
    b_t: Array
    a_c: Array
    b_c: Array

    def take(self, index: npt.NDArray[np.intp]) -> BetaShapes:
        """Return some of the problems."""
        return BetaShapes(self.a_t[index], self.b_t[index], self.a_c[index], self.b_c[index])

    def log_density_at_null(self) -> Array:
        """Log density of the log odds ratio at 0, a ratio of beta functions."""
        return np.asarray(
            special.betaln(self.a_t + self.a_c, self.b_t + self.b_c)
            - special.betaln(self.a_t, self.b_t)
            - special.betaln(self.a_c, self.b_c)
        )


_SHARP = 12.0
_GRADED = (1.0, 0.15, 0.01, 5e-4, 0.0)


def _corner(estimand: str, outer: str, shapes: BetaShapes, s: Array) -> tuple[Array, Array]:
    """Outer log odds (K, B) at which the inner risk reaches 0 or 1 (NaN if never), and the Beta shape acting there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if estimand == "risk_ratio":
            if outer == "control":
                return np.where(s > 0, -s - np.log(-np.expm1(-np.abs(s))), np.nan), np.broadcast_to(shapes.b_t, s.shape)
            return np.where(s < 0, s - np.log(-np.expm1(-np.abs(s))), np.nan), np.broadcast_to(shapes.b_c, s.shape)
        size = np.log(np.tanh(np.abs(s))) + np.logaddexp(0, 2 * np.abs(s)) - np.log(2.0)
    if outer == "control":
        return np.where(s < 0, size, -size), np.where(s < 0, shapes.a_t, shapes.b_t)
    return np.where(s > 0, size, -size), np.where(s > 0, shapes.a_c, shapes.b_c)


@dataclass(frozen=True)
class BetaSolution:
    """The posterior of a chunk; all its problems share which arm is the outer one."""

    shapes: BetaShapes
    rule: Rule
    outer: str
    finders: dict[str, BetaLogOdds]

    def _scouted(self, arm: str) -> BetaLogOdds:
        s = self.shapes
        if arm not in self.finders:
            shapes = (s.a_t, s.b_t) if arm == "treatment" else (s.a_c, s.b_c)
            self.finders[arm] = BetaLogOdds.find(*shapes)
        return self.finders[arm]

    # One integral instead of two leaves room for more panels.
    @cached_property
    def _outer(self) -> LogOddsGrid:
        return self._scouted(self.outer).grid(self.rule.outer)

    @cached_property
    def _inner(self) -> LogOddsGrid:
        return self._scouted("treatment" if self.outer == "control" else "control").grid(self.rule.inner)

    def missed(self) -> Array:
        """Probability (B,) of what lies beyond the panels of either arm."""
        other = "treatment" if self.outer == "control" else "control"
        found = [self._scouted(arm).outside(grid) for arm, grid in ((self.outer, self._outer), (other, self._inner))]
        return np.asarray(found[0] + found[1])

    @property
    def log_total(self) -> Array:
        """Log of the product of both beta functions."""
        s = self.shapes
        return np.asarray(special.betaln(s.a_t, s.b_t) + special.betaln(s.a_c, s.b_c))

    def log_density_at_null(self) -> Array:
        """Log density of the log odds ratio at 0."""
        return self.shapes.log_density_at_null()

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the estimand's coordinate at `s` (K, B)."""
        if estimand.endswith("_risk"):
            return self._risk(estimand, s)
        mass, density = _contrast(estimand, self.outer, self._outer, self._inner, s)
        if estimand in CONTRASTS:
            # Where the inner risk reaches 0 or 1 its distribution function is not smooth unless its shape is large.
            corner, shape = _corner(estimand, self.outer, self.shapes, s)
            scouted = self._scouted(self.outer)
            sharp = (shape < _SHARP) & scouted.covers(corner)
            row, column = np.nonzero(sharp)
            if len(row):
                at = corner[sharp]
                edges = [at - step for step in _GRADED] + [at + step for step in _GRADED[:-1]]
                outer = scouted.take(column).grid(self.rule.outer, edges)
                mass[sharp], density[sharp] = (
                    value[0]
                    for value in _contrast(estimand, self.outer, outer, self._inner.take(column), s[None, sharp])
                )
        return mass, density

    def _risk(self, estimand: str, s: Array) -> tuple[Array, Array]:
        shapes = self.shapes
        a, b = (shapes.a_c, shapes.b_c) if estimand == "control_risk" else (shapes.a_t, shapes.b_t)
        return special.betainc(a, b, special.expit(s)), np.exp(log_density(s, a, b))

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread of the estimand's coordinate, to start searches from."""
        s = self.shapes
        (m_t, sd_t), (m_c, sd_c) = log_odds_location(s.a_t, s.b_t), log_odds_location(s.a_c, s.b_c)
        if estimand == "treatment_risk":
            return m_t, sd_t
        if estimand == "control_risk":
            return m_c, sd_c
        if estimand == "risk_difference":
            mean, sd = self.moments(estimand)
            return np.arctanh(mean), sd / (1 - mean * mean)
        if estimand == "risk_ratio":
            log_p = [
                (special.digamma(a) - special.digamma(a + b), special.polygamma(1, a) - special.polygamma(1, a + b))
                for a, b in ((s.a_t, s.b_t), (s.a_c, s.b_c))
            ]
            return log_p[0][0] - log_p[1][0], np.sqrt(log_p[0][1] + log_p[1][1])
        return m_t - m_c, np.hypot(sd_t, sd_c)

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,), all in closed form; NaN where infinite."""
        s = self.shapes
        n_t, n_c = s.a_t + s.b_t, s.a_c + s.b_c
        risk_t, risk_c = s.a_t / n_t, s.a_c / n_c
        var_t, var_c = risk_t * (s.b_t / n_t) / (n_t + 1), risk_c * (s.b_c / n_c) / (n_c + 1)
        if estimand == "treatment_risk":
            return risk_t, np.sqrt(var_t)
        if estimand == "control_risk":
            return risk_c, np.sqrt(var_c)
        if estimand == "risk_difference":
            return risk_t - risk_c, np.sqrt(var_t + var_c)
        if estimand == "log_odds_ratio":
            return self.location(estimand)
        # Rising factorials; a pole of the lowest shape means that the moment is infinite.
        square_t, inverse = s.a_t * (s.a_t + 1), (s.a_c - 1) * (s.a_c - 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            if estimand == "risk_ratio":
                lowest = s.a_c
                first = risk_t * (n_c - 1) / (s.a_c - 1)
                second = square_t / (n_t * (n_t + 1)) * (n_c - 1) * (n_c - 2) / inverse
            else:
                lowest = np.minimum(s.a_c, s.b_t)
                first = s.a_t * s.b_c / ((s.b_t - 1) * (s.a_c - 1))
                second = square_t * s.b_c * (s.b_c + 1) / ((s.b_t - 1) * (s.b_t - 2) * inverse)
            sd = np.sqrt(np.maximum(second - first * first, 0))
        return np.where(lowest > 1, first, np.nan), np.where(lowest > 2, sd, np.nan)


def _contrast(estimand: str, name: str, outer: LogOddsGrid, inner: LogOddsGrid, s: Array) -> tuple[Array, Array]:
    """Distribution function and density (K, B) of a contrast: the inner arm's, averaged over the outer one."""
    u = outer.x[:, None]
    if estimand in CONTRASTS:
        v, per_s = threshold(estimand, name, u, s)
    else:
        v = u + s if name == "control" else u - s
        per_s = np.ones_like(v)
    shape = v.shape
    below, density = (part.reshape(shape) for part in inner.below(v.reshape(-1, shape[-1])))
    weight = outer.weight[:, None]
    mass = add_up(below * weight)
    finite = np.isfinite(per_s) & np.isfinite(v)
    total = add_up(density * np.where(finite, per_s, 0.0) * weight)
    return mass if name == "control" else 1 - mass, total


@dataclass(frozen=True)
class BetaBatch:
    """A batch of two-arm tables with Beta priors, for `ExactPosterior`."""

    prior: BetaShapes
    posterior: BetaShapes
    log_coefficients: Array

    chunk = 256
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
        apart = special.betaln(q.a_t, q.b_t) - special.betaln(p.a_t, p.b_t)
        apart = apart + special.betaln(q.a_c, q.b_c) - special.betaln(p.a_c, p.b_c)
        return np.where((p.a_t == p.a_c) & (p.b_t == p.b_c), common - apart, np.nan)


def solve_beta_arms(
    events_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    events_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    treatment: BatchedPrior,
    control: BatchedPrior,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two-arm tables of counts with an independent Beta prior on each arm's risk.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array (B,)
        Whole numbers, ``0 <= events <= n``, ``n >= 1``.
    treatment, control : BatchedPrior
        Beta priors on the risks (probability scale).
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
    data, faults = read_counts(events_treatment, n_treatment, events_control, n_control)
    for slot, where in ((treatment, "treatment"), (control, "control")):
        if slot.dist != "Beta":
            faults.append(Fault(where, slot.dist, "Beta", "give both arms a Beta prior, or use the logistic model"))
    if faults:
        raise RequestError(faults)
    data = broadcast_priors(data, treatment, control)
    size = len(data["n_control"])
    shapes = [
        np.broadcast_to(slot.parameters[name], (size,)) for slot in (treatment, control) for name in ("alpha", "beta")
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
    return ExactPosterior(BetaBatch(prior, posterior, np.asarray(log_coefficients)), workers)
