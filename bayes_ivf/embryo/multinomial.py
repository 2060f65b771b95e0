"""The generating function under multinomial weights, which needs no list of allocations.

With weights ``W! / prod w_m!`` the sum over allocations is a multinomial expansion, u marking embryos beyond each woman's
first::

    sum_w W! / prod w_m! prod_m [u^(m - 1) (A_m + z B_m)]^w_m  =  [ sum_m u^(m - 1) (A_m + z B_m) ]^W

Its coefficient of z^P is ``C(W, P) [sum_m u^(m - 1) A_m]^(W - P) [sum_m u^(m - 1) B_m]^P``, of which the coefficient of
``u^(E - W) y^(S - P)`` is wanted, over the sum of the weights.

Examples
--------
Two women, three embryos, so that one has one and the other two: the weights are 2! / (1! 1!) = 2.

>>> from bayes_ivf.embryo.generating_function import Pmf
>>> pmf = Pmf(none=np.array([[0.7, 0.5]]), some=np.array([[[0.3, 0.0], [0.4, 0.1]]]), loss=np.zeros(1))
>>> function = Multinomial(ArmTotals(women=2, embryos=3, pregnant=1, implanted=1), log_allocations=float(np.log(2)))
>>> from bayes_ivf.embryo.saddlepoint_contour import log_coefficient
>>> log_probability, _ = log_coefficient(function, pmf)
>>> print(np.exp(log_probability).round(6))  # 0.3 x 0.5 + 0.7 x 0.4
[0.43]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.generating_function import Complexes, Floats, log_nonzero, nonzero


@dataclass(frozen=True)
class Multinomial:
    """u marks embryos beyond each woman's first; the number of pregnant women is fixed in closed form.

    Parameters
    ----------
    totals : ArmTotals
        Of the arm.
    log_allocations : float
        Log of ``sum_w W! / prod w_m!`` over feasible allocations.
    """

    totals: ArmTotals
    log_allocations: float

    @property
    def target(self) -> tuple[int, int]:
        """Embryos beyond each woman's first, and implanted embryos beyond each pregnant woman's first."""
        return self.totals.embryos - self.totals.women, self.totals.implanted - self.totals.pregnant

    @property
    def degree(self) -> tuple[int, int]:
        """Highest powers that occur (of u: for any M)."""
        return 10**9, self.totals.embryos * 10**3  # never fewer than the nodes wanted

    @property
    def constant(self) -> float:
        """Ways to choose the pregnant women, over the sum of the weights."""
        women, pregnant = self.totals.women, self.totals.pregnant
        ways = special.gammaln([women + 1.0, pregnant + 1.0, women - pregnant + 1.0])
        return float(ways[0] - ways[1] - ways[2]) - self.log_allocations

    def log_value(
        self, without: Complexes, with_: Complexes, log_u: Complexes, floor: Floats | float = -np.inf
    ) -> Complexes:
        """See `GeneratingFunction`."""
        none, some = self._by_size(without, with_, log_u)
        pregnant = self.totals.pregnant
        return np.asarray(
            (self.totals.women - pregnant) * log_nonzero(none.sum(axis=0)) + pregnant * log_nonzero(some.sum(axis=0))
        )

    def women(
        self, without: Complexes, with_: Complexes, log_u: Complexes, floor: Floats | float = -np.inf
    ) -> Complexes:
        """See `GeneratingFunction`."""
        none, some = self._by_size(without, with_, log_u)
        pregnant = self.totals.pregnant
        women = (self.totals.women - pregnant) * none / nonzero(none.sum(axis=0))
        return np.asarray(women + pregnant * some / nonzero(some.sum(axis=0)))

    def log_bound(self, without: Complexes, with_: Complexes, log_radius: Floats, angle: Floats) -> Floats:
        """See `GeneratingFunction`: the modulus itself."""
        log_u = log_radius[:, None, None] + 1j * angle[:, None]
        log = self.log_value(without[:, :, None], with_[:, :, None], log_u).real
        return np.asarray(log - log[:, :1, :1])

    def _by_size(self, without: Complexes, with_: Complexes, log_u: Complexes) -> tuple[Complexes, Complexes]:
        size = np.arange(len(without)).reshape(-1, *[1] * np.ndim(log_u))
        power = np.exp(size * log_u)
        return power * without, power * with_
