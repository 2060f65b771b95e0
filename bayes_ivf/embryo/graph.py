"""The log likelihood of one arm as a PyTensor expression; the only file of this folder that imports PyTensor.

`arm_logp` is ``log sum_r exp(c_r + e_r @ log_terms)`` (`rows`), `factored_logp` the same sum with exponentials of its few
distinct factors (`factored_tables`), `surface_logp` reads a bicubic spline (`nuts_arrays`). All agree with
`ArmLikelihood.log_likelihood`; PyTensor derives their gradients.

Examples
--------
>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> from bayes_ivf.embryo.nuts_arrays import row_arrays
>>> arm = prepare_arm(ArmTotals(women=6, embryos=9, pregnant=3, implanted=4), max_embryos=2)
>>> logp = arm_logp(*row_arrays(arm), pt.constant(-0.2), pt.constant(0.6), mechanism="beta_binomial", max_embryos=2)
>>> print(round(float(logp.eval()), 6), round(float(arm.log_likelihood(-0.2, 0.6)), 6))
-1.862844 -1.862844
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytensor.tensor as pt

from bayes_ivf.embryo.nuts_arrays import PARTS

Tensor = Any


def log_terms_graph(mechanism: str, max_embryos: int, log_odds: Tensor, within: Tensor, loss: Tensor = None) -> Tensor:
    """Log terms of one parameter value: the symbolic twin of `terms.log_terms`, a vector (F,).

    Parameters
    ----------
    mechanism : {"beta_binomial", "receptivity", "biochemical"}
        See `terms.log_pmf`.
    max_embryos : int
        M.
    log_odds, within, loss : scalar tensors
        Log odds of pi (of r under ``receptivity``), icc (q), and lambda (``biochemical`` only).
    """
    log_yes, log_no = -pt.softplus(-log_odds), -pt.softplus(log_odds)
    yes, no = pt.sigmoid(log_odds), pt.sigmoid(-log_odds)
    if mechanism == "receptivity":
        terms = [log_yes, pt.log(within), pt.log1p(-within)]
        fail = 1 - within
        power = fail
        for _ in range(max_embryos):
            terms.append(pt.log(no + yes * power))
            power = power * fail
        return pt.stack(terms)
    terms = [log_yes, log_no, pt.log1p(-within)]
    for part in (yes * (1 - within), no * (1 - within), 1 - within):
        terms += [pt.log(part + i * within) for i in range(1, max_embryos)]
    if mechanism == "biochemical":
        terms += [pt.log(loss), pt.log1p(-loss)]
    return pt.stack(terms)


def rows_logp(constants: Tensor, exponents: Tensor, log_terms: Tensor) -> Tensor:
    """Log Pr(P, S) of one arm from its rows, a scalar.

    Parameters
    ----------
    constants : (T,) tensor
        Log multiplicities; minus infinity in rows that only fill up.
    exponents : (T, F) tensor
        From `nuts_arrays.row_arrays`.
    log_terms : (F,) tensor
        From `log_terms_graph`.
    """
    exponent = constants + pt.dot(exponents, log_terms)
    peak = pt.max(exponent)
    return peak + pt.log(pt.sum(pt.exp(exponent - peak)))


def arm_logp(
    constants: Tensor,
    exponents: Tensor,
    log_odds: Tensor,
    within: Tensor,
    loss: Tensor = None,
    *,
    mechanism: str,
    max_embryos: int,
) -> Tensor:
    """Log Pr(P, S) of one arm, a scalar; see `log_terms_graph` and `rows_logp`."""
    return rows_logp(constants, exponents, log_terms_graph(mechanism, max_embryos, log_odds, within, loss))


def factored_logp(
    factors: Mapping[str, Tensor],
    log_odds: Tensor,
    within: Tensor,
    loss: Tensor = None,
    *,
    mechanism: str,
    max_embryos: int,
) -> Tensor:
    """Log Pr(P, S) of one arm from the factors of its rows, a scalar; see `log_terms_graph`.

    Parameters
    ----------
    factors : mapping of str to tensor
        From `nuts_arrays.factor_arrays`.
    log_odds, within, loss, mechanism, max_embryos
        As in `arm_logp`.
    """
    log_terms = log_terms_graph(mechanism, max_embryos, log_odds, within, loss)
    logs = [pt.dot(factors[f"exponents_{part}"], log_terms) + factors[f"scale_{part}"] for part in PARTS]
    peaks = [pt.max(each) for each in logs]
    yes, no, both = (pt.exp(each - peak) for each, peak in zip(logs, peaks, strict=True))
    pairs = yes[factors["pair_yes"]] * no[factors["pair_no"]]
    total = pt.sum(factors["weights"] * pairs[factors["row_pair"]] * both[factors["row_icc"]])
    return pt.log(total) + sum(peaks)


def surface_logp(
    coefficients: Tensor,
    frame: Tensor,
    lost: Tensor,
    pregnant: Tensor,
    log_odds: Tensor,
    within_logit: Tensor,
    loss: Tensor = None,
) -> Tensor:
    """Log Pr(P, S) of one arm read from a `nuts_arrays.Surface`, a scalar.

    Parameters
    ----------
    coefficients : (N, n, n) tensor
        Of the surface.
    frame : (4,) tensor
        Of the surface.
    lost : (N,) tensor
        Of the surface.
    pregnant : scalar tensor
        P.
    log_odds : scalar tensor
        Log odds of pi, or of r.
    within_logit : scalar tensor
        Logit of the icc, or of q.
    loss : scalar tensor
        Lambda (``biochemical`` only).
    """
    column, bx, gx, excess_x = _locate_graph(log_odds, frame[0], frame[1], coefficients.shape[1] - 2)
    row, bz, gz, excess_z = _locate_graph(within_logit, frame[2], frame[3], coefficients.shape[2] - 2)
    step = np.arange(4)
    places = (column + step)[:, None] * coefficients.shape[2] + (row + step)[None, :]
    surfaces = coefficients.reshape((coefficients.shape[0], -1))
    patch = surfaces[:, places.ravel()].reshape((-1, 4, 4))
    across, across_z = (patch * bz).sum(axis=2), (patch * gz).sum(axis=2)
    value, along_x, along_z = (across * bx).sum(axis=1), (across * gx).sum(axis=1), (across_z * bx).sum(axis=1)
    parts = value + pt.minimum(excess_x * along_x / frame[1], 0.0) + pt.minimum(excess_z * along_z / frame[3], 0.0)
    if loss is None:
        return parts[0]
    parts = parts + lost * pt.log(loss)
    peak = pt.max(parts)
    return peak + pt.log(pt.sum(pt.exp(parts - peak))) + pregnant * pt.log1p(-loss)


def _locate_graph(x: Tensor, first: Tensor, spacing: Tensor, knots: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    inside = pt.clip(x, first, first + spacing * (knots - 1))
    position = (inside - first) / spacing
    cell = pt.cast(pt.clip(pt.floor(position), 0, knots - 2), "int64")
    t = position - pt.cast(cell, "float64")
    powers = pt.stack([pt.ones_like(t), t, t * t, t * t * t])
    return cell, pt.dot(_WEIGHTS, powers), pt.dot(_SLOPES, powers), x - inside


_WEIGHTS = np.array([[1, -3, 3, -1], [4, 0, -6, 3], [1, 3, 3, -3], [0, 0, 0, 1]]) / 6
"""Of the powers of t in each of the four cubic B-splines at position t of a cell; see `nuts_arrays.spline_weights`."""
_SLOPES = np.array([[-1, 2, -1, 0], [0, -4, 3, 0], [1, 2, -3, 0], [0, 0, 1, 0]]) / 2
"""The same of their derivatives."""
