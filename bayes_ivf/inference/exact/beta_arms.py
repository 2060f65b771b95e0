"""Two arms of counts with independent Beta priors on the risks: closed forms, and one integral where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.inference.exact.charts import softplus
from bayes_ivf.inference.exact.contrasts import CONTRASTS, threshold
from bayes_ivf.inference.exact.logistic_normal import ESTIMANDS, read_counts
from bayes_ivf.inference.exact.posterior import ExactPosterior
from bayes_ivf.inference.exact.quadrature import (
    ORDER,
    Panels,
    Rule,
    Stretch,
    add_up,
    equidistribute,
    ladder,
    panel_nodes,
    scout,
)
from bayes_ivf.inference.exact.slots import Slot

Array = npt.NDArray[np.float64]

_TURN, _DETAIL = 40.0, 0.4


@dataclass(frozen=True)
class Shapes:
    """Shapes of both arms' Beta distributions, arrays (B,)."""

    a_t: Array
    b_t: Array
    a_c: Array
    b_c: Array

    def take(self, index: npt.NDArray[np.intp]) -> Shapes:
        """Return some of the problems."""
        return Shapes(self.a_t[index], self.b_t[index], self.a_c[index], self.b_c[index])

    def log_density_at_null(self) -> Array:
        """Log density of the log odds ratio at 0, a ratio of beta functions."""
        return np.asarray(
            special.betaln(self.a_t + self.a_c, self.b_t + self.b_c)
            - special.betaln(self.a_t, self.b_t)
            - special.betaln(self.a_c, self.b_c)
        )


@dataclass(frozen=True)
class _Arm:
    """One arm's log odds on panels: nodes (N, B), their probabilities, and the distribution function."""

    x: Array
    weight: Array
    panels: Panels
    stretch: Stretch

    def below(self, x: Array) -> tuple[Array, Array]:
        y = self.stretch.y(x)
        mass, density = self.panels.below(y)
        slope = np.exp(-self.stretch.log_slope(np.clip(y, -600, 600)))
        return mass / self.panels.total, density * slope / self.panels.total


def _log_odds_location(a: Array, b: Array) -> tuple[Array, Array]:
    return special.digamma(a) - special.digamma(b), np.sqrt(special.polygamma(1, a) + special.polygamma(1, b))


@dataclass(frozen=True)
class Scouted:
    """Where one arm's log odds live; the rules that are compared share it."""

    stretch: Stretch
    log: Callable[[Array], Array]
    points: Array
    logs: Array


def _scout_arm(a: Array, b: Array) -> Scouted:
    stretch = Stretch(*_log_odds_location(a, b))
    norm = special.betaln(a, b)

    def log(y: Array) -> Array:
        x = stretch.x(y)
        size = np.abs(x)
        return (
            a * np.minimum(x, 0)
            - b * np.maximum(x, 0)
            - (a + b) * np.log1p(np.exp(-size))
            - norm
            + stretch.log_slope(y)
        )

    start = ladder(np.full(a.shape, 9.0))
    return Scouted(stretch, log, *scout(log, start, log(start)))


def _tabulate(arm: Scouted, panels: int) -> _Arm:
    def detail(y: Array) -> Array:
        # Risks turn from 0 to 1 over a few units of log odds, whatever the width of the posterior.
        return np.clip(arm.stretch.x(y), -_TURN, _TURN) * _DETAIL

    edges = equidistribute(arm.points, arm.logs, panels, detail)
    y, weight = panel_nodes(edges)
    values = np.exp(arm.log(y))
    table = Panels.tabulate(edges, values.reshape(-1, ORDER, edges.shape[1]))
    return _Arm(arm.stretch.x(y), values * weight / table.total, table, arm.stretch)


