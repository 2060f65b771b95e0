"""The posterior as a mixture, over the shared parameters, of planes of two log odds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.embryo.estimands import EmbryoEstimand
from bayes_ivf.inference.embryo.inversion import invert_rows
from bayes_ivf.inference.embryo.kernel import Kernel
from bayes_ivf.inference.embryo.women import ArmWomen, tabulate_women
from bayes_ivf.inference.exact.charts import CHARTS, Chart
from bayes_ivf.inference.exact.contrasts import CONTRAST_CHARTS, contrast_chart, threshold
from bayes_ivf.inference.exact.quadrature import Rule
from bayes_ivf.inference.exact.scales import scale_of
from bayes_ivf.inference.exact.sheet import Sheet, build_sheet, log_row

Array = npt.NDArray[np.float64]

_FAR_SHARE = 1e-7


@dataclass(frozen=True)
class Mixture:
    """Posterior of both log odds, given the shared parameters, at B nodes of these.

    Parameters
    ----------
    kernel : Kernel
        Log likelihood curves and priors at the nodes.
    within, loss : (B,) array of float
        Shared parameters.
    log_weight : (B,) array of float
        Log prior weight of each node.
    rule : Rule
        How finely the log odds are integrated.
    """

    kernel: Kernel
    within: Array
    loss: Array
    log_weight: Array
    rule: Rule
    _sheets: dict[str, Sheet] = field(default_factory=dict)
    _charts: dict[str, str] = field(default_factory=dict)

    def sheet(self, chart: str) -> Sheet:
        """The posterior in a chart, tabulated on first use."""
        if chart not in self._sheets:
            self._sheets[chart] = build_sheet(self.kernel.as_table(), CHARTS[chart], self.rule)
        return self._sheets[chart]

    @cached_property
    def log_mass(self) -> Array:
        """Log posterior mass of each node, unnormalized, (B,)."""
        return np.asarray(self.sheet("effect").log_total + self.log_weight)

    @cached_property
    def log_total(self) -> float:
        """Log marginal likelihood."""
        return float(np.logaddexp.reduce(self.log_mass))

    @cached_property
    def share(self) -> Array:
        """Posterior probability of each node, (B,)."""
        return np.asarray(np.exp(self.log_mass - self.log_total))

    def chart_of(self, estimand: EmbryoEstimand) -> str:
        """Chart in which the estimand is computed."""
        if estimand.chart:
            return estimand.chart
        kind = "risk_difference" if estimand.contrast == "risk_difference" else "risk_ratio"
        if kind not in self._charts:
            index = contrast_chart(self.kernel.as_table(), kind)
            self._charts[kind] = CONTRAST_CHARTS[
                int(np.argmax([self.share[index == i].sum() for i in range(len(CONTRAST_CHARTS))]))
            ]
        return self._charts[kind]

    def log_density_at_null(self) -> float:
        """Log posterior density of the log odds ratio of pi (or r) at 0."""
        zero = np.zeros(self.kernel.size)
        row = log_row(self.kernel.as_table(), CHARTS["effect"], zero, self.rule)
        return float(np.logaddexp.reduce(row + self.log_weight) - self.log_total)

    def by_node(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
        """Distribution function and density at coordinates s (K, 1), given each node: two arrays (K, B)."""
        s = np.broadcast_to(s, (len(s), self.kernel.size))
        if estimand.kind == "outer":
            at, slope = self._per_embryo(estimand, s)
            below, density = self.sheet(estimand.chart).marginal(at)
            return below, density * slope
        if estimand.kind == "arm":
            at, slope = self._invert_arm(estimand, s)
            below, density = self.sheet(estimand.chart).marginal(at)
            return below, density * slope
        chart = self.chart_of(estimand)
        sheet = self.sheet(chart)
        if estimand.kind == "contrast":
            at, slope = self._per_embryo(estimand, s)
            v, per_s = threshold(estimand.contrast, chart, sheet.u[:, None], at)
            below, density = sheet.conditional(v, per_s)
            density = density * slope
        else:
            sign = self._sign(estimand, chart)
            values = self.nodes(estimand, chart)
            v, per_s = invert_rows(
                lambda at: sign * self._between(estimand, *arms_at(sheet.chart, sheet.u[:, None], at)),
                sheet.v,
                sign * values,
                sign * s,
            )
            below, density = sheet.conditional(v, per_s)
        # along the control arm's log odds a contrast falls
        return (1 - below if self._sign(estimand, chart) < 0 else below), density

    def nodes(self, estimand: EmbryoEstimand, chart: str) -> Array:
        """Coordinate of the estimand at the nodes of a chart's sheet, (M, N, B)."""
        key = f"{estimand.scale} in {chart}"
        if key not in self._values:
            sheet = self.sheet(chart)
            self._values[key] = self._between(estimand, *arms_at(sheet.chart, sheet.u, sheet.v))
        return self._values[key]

    def moments(self, estimand: EmbryoEstimand) -> tuple[float, float]:
        """Mean and sd on the estimand's own scale; NaN where the far tail carries them."""
        return self._moments(estimand, scale_of(estimand.scale).backward)

    def location(self, estimand: EmbryoEstimand) -> tuple[float, float]:
        """A center and a spread of the estimand's coordinate."""
        return self._moments(estimand, lambda s: np.clip(s, -30, 30))

    @cached_property
    def _values(self) -> dict[str, Array]:
        return {}

    def _moments(self, estimand: EmbryoEstimand, transform: Callable[[Array], Array]) -> tuple[float, float]:
        chart = self.chart_of(estimand)
        sheet = self.sheet(chart)
        if estimand.kind in ("outer", "arm"):
            # the coordinate depends on the outer coordinate alone
            s = self._outer_coordinate(estimand, sheet.u)
            values = np.broadcast_to(transform(s), sheet.v.shape)
        elif estimand.kind == "contrast":
            values = transform(self._contrast(estimand, *arms_at(sheet.chart, sheet.u, sheet.v)))
        else:
            values = transform(self.nodes(estimand, chart))
        return self._mean_and_sd(sheet, values)

    def _mean_and_sd(self, sheet: Sheet, values: Array) -> tuple[float, float]:
        with np.errstate(over="ignore", invalid="ignore"):
            carried = values * sheet.v_weight * self.share
            mean = carried.sum()
            if not _settled(np.abs(carried)):
                return float("nan"), float("nan")
            squares = (values - mean) ** 2 * sheet.v_weight * self.share
            sd = np.sqrt(squares.sum()) if _settled(squares) else np.nan
        return float(mean), float(sd)

    def _per_embryo(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
        """Coordinate of the same quantity for expit(log odds), and its derivative: the factor q taken out."""
        if self.kernel.problem.mechanism != "receptivity" or "[" in estimand.scale or estimand.contrast == "risk_ratio":
            return s, np.ones_like(s)
        if estimand.contrast == "risk_difference":
            t = np.tanh(s) / self.within
            inside = np.abs(t) < 1
            with np.errstate(divide="ignore"):
                at = np.arctanh(np.clip(t, -1, 1))
            return at, np.where(inside, (1 - np.tanh(s) ** 2) / self.within / np.where(inside, 1 - t * t, 1.0), 0.0)
        risk = special.expit(s)
        rest = self.within - risk
        inside = rest > 0
        at = np.where(inside, np.log(risk) - np.log(np.where(inside, rest, 1.0)), np.inf)
        return at, np.where(inside, special.expit(-s) * self.within / np.where(inside, rest, 1.0), 0.0)

    def _outer_coordinate(self, estimand: EmbryoEstimand, u: Array) -> Array:
        if estimand.kind == "arm":
            return self._arm_women[estimand.chart].log_odds(u)
        if self.kernel.problem.mechanism == "receptivity" and "[" not in estimand.scale:
            return _log_odds_of_product(u, self.within)
        return u

    def _contrast(self, estimand: EmbryoEstimand, x_t: Array, x_c: Array) -> Array:
        factor = self.within if self.kernel.problem.mechanism == "receptivity" else 1.0
        if estimand.contrast == "risk_ratio":
            return np.asarray(special.log_expit(x_t) - special.log_expit(x_c))
        return np.asarray(np.arctanh(_open(factor * (special.expit(x_t) - special.expit(x_c)))))

    def _between(self, estimand: EmbryoEstimand, x_t: Array, x_c: Array) -> Array:
        """Coordinate of an estimand that depends on both log odds in no simple way."""
        if estimand.quantity == "embryo":
            return _log_odds_of_product(x_t, self.within) - _log_odds_of_product(x_c, self.within)
        treatment, control = (self._arm_women[name] for name in ("treatment", "control"))
        shares = None
        if estimand.quantity == "woman_standardized":
            women = treatment.arm.totals.women + control.arm.totals.women
            pairs = zip(treatment.women(x_t), control.women(x_c), strict=True)
            shares = [(ours + theirs) / women for ours, theirs in pairs]
        if estimand.contrast == "treatment_risk":
            return treatment.log_odds(x_t, shares)
        if estimand.contrast == "control_risk":
            return control.log_odds(x_c, shares)
        y_t, y_c = treatment.log_odds(x_t, shares), control.log_odds(x_c, shares)
        if estimand.contrast == "risk_difference":
            return np.asarray(np.arctanh(_open(special.expit(y_t) - special.expit(y_c))))
        if estimand.contrast == "risk_ratio":
            return np.asarray(special.log_expit(y_t) - special.log_expit(y_c))
        return y_t - y_c

    def _sign(self, estimand: EmbryoEstimand, chart: str) -> int:
        return -1 if chart == "treatment" and estimand.contrast != "control_risk" else 1

    @cached_property
    def _arm_women(self) -> dict[str, ArmWomen]:
        kernel = self.kernel
        return {
            name: tabulate_women(arm, self.within, self.loss, curves.edges[0], curves.edges[-1])
            for name, arm, curves in (
                ("treatment", kernel.problem.treatment, kernel.treatment),
                ("control", kernel.problem.control, kernel.control),
            )
        }

    def _invert_arm(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
        """Log odds of an arm at which its women's log odds are s, and the derivative, (K, B)."""
        women = self._arm_women[estimand.chart]
        low, high = np.full(s.shape, -800.0), np.full(s.shape, 800.0)
        for _ in range(60):
            middle = (low + high) / 2
            up = women.log_odds(middle) < s
            low, high = np.where(up, middle, low), np.where(up, high, middle)
        at = (low + high) / 2
        step = 1e-4
        rise = women.log_odds(at + step) - women.log_odds(at - step)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = 2 * step / rise
        return at, np.where(np.isfinite(slope), slope, 0.0)


def arms_at(chart: Chart, u: Array, v: Array) -> tuple[Array, Array]:
    """Log odds of treatment and control at outer and inner coordinates."""
    return chart.t[0] * u + chart.t[1] * v, chart.c[0] * u + chart.c[1] * v


def _settled(carried: Array) -> bool:
    """Whether neither end of the panels carries a visible part of the sum."""
    ends = carried[[0, -1]].sum() + carried[:, [0, -1]].sum()
    return bool(np.isfinite(ends) and ends <= _FAR_SHARE * carried.sum())


def _open(difference: Array) -> Array:
    return np.clip(difference, -1 + 1e-15, 1 - 1e-15)


def _log_odds_of_product(x: Array, factor: Array) -> Array:
    """Logit of expit(x) * factor."""
    # 1 - r q = (1 - r) + r (1 - q)
    rest = special.expit(-x) + special.expit(x) * (1 - factor)
    return np.asarray(special.log_expit(x) + np.log(factor) - np.log(rest))
