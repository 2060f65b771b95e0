"""What is calibrated: a design draws parameters and a trial, and knows what to rank."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.cards import Card
from bayes_ivf.problem import Problem
from bayes_ivf.versions import Solver, fingerprint, kept_as

Array = npt.NDArray[np.float64]
LogLikelihood = Callable[[Problem, Mapping[str, Array]], Array]
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Simulated:
    """One draw from the joint distribution of parameters and data.

    Parameters
    ----------
    truth : mapping of str to array, shape (1, 1, ...)
        True parameters, named and shaped like one posterior draw.
    problem : Problem
        With the simulated data.
    """

    truth: Mapping[str, Array]
    problem: Problem


@dataclass(frozen=True, eq=False)
class Design:
    """A structure with a likelihood and priors, whose posterior is to be calibrated.

    Parameters
    ----------
    name, label : str
    simulate : callable
        From a generator to a `Simulated`; problems of one design share few compiled models.
    log_likelihood : callable
        From a problem and posterior draws to the log likelihood of the simulated data, in plain NumPy: the test
        quantity that depends on data and parameters.
    problem : Problem
        One of its problems; priors and options are those of all.
    simulations : int, optional
        How many unless told otherwise; many if left out.
    """

    name: str
    label: str
    simulate: Callable[[np.random.Generator], Simulated]
    log_likelihood: LogLikelihood
    problem: Problem = field(repr=False)
    simulations: int | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything that decides the ranks: the code, the priors, the options and what is held fixed."""
        content = [kept_as(fingerprint(self.solver)), *map(_content, (self.problem, *_given(self.simulate)))]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def solver(self) -> Solver:
        """Where its computation begins, and what all its problems share."""
        simulate = self.simulate.func if isinstance(self.simulate, partial) else self.simulate
        of_designs = (f"{each.__module__}:{each.__name__}" for each in (simulate, self.log_likelihood))
        given = (each.values() if isinstance(each, Mapping) else [each] for each in _given(self.simulate))
        problems = [self.problem, *(each for group in given for each in group if isinstance(each, Problem))]
        choices = [_choices(each) for each in problems]
        known = {name: value for name, value in choices[0].items() if all(each.get(name) == value for each in choices)}
        return Solver(("bayes_ivf.calibration.run:simulate_once", *of_designs), known)


def _choices(problem: Problem) -> dict[str, str]:
    """Return by attribute what the code of a problem is chosen by."""
    from bayes_ivf.forms import all_forms
    from bayes_ivf.structures import find_structure

    chosen = {name: getattr(problem, name) for name in ("structure", "likelihood", "coding", "variant")}
    form = all_forms().get(problem.likelihood)
    places = {} if form is None else {"file": form.file, "support": form.support}
    return chosen | {"folder": find_structure(problem).folder} | places


def _given(simulate: Callable[..., Simulated]) -> tuple[Any, ...]:
    return (*simulate.args, *simulate.keywords.items()) if isinstance(simulate, partial) else ()


def _content(value: object) -> object:
    """Return as plain values what decides numbers.

    Raises
    ------
    TypeError
        For anything that has no plain content.
    """
    if isinstance(value, Problem):
        priors = {slot: [prior.dist, dict(prior.parameters)] for slot, prior in value.priors.items()}
        data = {name: _content(array) for name, array in value.data.items()}
        return [value.structure, value.likelihood, value.coding, value.variant, dict(value.options), priors, data]
    if isinstance(value, Card):
        return [value.id, value.structure]  # its options are those of the design's problem
    if isinstance(value, np.ndarray):
        # the last digits of nodes and weights are those of a machine's libraries
        plain = np.round(value, _DIGITS) + 0.0 if value.dtype.kind == "f" else value
        return [value.dtype.kind, plain.tolist()]
    if isinstance(value, Mapping):
        return {str(name): _content(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_content(each) for each in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a {type(value).__name__} has no plain content")


def draw_truth(problem: Problem, rng: np.random.Generator, shapes: Mapping[str, int] | None = None) -> dict[str, Array]:
    """Draw every parameter from its prior, by inversion.

    Parameters
    ----------
    problem : Problem
        With proper priors.
    rng : numpy.random.Generator
    shapes : mapping of str to int, optional
        Slots that have several values, such as one sigma for each arm.

    Returns
    -------
    dict of str to array, shape (1, 1) or (1, 1, values)
    """
    shapes = shapes or {}
    return {
        slot: prior.ppf(rng.random((1, 1, shapes[slot]) if slot in shapes else (1, 1)))
        for slot, prior in problem.priors.items()
    }