@dataclass(frozen=True)
class BetaSolution:
    """The posterior of a chunk; all its problems share which arm is the outer one."""

    shapes: Shapes
    rule: Rule
    outer: str
    scouts: dict[str, Scouted]

    @cached_property
    def _arms(self) -> tuple[_Arm, _Arm]:
        s = self.shapes
        if not self.scouts:
            self.scouts["treatment"] = _scout_arm(s.a_t, s.b_t)
            self.scouts["control"] = _scout_arm(s.a_c, s.b_c)
        inner = "treatment" if self.outer == "control" else "control"
        # One integral instead of two leaves room for more panels.
        return _tabulate(self.scouts[self.outer], self.rule.outer + 2), _tabulate(
            self.scouts[inner], self.rule.inner + 2
        )

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
        outer, inner = self._arms
        u = outer.x[:, None]
        if estimand in CONTRASTS:
            v, per_s = threshold(estimand, self.outer, u, s)
        else:
            v = u + s if self.outer == "control" else u - s
            per_s = np.ones_like(v)
        shape = v.shape
        below, density = (part.reshape(shape) for part in inner.below(v.reshape(-1, shape[-1])))
        weight = outer.weight[:, None]
        mass = add_up(below * weight)
        finite = np.isfinite(per_s) & np.isfinite(v)
        return (
            mass if self.outer == "control" else 1 - mass,
            add_up(density * np.where(finite, per_s, 0.0) * weight),
        )

    def _risk(self, estimand: str, s: Array) -> tuple[Array, Array]:
        shapes = self.shapes
        a, b = (shapes.a_c, shapes.b_c) if estimand == "control_risk" else (shapes.a_t, shapes.b_t)
        log = a * np.minimum(s, 0) - b * np.maximum(s, 0) - (a + b) * softplus(-np.abs(s)) - special.betaln(a, b)
        return special.betainc(a, b, special.expit(s)), np.exp(log)

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread of the estimand's coordinate, to start searches from."""
        s = self.shapes
        (m_t, sd_t), (m_c, sd_c) = _log_odds_location(s.a_t, s.b_t), _log_odds_location(s.a_c, s.b_c)
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


@dataclass(frozen=True)
class BetaProblem:
    """A batch of two-arm tables with Beta priors, for `ExactPosterior`."""

    prior: Shapes
    posterior: Shapes
    log_coefficients: Array

    chunk = 512

    @property
    def size(self) -> int:
        """Number of tables."""
        return len(self.log_coefficients)

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return ESTIMANDS

    def take(self, index: npt.NDArray[np.intp]) -> BetaProblem:
        """Return some of the tables."""
        return BetaProblem(self.prior.take(index), self.posterior.take(index), self.log_coefficients[index])

    def groups(self) -> npt.NDArray[np.intp]:
        """Whether the treatment arm is the outer one: the arm with the narrower posterior, so that steps stay smooth."""
        s = self.posterior
        spread_t, spread_c = _log_odds_location(s.a_t, s.b_t)[1], _log_odds_location(s.a_c, s.b_c)[1]
        return (spread_t < spread_c).astype(np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[BetaSolution, ...]:
        """Posterior under some rules; all tables must be of one group."""
        outer = "treatment" if self.groups()[0] else "control"
        scouts: dict[str, Scouted] = {}
        return tuple(BetaSolution(self.posterior, rule, outer, scouts) for rule in rules)

    def log_constants(self) -> Array:
        """Binomial coefficients over the priors' beta functions, in logs."""
        p = self.prior
        return np.asarray(self.log_coefficients - special.betaln(p.a_t, p.b_t) - special.betaln(p.a_c, p.b_c))

    def log_prior_at_null(self) -> Array:
        """Log prior density of a log odds ratio of zero."""
        return self.prior.log_density_at_null()


def solve_beta_arms(
    events_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    events_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    treatment: Slot,
    control: Slot,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two-arm tables of counts with an independent Beta prior on each arm's risk.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array (B,)
        Whole numbers, ``0 <= events <= n``, ``n >= 1``.
    treatment, control : Slot
        Beta priors on the risks (probability scale).
    workers : int, optional
        Threads; all cores by default.

    Returns
    -------
    ExactPosterior
        The same estimands as `solve_counts`. All moments are closed forms; those that are infinite are NaN. The log Bayes
        factor for no effect is on the log odds ratio.

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
    size = len(data["n_control"])
    shapes = [
        np.broadcast_to(slot.parameters[name], (size,)) for slot in (treatment, control) for name in ("alpha", "beta")
    ]
    prior = Shapes(*shapes)
    events = [data["events_treatment"], data["events_control"]]
    failures = [data["n_treatment"] - events[0], data["n_control"] - events[1]]
    posterior = Shapes(shapes[0] + events[0], shapes[1] + failures[0], shapes[2] + events[1], shapes[3] + failures[1])
    log_coefficients = sum(
        special.gammaln(k + f + 1) - special.gammaln(k + 1) - special.gammaln(f + 1)
        for k, f in zip(events, failures, strict=True)
    )
    return ExactPosterior(BetaProblem(prior, posterior, np.asarray(log_coefficients)), workers)
