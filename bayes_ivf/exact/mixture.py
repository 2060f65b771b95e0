r"""Exact mixtures of posteriors: one quantity under several readings of what was printed, each with its own likelihood.

With components j of stated weight w_j, posterior distribution functions F_j and marginal likelihoods m_j,

    F(s) = sum_j v_j F_j(s),    v_j proportional to w_j [m_j > 0] ("stated")  or  w_j m_j ("evidence").

Densities, moments, the density at the null and the probability that was missed mix with the same weights; quantiles and
intervals are searched on F itself. Under ``stated`` the weights given *are* the posterior weights: what a reading says of its
own plausibility (its evidence) is not used, but for readings that could not have been printed at all, which are left out.
Under ``evidence`` the readings are hypotheses about the print, and the mixture is Bayes' theorem.

A component is one problem of any batch that `ExactPosterior` takes, so that many decodings of one percentage are one flat batch,
and a normal and a log-normal reading are two.

Examples
--------
33% is 1 of 3 or 2 of 6 in the treatment arm, against 5 of 10:

>>> from bayes_ivf.exact import solve_counts
>>> from bayes_ivf.priors import BatchedPrior
>>> first, effect = (BatchedPrior("Normal", {"mu": 0.0, "sigma": sigma}) for sigma in (1.5, 1.0))
>>> decodings = solve_counts([1, 2], [3, 6], 5, 10, first=first, effect=effect)
>>> mixture = mix_posteriors([decodings], owners=[[0, 0]])
>>> bool(np.isclose(mixture.cdf("risk_difference", 0.0)[0], decodings.cdf("risk_difference", 0.0).mean(), atol=1e-10))
True
>>> by_evidence = mix_posteriors([decodings], owners=[[0, 0]], by="evidence")
>>> by_evidence.component_weights.round(3)
array([0.626, 0.374])

References
----------
Hoeting JA, Madigan D, Raftery AE, Volinsky CT (1999). Bayesian model averaging: a tutorial. Statistical Science 14:382-417.
doi:10.1214/ss/1009212519
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.mixture_solution import Components, MixtureSolution, Segments
from bayes_ivf.quadrature import ExactPosterior, Rule, Transform, split

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
By = Literal["stated", "evidence"]

_MOST_AT_ONCE = 1.0
"""Chunks of components that are held at once, before a mixture is one by itself."""


@dataclass(frozen=True)
class MixtureBatch:
    """A batch of mixtures, for `ExactPosterior`.

    Parameters
    ----------
    parts : tuple of Components
        Components of one kind each; together every mixture has at least one.
    size : int
        Number of mixtures.
    by_evidence : bool
        Whether a component's weight is multiplied by its marginal likelihood.
    like : Components
        One problem of the first kind: its coordinates are searched.
    estimands : tuple of str
        What every component can be asked.
    """

    parts: tuple[Components, ...]
    size: int
    by_evidence: bool
    like: Components
    estimands: tuple[str, ...]

    @property
    def chunk(self) -> int:
        """Mixtures solved at once."""
        each = sum(len(part.owner) / part.batch.chunk for part in self.parts) / max(self.size, 1)
        return max(1, int(_MOST_AT_ONCE / each))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules of the kind that has most of them; the others follow with their own."""
        longest: tuple[Rule, ...] = max((part.batch.rules for part in self.parts), key=len)
        return longest

    def take(self, index: Index) -> MixtureBatch:
        """Return some of the mixtures."""
        parts = tuple(part.of(index, self.size) for part in self.parts)
        left = tuple(part for part in parts if len(part.owner))
        return MixtureBatch(left, len(index), self.by_evidence, self.like, self.estimands)

    def groups(self) -> Index:
        """All may share a chunk: components are grouped within each."""
        return np.zeros(self.size, dtype=np.intp)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return self.like.scale(estimand)

    @cached_property
    def segments(self) -> Segments:
        """Which flat component belongs to which mixture."""
        return Segments.of(np.concatenate([part.owner for part in self.parts]), self.size)

    @property
    def prior_weights(self) -> Array:
        """Stated weights (N,) of all components, one sum for each mixture."""
        return self.segments.normalized(np.concatenate([part.weight for part in self.parts]))

    @property
    def constants(self) -> Array:
        """What each component's log marginal likelihood (N,) adds to its total."""
        return np.concatenate([part.constants for part in self.parts])

    def solve(self, rules: Sequence[Rule]) -> tuple[MixtureSolution, ...]:
        """Posterior under some rules."""
        levels = [self.rules.index(rule) for rule in rules]
        pieces: list[list[tuple[Index, Components, Any]]] = [[] for _ in rules]
        start = 0
        for part in self.parts:
            own = part.batch.rules
            # a kind with fewer rules is compared under its finest two where others go on
            beyond = max(0, max(levels) - (len(own) - 1))
            asked = [own[max(level - beyond, 0)] for level in levels]
            groups = part.batch.groups()
            for label in np.unique(groups):
                for index in split(np.flatnonzero(groups == label), part.batch.chunk):
                    for held, solution in zip(pieces, part.batch.take(index).solve(asked), strict=True):
                        held.append((start + index, part, solution))
            start += len(part.owner)
        return tuple(
            MixtureSolution(tuple(held), self.segments, self.prior_weights, self.constants, self.by_evidence, self.like)
            for held in pieces
        )

    def log_constants(self) -> Array:
        """Nothing: the components' constants are in the total already."""
        return np.zeros(self.size)

    def log_prior_at_null(self) -> Array:
        """Log prior density at the null, mixed with the stated weights."""
        at_null = np.concatenate([np.asarray(part.batch.log_prior_at_null(), dtype=float) for part in self.parts])
        return self.segments.log_mix(at_null, self.prior_weights)


