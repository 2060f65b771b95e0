"""A woman's chance of a clinical pregnancy as a function of the log odds, at each value of the shared parameters."""

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
class ArmWomen:
    """Mean allocation of one arm by log odds, for B values of the shared parameters.

    Parameters
    ----------
    arm : ArmLikelihood
        The arm.
    within, loss : (B,) array of float
        SharedParameters parameters.
    larger : tuple of Curves
        Mean number of women who received 3, ..., M embryos; the totals give the rest.
    """

    arm: ArmLikelihood
    within: Array
    loss: Array
    larger: tuple[Curves, ...]

    def take(self, index: npt.NDArray[np.intp]) -> ArmWomen:
        """Return the same at some of the B values."""
        return ArmWomen(self.arm, self.within[index], self.loss[index], tuple(each.take(index) for each in self.larger))

    def women(self, x: Array) -> list[Array]:
        """Mean number of women by embryos received at log odds x (..., B)."""
        totals = self.arm.totals
        # beyond the table there is no posterior mass: keep the allocation as it is at the ends
        larger = [curves.inside(np.clip(x, curves.edges[0], curves.edges[-1])) for curves in self.larger]
        if self.arm.max_embryos == 1:
            return [np.full(x.shape, float(totals.women))]
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


def tabulate_women(source: ArmCurves, within: Array, loss: Array) -> ArmWomen:
    """Tabulate the mean allocation.

    Parameters
    ----------
    source : ArmCurves
        The arm, and the panels on which its likelihood is tabulated.
    within, loss : (B,) array of float
        SharedParameters parameters.
    """
    sizes = source.arm.max_embryos - 2
    if sizes < 1:
        return ArmWomen(source.arm, within, loss, ())
    values = source.larger(within, loss)
    return ArmWomen(source.arm, within, loss, tuple(Curves.fit(source.edges, values[..., i]) for i in range(sizes)))
