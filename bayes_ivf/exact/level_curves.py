"""Level curves of contrasts of two risks in the plane of two log odds.

For an outer coordinate u a contrast has the value s at the inner coordinate ``v = g_s(u)``, in closed form for each contrast
(`risk_difference`, `risk_ratio`).

Which of three outer coordinates is used decides how smooth the conditional distribution function ``P(v <= g_s(u) | u)`` is in u.
The inner coordinate should carry most of the contrast's posterior variance (`contrast_coordinates`). Where one arm's log odds may
escape along a power-law tail, the inner coordinate is the one that still moves the contrast out there.

Examples
--------
At control risk 0.3 a difference of 0.2 is a treatment risk of 0.5:

>>> from scipy import special
>>> v, _ = threshold("risk_difference", "control", special.logit(np.array([0.3])), np.arctanh(np.array([0.2])))
>>> float(special.expit(v[0]).round(12))
0.5
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.exact.risk_contrast import RiskContrast
from bayes_ivf.exact.risk_difference import RISK_DIFFERENCE
from bayes_ivf.exact.risk_ratio import RISK_RATIO
from bayes_ivf.exact.two_by_two import TwoByTwoPosterior
from bayes_ivf.quadrature import Coordinates, gaussian_approximation

Array = npt.NDArray[np.float64]

CONTRASTS: Mapping[str, RiskContrast] = MappingProxyType({each.name: each for each in (RISK_DIFFERENCE, RISK_RATIO)})
"""Contrasts that are not a function of one coordinate of `plane`, by name."""
CONTRAST_COORDINATES = ("average", "control", "treatment")
_CARRIED = 0.1
# Share of the largest inner sd of a contrast that the coordinates of an escape must carry: less would make its threshold a step.


def contrast_coordinates(table: TwoByTwoPosterior) -> list[npt.NDArray[np.intp]]:
    """Index (B,) into `CONTRAST_COORDINATES`, for each contrast, of the coordinates that give its distribution function.

    The inner coordinate should carry most of the contrast's posterior variance; then the conditional distribution
    function at the threshold varies slowly over the outer coordinate, also along a narrow ridge.
    """
    factors = table.factors()
    normal = {name: gaussian_approximation(factors, COORDINATES[name]) for name in CONTRAST_COORDINATES}
    x_t, x_c, *_ = normal["treatment"]
    alone = _one_arm_escapes(table)
    found = []
    for estimand, contrast in CONTRASTS.items():
        slope_t, slope_c = contrast.slope(x_t), contrast.slope(x_c)
        inner_sds = []
        for name, (*_, inner_sd) in normal.items():
            coordinates = COORDINATES[name]
            inner_sds.append(np.abs(slope_t * coordinates.t[1] - slope_c * coordinates.c[1]) * inner_sd)
        # The average keeps the symmetry between arms: it wins unless another carries twice as much.
        inner_sds[0] = 2 * inner_sds[0]
        stacked = np.stack([np.broadcast_to(inner_sd_of_contrast, (table.size,)) for inner_sd_of_contrast in inner_sds])
        widest, escaping = np.argmax(stacked, axis=0), _escape_coordinates(table, estimand)
        carried = np.take_along_axis(stacked, escaping[None], axis=0)[0]
        found.append(np.where(alone & (carried > _CARRIED * stacked.max(axis=0)), escaping, widest))
    return found


def _one_arm_escapes(table: TwoByTwoPosterior) -> npt.NDArray[np.bool_]:
    """Whether (B,) one arm's log odds may escape along a power-law tail while the other's stay."""
    escapes_t = np.minimum(table.events_t, table.failures_t) <= 0
    escapes_c = np.minimum(table.events_c, table.failures_c) <= 0
    if np.isfinite(table.first.tail_index()).any():
        return np.asarray(table.escapes_by_power_law() & (escapes_t != escapes_c))
    # A light prior on the control arm's log odds holds that arm; one on the average lets none go alone.
    return np.asarray(table.escapes_by_power_law() & escapes_t & (table.coding == "control"))


def _escape_coordinates(table: TwoByTwoPosterior, estimand: str) -> npt.NDArray[np.intp]:
    """Coordinates whose inner coordinate moves the contrast on the way out.

    An arm that escapes stops moving the difference: the other arm is inner. It goes on moving the log ratio if its risk
    tends to 0, and stops if it tends to 1.
    """
    control, treatment = 1, 2
    contrast = CONTRASTS[estimand]

    def moves(events: Array, failures: Array) -> npt.NDArray[np.bool_]:
        return np.asarray(np.where(events <= 0, contrast.moves_at_zero, contrast.moves_at_one & (failures <= 0)))

    escapes_t = np.minimum(table.events_t, table.failures_t) <= 0
    by_t = np.where(moves(table.events_t, table.failures_t), control, treatment)
    by_c = np.where(moves(table.events_c, table.failures_c), treatment, control)
    return np.where(escapes_t, by_t, by_c)


def threshold(estimand: str, name: str, u: Array, s: Array) -> tuple[Array, Array]:
    """Inner coordinate v at which a contrast has the value `s`, and |dv/ds|.

    Parameters
    ----------
    estimand : str
        One of `CONTRASTS`.
    name : {"average", "control", "treatment"}
        Coordinates. In the last the contrast falls as v rises.
    u, s : arrays that broadcast
        Outer coordinate; inverse hyperbolic tangent of the difference, or log of the ratio.

    Returns
    -------
    v, per_s : arrays
        v is infinite where the other arm's risk would be outside (0, 1).
    """
    return CONTRASTS[estimand].level_curves[name](u, s)


def saturation(estimand: str, name: str, s: Array) -> Array:
    """Outer log odds (same shape as `s`) at which the inner risk reaches 0 or 1; NaN if never, as for the average."""
    if name == "average":
        return np.full(s.shape, np.nan)
    return CONTRASTS[estimand].saturation(s if name == "control" else -s)


def arms_at(coordinates: Coordinates, u: Array, v: Array) -> tuple[Array, Array]:
    """Log odds of the treatment and the control arm; an infinite v is read as 0."""
    finite = np.where(np.isfinite(v), v, 0.0)
    return coordinates.t[0] * u + coordinates.t[1] * finite, coordinates.c[0] * u + coordinates.c[1] * finite


def kink_crossings(table: TwoByTwoPosterior, coordinates: Coordinates, estimand: str, s: Array) -> list[Array]:
    """Outer coordinates (K, B) at which the level curve of `s` crosses a line where a prior is not smooth; NaN if none."""
    points = []
    for kink in table.effect.kinks():
        points += [(m + kink / 2, m - kink / 2) for m in CONTRASTS[estimand].averages(kink, s)]
    base = "average" if table.coding == "average" else "control"
    for kink in table.first.kinks():
        u = np.broadcast_to(kink, s.shape)
        v, _ = threshold(estimand, base, u, s)
        points.append(arms_at(COORDINATES[base], u, np.where(np.isfinite(v), v, np.nan)))
    return [coordinates.outer[0] * x_t + coordinates.outer[1] * x_c for x_t, x_c in points]
