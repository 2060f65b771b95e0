"""What a posterior can be asked one by one: probabilities, quantiles, intervals and densities, by either engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from bayes_ivf.effects import ESTIMANDS, kernel_density, summarize_draws
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference.naming import quantity_asked
from bayes_ivf.results import estimand_id
from bayes_ivf.structures import moment_orders

if TYPE_CHECKING:
    import pandas as pd

    from bayes_ivf.inference.fit import Fit

Array = npt.NDArray[np.float64]

KINDS = ("eti", "hdi")
_NEEDS = {"mean": 1.0, "sd": 2.0, "mcse_mean": 2.0, "mcse_sd": 2.0}
"""Columns that are empty where moments do not exist above this order."""


class Answers(Protocol):
    """What one posterior says of its quantities."""

    def below(self, asked: EstimandId, value: float) -> float:
        """Probability of a value of at most `value`."""

    def interval(self, asked: EstimandId, prob: float, kind: str) -> tuple[float, float]:
        """Equal-tailed (``eti``) or shortest (``hdi``) interval."""

    def quantile(self, asked: EstimandId, probability: float) -> float:
        """Value with that probability below it."""

    def density(self, asked: EstimandId, x: Array) -> Array:
        """Density at ascending points."""


@dataclass(frozen=True, eq=False)
class DrawAnswers:
    """Answers from draws.

    Parameters
    ----------
    estimands : mapping of EstimandId to array, shape (chain, draw)
    """

    estimands: Mapping[EstimandId, Array]

    def below(self, asked: EstimandId, value: float) -> float:
        """Share of draws of at most `value`."""
        return float(np.mean(self.estimands[asked] <= value))

    def interval(self, asked: EstimandId, prob: float, kind: str) -> tuple[float, float]:
        """Interval of the draws."""
        summary = summarize_draws(self.estimands[asked].reshape(1, -1), prob)
        low, high = (summary.ci if kind == "eti" else summary.hdi)[0].tolist()
        return low, high

    def quantile(self, asked: EstimandId, probability: float) -> float:
        """Quantile of the draws."""
        return float(np.quantile(self.estimands[asked], probability))

    def density(self, asked: EstimandId, x: Array) -> Array:
        """Kernel density of the draws."""
        return kernel_density(self.estimands[asked].ravel(), x, *ESTIMANDS[asked.estimand].range)


@dataclass(frozen=True, eq=False)
class ExactAnswers:
    """Answers from quadrature.

    Parameters
    ----------
    posterior : object
        Of the exact engine, for one problem: ``cdf`` and ``summaries``.
    """

    posterior: Any

    def below(self, asked: EstimandId, value: float) -> float:
        """Distribution function."""
        return float(np.clip(self.posterior.cdf(asked.text, np.array([[value]]))[0, 0], 0, 1))

    def interval(self, asked: EstimandId, prob: float, kind: str) -> tuple[float, float]:
        """Interval found on the distribution function."""
        summary = self.posterior.summaries((asked.text,), ci_prob=prob)[asked.text]
        low, high = ("ci_low", "ci_high") if kind == "eti" else ("hdi_low", "hdi_high")
        return float(getattr(summary, low)[0]), float(getattr(summary, high)[0])

    def quantile(self, asked: EstimandId, probability: float) -> float:
        """Quantile: one end of an equal-tailed interval, or the median."""
        if probability == 0.5:
            return float(self.posterior.summaries((asked.text,))[asked.text].median[0])
        return self.interval(asked, abs(1 - 2 * probability), "eti")[int(probability > 0.5)]

    def density(self, asked: EstimandId, x: Array) -> Array:
        """Probability between neighboring midpoints over their distance: no density is needed beside the cdf."""
        middle = (x[1:] + x[:-1]) / 2
        edges = np.concatenate([[1.5 * x[0] - 0.5 * x[1]], middle, [1.5 * x[-1] - 0.5 * x[-2]]])
        edges = np.clip(edges, *ESTIMANDS[asked.estimand].range)
        below = np.clip(self.posterior.cdf(asked.text, edges[None])[0], 0, 1)
        width = np.diff(edges)
        return np.asarray(np.where(width > 0, np.maximum(np.diff(below), 0) / np.where(width > 0, width, 1), 0.0))


def check_probability(value: object, name: str) -> float:
    """Return a number strictly between 0 and 1, or raise a RequestError."""
    number = finite(value)
    if number is None or not 0 < number < 1:
        raise RequestError(Fault(name, repr(value), "a number between 0 and 1", "give 0.95, for example"))
    return number


def check_kind(kind: object) -> str:
    """Return the kind of an interval, or raise a RequestError."""
    if kind not in KINDS:
        raise RequestError(Fault("kind", repr(kind), ", ".join(KINDS), "eti: equal tails; hdi: the shortest interval"))
    return str(kind)


def check_bounds(above: object, below: object) -> tuple[float | None, float | None]:
    """Return the bounds of a probability, at least one of them, or raise a RequestError."""
    faults, bounds = [], []
    for name, value in (("above", above), ("below", below)):
        bounds.append(None if value is None else finite(value))
        if value is not None and bounds[-1] is None:
            faults.append(Fault(name, repr(value), "a finite number", "give the value to compare with"))
    low, high = bounds
    if above is None and below is None:
        faults.append(Fault("above, below", "neither", "one of them, or both", "write above=0, for example"))
    elif low is not None and high is not None and not low < high:
        faults.append(Fault("above, below", f"{low:g}, {high:g}", "above less than below", "swap them"))
    if faults:
        raise RequestError(faults)
    return low, high


def spanning_points(answers: Answers, asked: EstimandId) -> Array:
    """Return 401 points that hold 99.9% of a quantity; where they would go on without end, raise a RequestError."""
    low, high = answers.interval(asked, 0.999, "eti")
    if not np.isfinite([low, high]).all():
        ends = f"of {asked} 99.9% between {low:g} and {high:g}"
        raise RequestError(Fault("x", ends, "finite points", "give x=numpy.linspace(1, 50), for example"))
    return np.linspace(low, high, 401)


def check_points(x: npt.ArrayLike) -> Array:
    """Return at least three ascending finite points, or raise a RequestError."""
    points = np.asarray(x, dtype=float)
    if points.ndim != 1 or len(points) < 3 or not np.isfinite(points).all() or not (np.diff(points) > 0).all():
        found = f"an array of shape {points.shape}"
        raise RequestError(Fault("x", found, "at least three finite numbers, ascending", "use numpy.linspace"))
    return points


def fit_summary(fit: Fit, **settings: Any) -> pd.DataFrame:
    """Return the table of a fit: that of ``arviz.summary`` from draws, or one like it; moments that do not exist are empty."""
    if fit.drawn is None:
        return exact_summary(fit, **settings)
    import arviz as az

    table: pd.DataFrame = az.summary(fit.tree, **settings)
    orders = moment_orders(fit.problem)
    for each in fit.quantities:
        order = orders.get(each, np.inf) if ESTIMANDS[each.estimand].moments else 0.0
        unknown = [name for name, least in _NEEDS.items() if order <= least and name in table]
        if each.text in table.index:
            table.loc[each.text, unknown] = np.nan
    return table


def exact_summary(
    fit: Fit, *, ci_kind: str, ci_prob: float, var_names: str | Sequence[str] | None = None, **unknown: object
) -> pd.DataFrame:
    """Return the table of a fit of quadrature, one row per quantity; columns named as ``arviz.summary`` does."""
    import pandas as pd

    if unknown:
        raise RequestError(
            Fault(
                "fit.summary()",
                ", ".join(unknown),
                "ci_kind, ci_prob, var_names for a fit of quadrature",
                "remove it, or ask fit.sample().summary()",
            )
        )
    kind, prob = check_kind(ci_kind), check_probability(ci_prob, "ci_prob")
    wanted = (var_names,) if isinstance(var_names, str) else var_names
    known = {estimand_id(fit.problem, row): row for row in fit.rows}
    chosen = list(known) if wanted is None else [quantity_asked(fit, text) for text in wanted]
    label = f"{kind}{100 * prob:g}"
    rows = {}
    for each in chosen:
        row = known[each]
        low, high = fit.interval(each, prob, kind)
        rows[each.text] = {
            "mean": row.mean,
            "sd": row.sd,
            "median": row.median,
            f"{label}_lb": low,
            f"{label}_ub": high,
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "sd", "median", f"{label}_lb", f"{label}_ub"])


def finite(value: object) -> float | None:
    """Return a finite number of Python or NumPy as a float, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return None
    return float(value) if np.isfinite(value) else None
