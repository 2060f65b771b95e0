"""Readings of several outcomes together: every combination of their choices, as arrays.

A choice that several outcomes leave open is made once for all of them (one column is one arm, one prior set is used), but for the
counts behind a percentage, and for what is asked for one outcome alone. A combination in which a choice means nothing to any
outcome is the same reading whatever its level.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.reading_choices.choices import NOT_APPLICABLE, Choice
from bayes_ivf.reading_choices.settings import Settings

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

MOST_TOGETHER = 1_000_000
"""Combinations of several outcomes: arrays of so many numbers, of which each takes a few hundred bytes."""


@dataclass(frozen=True)
class JointDesign:
    """Joint readings before they are weighed.

    Parameters
    ----------
    choices : mapping of str to str
        What each choice leaves open.
    levels : tuple of tuple of str
        Levels of each choice, the last one "not applicable".
    codes : array (choice, reading)
        Level of each choice.
    stated : array (reading,)
        Weights of sum one.
    places : mapping of str to array (reading,)
        By outcome: which of its own readings each is.
    settings : mapping of str to Settings
        Of each outcome.
    """

    choices: Mapping[str, str]
    levels: tuple[tuple[str, ...], ...]
    codes: Index
    stated: Array
    places: Mapping[str, Index]
    settings: Mapping[str, Settings]

    def weights(self, log_chances: Mapping[str, Array]) -> Array:
        """Posterior weights (reading,): stated ones times what each outcome adds, by outcome and its possible readings.

        Raises
        ------
        RequestError
            If no combination could have been printed.
        """
        with np.errstate(divide="ignore"):
            total = np.log(self.stated)
        for outcome, place in self.places.items():
            of_reading = np.full(len(self.settings[outcome].each), -np.inf)
            of_reading[self._possible(outcome)] = log_chances[outcome]
            total = total + of_reading[place]
        if not np.isfinite(total.max()):
            found = "no combination of readings that could have been printed"
            raise RequestError(Fault("readings", found, "readings of which one fits all outcomes", "ask one by one"))
        chance = np.exp(total - total.max())
        return np.asarray(chance / chance.sum())

    def of_outcome(self, outcome: str, weight: Array) -> Array:
        """Weights of the possible readings of an outcome."""
        found = np.bincount(self.places[outcome], weight, minlength=len(self.settings[outcome].each))
        return np.asarray(found[self._possible(outcome)])

    def _possible(self, outcome: str) -> Index:
        return np.flatnonzero([each.problem is not None for each in self.settings[outcome].each])


def joint_design(settings: Mapping[str, Settings], own: Collection[tuple[str, str]] = ()) -> JointDesign:
    """Return all combinations of the choices of several outcomes.

    Parameters
    ----------
    settings : mapping of str to Settings
        By outcome.
    own : collection of (outcome, name)
        Choices that were asked for one outcome alone.

    Raises
    ------
    RequestError
        If there are too many.
    """
    axes: dict[str, Choice] = {}
    axes_of: dict[str, list[str]] = {}
    for outcome, each in settings.items():
        axes_of[outcome] = [_axis(outcome, choice, axes, own) for choice in each.choices]
    sizes = [len(choice.levels) for choice in axes.values()]
    number = int(np.prod(sizes, dtype=float))
    if number > MOST_TOGETHER:
        found, allowed = f"{number:,} combinations of choices", f"at most {MOST_TOGETHER:,}"
        raise RequestError(
            Fault(f"readings of {', '.join(settings)}", found, allowed, "name fewer levels in `choices`")
        )
    grid = np.indices(sizes).reshape(len(sizes), number)
    row = dict(zip(axes, grid, strict=True))
    weight, places = np.ones(number), {}
    for name, choice in axes.items():
        weight = weight * np.array(list(choice.levels.values()))[row[name]]
    means_nothing = {name: np.ones(number, dtype=bool) for name in axes}
    for outcome, each in settings.items():
        shape = [len(axes[name].levels) for name in axes_of[outcome]]
        flat = np.ravel_multi_index([row[name] for name in axes_of[outcome]], shape) if shape else np.zeros(number, int)
        places[outcome] = each.of_combination[flat]
        for i, name in enumerate(axes_of[outcome]):
            nothing = np.array([setting.levels[i] == NOT_APPLICABLE for setting in each.each])
            means_nothing[name] &= nothing[places[outcome]]
    codes = np.array([np.where(means_nothing[name], size, row[name]) for name, size in zip(axes, sizes, strict=True)])
    codes = codes.reshape(len(sizes), number).astype(np.intp)
    first, stated = _merged(codes, sizes, weight)
    return JointDesign(
        {name: choice.told for name, choice in axes.items()},
        tuple((*choice.levels, NOT_APPLICABLE) for choice in axes.values()),
        codes[:, first],
        stated,
        {outcome: place[first] for outcome, place in places.items()},
        settings,
    )


def _axis(outcome: str, choice: Choice, axes: dict[str, Choice], own: Collection[tuple[str, str]]) -> str:
    """Name of a choice among those of all outcomes; entered if it is new."""
    alone = f"{choice.name} of {outcome}"
    name = alone if choice.name == "decoding" or (outcome, choice.name) in own else choice.name
    if name in axes and dict(axes[name].levels) != dict(choice.levels):
        name = alone
    axes.setdefault(name, choice)
    return name


def _merged(codes: Index, sizes: list[int], weight: Array) -> tuple[Index, Array]:
    """First of each set of equal combinations, and their weights."""
    if not sizes:
        return np.zeros(1, dtype=np.intp), np.ones(1)
    flat = np.ravel_multi_index(list(codes), [size + 1 for size in sizes])
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    return first.astype(np.intp), np.bincount(inverse, weight)
