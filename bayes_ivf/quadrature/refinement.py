r"""Answer questions for a batch of problems by two rules, and by finer ones where these differ.

**Error estimate.** Rules of increasing fineness r_0, r_1, ... give answers a_0, a_1, ...; the error stated for a_l is::

    error(a_l) = 4 |a_l - a_{l-1}|

For rules that converge geometrically the change overestimates the error of the finer one many times; the factor 4 is for
problems where neither is near its limit yet. A quantile's error is the change of the distribution function at it, over its
density, in posterior sds. Where either is above its tolerance, the question, and no other, is asked again of that problem under
(r_{l+1}, r_l).

**What both rules share** cannot show in their difference: a solution may add `missed`, the probability that its search did not
bracket. It is a lower bound of every stated error.

**Questions** are thresholds (distribution function at points), summaries (moments, quantiles, intervals), and the evidence. All
are answered in one pass over chunks of the batch, since they share the tabulated posterior.

Examples
--------
A model with known answers: N(mean, 1) by one-dimensional grids, in the form that `refine` asks for.

>>> import numpy as np
>>> from dataclasses import dataclass
>>> from bayes_ivf.quadrature import IDENTITY, Grid1D, SinhMap, SupportFinder1D
>>> from bayes_ivf.quadrature.questions import Threshold
>>> @dataclass(frozen=True)
... class NormalSolution:
...     grid: Grid1D
...     def evaluate(self, quantity, s):
...         return self.grid.marginal(s)
...     def location(self, quantity):
...         return self.grid.moments(self.grid.x)
...     def moments(self, quantity):
...         return self.grid.moments(self.grid.x)
>>> @dataclass(frozen=True)
... class NormalBatch:
...     mean: np.ndarray
...     chunk, rules, estimands = 2, RULES, ("x",)
...     @property
...     def size(self):
...         return len(self.mean)
...     def take(self, index):
...         return NormalBatch(self.mean[index])
...     def groups(self):
...         return np.zeros(self.size, dtype=int)
...     def scale(self, quantity):
...         return IDENTITY
...     def solve(self, rules):
...         one = np.ones(self.size)
...         log_kernel = lambda x: -0.5 * (x - self.mean) ** 2
...         finder = SupportFinder1D(log_kernel, SinhMap(self.mean, one), [], [], 15 * one)
...         return tuple(NormalSolution(finder.grid(rule.outer)) for rule in rules)
>>> batch = NormalBatch(np.array([0.0, 1.0, 2.0]))
>>> answers = refine(batch, Questions((Threshold("zero", "x", np.zeros((3, 1))),), estimands=("x",)))
>>> answers["zero\0value"][:, 0].round(5)
array([0.5    , 0.15866, 0.02275])
>>> answers["summary x\0ci_high"].round(4)
array([1.96, 2.96, 3.96])
>>> bool(answers["zero\0error_probability"].max() < 1e-6)
True
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.quadrature.panels import Rule
from bayes_ivf.quadrature.questions import ERROR, GROSS, HARDLY_LOWER, Answers, Batch, Questions

Index = npt.NDArray[np.intp]

RULES = (Rule(6, 6), Rule(7, 7), Rule(12, 12), Rule(20, 20), Rule(36, 36))
"""Rules of most models: each answer comes from one of these and is compared with the rule before it. The first two are enough
for most problems, so that they are close together; then each has 1.7 to 1.8 times the panels of the last."""


def refine(problem: Batch, questions: Questions) -> Answers:
    """Answer the questions for all problems, in chunks, in this thread.

    Returns
    -------
    dict of str to array, shape (B, ...)
        ``KEY`` (see `Questions`), a zero character and the name of a number.
    """
    groups = problem.groups()
    labels = [(int(label), np.flatnonzero(groups == label)) for label in np.unique(groups)]
    chunks = [part for label, index in labels for part in split(index, chunk_of(problem, label))]
    parts = [_refine_chunk(problem, questions, chunk) for chunk in chunks]
    order = np.argsort(np.concatenate(chunks), kind="stable")
    return {key: np.concatenate([part[key] for part in parts])[order] for key in parts[0]}


def _refine_chunk(problem: Batch, questions: Questions, index: Index) -> Answers:
    """Answer for some problems; questions whose answers have not settled, and no others, are asked under finer rules."""
    part, rules = problem.take(index), problem.rules
    answers = questions.take(index).evaluate_questions(problem.scale, *part.solve((rules[1], rules[0])))
    last_error = np.full(len(index), np.inf)
    for level in range(2, len(rules)):
        unsettled = {key: _unsettled(numbers) for key, numbers in answers.items()}
        error = np.max([numbers[ERROR] for numbers in answers.values()], axis=0)
        # a gross error that a finer rule hardly lowered will not be lowered by the next, more expensive one
        hopeless = (error > GROSS) & (error > HARDLY_LOWER * last_error)
        open_problems = np.flatnonzero(~hopeless & np.any(list(unsettled.values()), axis=0))
        last_error = error
        # finer rules take fewer problems at once: the arrays of a two-dimensional grid grow with the square of the panels
        times_finer = -(-rules[level].outer // rules[1].outer)
        for some in split(open_problems, max(1, problem.chunk // times_finer**2)):
            still_open = questions.take(index[some]).only({key for key, rows in unsettled.items() if rows[some].any()})
            part = problem.take(index[some])
            for key, refined in still_open.evaluate_questions(
                problem.scale, *part.solve((rules[level], rules[level - 1]))
            ).items():
                # of this question's own problems alone, so that no answer depends on what else was asked
                own = unsettled[key][some]
                for name, value in refined.items():
                    answers[key][name][some[own]] = value[own]
    return {f"{key}\0{name}": value for key, numbers in answers.items() for name, value in numbers.items()}


def chunk_of(problem: Batch, label: int) -> int:
    """Problems of a group that are solved at once under the first rules: as its batch says, if groups differ in `chunks`."""
    chunks: Sequence[int] | None = getattr(problem, "chunks", None)
    return problem.chunk if chunks is None else chunks[label]


def _unsettled(answers: Answers) -> npt.NDArray[np.bool_]:
    """Whether (B,) the answers to one question are not yet within the tolerances."""
    settled = (answers[ERROR] <= EXACT_PROBABILITY_TOLERANCE) & (answers["error_quantile"] <= EXACT_QUANTILE_TOLERANCE)
    return np.asarray(~settled)


def split(index: Index, length: int) -> list[Index]:
    """Cut an index into pieces of at most this length."""
    return [index[start : start + length] for start in range(0, len(index), length)]
