"""A woman's chance of a clinical pregnancy as a function of the log odds, at given shared parameters.

With ``share_m(x, psi)`` the expected share of the arm's women who received m embryos, given its totals::

    p(x, psi) = (1 - lambda) sum_m share_m(x, psi) Pr(K >= 1 | m, x, psi)

The chances have closed forms (`women.chances_by_size`); the mean allocation takes a sum over tables and is tabulated along x.
The totals W and E fix two of its M entries, so only the numbers of women with three embryos or more are tabulated.

Examples
--------
One embryo in each of 20 women: the chance per woman is the chance per embryo.

>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> arm = prepare_arm(ArmTotals(20, 20, 10, 10), max_embryos=1)
>>> curves = WomanCurves(arm, np.array([0.3]), np.zeros(1), ())
>>> print(curves.log_odds(np.array([[0.7]])).round(6))
[[0.7]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo.arm_curves import ArmCurves
from bayes_ivf.embryo.curves import Curves
from bayes_ivf.embryo.likelihood import ArmLikelihood
from bayes_ivf.embryo.women import chances_by_size

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WomanCurves:
    """Mean allocation of one arm by log odds, for B values of the shared parameters, and what follows for a woman.

    Parameters
    ----------
    arm : ArmLikelihood
        The arm.
    within, loss : (B,) array of float
        The icc (or q), and lambda.
    three_or_more : tuple of Curves
        Mean number of women who received 3, ..., M embryos; the totals give the rest.
    """

    arm: ArmLikelihood
    within: Array
    loss: Array
    three_or_more: tuple[Curves, ...]

    def take(self, index: npt.NDArray[np.intp]) -> WomanCurves:
        """Return the same at some of the B values."""
        curves = tuple(curve.take(index) for curve in self.three_or_more)
        return WomanCurves(self.arm, self.within[index], self.loss[index], curves)

    def women(self, x: Array) -> list[Array]:
        """Mean number of women by embryos received, 1, ..., M, at log odds x (..., B)."""
        totals = self.arm.totals
        # beyond the table there is no posterior mass: keep the allocation as it is at the ends
        larger = [curves.inside(np.clip(x, curves.edges[0], curves.edges[-1])) for curves in self.three_or_more]
        if self.arm.max_embryos == 1:
            return [np.full(x.shape, float(totals.women))]
        # E - W = w_2 + 2 w_3 + ... gives w_2, then W gives w_1
        beyond = np.full(x.shape, float(totals.embryos - totals.women))
        for i, more in enumerate(larger):
            beyond -= (i + 2) * more
        return [totals.women - beyond - sum(larger), beyond, *larger]

    def log_odds(self, x: Array, shares: list[Array] | None = None) -> Array:
        """Log odds of a clinical pregnancy per woman at x (..., B), by shares of women or the arm's own."""
        if shares is None:
            shares = [women / self.arm.totals.women for women in self.women(x)]
        none, some = chances_by_size(self.arm.mechanism, self.arm.max_embryos, x, self.within)
        without = sum(share * chance for share, chance in zip(shares, none, strict=True))
        with_ = sum(share * chance for share, chance in zip(shares, some, strict=True))
        if self.arm.mechanism == "biochemical":
            without = without + self.loss * with_
            with_ = with_ * (1 - self.loss)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(with_) - np.log(without))


def tabulate_women(curves: ArmCurves, within: Array, loss: Array) -> WomanCurves:
    """Tabulate the mean allocation.

    Parameters
    ----------
    curves : ArmCurves
        The arm, and the panels on which its likelihood is tabulated.
    within, loss : (B,) array of float
        The icc (or q), and lambda.
    """
    sizes = curves.arm.max_embryos - 2
    if sizes < 1:
        return WomanCurves(curves.arm, within, loss, ())
    values = curves.women_with_three_or_more(within, loss)
    three_or_more = tuple(Curves.fit(curves.edges, values[..., i]) for i in range(sizes))
    return WomanCurves(curves.arm, within, loss, three_or_more)
