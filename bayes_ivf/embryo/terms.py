"""Chances that k of m embryos implant, as products of powers of few terms that all tables share.

Beta-binomial, with ``pi`` the chance per embryo and ``rho`` the icc: the factors of the rising factorials are taken apart::

    p(k | m) = C(m, k) N(k, m) / prod_(i < m) [1 - rho + i rho]
    N(k, m)  = prod_(i < k) [pi (1 - rho) + i rho] prod_(i < m - k) [(1 - pi) (1 - rho) + i rho]

Receptivity, with ``r`` the chance that a woman is receptive and ``q`` that of an embryo in a receptive woman::

    p(0 | m) = 1 - r + r (1 - q)^m,        p(k | m) = r C(m, k) q^k (1 - q)^(m - k)  for k >= 1

So a table's log probability is ``constant + exponents @ log_terms``. The terms need no gamma function and stay finite as the
icc goes to 0 or 1: of the factors with i = 0 a single ``1 - rho`` is left for 0 < k < m, and none otherwise.

Examples
--------
The embryos of one woman have correlation rho: for m = 2, ``p(2 | 2) = pi^2 + rho pi (1 - pi)``.

>>> pmf = np.exp(log_pmf("beta_binomial", 2, log_odds=special.logit(0.3), within=0.4))
>>> print(pmf.round(6))  # (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)
[0.7   0.3   0.574 0.252 0.174]
>>> print(round(0.3**2 + 0.4 * 0.3 * 0.7, 6))
0.174
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.tables import cells

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_TINY = 1e-300
"""Least probability: a power of zero would be 0 * log 0 in logs."""


def log_terms(
    mechanism: str,
    max_embryos: int,
    log_odds: npt.ArrayLike,
    within: npt.ArrayLike,
    loss: npt.ArrayLike = 0.0,
) -> Floats:
    """Log terms at given parameters.

    Parameters
    ----------
    mechanism : {"beta_binomial", "receptivity", "biochemical"}
        See `log_pmf`.
    max_embryos : int
        M.
    log_odds : array_like
        Log odds of pi, the implantation probability per embryo; under ``receptivity`` of r, that the woman is
        receptive.
    within : array_like
        rho, the icc; under ``receptivity`` q, the probability per embryo in a receptive woman. In (0, 1).
    loss : array_like
        lambda, the probability that an implantation does not become clinical; used by ``biochemical`` only.

    Returns
    -------
    (..., F) array of float
        The broadcast shape of the parameters, then the terms.
    """
    log_odds, within, loss = np.broadcast_arrays(
        np.asarray(log_odds, dtype=float), _open(np.asarray(within, dtype=float)), _open(np.asarray(loss, dtype=float))
    )
    log_yes, log_no = special.log_expit(log_odds), special.log_expit(-log_odds)
    yes, no = special.expit(log_odds), special.expit(-log_odds)
    if mechanism == "receptivity":
        terms = [log_yes, np.log(within), np.log1p(-within)]
        terms += [np.log(no + yes * (1 - within) ** m) for m in range(1, max_embryos + 1)]
        return np.stack(terms, axis=-1)
    terms = [log_yes, log_no, np.log1p(-within)]
    for part in (yes * (1 - within), no * (1 - within), 1 - within):
        terms += [np.log(part + i * within) for i in range(1, max_embryos)]
    if mechanism == "biochemical":
        terms += [np.log(loss), np.log1p(-loss)]
    return np.stack(terms, axis=-1)


def _open(probability: Floats) -> Floats:
    # inside (0, 1) by less than rounding shows
    return np.clip(probability, _TINY, np.nextafter(1.0, 0.0))


def cell_exponents(mechanism: str, max_embryos: int) -> Ints:
    """Exponent of each term in each cell's probability, without its binomial coefficient.

    Returns
    -------
    (C, F) array of int
        Cells as in `tables.cells`, terms as in `log_terms`. The terms of lambda are not a matter of one cell: zero.
    """
    rows = []
    for m, k in cells(max_embryos):
        if mechanism == "receptivity":
            row = [k > 0, k, m - k if k else 0] + [k == 0 and m == size for size in range(1, max_embryos + 1)]
        else:
            steps = range(1, max_embryos)
            row = [k > 0, k < m, 0 < k < m]
            row += [k > i for i in steps] + [m - k > i for i in steps] + [-(m > i) for i in steps]
            row += [0, 0] if mechanism == "biochemical" else []
        rows.append([int(value) for value in row])
    return np.array(rows, dtype=np.int64)


def term_groups(mechanism: str, max_embryos: int) -> tuple[list[int], list[int], list[int]]:
    """Return the columns of `log_terms` that hang on the chance of an implantation (and on lambda), on that of none, on neither.

    Parameters
    ----------
    mechanism, max_embryos
        See `log_terms`.
    """
    if mechanism == "receptivity":
        return [0], list(range(3, 3 + max_embryos)), [1, 2]
    yes, no, both = (list(range(3 + i * (max_embryos - 1), 3 + (i + 1) * (max_embryos - 1))) for i in range(3))
    loss = [3 * max_embryos, 3 * max_embryos + 1] if mechanism == "biochemical" else []
    return [0, *yes, *loss], [1, *no], [2, *both]


def log_binomials(max_embryos: int) -> Floats:
    """Log of the binomial coefficient of each cell, (C,)."""
    return np.array([math.log(math.comb(m, k)) for m, k in cells(max_embryos)])


def log_pmf(mechanism: str, max_embryos: int, log_odds: npt.ArrayLike, within: npt.ArrayLike) -> Floats:
    """Log probability that k of m embryos implant.

    Beta-binomial (also under ``biochemical``): ``K | m ~ BetaBinomial(m, a, b)`` with ``a = pi (1 - rho) / rho`` and
    ``b = (1 - pi) (1 - rho) / rho``. Receptivity: ``Pr(0 | m) = 1 - r + r (1 - q)^m`` and
    ``Pr(k | m) = r C(m, k) q^k (1 - q)^(m - k)``.

    Parameters
    ----------
    mechanism, max_embryos, log_odds, within
        See `log_terms`.

    Returns
    -------
    (..., C) array of float
        Cells as in `tables.cells`.

    References
    ----------
    Griffiths DA (1973). Maximum likelihood estimation for the beta-binomial distribution. Biometrics 29:637-648.
    doi:10.2307/2529131

    Speirs AL, Lopata A, Gronow MJ, Kellow GN, Johnston WI (1983). Analysis of the benefits and risks of multiple
    embryo transfer. Fertility and Sterility 39:468-471. doi:10.1016/S0015-0282(16)46933-5
    """
    mechanism = "beta_binomial" if mechanism == "biochemical" else mechanism
    terms = log_terms(mechanism, max_embryos, log_odds, within)
    exponents = cell_exponents(mechanism, max_embryos)
    return log_binomials(max_embryos) + terms @ exponents.T
