r"""What is left where printed numbers say nothing: the prior of a difference of two risks.

Trust in numbers mixes a posterior with its prior: with probability `doubt` the numbers say nothing, and the posterior is
``(1 - doubt) x posterior + doubt x prior``. That is no likelihood, and needs proper priors.

The chance per embryo may be a product of the risk with one that both arms share, q; then the difference is ``q D`` and

    Pr(q D <= t) = Pr(q < t) + int_t^1 Pr(D <= t / q) p(q) dq        for t > 0,

by Gauss-Legendre nodes of log q between log t and 0, where the integrand is smooth; the other side is its mirror.

Examples
--------
>>> from bayes_ivf.priors import make_prior
>>> slots = {"average": make_prior("Normal", mu=0, sigma=1.5), "effect": make_prior("Normal", mu=0, sigma=1)}
>>> prior = prior_of_difference("average", slots)
>>> [round(float(each), 3) for each in prior.below(np.arctanh(np.array([-0.1, 0.0, 0.1])))]
[0.261, 0.5, 0.739]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact import solve_claimed_tables
from bayes_ivf.priors import BatchedPrior, Prior
from bayes_ivf.reading_choices.tables import Tables, solve_for, table_of

Array = npt.NDArray[np.float64]

RISKS = ("average", "control", "effect", "treatment")
"""Slots that two risks follow from."""
SHARED = "q"
"""Slot of a chance by which both risks are multiplied."""
_QUANTITY = "risk_difference"
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_LEAST = 1e-12
"""Differences nearer to zero are none."""
_CLOSE, _WIDEST_TABLE, _INTERVALS = 1e-9, 8.0, 512
"""Many differences of small or large risks are close to zero: points of the table are equidistant in arsinh(s / 1e-9)."""
_WIDEST = 18.0
"""Coordinate beyond which no difference of risks is told from 1."""


def prior_key(priors: Mapping[str, Prior], coding: str) -> tuple[object, ...]:
    """Return what the prior of a difference of two risks hangs on."""
    return coding, *(priors.get(slot) for slot in (*RISKS, SHARED))


def prior_of_difference(coding: str, priors: Mapping[str, Prior]) -> PriorDifference:
    """Return the prior of the difference of two risks under proper priors of a problem, by slot."""
    first, effect = ("control", "treatment") if coding == "arms" else (coding, "effect")
    return PriorDifference(_tables(coding, priors[first], priors[effect]), priors.get(SHARED))


@lru_cache(maxsize=256)
def _tables(coding: str, first: Prior, effect: Prior) -> Tables:
    """Tables of the difference of two risks, in the coordinate of its points."""
    slots = [BatchedPrior(each.dist, dict(each.parameters)) for each in (first, effect)]
    # any claim about any tables, wholly doubted, leaves the prior
    known = solve_claimed_tables((np.ones((2, 2)),), first=slots[0], effect=slots[1], doubt=1.0, coding=coding)
    ends = np.array([np.arcsinh(_WIDEST_TABLE / _CLOSE)])

    def below(v: Array) -> Array:
        return known.cdf(_QUANTITY, np.tanh(_CLOSE * np.sinh(v.T))).T

    return Tables.of([table_of(below, -ends, ends, _INTERVALS)])


@dataclass(frozen=True)
class PriorDifference:
    """Prior of a difference of two risks.

    Parameters
    ----------
    tables : Tables
        Of the difference D of the risks.
    factor : Prior or None
        Of what D is multiplied by, between 0 and 1.
    """

    tables: Tables
    factor: Prior | None

    def below(self, s: Array) -> Array:
        """Probability of a difference below ``tanh(s)``."""
        if self.factor is None:
            return self._plain(s)
        size = np.clip(np.tanh(np.abs(s)), _LEAST, 1 - 1e-15)[..., None]
        q = size ** ((1 - _NODES) / 2)
        weight = _WEIGHTS / 2 * q * -np.log(size) * np.exp(self.factor.logpdf(q))
        at = np.arctanh(np.clip(size / q, 0, 1 - 1e-15))
        near = self.factor.cdf(size[..., 0])
        above = near + (self._plain(at) * weight).sum(axis=-1)
        under = (self._plain(-at) * weight).sum(axis=-1)
        return np.asarray(np.where(s > 0, above, np.where(s < 0, under, self._plain(np.zeros(())))))

    def quantile(self, p: Array) -> Array:
        """Coordinates below which lie probabilities `p`."""
        return solve_for(self.below, p, np.full(p.shape, -_WIDEST), np.full(p.shape, _WIDEST))

    @cached_property
    def error(self) -> float:
        """Of a probability."""
        return self.tables.error

    def _plain(self, s: Array) -> Array:
        return self.tables.below(np.zeros(np.shape(s), dtype=np.intp), np.arcsinh(s / _CLOSE))
