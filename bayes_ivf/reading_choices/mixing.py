r"""Numbers of every reading from those of the distinct problems, and the mixture of readings, all as sums over arrays.

A reading is a problem, perhaps with its arms exchanged (then a difference has the other sign), and perhaps doubted: with
probability d its numbers say nothing, which leaves the prior F_0:

    F(s) = (1 - d) F_j(s) + d F_0(s),    exchanged    F(s) = 1 - F_j(-s)

so that probabilities of readings, and of their mixture, are sums with the readings' weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.exact import MixturePosterior, mix_posteriors, transform_of
from bayes_ivf.quadrature import ExactPosterior, Summary
from bayes_ivf.reading_choices.nothing_known import PriorDifference, prior_key, prior_of_difference
from bayes_ivf.reading_choices.settings import Setting
from bayes_ivf.reading_choices.solving import SolvedProblems
from bayes_ivf.reading_choices.tables import Tables, solve_for

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

TOLD = ("median", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid")
_FINE, _MOST = 4_000, 2_000_000
"""Points at which a shortest interval is looked for, and most values of components to do so."""


@dataclass(frozen=True)
class ReadingNumbers:
    """Numbers of the readings of one quantity, and what their mixture is made from.

    Parameters
    ----------
    solved : SolvedProblems
    name : EstimandId
    place : array (reading,)
        Problem of each reading.
    turned : array (reading,)
        Whether its arms are exchanged.
    doubt : array (reading,)
    """

    solved: SolvedProblems
    name: EstimandId
    place: Index
    turned: npt.NDArray[np.bool_]
    doubt: Array

    @classmethod
    def of(cls, solved: SolvedProblems, name: EstimandId, possible: Sequence[Setting]) -> ReadingNumbers:
        """From readings that have a problem.

        Raises
        ------
        RequestError
            If numbers are doubted and their prior is improper, or of another quantity than a difference of risks.
        """
        problems = [each.problem for each in possible if each.problem is not None]
        place = np.array([solved.place[each.hash] for each in problems], dtype=np.intp)
        turned, doubt = (
            np.array([each.turned for each in possible]),
            np.array([each.doubt for each in possible], dtype=float),
        )
        if (doubt > 0).any() and (name.estimand != "risk_difference" or not all(each.proper for each in problems)):
            allowed = "proper priors, and an outcome that is told as a difference of two risks"
            raise RequestError(Fault("choices, doubt", "numbers that are doubted", allowed, "choose another prior"))
        return cls(solved, name, place, turned, doubt)

    @property
    def plain(self) -> bool:
        """Whether every reading is a problem as it is."""
        return not (self.turned.any() or self.doubt.any())

    @cached_property
    def columns(self) -> Mapping[str, Array]:
        """Numbers of every reading by name, arrays (reading,)."""
        numbers = self.solved.numbers(self.name)
        known = {field: numbers.of(field)[self.place] for field in (*TOLD, "p_in_rope")}
        known = {field: np.where(self.turned, _exchanged(known, field), values) for field, values in known.items()}
        if self.doubt.any():
            for field, values in self._doubted(known).items():
                known[field] = np.where(self.doubt > 0, values, known[field])
        return {field: known[field] for field in TOLD}

    @cached_property
    def tables(self) -> Tables:
        """Tables of all problems, in their order."""
        groups = self.solved.groups
        tables = Tables.of([group.table(self.name, self.solved.ci_prob) for group in groups])
        order = np.concatenate([group.index for group in groups]).astype(np.intp)
        return tables.take(np.argsort(order))

    @cached_property
    def _prior_of_problem(self) -> tuple[Index, tuple[PriorDifference, ...]]:
        """Which prior each problem has, and the priors."""
        keys: dict[Any, int] = {}
        which = [keys.setdefault(prior_key(each.priors, each.coding), len(keys)) for each in self.solved.problems]
        first = [self.solved.problems[which.index(i)] for i in range(len(keys))]
        return np.array(which, dtype=np.intp), tuple(prior_of_difference(each.coding, each.priors) for each in first)

    def _doubted(self, known: Mapping[str, Array]) -> dict[str, Array]:
        """Numbers of readings that are doubted; of the others they mean nothing."""
        which, priors = self._prior_of_problem
        problem = self.solved.problems[0]
        sign, mcid = problem.sign, problem.mcid
        of_reading, found = which[self.place], {}
        for field, value in (("p_benefit", 0.0), ("p_beyond_mcid", np.nan if mcid is None else mcid)):
            bound = np.arctanh(np.array([sign * value]))
            below = np.concatenate([each.below(bound) for each in priors])
            prior = below if sign < 0 else 1 - below
            found[field] = (1 - self.doubt) * known[field] + self.doubt * prior[of_reading]
        tail = (1 - self.solved.ci_prob) / 2
        targets = np.array([0.5, tail, 1 - tail])
        ends = np.full((len(targets), len(self.place)), np.nan)
        for i, prior_difference in enumerate(priors):
            some = np.flatnonzero((of_reading == i) & (self.doubt > 0))
            if len(some):
                ends[:, some] = self._quantiles(some, prior_difference, targets)
        return found | dict(zip(TOLD[:3], np.tanh(ends), strict=True))

    def _quantiles(self, some: Index, prior: PriorDifference, targets: Array) -> Array:
        """Coordinates (target, reading) of quantiles of readings that share a prior."""
        place, turned, doubt = self.place[some], self.turned[some], self.doubt[some]

        def below(s: Array) -> Array:
            numbers = self.tables.below(place, np.where(turned, -s, s))
            return (1 - doubt) * np.where(turned, 1 - numbers, numbers) + doubt * prior.below(s)

        low, high = prior.quantile(np.array([1e-6, 1 - 1e-6]))
        shape = (len(targets), len(some))
        wide = np.maximum(np.abs(self.tables.low[place]), np.abs(self.tables.high[place]))
        low, high = np.minimum(low, -wide), np.maximum(high, wide)
        return solve_for(below, np.broadcast_to(targets[:, None], shape), low, high)

    def mixture(self, weights: Array) -> MixturePosterior | TabledMixture:
        """Mix the readings with given posterior weights (reading,) of sum one; those of weight 0 are left out."""
        number = len(self.solved.problems)
        if self.plain:
            by_problem = np.bincount(self.place, weights, minlength=number)
            held = [(group.posterior, by_problem[list(group.index)]) for group in self.solved.groups]
            held = [(posterior, weight) for posterior, weight in held if (weight > 0).any()]
            if all(isinstance(posterior, ExactPosterior) for posterior, _ in held):
                owners = [np.zeros(len(weight), dtype=np.intp) for _, weight in held]
                parts = [posterior for posterior, _ in held]
                return mix_posteriors(parts, owners=owners, weights=[weight for _, weight in held], workers=1)
        believed = weights * (1 - self.doubt)
        straight, exchanged = (
            np.bincount(self.place, np.where(self.turned == turned, believed, 0.0), minlength=number)
            for turned in (False, True)
        )
        priors: list[tuple[PriorDifference, float]] = []
        if self.doubt.any():
            which, known = self._prior_of_problem
            left = np.bincount(which[self.place], weights * self.doubt, minlength=len(known))
            priors = [(each, float(weight)) for each, weight in zip(known, left, strict=True) if weight > 0]
        return TabledMixture(self.name.text, self.tables, straight, exchanged, tuple(priors), self.solved.accurate())

    def told(self, mixture: MixturePosterior | TabledMixture, weights: Array, ci_prob: float) -> dict[str, float]:
        """Numbers of a mixture, by name."""
        summary = mixture.summaries((self.name.text,), ci_prob=ci_prob)[self.name.text]
        told = {name: float(getattr(summary, name)[0]) for name in TOLD[:3]}
        # chances are sums; what has no weight may have none
        held = weights > 0
        return told | {name: float(weights[held] @ self.columns[name][held]) for name in TOLD[3:]}


def _exchanged(known: Mapping[str, Array], field: str) -> Array:
    """Values of a number once the arms have changed places, so that a difference has the other sign."""
    other = {"median": "median", "ci_low": "ci_high", "ci_high": "ci_low"}
    if field in other:
        return -known[other[field]]
    if field == "p_benefit":
        return 1 - known[field]
    if field == "p_beyond_mcid":
        return 1 - known[field] - known["p_in_rope"]
    return known[field]


@dataclass(frozen=True)
class TabledMixture:
    """A mixture of tables, straight and exchanged, and of priors, which answers as a posterior of one problem does.

    Parameters
    ----------
    quantity : str
        Text of its `EstimandId`.
    tables : Tables
    straight, exchanged : array (component,)
        Weights.
    priors : tuple of (PriorDifference, weight)
    solved : bool
        Whether all components are within the tolerances.
    """

    quantity: str
    tables: Tables
    straight: Array
    exchanged: Array
    priors: tuple[tuple[PriorDifference, float], ...]
    solved: bool

    @property
    def estimands(self) -> tuple[str, ...]:
        """The quantity alone."""
        return (self.quantity,)

    @property
    def accurate(self) -> npt.NDArray[np.bool_]:
        """Whether (1,) all components and tables are within the tolerances."""
        error = max([self.tables.error, *(prior.error for prior, _ in self.priors)])
        return np.array([self.solved and error <= EXACT_PROBABILITY_TOLERANCE])

    @cached_property
    def _transform(self) -> Any:
        return transform_of(EstimandId.parse(self.quantity).estimand)

    def cdf(self, quantity: str, t: npt.ArrayLike) -> Array:
        """Probability of at most `t`: a number, (1,) or (1, K)."""
        values = np.asarray(t, dtype=float)
        return self._below(self._transform.forward(values)).reshape(values.shape or (1,))

    def summaries(self, estimands: Sequence[str] | None = None, ci_prob: float = CI_PROB) -> dict[str, Summary]:
        """Summary of the quantity."""
        return {self.quantity: self.summarize(self.quantity, ci_prob)}

    def summarize(self, estimand: str, ci_prob: float = CI_PROB) -> Summary:
        """Median and intervals; mean and sd are not told of a mixture of tables, and are NaN."""
        tail = (1 - ci_prob) / 2
        bounds = self._ends
        middle = solve_for(self._below, np.array([tail, 0.5, 1 - tail]), *(np.full(3, each) for each in bounds))
        low, median, high = self._transform.backward(middle)
        shortest = self._shortest(ci_prob, bounds)
        numbers = {"mean": np.nan, "median": median, "sd": np.nan, "ci_low": low, "ci_high": high}
        numbers |= dict(zip(("hdi_low", "hdi_high"), shortest, strict=True))
        return Summary(**{name: np.array([float(value)]) for name, value in numbers.items()})

    def _below(self, s: Array) -> Array:
        """Probability below coordinates."""
        flat = np.ravel(s)
        found = np.zeros(len(flat))
        for weights, sign in ((self.straight, 1.0), (self.exchanged, -1.0)):
            held = np.flatnonzero(weights)
            if len(held):
                below = weights[held] @ self.tables.below(held[:, None], sign * flat)
                found += below if sign > 0 else weights[held].sum() - below
        for prior, weight in self.priors:
            found += weight * prior.below(flat)
        return found.reshape(np.shape(s))

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """Coordinates between which nearly all probability lies."""
        ends: list[Array] = []
        for weights, sign in ((self.straight, 1.0), (self.exchanged, -1.0)):
            held = np.flatnonzero(weights)
            ends += [sign * self.tables.low[held], sign * self.tables.high[held]]
        ends += [prior.quantile(np.array([1e-4, 1 - 1e-4])) for prior, _ in self.priors]
        found = np.concatenate(ends)
        return (float(found.min()), float(found.max())) if np.isfinite(found).all() else (np.nan, np.nan)

    def _shortest(self, ci_prob: float, bounds: tuple[float, float]) -> tuple[float, float]:
        if not np.isfinite(bounds).all():
            return np.nan, np.nan
        points = max(400, min(_FINE, _MOST // max(1, int(np.count_nonzero(self.straight + self.exchanged)))))
        s = np.linspace(*bounds, points)
        rising, t = np.maximum.accumulate(self._below(s)), self._transform.backward(s)
        shares = np.linspace(0.002, 0.998, 250) * (1 - ci_prob)
        lower, upper = np.interp(shares, rising, t), np.interp(shares + ci_prob, rising, t)
        best = int(np.argmin(upper - lower))
        return float(lower[best]), float(upper[best])
