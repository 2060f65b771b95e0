"""The posterior of `means_kernel` on nodes, from which `means_with_effect_prior` reads all its answers.

A row is a pair of sigmas. In a row, the effect d has a one-dimensional posterior on panels, and the two means are::

    mu_t = A + lean_t d,    mu_c = A + lean_c d,    A ~ N(anchor, anchor_sd ** 2), independent of d

The *anchor* A is the precision-weighted mean W of both arms after the level's prior has acted on it; a *lean* is the slope of an
arm's mean on the effect (``lean_t - lean_c`` is the pooled sigma).

Examples
--------
The effect's conditional distribution function, averaged over the rows, is its posterior:

>>> import numpy as np
>>> from bayes_ivf.exact.means_data import read_means
>>> from bayes_ivf.exact.means_kernel import MeansKernel
>>> from bayes_ivf.priors import BatchedPrior
>>> from bayes_ivf.quadrature import Rule
>>> names = ("mean_treatment", "sd_treatment", "n_treatment", "mean_control", "sd_control", "n_control")
>>> data, _ = read_means(**dict(zip(names, (9.1, 3.0, 20, 8.2, 2.5, 15), strict=True)))
>>> flat = BatchedPrior("Flat", {})
>>> kernel = MeansKernel(data, BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}), flat, "average", flat, common=False)
>>> nodes = kernel.nodes(Rule(3, 5))
>>> below, _ = nodes.below(np.zeros((1, *nodes.a.shape)))
>>> float(add_up(below[0] * nodes.share)[0].round(4))
0.187
>>> bool(np.allclose(nodes.lean_t - nodes.lean_c, nodes.pooled))
True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature import Panels, SinhMap, add_up

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MeansNodes:
    """The posterior on nodes: rows of (log sigma_t, log sigma_c), and the effect on panels in each row.

    Parameters
    ----------
    a, b : array (N, B)
        Log sigma of the treatment and the control arm.
    share : array (N, B)
        Posterior probability of each row.
    d, d_share : array (M, N, B)
        Effects, and posterior probability of each.
    panels : Panels
        Conditional density of the effect, in the stretched coordinate of `stretch`.
    stretch : SinhMap
        Of the effect in each row.
    pooled : array (N, B)
        ``sqrt((sigma_t**2 + sigma_c**2) / 2)``.
    anchor, anchor_sd : array (N, B)
        Mean and sd of the anchor A, see above.
    lean_t, lean_c : array (N, B)
        Slope of each arm's mean on the effect, given the anchor.
    log_total : array (B,)
        Log integral of the kernel.
    edge_mass : array (B,)
        Probability that the outermost sigmas would carry in one more unit of their logs.
    """

    a: Array
    b: Array
    share: Array
    d: Array
    d_share: Array
    panels: Panels
    stretch: SinhMap
    pooled: Array
    anchor: Array
    anchor_sd: Array
    lean_t: Array
    lean_c: Array
    log_total: Array
    edge_mass: Array

    @cached_property
    def spread(self) -> Array:
        """Sd (N, B) of the effect in each row."""
        # 1e-300: a row may have no mass
        share = self.d_share / np.maximum(add_up(self.d_share), 1e-300)
        mean = add_up(self.d * share)
        return np.sqrt(add_up((self.d - mean) ** 2 * share))

    def below(self, d: Array) -> tuple[Array, Array]:
        """Conditional distribution function and density (K, N, B) of the effect at `d` (K, N, B)."""
        y = self.stretch.y(d)
        _ = self.panels.powers
        mass, density = self.panels.below(y)
        # 1e-300: a row may have no mass; 600: beyond any panel the Jacobian must not overflow
        total = np.maximum(self.panels.total, 1e-300)
        return mass / total, density * np.exp(-self.stretch.log_slope(np.clip(y, -600, 600))) / total
