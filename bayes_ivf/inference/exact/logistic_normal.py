"""Two arms of counts with a logistic link and any proper prior on the average (or control) and on the effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.inference.exact.charts import CHARTS, Chart, Table, gaussian_guess, softplus
from bayes_ivf.inference.exact.moments import effect_moment_exists, ratio_moment_exists
from bayes_ivf.inference.exact.posterior import ExactPosterior
from bayes_ivf.inference.exact.quadrature import Rule, add_up
from bayes_ivf.inference.exact.scales import scale_of
from bayes_ivf.inference.exact.sheet import Sheet, build_sheet, log_row
from bayes_ivf.inference.exact.slots import Slot

Array = npt.NDArray[np.float64]

ESTIMANDS = ("risk_difference", "risk_ratio", "odds_ratio", "log_odds_ratio", "control_risk", "treatment_risk")
_OUTER = {
    "odds_ratio": "effect",
    "log_odds_ratio": "effect",
    "control_risk": "control",
    "treatment_risk": "treatment",
}
_CONTRAST_CHARTS = ("average", "control", "treatment")
_FAR_SHARE = 1e-8


def contrast_chart(table: Table) -> npt.NDArray[np.intp]:
    """Chart for the risk difference and ratio: index into average, control, treatment, array (B,).

    The inner coordinate should carry most of the contrast's posterior variance; then the conditional distribution function
    at the threshold varies slowly over the outer coordinate, also along a narrow ridge.
    """
    terms = table.terms()
    x_t, x_c, *_ = gaussian_guess(terms, CHARTS["treatment"])
    slope_t, slope_c = (special.expit(x) * special.expit(-x) for x in (x_t, x_c))
    shares = []
    for name in _CONTRAST_CHARTS:
        chart = CHARTS[name]
        _, _, _, _, inner_sd = gaussian_guess(terms, chart)
        shares.append(np.abs(slope_t * chart.t[1] - slope_c * chart.c[1]) * inner_sd)
    # The average chart keeps the symmetry between arms: it wins unless another is clearly better.
    shares[0] = 1.3 * shares[0]
    return np.argmax(np.stack([np.broadcast_to(share, (table.size,)) for share in shares]), axis=0)


@dataclass(frozen=True)
class CountsSolution:
    """The posterior of a chunk of tables under one rule; tables of one chunk share the contrast's chart."""

    table: Table
    rule: Rule
    contrast: str

    @cached_property
    def _sheets(self) -> dict[str, Sheet]:
        return {}

    def sheet(self, name: str) -> Sheet:
        """The posterior in a chart, tabulated on first use."""
        if name not in self._sheets:
            self._sheets[name] = build_sheet(self.table, CHARTS[name], self.rule)
        return self._sheets[name]

    @property
    def log_total(self) -> Array:
        """Log of the integral of likelihood (without binomial coefficients) times prior, array (B,)."""
        if not self._sheets:
            self.sheet(self.contrast)
        return next(iter(self._sheets.values())).log_total

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the estimand's coordinate at `s` (K, B)."""
        if estimand in _OUTER:
            return self.sheet(_OUTER[estimand]).marginal(s)
        sheet = self.sheet(self.contrast)
        threshold = _difference_threshold if estimand == "risk_difference" else _ratio_threshold
        v, per_s = threshold(sheet.chart, self.contrast, sheet.u[:, None], s)
        below, density = sheet.conditional(v, per_s)
        if self.contrast == "treatment":
            # Here the contrast falls as the inner coordinate, the control arm's log odds, rises.
            return 1 - below, density
        return below, density

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd of the estimand's coordinate, to start searches from."""
        if estimand in _OUTER:
            sheet = self.sheet(_OUTER[estimand])
            return _moments(sheet, np.broadcast_to(sheet.u, sheet.v.shape))
        sheet = self.sheet(self.contrast)
        if estimand == "risk_difference":
            return _moments(sheet, np.arctanh(np.clip(_difference(sheet), -1 + 1e-15, 1 - 1e-15)))
        return _moments(sheet, _log_ratio(sheet))

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,) of the estimand; NaN where they do not exist."""
        if estimand in ("odds_ratio", "risk_ratio"):
            return self._ratio_moments(estimand)
        if estimand == "risk_difference":
            sheet = self.sheet(self.contrast)
            return _moments(sheet, _difference(sheet))
        sheet = self.sheet(_OUTER[estimand])
        if estimand == "log_odds_ratio":
            mean, sd = _moments(sheet, np.broadcast_to(sheet.u, sheet.v.shape))
            exists = [effect_moment_exists(self.table, order) for order in (1, 2)]
            return np.where(exists[0], mean, np.nan), np.where(exists[1], sd, np.nan)
        return _moments(sheet, np.broadcast_to(scale_of(estimand).backward(sheet.u), sheet.v.shape))

    def _ratio_moments(self, estimand: str) -> tuple[Array, Array]:
        sheet = self.sheet("effect" if estimand == "odds_ratio" else self.contrast)
        log = np.broadcast_to(sheet.u, sheet.v.shape) if estimand == "odds_ratio" else _log_ratio(sheet)
        first, second = (ratio_moment_exists(self.table, estimand, order) for order in (1, 2))
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.exp(log)
            mean, sd = _moments(sheet, values)
            # Where the far edge of the sheet carries part of the second moment, integrate it on panels of its own.
            carried = values * values * sheet.v_weight
            edge = carried[:, [0, -1]].sum(axis=(0, 1)) + carried[[0, -1]].sum(axis=(0, 1))
            reliable = edge < _FAR_SHARE * add_up(add_up(carried))
        if not reliable.all():
            logs = [self._tilted(estimand, order) - self.log_total for order in (1, 2)]
            with np.errstate(over="ignore", invalid="ignore"):
                far_mean = np.exp(logs[0])
                far_sd = far_mean * np.sqrt(np.maximum(np.expm1(logs[1] - 2 * logs[0]), 0))
            mean, sd = np.where(reliable, mean, far_mean), np.where(reliable, sd, far_sd)
        return np.where(first, mean, np.nan), np.where(first & second, sd, np.nan)

    def _tilted(self, estimand: str, order: int) -> Array:
        """Log of the kernel's integral times ratio ** order, which is a likelihood with shifted counts."""
        exists = ratio_moment_exists(self.table, estimand, order)
        shift = np.where(exists, float(order), 0.0)
        odds = estimand == "odds_ratio"
        tilted = self.table.shifted((shift, -shift if odds else 0.0), (-shift, shift if odds else 0.0))
        return build_sheet(tilted, CHARTS["effect"], self.rule).log_total

    def log_density_at_null(self) -> Array:
        """Log posterior density of the log odds ratio at 0, array (B,)."""
        zero = np.zeros(self.table.size)
        return log_row(self.table, CHARTS["effect"], zero, self.rule) - self.sheet("effect").log_total


