"""Level curves of the risk difference and the risk ratio in the plane of two log odds.

For an outer coordinate u a contrast has the value s at the inner coordinate ``v = g_s(u)``. In closed form, with t = tanh s the
difference or exp s the ratio, p = expit:

========== ============================================================ ======================================================
outer      risk difference                                              risk ratio
========== ============================================================ ======================================================
control    ``logit(p(u) + t)``                                          ``logit(t p(u))``
treatment  ``logit(p(u) - t)``                                          ``logit(p(u) / t)``
average    ``sinh(v/2) = t (cosh u + cosh(v/2))``, a quadratic in       ``2 sinh((v - s)/2) = exp(u - s/2) (t - 1)``
           exp(v/2)
========== ============================================================ ======================================================

Which of the three is used decides how smooth the conditional distribution function ``P(v <= g_s(u) | u)`` is in u. The inner
coordinate should carry most of the contrast's posterior variance (`contrast_coordinates`). Where one arm's log odds may escape
along a power-law tail, the inner coordinate is the one that still moves the contrast out there.

Examples
--------
At control risk 0.3 a difference of 0.2 is a treatment risk of 0.5:

>>> import numpy as np
>>> u, s = special.logit(np.array([0.3])), np.arctanh(np.array([0.2]))
>>> v, per_s = threshold("risk_difference", "control", u, s)
>>> float(special.expit(v[0]).round(12))
0.5
>>> ahead, _ = threshold("risk_difference", "control", u, s + 1e-6)
>>> bool(abs((ahead - v)[0] / 1e-6 - per_s[0]) < 1e-4)
True
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.exact.two_by_two import TwoByTwoPosterior
from bayes_ivf.quadrature import Coordinates, gaussian_approximation

Array = npt.NDArray[np.float64]

CONTRASTS = ("risk_difference", "risk_ratio")
CONTRAST_COORDINATES = ("average", "control", "treatment")
_CARRIED = 0.1
# Share of the largest inner sd of a contrast that the coordinates of an escape must carry: less would make its threshold a step.


def contrast_coordinates(table: TwoByTwoPosterior, estimand: str) -> npt.NDArray[np.intp]:
    """Index (B,) into `CONTRAST_COORDINATES` of the coordinates in which a contrast's distribution function is computed.

    The inner coordinate should carry most of the contrast's posterior variance; then the conditional distribution
    function at the threshold varies slowly over the outer coordinate, also along a narrow ridge.
    """
    factors = table.factors()
    x_t, x_c, *_ = gaussian_approximation(factors, COORDINATES["treatment"])
    slope_t, slope_c = special.expit(-x_t), special.expit(-x_c)
    if estimand == "risk_difference":
        slope_t, slope_c = slope_t * special.expit(x_t), slope_c * special.expit(x_c)
    inner_sds = []
    for name in CONTRAST_COORDINATES:
        coordinates = COORDINATES[name]
        _, _, _, _, inner_sd = gaussian_approximation(factors, coordinates)
        inner_sds.append(np.abs(slope_t * coordinates.t[1] - slope_c * coordinates.c[1]) * inner_sd)
    # The average keeps the symmetry between arms: it wins unless another carries twice as much.
    inner_sds[0] = 2 * inner_sds[0]
    stacked = np.stack([np.broadcast_to(inner_sd_of_contrast, (table.size,)) for inner_sd_of_contrast in inner_sds])
    widest, escaping = np.argmax(stacked, axis=0), _escape_coordinates(table, estimand)
    carried = np.take_along_axis(stacked, escaping[None], axis=0)[0]
    return np.where(_one_arm_escapes(table) & (carried > _CARRIED * stacked.max(axis=0)), escaping, widest)


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
    escapes_t = np.minimum(table.events_t, table.failures_t) <= 0
    if estimand == "risk_difference":
        return np.where(escapes_t, treatment, control)
    by_t = np.where(table.events_t <= 0, control, treatment)
    by_c = np.where(table.events_c <= 0, treatment, control)
    return np.where(escapes_t, by_t, by_c)


def threshold(estimand: str, name: str, u: Array, s: Array) -> tuple[Array, Array]:
    """Inner coordinate v at which a contrast has the value `s`, and |dv/ds|.

    Parameters
    ----------
    estimand : {"risk_difference", "risk_ratio"}
    name : {"average", "control", "treatment"}
        Coordinates. In the last the contrast falls as v rises.
    u, s : arrays that broadcast
        Outer coordinate; inverse hyperbolic tangent of the difference, or log of the ratio.

    Returns
    -------
    v, per_s : arrays
        v is infinite where the other arm's risk would be outside (0, 1).
    """
    if estimand == "risk_difference":
        v, slope = _difference(name, u, np.tanh(s))
        # 300: the square of cosh is finite; tanh has long been 1
        per_s = 1 / np.cosh(np.clip(s, -300, 300)) ** 2
    else:
        # 700: exp of it is finite
        v, slope = _ratio(name, u, np.clip(s, -700, 700))
        per_s = np.ones_like(s)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return v, per_s / np.abs(slope)


def saturation(estimand: str, name: str, s: Array) -> Array:
    """Outer log odds (same shape as `s`) at which the inner risk reaches 0 or 1; NaN if never, as for the average."""
    if name == "average":
        return np.full(s.shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        if estimand == "risk_ratio":
            of_ratio = -np.abs(s) - np.log(-np.expm1(-np.abs(s)))
            return np.where((s > 0) if name == "control" else (s < 0), of_ratio, np.nan)
        of_difference = np.log(np.tanh(np.abs(s))) + np.logaddexp(0, 2 * np.abs(s)) - np.log(2.0)
    return np.asarray(np.where((s < 0) == (name == "control"), of_difference, -of_difference))


def arms_at(coordinates: Coordinates, u: Array, v: Array) -> tuple[Array, Array]:
    """Log odds of the treatment and the control arm; an infinite v is read as 0."""
    finite = np.where(np.isfinite(v), v, 0.0)
    return coordinates.t[0] * u + coordinates.t[1] * finite, coordinates.c[0] * u + coordinates.c[1] * finite


def kink_crossings(table: TwoByTwoPosterior, coordinates: Coordinates, estimand: str, s: Array) -> list[Array]:
    """Outer coordinates (K, B) at which the level curve of `s` crosses a line where a prior is not smooth; NaN if none."""
    points = []
    for kink in table.effect.kinks():
        points += [(m + kink / 2, m - kink / 2) for m in _average_at(estimand, kink, s)]
    base = "average" if table.coding == "average" else "control"
    for kink in table.first.kinks():
        u = np.broadcast_to(kink, s.shape)
        v, _ = threshold(estimand, base, u, s)
        points.append(arms_at(COORDINATES[base], u, np.where(np.isfinite(v), v, np.nan)))
    return [coordinates.outer[0] * x_t + coordinates.outer[1] * x_c for x_t, x_c in points]


def _average_at(estimand: str, b: Array, s: Array) -> list[Array]:
    """Average log odds at which a log odds ratio of `b` gives the contrast `s`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if estimand == "risk_difference":
            m = np.arccosh(np.sinh(b / 2) / np.tanh(s) - np.cosh(b / 2))
            return [m, -m]
        # p_t / p_c lies between 1 and exp(b): numerator and denominator share their sign.
        return [np.log(np.expm1(b - s) / np.expm1(s)) + s - b / 2]


