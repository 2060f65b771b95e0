"""The log likelihood of one arm as a PyTensor expression; the only file of this folder that imports PyTensor.

`arm_logp` is ``log sum_r exp(c_r + e_r @ log_terms)`` (`rows`), `surface_logp` reads a bicubic spline (`nuts_arrays`). Both
agree with `ArmLikelihood.log_likelihood`; PyTensor derives their gradients.

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

from typing import Any

import pytensor.tensor as pt

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
    value = along_x = along_z = 0.0
    for i in range(4):
        across = across_z = 0.0
        for j in range(4):
            cell = coefficients[:, column + i, row + j]
            across = across + cell * bz[j]
            across_z = across_z + cell * gz[j]
        value = value + bx[i] * across
        along_x = along_x + gx[i] * across
        along_z = along_z + bx[i] * across_z
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
    s = 1 - t
    value = [s**3 / 6, (3 * t**3 - 6 * t**2 + 4) / 6, (3 * s**3 - 6 * s**2 + 4) / 6, t**3 / 6]
    slope = [-(s**2) / 2, (3 * t**2 - 4 * t) / 2, (4 * s - 3 * s**2) / 2, t**2 / 2]
    return cell, value, slope, x - inside
