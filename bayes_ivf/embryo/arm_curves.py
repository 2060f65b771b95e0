"""One arm's log likelihood and mean allocation as functions of its log odds, at any shared parameters.

Both arms share psi, and given psi the likelihood factorizes, ``L = L_t(x_t, psi) L_c(x_c, psi)``. So each factor is a
function of one variable, tabulated on Chebyshev panels once for each psi that is asked for, and read at the many points of a
two-dimensional grid.

Examples
--------
Three women of four pregnant, one embryo each: the likelihood is that of a binomial, whatever the icc.

>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> arm = prepare_arm(ArmTotals(4, 4, 3, 3), max_embryos=1)
>>> print(np.exp(exact_values(arm, np.array([0.0]), np.array([0.1, 0.9]), np.zeros(2))))  # 4 (1/2)^4
[[0.25 0.25]]
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.array_cache import in_blocks
from bayes_ivf.embryo.curves import choose_edges
from bayes_ivf.embryo.likelihood import ArmLikelihood, LossParts
from bayes_ivf.quadrature import chebyshev_nodes

Array = npt.NDArray[np.float64]

_TOLERANCE, _EXPENSIVE_TOLERANCE = 1e-8, 1e-6
"""Largest last Chebyshev coefficients of the log likelihood, for few merged tables, and for many or the contour integral: an
error of 1e-6 of the log is a relative one of the density, as large as a probability may be off."""
_WIDTH, _EXPENSIVE_WIDTH = 2.0, 3.0
"""Of the panels tried first; expit, and with it the likelihood, is singular at a distance of pi from the real line."""
_EXPENSIVE = 20_000
"""Merged tables beyond which a value takes half a millisecond."""
_PAIRS = 64
"""Pairs of shared parameters whose likelihoods are put together at a time, so that arrays stay in the processor's cache."""


def exact_values(arm: ArmLikelihood, log_odds: Array, within: Array, loss: Array) -> Array:
    """Log likelihood (N, B) at log odds (N,) and pairs of shared parameters (B,)."""
    if arm.mechanism == "biochemical" and arm.rows is not None:
        distinct, which = np.unique(within, return_inverse=True)
        return arm.parts(log_odds[:, None], distinct).take(which).log_likelihood(loss)
    return arm.log_likelihood(log_odds[:, None], within, loss)


@dataclass(frozen=True)
class ArmCurves:
    """One arm on fixed panels; what was computed at a value of the icc (or q) is kept.

    Parameters
    ----------
    arm : ArmLikelihood
        The arm.
    edges : (P + 1,) array of float
        Panels over the log odds.
    """

    arm: ArmLikelihood
    edges: Array
    _values: dict[float, Array] = field(default_factory=dict)
    _parts: dict[float, LossParts] = field(default_factory=dict)

    def log_likelihood(self, within: Array, loss: Array) -> Array:
        """Values (P * CHEBYSHEV_ORDER, B) at the panels' nodes, for pairs (B,) of shared parameters."""
        if self.arm.mechanism == "biochemical":
            if self.arm.rows is None:
                return exact_values(self.arm, chebyshev_nodes(self.edges), within, loss)
            blocks = in_blocks(len(within), _PAIRS)
            return np.concatenate(
                [self._parts_at(within[index]).log_likelihood(loss[index]) for index in blocks], axis=1
            )
        fresh = np.array([value for value in np.unique(within) if float(value) not in self._values])
        if len(fresh):
            values = exact_values(self.arm, chebyshev_nodes(self.edges), fresh, np.zeros(len(fresh)))
            self._values.update(zip(fresh.tolist(), values.T, strict=True))
        return np.stack([self._values[float(value)] for value in within], axis=1)

    def women_with_three_or_more(self, within: Array, loss: Array) -> Array:
        """Mean number of women who received 3, ..., M embryos, (P * CHEBYSHEV_ORDER, B, M - 2), for pairs of parameters."""
        if self.arm.mechanism == "biochemical" and self.arm.rows is not None:
            blocks = in_blocks(len(within), _PAIRS)
            women = [self._parts_at(within[index]).mean_allocation(loss[index]) for index in blocks]
            return np.concatenate(women, axis=1)[..., 2:]
        nodes = chebyshev_nodes(self.edges)
        return np.asarray(self.arm.mean_allocation(nodes[:, None], within, loss)[..., 2:])

    def _parts_at(self, within: Array) -> LossParts:
        """Likelihood by losses at the panels' nodes, (P * CHEBYSHEV_ORDER, B), kept for values of `within` seen before."""
        distinct, which = np.unique(within, return_inverse=True)
        fresh = np.array([value for value in distinct if float(value) not in self._parts])
        if len(fresh):
            parts = self.arm.parts(chebyshev_nodes(self.edges)[:, None], fresh)
            self._parts.update((float(value), parts.take(np.array([i]))) for i, value in enumerate(fresh))
        return LossParts.join([self._parts[float(value)] for value in distinct]).take(which)


def arm_curves(arm: ArmLikelihood, span: tuple[float, float], shared: tuple[float, float], loss: Array) -> ArmCurves:
    """Choose panels on which the log likelihood is a polynomial to the tolerance.

    Parameters
    ----------
    arm : ArmLikelihood
        The arm.
    span : (float, float)
        Log odds of pi (or r) between which the posterior lies.
    shared : (float, float)
        Logits of the icc (or q) between which it lies.
    loss : (L,) array of float
        Some values of lambda.
    """
    # judged at the quarters of the range of the icc
    within = np.repeat(special.expit(np.linspace(*shared, 5)[1:-1]), len(loss))
    loss = np.tile(loss, 3)
    expensive = arm.rows is None or len(arm.rows.constants) > _EXPENSIVE
    fineness = (_EXPENSIVE_TOLERANCE, _EXPENSIVE_WIDTH) if expensive else (_TOLERANCE, _WIDTH)
    return ArmCurves(arm, choose_edges(lambda x: exact_values(arm, x, within, loss), *span, *fineness))