@dataclass(frozen=True)
class MixturePosterior(ExactPosterior):
    """The mixture of several posteriors, asked as each of them is; arrays (B,) have one entry for each mixture.

    `log_marginal_likelihood` is the components' average with their stated weights: the probability of what was printed, if one
    of the readings is right. NaN where any of them has an improper prior. The Bayes factor is the Savage-Dickey ratio of the
    mixture.
    """

    problem: MixtureBatch
    workers: int | None = None
    floor: float = 0.0
    _seen: dict[str, dict[str, Array]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def component_evidence(self) -> Array:
        """Log marginal likelihood (N,) of each component, in the order in which they were given; NaN where improper."""
        totals = [ExactPosterior(part.batch, self.workers).log_total for part in self.problem.parts]
        return np.concatenate(totals) + self.problem.constants

    @cached_property
    def component_weights(self) -> Array:
        """Posterior weight (N,) of each component, in the order in which they were given."""
        batch = self.problem
        return batch.segments.posterior(batch.prior_weights, self.component_evidence, batch.by_evidence)

    @property
    def removed(self) -> npt.NDArray[np.bool_]:
        """Which components (N,) could not have been printed: their likelihood is zero, and so is their weight."""
        return np.isneginf(self.component_evidence)

    @property
    def error_probability(self) -> Array:
        """Estimated error (B,) of the probabilities asked so far, with what the components could not tell by themselves."""
        return np.maximum(super().error_probability, self.floor)

    @property
    def error_quantile(self) -> Array:
        """Estimated error (B,) of means, sds and quantiles asked so far, in posterior sds."""
        return np.maximum(super().error_quantile, self.floor)


def mix_posteriors(
    parts: Sequence[ExactPosterior],
    *,
    owners: Sequence[npt.ArrayLike] | None = None,
    weights: Sequence[npt.ArrayLike] | None = None,
    by: By = "stated",
    improper: Sequence[Sequence[str]] | None = None,
    factors: Sequence[npt.ArrayLike] | None = None,
    names: Sequence[Mapping[str, str]] | None = None,
    floor: float = 0.0,
    workers: int | None = None,
) -> MixturePosterior:
    """Mix posteriors of the same quantity under several readings.

    Parameters
    ----------
    parts : sequence of ExactPosterior
        Components of one kind each: a part of n problems is n components.
    owners : sequence of array (n,), optional
        Which mixture each problem of a part belongs to, from 0 on. By default problem i of every part belongs to mixture i.
    weights : sequence of array (n,), optional
        Stated weight of each component, 0 or more; equal by default. Within a mixture they are divided by their sum.
    by : {"stated", "evidence"}
        Whether stated weights are the posterior's, or the prior's of Bayes' theorem.
    improper : sequence of sequences of str, optional
        Of each part, its improper slots with parameterization and unit, such as ``"average mean, flat, IU/L"``. Readings can
        be weighed by evidence only where these are the same in all parts. By default a part whose evidence is undefined has some.
    factors : sequence of array (n,), optional
        Added to the log marginal likelihood of each component: what its model leaves out of the probability of the print, such
        as the Jacobian of a standard error that was printed instead of a standard deviation.
    names : sequence of mapping, optional
        Of each part, what it calls an estimand, by the name it is asked by here; its own names by default.
    floor : float
        Error of every answer that the parts' rules cannot show.
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    MixturePosterior

    Raises
    ------
    RequestError
        If weights are negative or all zero in a mixture, the parts share no estimand, or evidence cannot be compared.
    """
    batches = [part.problem for part in parts]
    owned = (
        [np.arange(b.size) for b in batches] if owners is None else [np.asarray(each, dtype=np.intp) for each in owners]
    )
    stated = [
        np.broadcast_to(np.asarray(1.0 if weights is None else weights[j], dtype=float), (batch.size,))
        for j, batch in enumerate(batches)
    ]
    size = 1 + max(int(owner.max()) for owner in owned)
    _check_weights(owned, stated, size)
    known = [{name: name for name in b.estimands} for b in batches] if names is None else [dict(each) for each in names]
    shared = tuple(name for name in known[0] if all(name in each for each in known))
    if not shared:
        raise RequestError(_fault("parts that share no quantity", "readings of the same estimand", "mix those alone"))
    constants = [np.asarray(batch.log_constants(), dtype=float) for batch in batches]
    if by == "evidence":
        _check_evidence(constants, improper)
        constants = [np.where(np.isnan(each), 0.0, each) for each in constants]
    if factors is not None:
        constants = [each + np.asarray(factor, dtype=float) for each, factor in zip(constants, factors, strict=True)]
    kinds = tuple(Components(*each) for each in zip(batches, owned, stated, constants, known, strict=True))
    batch = MixtureBatch(kinds, size, by == "evidence", kinds[0].first, shared)
    return MixturePosterior(batch, workers, floor)


def _check_weights(owners: Sequence[Index], weights: Sequence[Array], size: int) -> None:
    owner, weight = np.concatenate(owners), np.concatenate(weights)
    if (weight < 0).any() or not np.isfinite(weight).all():
        raise RequestError(_fault(f"a weight of {weight.min():g}", "finite numbers, 0 or more", "correct the weights"))
    empty = np.flatnonzero(np.bincount(owner, weight, minlength=size) <= 0)
    if len(empty):
        raise RequestError(_fault(f"no weight in mixture {empty[0]}", "a reading above 0 in each", "give it a weight"))


def _check_evidence(constants: Sequence[Array], improper: Sequence[Sequence[str]] | None) -> None:
    """Refuse to weigh readings whose evidence has no common unit."""
    undefined = [bool(np.isnan(each).any()) for each in constants]
    if improper is None and not any(undefined):
        return
    slots = [tuple(sorted(each)) for each in improper] if improper is not None else []
    if not slots:
        raise RequestError(
            _fault(
                "a reading with an improper prior, whose evidence is undefined",
                "proper priors, or the same improper slots in every reading",
                'weigh by what is stated (weights="stated"), or give a proper prior',
            )
        )
    if len(set(slots)) > 1:
        told = " against ".join(sorted({"; ".join(each) or "none" for each in slots}))
        raise RequestError(
            _fault(
                f"improper slots that differ between readings ({told}), so that their evidence hangs on the unit",
                "the same improper slots, in the same parameterization and unit, in every reading",
                'weigh by what is stated (weights="stated"), or give proper priors',
            )
        )


def _fault(found: str, allowed: str, hint: str) -> Fault:
    return Fault("mixture of readings", found, allowed, hint)
