"""The joint density of both arms' locations, once both sigmas are summed: a product of matrices at each point.

Values are normal, or log-normal with ``x_i = mu_i + shift sigma_i ** 2``, the log of an arm's median for shift 0 and of its mean
for shift 1/2. On nodes a and b of both log sigmas, with the root mean square s_ab of both sigmas,

    J(x_t, x_c) = sum_ab L_t(x_t - shift sigma_a ** 2; sigma_a) L_c(x_c - shift sigma_b ** 2; sigma_b) P_ab(x_t - x_c) p(level),
    P_ab(u) = p_d((u - shift (sigma_a ** 2 - sigma_b ** 2)) / s_ab) / s_ab,

and since the prior on the effect does not hang on where the arms lie together, P_ab is needed once for each ``u = x_t - x_c``.

Examples
--------
>>> from bayes_ivf.exact.quantile_arm import ArmLikelihood
>>> from bayes_ivf.exact.quantile_rows import Priors
>>> from bayes_ivf.priors import BatchedPrior
>>> def arm(numbers, n):
...     q = np.array(numbers, dtype=float)
...     return ArmLikelihood(q - 0.5, q + 0.5, np.array([0.25, 0.5, 0.75]) * (n + 1), n)
>>> flat, effect = BatchedPrior("Flat", {}), BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> arms, priors = (arm((3, 5, 6), 40), arm((3, 4, 5), 40)), Priors(effect, flat, "average", flat, False)
>>> joint = Joint((arms[0].table(0.5), arms[1].table(0.5)), priors, 0.0, (0.5, -0.5))
>>> logs, _ = joint.log(np.array([0.0, 0.9]), np.array([4.5]), np.zeros(1))
>>> bool(logs[1, 0] > logs[0, 0])
True
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.quantile_arm import ArmTable
from bayes_ivf.exact.quantile_rows import Priors

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_AT_ONCE = 1_000_000
"""Numbers of one array: bounds the memory."""


@dataclass(frozen=True)
class Joint:
    """What J is made of.

    Parameters
    ----------
    tables : (ArmTable, ArmTable)
        Treatment and control, on A and B log sigmas.
    priors : Priors
    shift : float
        Multiple of the variance that an arm's location adds to mu.
    lean : (float, float)
        ``x_t = w + lean_t u`` and ``x_c = w + lean_c u``.
    """

    tables: tuple[ArmTable, ArmTable]
    priors: Priors
    shift: float
    lean: tuple[float, float]

    def log(
        self, u: Array, w: Array, log_slope: Array, by_row: tuple[Index, Index] | None = None
    ) -> tuple[Array, Array]:
        """Log of J at all pairs of u and w, and of the part of rows.

        Parameters
        ----------
        u : array (U,)
        w, log_slope : array (Z,)
            The slope's log is added to J.
        by_row : (array, array), optional
            Nodes of both log sigmas (R,) of the rows that are asked.

        Returns
        -------
        array (U, Z)
        array (U, R)
            Summed over w; R is 0 if no rows are asked.
        """
        t, c = self.tables
        block = max(1, _AT_ONCE // (len(w) * (len(t.log_sigma) + len(c.log_sigma)) * (20 if self._mixed else 1)))
        parts = [self._block(u[i : i + block], w, log_slope, by_row) for i in range(0, len(u), block)]
        joint, rows = zip(*parts, strict=True)
        return np.concatenate(joint), np.concatenate(rows)

    @property
    def _mixed(self) -> bool:
        """Whether the level hangs on both sigmas at once."""
        return bool(self.shift) and self.priors.level.proper and self.priors.coding == "average"

    def _block(self, u: Array, w: Array, log_slope: Array, by_row: tuple[Index, Index] | None) -> tuple[Array, Array]:
        x_t, x_c = w + self.lean[0] * u[:, None], w + self.lean[1] * u[:, None]
        (t, c), level = self.tables, self.priors.level
        shift_t, shift_c = (self.shift * np.exp(2 * each.log_sigma) for each in (t, c))
        mu_t, mu_c = x_t[..., None] - shift_t, x_c[..., None] - shift_c
        log_t, log_c = t.at(np.arange(len(shift_t)), mu_t), c.at(np.arange(len(shift_c)), mu_c)
        if level.proper and self.shift and not self._mixed:
            log_c = log_c + level.logpdf(mu_c)
        pair = self._pairs(u, shift_t, shift_c)
        tops = log_t.max(axis=-1), log_c.max(axis=-1), pair.max(axis=(1, 2))
        of_t, of_c = np.exp(log_t - tops[0][..., None]), np.exp(log_c - tops[1][..., None])
        of_pair = np.exp(pair - tops[2][:, None, None])
        log = tops[0] + tops[1] + tops[2][:, None] + log_slope
        if self._mixed:
            of_level = level.logpdf((mu_t[..., :, None] + mu_c[..., None, :]) / 2)
            top = of_level.max(axis=(-2, -1))
            weight = of_pair[:, None] * np.exp(of_level - top[..., None, None])
            return log + top + log_of(np.einsum("uza,uzab,uzb->uz", of_t, weight, of_c)), np.empty((len(u), 0))
        if level.proper and not self.shift:
            log = log + level.logpdf((x_c if self.priors.coding == "control" else (x_t + x_c) / 2)[..., None])[..., 0]
        # no product of matrices, whose last bits hang on the library behind it
        joint = log + log_of((np.einsum("uza,uab->uzb", of_t, of_pair) * of_c).sum(axis=-1))
        if by_row is None:
            return joint, np.empty((len(u), 0))
        top = log.max(axis=-1)
        summed = np.einsum("uza,uzb->uab", of_t * np.exp(log - top[:, None])[..., None], of_c)
        return joint, top[:, None] + log_of((summed * of_pair)[:, by_row[0], by_row[1]])

    def _pairs(self, u: Array, shift_t: Array, shift_c: Array) -> Array:
        """Log weight (U, A, B) of pairs of log sigmas at u: priors and the rules' weights."""
        (t, c), sigma = self.tables, self.priors.sigma
        parts = []
        for each in (t, c):
            prior = sigma.logpdf(np.exp(each.log_sigma)) + each.log_sigma if sigma.proper else 0.0
            parts.append(each.log_weight + prior)
        weight = parts[0][:, None] + (0.0 if self.priors.common else parts[1])
        if self.priors.common:
            weight = np.where(np.eye(len(weight), dtype=bool), weight, -np.inf)
        if self.priors.effect is None:
            return np.broadcast_to(weight, (len(u), *weight.shape))
        pooled = np.sqrt((np.exp(2 * t.log_sigma)[:, None] + np.exp(2 * c.log_sigma)) / 2)
        d = (u[:, None, None] - (shift_t[:, None] - shift_c)) / pooled
        return np.asarray(self.priors.effect.logpdf(d[..., None])[..., 0] + (weight - np.log(pooled)))


def log_of(values: Array) -> Array:
    """Log of values of which some may have underflowed."""
    return np.log(np.maximum(values, 1e-300))
