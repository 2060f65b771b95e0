"""Prior and marginal posterior of one shared parameter: the icc (or q), or lambda.

A parameter theta in (0, 1) is integrated over u in [0, 1], ``theta = theta(u)``::

    integral f(theta) p(theta) d theta  =  integral f(theta(u)) h(u) du
    u = theta,       h = p                where the prior p is a flat Beta density
    u = F(theta),    h = 1                otherwise, F being the prior's distribution function

The first keeps the integrand a polynomial up to the ends, the second takes in densities that are infinite or narrow. On each
of some panels of u the posterior density is the polynomial through its values at 8 Gauss-Legendre nodes.

Examples
--------
The posterior of a probability with a uniform prior after 3 events in 4 is Beta(4, 2), a polynomial of degree 4, so that one
panel gives its moments and distribution function exactly:

>>> import numpy as np
>>> from bayes_ivf.priors import BatchedPrior
>>> prior = UnitIntervalPrior(BatchedPrior("Beta", {"alpha": 1.0, "beta": 1.0}))
>>> edges = np.array([0.0, 1.0])
>>> theta, log_density, weights = prior.nodes(edges)
>>> mass = theta**3 * (1 - theta) * np.exp(log_density) * weights
>>> marginal = Marginal1D(prior, edges, theta, mass / mass.sum())
>>> mean, sd = marginal.moments
>>> print(round(mean, 4), round(sd, 4))  # 2/3, sqrt(2/63)
0.6667 0.1782
>>> below, _ = marginal.evaluate(np.array([[0.0]]))  # theta = 1/2, at which Beta(4, 2) has 3/16
>>> print(below.round(4))
[[0.1875]]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.priors import FAMILIES, BatchedPrior

Array = npt.NDArray[np.float64]

ORDER = 8
"""Gauss-Legendre nodes in a panel: panels are halved until the density is a polynomial of this order on each."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(ORDER)
TO_LEGENDRE = np.linalg.inv(np.polynomial.legendre.legvander(NODES, ORDER - 1))
"""From values at the nodes of a panel to Legendre coefficients."""
_FLAT = 30.0
"""Largest alpha + beta of a Beta prior that is integrated on its own scale; its sd is at least 0.09 around 1/2."""


@dataclass(frozen=True)
class UnitIntervalPrior:
    """Prior of one shared parameter, and the variable u in [0, 1] over which the parameter is integrated.

    Parameters
    ----------
    prior : BatchedPrior
        On (0, 1) or a part of it.
    """

    prior: BatchedPrior

    @cached_property
    def is_own_scale(self) -> bool:
        """Whether u is the parameter itself, and not the distribution function of its prior."""
        if self.prior.dist != "Beta":
            return False
        alpha, beta = (float(self.prior.parameters[name]) for name in ("alpha", "beta"))
        # below one the density is infinite at an end
        return min(alpha, beta) >= 1 and alpha + beta <= _FLAT

    def nodes(self, edges: Array) -> tuple[Array, Array, Array]:
        """Parameter, log prior density with respect to u, and quadrature weights at the nodes of panels, three arrays (N,)."""
        half = np.diff(edges)[:, None] / 2
        u = (edges[:-1, None] + half + half * NODES).ravel()
        weights = (half * WEIGHTS).ravel()
        if self.is_own_scale:
            return u, self.prior.logpdf(u), weights
        return np.array([float(self.prior.quantile(each)) for each in u]), np.zeros(len(u)), weights

    def to_u(self, value: Array) -> tuple[Array, Array]:
        """Return u of a parameter value, and its derivative."""
        if self.is_own_scale:
            return value, np.ones_like(value)
        u = np.asarray(FAMILIES[self.prior.dist].cdf(value, **self.prior.parameters))
        return u, np.exp(self.prior.logpdf(value))


@dataclass(frozen=True)
class Marginal1D:
    """Marginal posterior of one shared parameter.

    Parameters
    ----------
    prior : UnitIntervalPrior
        Its prior, and the variable of integration.
    edges : (P + 1,) array of float
        Of panels of u.
    nodes, probability : (P * ORDER,) array of float
        Values of the parameter and their posterior probabilities, which sum to one.
    """

    prior: UnitIntervalPrior
    edges: Array
    nodes: Array
    probability: Array

    def evaluate(self, s: Array) -> tuple[Array, Array]:
        """Distribution function and density of the parameter's log odds at s (K, 1)."""
        value = special.expit(s)
        u, slope = self.prior.to_u(value)
        panel = np.clip(np.searchsorted(self.edges, u) - 1, 0, len(self.edges) - 2)
        half = np.diff(self.edges)[panel] / 2
        z = np.clip((u - self.edges[panel]) / half - 1, -1, 1)
        coefficients, start = self._series
        density = np.polynomial.legendre.legval(z, coefficients[0][:, panel], tensor=False)
        below = start[panel] + np.polynomial.legendre.legval(z, coefficients[1][:, panel], tensor=False)
        return below, density / half * slope * value * special.expit(-s)

    def resampled(self, parts: int) -> tuple[Array, Array]:
        """Values and posterior probabilities at the nodes of panels cut in equal parts, two arrays (P * parts * ORDER,)."""
        edges = np.concatenate(
            [np.linspace(low, high, parts + 1)[:-1] for low, high in pairwise(self.edges)] + [self.edges[-1:]]
        )
        positions = (NODES + 1) / parts + 2 * np.arange(parts)[:, None] / parts - 1
        heights = np.polynomial.legendre.legval(positions.ravel(), self._series[0][0])
        # a polynomial may fall below zero by its rounding
        probability = np.maximum(heights.reshape(-1, ORDER) * WEIGHTS / parts, 0.0).ravel()
        return self.prior.nodes(edges)[0], probability / probability.sum()

    @cached_property
    def _series(self) -> tuple[tuple[Array, Array], Array]:
        """Legendre series of density and integral on each panel's own (-1, 1), and the integral up to each panel."""
        density = TO_LEGENDRE @ (self.probability.reshape(-1, ORDER) / WEIGHTS).T
        integral = np.polynomial.legendre.legint(density, lbnd=-1)
        start = np.concatenate([[0.0], np.cumsum(self.probability.reshape(-1, ORDER).sum(axis=1))])
        return (density, np.asarray(integral)), np.asarray(start)

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and sd."""
        mean = float(self.probability @ self.nodes)
        return mean, float(np.sqrt(self.probability @ (self.nodes - mean) ** 2))

    @property
    def location(self) -> tuple[float, float]:
        """Mean and sd of its log odds."""
        s = special.logit(self.nodes)
        mean = float(self.probability @ s)
        return mean, float(np.sqrt(self.probability @ (s - mean) ** 2))
