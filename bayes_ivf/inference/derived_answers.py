"""What a posterior answers about estimands that follow from another one: by the function that joins them, for either engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.effects import DERIVED
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference.answers import Answers
from bayes_ivf.problem import UNIT, Problem
from bayes_ivf.results import SCALED, scaled_id

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WithDerived:
    """Answers of a solver, and those that follow from them.

    With d the source turned to the side that is asked about, and y = forward(d), decreasing: P(Y <= y) = P(D >= backward(y)).

    Parameters
    ----------
    problem : Problem
    answers : Answers
        About what the solver gives.
    """

    problem: Problem
    answers: Answers

    def below(self, asked: EstimandId, value: float) -> float:
        """Probability of a value of at most `value`."""
        if (scaled := self._scaled(asked)) is not None:
            return self.answers.below(scaled, value / self._unit)
        if asked.estimand not in DERIVED:
            return self.answers.below(asked, value)
        if value <= 0:
            return 0.0
        source, turn = self._source(asked)
        at = turn * float(DERIVED[asked.estimand].backward(np.array(value)))
        if turn < 0:
            return self.answers.below(source, at)
        return 1 - self.answers.below(source, float(np.nextafter(at, -np.inf)))

    def interval(self, asked: EstimandId, prob: float, kind: str) -> tuple[float, float]:
        """Interval with equal tails; there is no shortest one of a derived estimand, but of a multiple."""
        if (scaled := self._scaled(asked)) is not None:
            low, high = self.answers.interval(scaled, prob, kind)
            return self._unit * low, self._unit * high
        if asked.estimand not in DERIVED:
            return self.answers.interval(asked, prob, kind)
        if kind == "hdi":
            return float("nan"), float("nan")
        source, turn = self._source(asked)
        ends = [turn * end for end in self.answers.interval(source, prob, kind)]
        forward = DERIVED[asked.estimand].forward
        return float(forward(np.array(max(ends)))), float(forward(np.array(min(ends))))

    def quantile(self, asked: EstimandId, probability: float) -> float:
        """Value with that probability below it."""
        if (scaled := self._scaled(asked)) is not None:
            return self._unit * self.answers.quantile(scaled, probability)
        if asked.estimand not in DERIVED:
            return self.answers.quantile(asked, probability)
        source, turn = self._source(asked)
        at = turn * self.answers.quantile(source, 1 - probability if turn > 0 else probability)
        return float(DERIVED[asked.estimand].forward(np.array(at)))

    def density(self, asked: EstimandId, x: Array) -> Array:
        """Density at ascending points: that of the source there, times how fast the source moves."""
        if (scaled := self._scaled(asked)) is not None:
            return self.answers.density(scaled, x / self._unit) / self._unit
        if asked.estimand not in DERIVED:
            return self.answers.density(asked, x)
        source, turn = self._source(asked)
        values = np.zeros(len(x))
        positive = x > 0
        if positive.sum() > 2:
            points = DERIVED[asked.estimand].backward(x[positive])
            order = np.argsort(turn * points)
            there = np.empty(len(points))
            there[order] = self.answers.density(source, turn * points[order])
            values[positive] = there * np.abs(np.gradient(points, x[positive], edge_order=2))
        return values

    def _scaled(self, asked: EstimandId) -> EstimandId | None:
        """Return the standardized difference that a difference in the outcome's own unit is a multiple of; None if it is none."""
        source = next((name for name, scaled in SCALED.items() if scaled == asked.estimand), "")
        return asked.of(source) if source and scaled_id(self.problem, source) else None

    @property
    def _unit(self) -> float:
        return float(self.problem.data[UNIT])

    def _source(self, asked: EstimandId) -> tuple[EstimandId, int]:
        """Return the source, and by which sign it is turned to the side that is asked about."""
        derived = DERIVED[asked.estimand]
        return asked.of(derived.source), derived.side * self.problem.place(asked.place).sign