def _moments(sheet: Sheet, values: Array) -> tuple[Array, Array]:
    mean = sheet.expect(values)
    return mean, np.sqrt(sheet.expect((values - mean) ** 2))


def _arms_at(chart: Chart, u: Array, v: Array) -> tuple[Array, Array]:
    finite = np.where(np.isfinite(v), v, 0.0)
    return chart.t[0] * u + chart.t[1] * finite, chart.c[0] * u + chart.c[1] * finite


def _difference(sheet: Sheet) -> Array:
    x_t, x_c = _arms_at(sheet.chart, sheet.u, sheet.v)
    return np.asarray(special.expit(x_t) - special.expit(x_c))


def _log_ratio(sheet: Sheet) -> Array:
    x_t, x_c = _arms_at(sheet.chart, sheet.u, sheet.v)
    return softplus(-x_c) - softplus(-x_t)


Threshold = Callable[[Chart, str, Array, Array], tuple[Array, Array]]


def _logit_of(risk: Array, rest: Array) -> Array:
    """Log odds from a risk and one minus the risk, infinite outside (0, 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(risk) - np.log(rest)
    return np.where(risk <= 0, -np.inf, np.where(rest <= 0, np.inf, value))


def _difference_threshold(chart: Chart, name: str, u: Array, s: Array) -> tuple[Array, Array]:
    """Inner coordinate at which the risk difference is tanh(s), at outer `u` (N, 1, B), and |dv/ds|."""
    t = np.tanh(s)
    if name == "average":
        # sinh(b/2) = t (cosh m + cosh(b/2)) is a quadratic in exp(b/2).
        c = np.cosh(np.clip(u, -350, 350))
        root = np.sqrt(t * t * c * c + (1 - t * t))
        with np.errstate(divide="ignore"):
            v = np.where(
                t >= 0, 2 * np.log((np.abs(t) * c + root) / (1 - t)), -2 * np.log((np.abs(t) * c + root) / (1 + t))
            )
    elif name == "control":
        v = _logit_of(special.expit(u) + t, special.expit(-u) - t)
    else:
        v = _logit_of(special.expit(u) - t, special.expit(-u) + t)
    x_t, x_c = _arms_at(chart, u, v)
    slope = chart.t[1] * special.expit(x_t) * special.expit(-x_t) - chart.c[1] * special.expit(x_c) * special.expit(
        -x_c
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return v, (1 - t * t) / np.abs(slope)


def _ratio_threshold(chart: Chart, name: str, u: Array, s: Array) -> tuple[Array, Array]:
    """Inner coordinate at which the risk ratio is exp(s), at outer `u` (N, 1, B), and |dv/ds|."""
    t = np.exp(np.clip(s, -700, 700))
    # 1 - t without cancellation.
    rest = -np.expm1(np.clip(s, -700, 700))
    if name == "average":
        # A quadratic in exp(b/2), divided by sqrt(t): sinh(log(z) ...) = e (t - 1) / (2 sqrt(t)), e = exp(m).
        v = 2 * (np.arcsinh(-np.exp(np.clip(u - s / 2, -700, 700)) * rest / 2) + s / 2)
    elif name == "control":
        v = _logit_of(t * special.expit(u), special.expit(-u) + rest * special.expit(u))
    else:
        # 1 - p_t / t = (t - p_t) / t = (q_t - (1 - t)) / t.
        v = _logit_of(special.expit(u) / t, (special.expit(-u) - rest) / t)
    x_t, x_c = _arms_at(chart, u, v)
    slope = chart.t[1] * special.expit(-x_t) - chart.c[1] * special.expit(-x_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        return v, 1 / np.abs(slope)


@dataclass(frozen=True)
class CountsProblem:
    """A batch of two-arm tables with logistic priors, for `ExactPosterior`."""

    table: Table

    @property
    def size(self) -> int:
        """Number of tables."""
        return self.table.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return ESTIMANDS

    def take(self, index: npt.NDArray[np.intp]) -> CountsProblem:
        """Some of the tables."""
        return CountsProblem(self.table.take(index))

    def groups(self) -> npt.NDArray[np.intp]:
        """Chart of each table's contrasts."""
        return contrast_chart(self.table)

    def solve(self, rule: Rule) -> CountsSolution:
        """The posterior under a rule; all tables must be of one group."""
        return CountsSolution(self.table, rule, _CONTRAST_CHARTS[int(self.groups()[0])])

    def log_constants(self) -> Array:
        """Log binomial coefficients."""
        return self.table.log_coefficients()

    def log_prior_at_null(self) -> Array:
        """Log prior density of a log odds ratio of zero."""
        return np.broadcast_to(self.table.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_counts(
    events_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    events_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    first: Slot,
    effect: Slot,
    coding: str = "average",
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two-arm tables of counts under a logistic model.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array (B,)
        Whole numbers, ``0 <= events <= n``, ``n >= 1``.
    first : Slot
        Prior on the log odds midway between the arms (`coding` "average") or of the control arm ("control").
    effect : Slot
        Prior on the log odds ratio. Both slots: any proper family on the real line or an interval.
    coding : {"average", "control"}
    workers : int, optional
        Threads; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimands: risk_difference, risk_ratio, odds_ratio, log_odds_ratio, control_risk, treatment_risk. The log marginal
        likelihood includes the binomial coefficients. Mean and sd of a ratio are NaN where the tails make them infinite
        or leave them to events far outside the data, see `bayes_ivf.inference.exact.moments`.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    names = ("events_treatment", "n_treatment", "events_control", "n_control")
    arrays = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(v, dtype=float)) for v in (events_treatment, n_treatment, events_control, n_control))
    )
    data = dict(zip(names, arrays, strict=True))
    faults = _count_faults(data)
    if coding not in ("average", "control"):
        faults.append(Fault("coding", repr(coding), "average, control", "name one of the two"))
    for slot, where in ((first, "first"), (effect, "effect")):
        if not slot.proper or slot.support not in ("real", "interval"):
            faults.append(
                Fault(where, slot.dist, "a proper distribution on the real line or an interval", "choose another prior")
            )
    if faults:
        raise RequestError(faults)
    table = Table(
        data["events_treatment"],
        data["n_treatment"] - data["events_treatment"],
        data["events_control"],
        data["n_control"] - data["events_control"],
        coding,
        first,
        effect,
    )
    everything = np.arange(table.size)
    return ExactPosterior(CountsProblem(table.take(everything)), workers)


def _count_faults(data: dict[str, Array]) -> list[Fault]:
    faults = []
    for arm in ("treatment", "control"):
        events, n = data[f"events_{arm}"], data[f"n_{arm}"]
        wrong = ~((n >= 1) & (events >= 0) & (events <= n) & (events % 1 == 0) & (n % 1 == 0) & np.isfinite(n))
        if wrong.any():
            i = int(np.argmax(wrong))
            found = f"{events[i]:g} of {n[i]:g} in problem {i}"
            faults.append(Fault(f"events_{arm}", found, "whole numbers with 0 <= events <= n, n >= 1", "correct them"))
    return faults
