"""What a posterior answers about estimands that follow from another one: by the function that joins them, for either engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.effects import DERIVED
from bayes_ivf.inference.answers import Answers
from bayes_ivf.problem import Problem

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

    def below(self, name: str, value: float) -> float:
        """Probability of a value of at most `value`."""
        if not _is_derived(name):
            return self.answers.below(name, value)
        if value <= 0:
            return 0.0
        source, turn = self._source(name)
        at = turn * float(DERIVED[_base(name)].backward(np.array(value)))
        if turn < 0:
            return self.answers.below(source, at)
        return 1 - self.answers.below(source, float(np.nextafter(at, -np.inf)))

    def interval(self, name: str, prob: float, kind: str) -> tuple[float, float]:
        """Interval with equal tails; there is no shortest one of a derived estimand."""
        if not _is_derived(name):
            return self.answers.interval(name, prob, kind)
        if kind == "hdi":
            return float("nan"), float("nan")
        source, turn = self._source(name)
        ends = [turn * end for end in self.answers.interval(source, prob, kind)]
        forward = DERIVED[_base(name)].forward
        return float(forward(np.array(max(ends)))), float(forward(np.array(min(ends))))

    def quantile(self, name: str, probability: float) -> float:
        """Value with that probability below it."""
        if not _is_derived(name):
            return self.answers.quantile(name, probability)
        source, turn = self._source(name)
        at = turn * self.answers.quantile(source, 1 - probability if turn > 0 else probability)
        return float(DERIVED[_base(name)].forward(np.array(at)))

    def density(self, name: str, x: Array) -> Array:
        """Density at ascending points: that of the source there, times how fast the source moves."""
        if not _is_derived(name):
            return self.answers.density(name, x)
        source, turn = self._source(name)
        values = np.zeros(len(x))
        positive = x > 0
        if positive.sum() > 2:
            points = DERIVED[_base(name)].backward(x[positive])
            order = np.argsort(turn * points)
            there = np.empty(len(points))
            there[order] = self.answers.density(source, turn * points[order])
            values[positive] = there * np.abs(np.gradient(points, x[positive], edge_order=2))
        return values

    def _source(self, name: str) -> tuple[str, int]:
        """Return the source's name, and by which sign it is turned to the side that is asked about."""
        base, at, place = name.partition("@")
        estimand = DERIVED[base]
        return f"{estimand.source}{at}{place}", estimand.side * self.problem.place(place).sign


def _base(name: str) -> str:
    return name.partition("@")[0]


def _is_derived(name: str) -> bool:
    return _base(name) in DERIVED
