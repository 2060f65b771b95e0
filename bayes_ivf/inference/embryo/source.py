"""An arm's log likelihood and mean allocation on panels over its log odds, at any shared parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.embryo.curves import choose_edges
from bayes_ivf.likelihoods.embryo_totals import ArmLikelihood
from bayes_ivf.likelihoods.embryo_totals.chebyshev import ORDER, panel_nodes, resample
from bayes_ivf.likelihoods.embryo_totals.likelihood import Parts

Array = npt.NDArray[np.float64]

_TOLERANCE, _DEAR_TOLERANCE = 1e-8, 5e-6
"""Largest last Chebyshev coefficients; close to an icc of 1 the contour integral carries noise of 1e-8."""


def exact_values(arm: ArmLikelihood, log_odds: Array, within: Array, loss: Array) -> Array:
    """Log likelihood at every combination, (N, R * L)."""
    if arm.mechanism != "biochemical":
        found = arm.log_likelihood(log_odds[:, None], within)[..., None]
    elif arm.rows is None:
        found = arm.log_likelihood(log_odds[:, None, None], within[:, None], loss)
    else:
        found = arm.parts(log_odds[:, None], within).log_likelihood(loss)
    return found.reshape(len(log_odds), -1)


@dataclass(frozen=True)
class ArmSource:
    """One arm on fixed panels.

    An arm whose tables are too many to list is dear: its values are computed once at Chebyshev nodes over the logit of
    the icc (or q), too, and interpolated.

    Parameters
    ----------
    arm : ArmLikelihood
        The arm.
    edges : (P + 1,) array of float
        Panels over the log odds.
    shared_edges : (Q + 1,) array of float or None
        Panels over the logit of the icc, if values are interpolated.
    """

    arm: ArmLikelihood
    edges: Array
    shared_edges: Array | None
    _tables: dict[str, Array] = field(default_factory=dict)
    _parts: dict[float, Parts] = field(default_factory=dict)

    def log_likelihood(self, within: Array, loss: Array) -> Array:
        """Values (P * ORDER, R * L) at the panels' nodes, for every combination of `within` and `loss`."""
        nodes = panel_nodes(self.edges)
        if self.shared_edges is not None:
            if "likelihood" not in self._tables:
                shared = special.expit(panel_nodes(self.shared_edges))
                self._tables["likelihood"] = self.arm.log_likelihood(nodes, shared[:, None])
            return resample(self._tables["likelihood"], self.shared_edges, special.logit(within)).T
        if self.arm.mechanism == "biochemical" and self.arm.rows is not None:
            return self._parts_at(within).log_likelihood(loss).reshape(len(nodes), -1)
        return exact_values(self.arm, nodes, within, loss)

    def larger(self, within: Array, loss: Array) -> Array:
        """Mean number of women who received 3, ..., M embryos, (P * ORDER, B, M - 2), for pairs (B,) of parameters."""
        nodes = panel_nodes(self.edges)
        if self.shared_edges is not None:
            if "larger" not in self._tables:
                shared = special.expit(panel_nodes(self.shared_edges))
                self._tables["larger"] = self.arm.mean_allocation(nodes, shared[:, None])[..., 2:]
            logits = np.clip(special.logit(within), self.shared_edges[0], self.shared_edges[-1])
            return np.moveaxis(resample(self._tables["larger"], self.shared_edges, logits), 0, 1)
        if self.arm.mechanism == "biochemical" and self.arm.rows is not None:
            (rows, row), (losses, column) = (np.unique(each, return_inverse=True) for each in (within, loss))
            return self._parts_at(rows).mean_allocation(losses)[:, row, column, 2:]
        return np.asarray(self.arm.mean_allocation(nodes[:, None], within, loss)[..., 2:])

    def _parts_at(self, within: Array) -> Parts:
        """Parts of the likelihood at the panels' nodes, (P * ORDER, R), kept for values of `within` seen before."""
        fresh = np.array([value for value in np.unique(within) if value not in self._parts])
        if len(fresh):
            found = self.arm.parts(panel_nodes(self.edges)[:, None], fresh)
            for i, value in enumerate(fresh):
                self._parts[float(value)] = Parts(
                    found.pregnant, found.lost, found.log_probability[:, i], found.allocation[:, i]
                )
        known = [self._parts[float(value)] for value in within]
        return Parts(
            known[0].pregnant,
            known[0].lost,
            np.stack([each.log_probability for each in known], axis=1),
            np.stack([each.allocation for each in known], axis=1),
        )


def arm_source(arm: ArmLikelihood, span: tuple[float, float], shared: tuple[float, float], loss: Array) -> ArmSource:
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
    some = special.expit(np.linspace(*shared, 5)[1:-1])
    cheap = arm.rows is not None
    edges = choose_edges(lambda x: exact_values(arm, x, some, loss), *span, _TOLERANCE if cheap else _DEAR_TOLERANCE)
    if cheap or arm.mechanism == "biochemical":
        return ArmSource(arm, edges, None)
    middle = panel_nodes(edges)[ORDER // 2 :: ORDER]
    shared_edges = choose_edges(
        lambda z: arm.log_likelihood(middle, special.expit(z)[:, None]), *shared, _DEAR_TOLERANCE
    )
    return ArmSource(arm, edges, shared_edges)
