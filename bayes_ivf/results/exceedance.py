"""The probability that a benefit is at least so large: all along a fit's distribution, or where a row knows it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bayes_ivf.effects import REPORTED
from bayes_ivf.results.row import EffectRow, estimand_id
from bayes_ivf.results.sentence import chance, main_row

if TYPE_CHECKING:
    from bayes_ivf.inference import Fit

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """A point of a curve whose probability stands in a table.

    Parameters
    ----------
    x : float
        Least benefit; 0 for any.
    probability : float
    text : str
        The probability as the table shows it.
    """

    x: float
    probability: float
    text: str


@dataclass(frozen=True, eq=False)
class Exceedance:
    """Probabilities that treatment helps by at least x.

    Parameters
    ----------
    outcome, label, prior : str
    estimand : str
        On whose scale x is, and more is better: it is turned around where less is benefit.
    sign : {1, -1}
        Of benefit.
    x, probability : array, shape (point,)
    marks : tuple of Mark
        Any benefit, and the least that matters.
    interpolated : bool
        Whether only the marks and the ends and middle of the interval are known, and normal scores between them are
        drawn as straight lines.
    """

    outcome: str
    label: str
    prior: str
    estimand: str
    sign: int
    x: Array
    probability: Array
    marks: tuple[Mark, ...]
    interpolated: bool = False


def exceedance_of_fit(fit: Fit, points: int = 81) -> Exceedance | None:
    """Return the curve of the quantity on which a fit is told; None if no direction of it is benefit.

    Parameters
    ----------
    fit : Fit
    points : int
        Between the quantiles of 0.001 and 0.999.
    """
    row = main_row(fit.rows)
    asked = estimand_id(fit.problem, row)
    sign = fit.problem.place(asked.place).sign
    if row.p_benefit is None or not sign:
        return None
    low, high = fit.interval(asked, 0.998, "eti")
    at = np.linspace(low, high, points)
    above = np.array([fit.probability(asked, above=float(each)) for each in at])
    x, share = (at, above) if sign > 0 else (-at[::-1], 1 - above[::-1])
    return Exceedance(row.outcome, fit.problem.label, row.prior, row.estimand, sign, x, share, _marks(row))


def exceedance_of_row(row: EffectRow, label: str, sign: int, points: int = 81) -> Exceedance | None:
    """Return the curve through what a row knows; None if no direction is benefit.

    Parameters
    ----------
    row : EffectRow
        With equal-tailed intervals.
    label : str
        Of its outcome.
    sign : {1, -1, 0}
        Of benefit.
    points : int
        From one end of the interval to the other.
    """
    if row.p_benefit is None or not sign or REPORTED[row.estimand].null != 0:
        return None
    tail = (1 - row.ci_level) / 2
    known = {row.ci_low: 1 - tail, row.median: 0.5, row.ci_high: tail}
    if sign < 0:
        known = {-x: 1 - p for x, p in known.items()}
    marks = _marks(row)
    known |= {mark.x: mark.probability for mark in marks}
    ends = min(known), max(known)
    if row.mcid is not None and row.p_beyond_mcid is not None and row.p_in_rope is not None:
        known[-row.mcid] = row.p_beyond_mcid + row.p_in_rope
    inside = sorted(known)
    # a probability of 0 or 1 has no normal score
    scores = [NormalDist().inv_cdf(min(max(known[x], 1e-12), 1 - 1e-12)) for x in inside]
    x = np.union1d(np.linspace(*ends, points), [each for each in inside if ends[0] <= each <= ends[1]])
    share = np.array([NormalDist().cdf(score) for score in np.interp(x, inside, scores)])
    return Exceedance(row.outcome, label, row.prior, row.estimand, sign, x, share, marks, interpolated=True)


def _marks(row: EffectRow) -> tuple[Mark, ...]:
    assert row.p_benefit is not None
    marks = [Mark(0.0, row.p_benefit, chance(row.p_benefit))]
    if row.mcid is not None and row.p_beyond_mcid is not None:
        marks.append(Mark(row.mcid, row.p_beyond_mcid, chance(row.p_beyond_mcid)))
    return tuple(marks)