def _risk(x: Array) -> Array:
    """Inverse of the log odds; quicker than SciPy's, and as good in both tails (exp(700) is finite)."""
    return np.asarray(1 / (1 + np.exp(np.minimum(-x, 700.0))))


def _logit_of(risk: Array, rest: Array) -> Array:
    """Log odds from a risk and one minus the risk, infinite outside (0, 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(risk / rest)
    value[risk <= 0] = -np.inf
    value[rest <= 0] = np.inf
    return np.asarray(value)


def _difference(name: str, u: Array, t: Array) -> tuple[Array, Array]:
    """Inner coordinate at which the difference is t, and the difference's slope there."""
    if name == "average":
        # sinh(b/2) = t (cosh m + cosh(b/2)) is a quadratic in exp(b/2).
        # 350: the square of cosh is finite
        c = np.cosh(np.clip(u, -350, 350))
        root = np.abs(t) * c + np.sqrt(t * t * c * c + (1 - t * t))
        with np.errstate(divide="ignore"):
            half = np.where(t < 0, -1.0, 1.0) * np.log(root / (1 - np.abs(t)))
        finite = np.where(np.isfinite(half), half, 0.0)
        risk_t, risk_c = _risk(u + finite), _risk(u - finite)
        return 2 * half, (risk_t * _risk(-u - finite) + risk_c * _risk(finite - u)) / 2
    risk, rest = (_risk(u) + t, _risk(-u) - t) if name == "control" else (_risk(u) - t, _risk(-u) + t)
    return _logit_of(risk, rest), risk * rest


def _ratio(name: str, u: Array, s: Array) -> tuple[Array, Array]:
    """Inner coordinate at which the log ratio is s, and the log ratio's slope there."""
    t, rest = np.exp(s), -np.expm1(s)
    if name == "average":
        # With z = exp((b - s) / 2): z - 1/z = exp(m - s/2) (t - 1), a quadratic solved by a hyperbolic sine.
        with np.errstate(over="ignore"):
            v = np.asarray(2 * np.arcsinh(-np.exp(np.clip(u - s / 2, -700, 700)) * rest / 2) + s)
        finite = np.where(np.isfinite(v), v, 0.0) / 2
        return v, (_risk(-u - finite) + _risk(finite - u)) / 2
    if name == "control":
        against = _risk(-u) + rest * _risk(u)
        return _logit_of(t * _risk(u), against), against
    # 1 - p_t / t = (q_t - (1 - t)) / t.
    against = (_risk(-u) - rest) / t
    return _logit_of(_risk(u) / t, against), against
