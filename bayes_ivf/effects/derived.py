"""Estimands that are functions of another one: their numbers are read off its quantiles, for either engine.

A fit holds the numbers of what a solver gives; those of a derived estimand follow from them when rows are made, so that nothing
is integrated or sampled for it, and what is kept of earlier fits gives it, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from bayes_ivf.effects.fields import FIELDS
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.estimands import ESTIMANDS, Estimand

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DerivedEstimand(Estimand):
    """A decreasing function of another estimand, whose distribution follows from that one's; its moments do not, and stay empty.

    Parameters
    ----------
    source : str
        The other estimand. Turned to one side it is d = side s d0, where s is the sign of benefit (+1: more is better)
        and d0 its value.
    side : {1, -1}
        1: benefit; -1: harm.
    forward, backward : callable
        y = forward(d), decreasing in d, and d = backward(y). P(Y <= y) = P(D >= backward(y)), and the quantile of Y at p is
        forward of the quantile of D at 1 - p.
    """

    source: str = ""
    side: int = 1
    moments: bool = field(default=False, init=False)
    forward: Callable[[Array], Array] = np.negative
    backward: Callable[[Array], Array] = np.negative


def number_needed(difference: npt.ArrayLike) -> Array:
    """Return how many must be treated for one more event: 1 / d where d > 0, else infinity.

    A number needed has a pole at no difference. It lies in [1, infinity]; where treatment does not favor this side, no number
    is enough. So its distribution has the probability P(d <= 0) at infinity, and no mean or standard deviation.

    Parameters
    ----------
    difference : array
        Risk difference d, positive on the side that is asked about (probability).

    Returns
    -------
    array
        Of units that the risk is per: women, or embryos of an outcome per embryo.

    References
    ----------
    Laupacis, Sackett and Roberts 1988, doi 10.1056/NEJM198806303182605; Altman 1998, doi 10.1136/bmj.317.7168.1309.

    Examples
    --------
    >>> number_needed([0.25, 0.01, 0.0, -0.25]).tolist()
    [4.0, 100.0, inf, inf]
    """
    found = np.asarray(difference, dtype=float)
    with np.errstate(over="ignore"):
        return np.where(found > 0, 1 / np.where(found > 0, found, 1.0), np.inf)


def _number_needed(word: str, side: int) -> DerivedEstimand:
    return DerivedEstimand(
        f"number_needed_{word}",
        f"Number needed to {word}",
        "units",
        1.0,
        source="risk_difference",
        side=side,
        forward=number_needed,
        backward=np.reciprocal,
    )


DERIVED: Mapping[str, DerivedEstimand] = MappingProxyType(
    {member.name: member for member in (_number_needed("benefit", 1), _number_needed("harm", -1))}
)
"""Every estimand that follows from another one, by name."""

REPORTED: Mapping[str, Estimand] = MappingProxyType(dict(ESTIMANDS) | dict(DERIVED))
"""Every estimand that a row may be about, by name."""

CARRIED = ("r_hat", "ess_bulk", "ess_tail")
"""Diagnostics by rank and tail: those of the source."""


def derived_ids(ids: Iterable[EstimandId]) -> dict[EstimandId, EstimandId]:
    """Return the quantities that follow from some, and the one each follows from.

    Examples
    --------
    >>> found = derived_ids([EstimandId("risk_difference", "woman"), EstimandId("risk_ratio", "woman")])
    >>> for derived, source in found.items():
    ...     print(derived, source)
    number_needed_benefit@woman risk_difference@woman
    number_needed_harm@woman risk_difference@woman
    """
    return {each.of(name): each for each in ids for name, derived in DERIVED.items() if derived.source == each.estimand}


def derived_figures(estimand: str, signs: npt.ArrayLike, source: Array) -> Array:
    """Return the numbers of a derived estimand.

    Its quantile at p is the image of the source's quantile at 1 - p (or p, where the source counts against its side), so the
    equal-tailed interval has the images of the source's ends. Moments are left empty, since they follow from no quantile, and so
    is the shortest interval: it is another one on every scale, and might have to hold what lies at infinity.

    Parameters
    ----------
    estimand : str
        One of `DERIVED`.
    signs : array, shape (B,)
        Of benefit: 1, -1, or 0 without one; then nothing exists.
    source : array, shape (B, field)
        Numbers of the source, in the order of `FIELDS`.

    Returns
    -------
    array, shape (B, field)
        NaN where empty.

    Examples
    --------
    A risk difference of 0.08 (-0.1 to 0.25) where more is better: a number needed to benefit of 12.5 (4 to infinity), and of
    at least 10 to harm.

    >>> source = np.full((1, len(FIELDS)), np.nan)
    >>> places = [FIELDS.index(field) for field in ("median", "ci_low", "ci_high")]
    >>> source[0, places] = 0.08, -0.1, 0.25
    >>> derived_figures("number_needed_benefit", [1], source)[0, places].tolist()
    [12.5, 4.0, inf]
    >>> derived_figures("number_needed_harm", [1], source)[0, places].tolist()
    [inf, 10.0, inf]
    """
    derived = DERIVED[estimand]
    turn = derived.side * np.asarray(signs, dtype=float)
    at = {name: i for i, name in enumerate(FIELDS)}
    low, median, high = (turn * source[:, at[name]] for name in ("ci_low", "median", "ci_high"))
    figures = np.full(source.shape, np.nan)
    ends = {"median": median, "ci_low": np.maximum(low, high), "ci_high": np.minimum(low, high)}
    for name, turned in ends.items():
        figures[:, at[name]] = np.where(np.isnan(turned), np.nan, derived.forward(turned))
    for name in CARRIED:
        figures[:, at[name]] = source[:, at[name]]
    figures[turn == 0] = np.nan
    return figures
