"""An arm's log likelihood and mean allocation on panels over its log odds, at any shared parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.curves import choose_edges
from bayes_ivf.embryo.likelihood import ArmLikelihood, Parts
from bayes_ivf.embryo.shelf import in_blocks
from bayes_ivf.quadrature import chebyshev_nodes

Array = npt.NDArray[np.float64]

_TOLERANCE, _DEAR_TOLERANCE = 1e-8, 1e-6
"""Largest last Chebyshev coefficients, for few listed tables, and for many or the contour integral."""
_DEAR = 20_000
_PAIRS = 64
"""Pairs of shared parameters whose parts are put together at a time."""


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
    _columns: dict[float, Array] = field(default_factory=dict)
    _parts: dict[float, Parts] = field(default_factory=dict)

    def log_likelihood(self, within: Array, loss: Array) -> Array:
        """Values (P * CHEBYSHEV_ORDER, B) at the panels' nodes, for pairs (B,) of shared parameters."""
        if self.arm.mechanism == "biochemical":
            if self.arm.rows is None:
                return exact_values(self.arm, chebyshev_nodes(self.edges), within, loss)
            return np.concatenate(
                [self._parts_at(within[some]).log_likelihood(loss[some]) for some in in_blocks(len(within), _PAIRS)],
                axis=1,
            )
        fresh = np.array([value for value in np.unique(within) if float(value) not in self._columns])
        if len(fresh):
            found = exact_values(self.arm, chebyshev_nodes(self.edges), fresh, np.zeros(len(fresh)))
            self._columns.update(zip(fresh.tolist(), found.T, strict=True))
        return np.stack([self._columns[float(value)] for value in within], axis=1)

    def larger(self, within: Array, loss: Array) -> Array:
        """Mean number of women who received 3, ..., M embryos, (P * CHEBYSHEV_ORDER, B, M - 2), for pairs of parameters."""
        if self.arm.mechanism == "biochemical" and self.arm.rows is not None:
            found = [
                self._parts_at(within[some]).mean_allocation(loss[some]) for some in in_blocks(len(within), _PAIRS)
            ]
            return np.concatenate(found, axis=1)[..., 2:]
        nodes = chebyshev_nodes(self.edges)
        return np.asarray(self.arm.mean_allocation(nodes[:, None], within, loss)[..., 2:])

    def _parts_at(self, within: Array) -> Parts:
        """Parts of the likelihood at the panels' nodes, (P * CHEBYSHEV_ORDER, B), kept for values of `within` seen before."""
        distinct, which = np.unique(within, return_inverse=True)
        fresh = np.array([value for value in distinct if float(value) not in self._parts])
        if len(fresh):
            found = self.arm.parts(chebyshev_nodes(self.edges)[:, None], fresh)
            self._parts.update((float(value), found.take(np.array([i]))) for i, value in enumerate(fresh))
        return Parts.join([self._parts[float(value)] for value in distinct]).take(which)


def arm_curves(arm: ArmLikelihood, span: tuple[float, float], shared: tuple[float, float], loss: Array) -> ArmCurves:
    """Choose panels that meet the log likelihood.

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
    some = np.repeat(special.expit(np.linspace(*shared, 5)[1:-1]), len(loss))
    loss = np.tile(loss, 3)
    dear = arm.rows is None or len(arm.rows.constants) > _DEAR
    fineness = (_DEAR_TOLERANCE, 3.0) if dear else (_TOLERANCE, 2.0)
    return ArmCurves(arm, choose_edges(lambda x: exact_values(arm, x, some, loss), *span, *fineness))
