"""Every combination of choices, as the problem that it makes or the reason why it could not have been printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.auditing import DecodedPairs, decoded_pairs, spread_out
from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem import PriorLike, Problem, applying_options, build_problem
from bayes_ivf.reading_choices.choices import (
    DOUBT,
    INDEPENDENT,
    MOST_DECODINGS,
    NOT_APPLICABLE,
    PRINTED,
    SIDES,
    Choice,
)
from bayes_ivf.study import ARMS, Outcome, Study

MOST_READINGS = 50_000
SWAPPED = ("arms", SIDES[1])


@dataclass(frozen=True)
class Setting:
    """One reading before it is solved.

    Parameters
    ----------
    levels : tuple of str
        Level of each choice, "not applicable" where it has no meaning.
    weight : float
        Stated.
    problem : Problem or None
        None where the reading could not have been printed.
    reason : str
        Why there is no problem.
    turned : bool
        Whether arms change places: its quantities are those of the problem, with the other sign.
    doubt : float
        Probability that the numbers say nothing, so that the prior is left.
    """

    levels: tuple[str, ...]
    weight: float
    problem: Problem | None
    reason: str = ""
    turned: bool = False
    doubt: float = 0.0


@dataclass(frozen=True)
class Settings:
    """Every reading of an outcome before it is solved.

    Parameters
    ----------
    choices : tuple of Choice
    each : tuple of Setting
    of_combination : array (combination,)
        Which of them each combination of levels is, the last choice's levels changing first.
    """

    choices: tuple[Choice, ...]
    each: tuple[Setting, ...]
    of_combination: npt.NDArray[np.intp]

    @property
    def possible(self) -> tuple[Setting, ...]:
        """Those that could have been printed."""
        return tuple(each for each in self.each if each.problem is not None)


def all_settings(
    study: Study,
    outcome: str,
    choices: Sequence[Choice],
    card: Card,
    base: Card,
    prior: PriorLike,
    priors: Mapping[str, PriorLike],
) -> Settings:
    """Return every reading.

    Parameters
    ----------
    study : Study
    outcome : str
    choices : sequence of Choice
    card, base : Card
        Of the outcome, and of embryos that are taken as independent.
    prior : str, Path, PriorSet or mapping
    priors : mapping of str to prior
        By the levels of the choice `prior`.

    Raises
    ------
    RequestError
        If there are too many readings, or none of them can be made.
    """
    number = 1
    for choice in choices:
        number *= len(choice.levels)
    if number > MOST_READINGS:
        raise RequestError(
            Fault(
                f"readings of {study.id}/{outcome}",
                f"{number:,} combinations of choices",
                f"at most {MOST_READINGS:,}",
                "name fewer levels in `choices`, or give denominators (n) in the study file",
            )
        )
    reader = _Reader(study, outcome, choices, card, base, prior, priors)
    merged: dict[tuple[str, ...], int] = {}
    places, weights = [], []
    for levels, weight in _combinations(choices):
        places.append(merged.setdefault(reader.applying(levels), len(merged)))
        weights.append(weight)
    stated = np.bincount(places, weights)
    found = tuple(reader.read(levels, float(weight)) for levels, weight in zip(merged, stated, strict=True))
    if all(each.problem is None for each in found):
        allowed = "an outcome of which at least one reading can be fitted"
        raise RequestError(
            Fault(f"{study.id}/{outcome}", found[0].reason, allowed, "correct the study file or the choices")
        )
    return Settings(tuple(choices), found, np.array(places, dtype=np.intp))


def _combinations(choices: Sequence[Choice]) -> Iterator[tuple[tuple[str, ...], float]]:
    for levels in product(*(choice.levels.items() for choice in choices)):
        weight = 1.0
        for _, each in levels:
            weight *= each
        yield tuple(level for level, _ in levels), weight


class _Reader:
    """From levels to problems; what several readings share is made once."""

    def __init__(
        self,
        study: Study,
        outcome: str,
        choices: Sequence[Choice],
        card: Card,
        base: Card,
        prior: PriorLike,
        priors: Mapping[str, PriorLike],
    ) -> None:
        self.names = tuple(choice.name for choice in choices)
        self.study, self.outcome, self.card, self.base, self.prior, self.priors = (
            study,
            outcome,
            card,
            base,
            prior,
            priors,
        )
        self.read_study = cache(self._read_study)
        self.build = cache(self._build)
        item = study.outcome(outcome)
        self.words = DOUBT in applying_options(study, item, card)
        self.turns = item.data is not None and all(isinstance(item.data[arm], PRINTED) for arm in ARMS)
        self.pairs = {id_: _by_text(decoded_pairs(study, study.outcome(id_))) for id_ in self._decoded()}

    def _decoded(self) -> list[str]:
        named = [name for name in self.names if name.startswith("decoding")]
        return [name.partition(" of ")[2] or self.outcome for name in named]

    def applying(self, levels: tuple[str, ...]) -> tuple[str, ...]:
        """Levels, with those that mean nothing under the others marked."""
        given = dict(zip(self.names, levels, strict=True))
        if given.get("mechanism") != INDEPENDENT:
            return levels
        embryos = {name for name in self.names if name in self.card.options and name != "mechanism"}
        embryos |= {name for name in self.names if name.startswith("decoding of ")}
        return tuple(NOT_APPLICABLE if name in embryos else level for name, level in given.items())

    def read(self, levels: tuple[str, ...], weight: float) -> Setting:
        """Make the problem of a reading."""
        given = {name: level for name, level in zip(self.names, levels, strict=True) if level != NOT_APPLICABLE}
        about = tuple(
            (name, level) for name, level in given.items() if name in ("arms", "spread") or name.startswith("decoding")
        )
        independent = given.get("mechanism") == INDEPENDENT
        card = self.base if independent else self.card
        options = tuple((name, level) for name, level in given.items() if name in card.options and not independent)
        # of words, doubt is an option of the model; of numbers, it is trust in what was printed
        doubt = 0.0 if self.words else float(given.get(DOUBT, 0.0))
        named = (about, options, independent, given.get("prior", ""))
        problem, reason, turned = self.build(*named)
        return Setting(levels, weight, problem, reason, turned, doubt)

    def _build(
        self, about: tuple[tuple[str, str], ...], options: tuple[tuple[str, str], ...], independent: bool, prior: str
    ) -> tuple[Problem | None, str, bool]:
        """The problem of a reading, or why there is none; and whether it is that of the arms as printed, turned around."""
        if SWAPPED in about and self.turns:
            as_printed = tuple(each for each in about if each != SWAPPED)
            problem, reason, _ = self.build(as_printed, options, independent, prior)
            turned = None if problem is None else mirrored(problem)
            if problem is None or turned is not None:
                return turned, reason, True
        study = self.read_study(about)
        card = self.base if independent else self.card
        chosen = self.priors[prior] if prior else self.prior
        apply = applying_options(study, study.outcome(self.outcome), card)
        given: dict[str, Any] = {name: level for name, level in options if name in apply}
        try:
            return build_problem(study, self.outcome, card, chosen, given), "", False
        except RequestError as error:
            return None, error.faults[0].found, False

    def _read_study(self, about: tuple[tuple[str, str], ...]) -> Study:
        """The study as a reading has it: one decoding, one side, one meaning of the spread."""
        items = {item.id: item for item in self.study.items}
        for name, level in about:
            of = name.partition(" of ")[2] or self.outcome
            if name.startswith("decoding"):
                items[of] = replace(items[of], data=dict(zip(ARMS, self.pairs[of][level], strict=True)))
            elif name == "spread":
                items[of] = replace(items[of], spread=level)  # type: ignore[arg-type]
            elif level == SIDES[1]:
                items[of] = _swapped(items[of])
        return replace(self.study, items=tuple(items.values())) if about else self.study


def _swapped(item: Outcome) -> Outcome:
    """An outcome whose arms change places, and with them the direction of its claim."""
    data = None if item.data is None else dict(zip(ARMS, [item.data[arm] for arm in reversed(ARMS)], strict=True))
    claim = item.claim
    if claim is not None and claim.direction in ("higher", "lower"):
        claim = replace(claim, direction="lower" if claim.direction == "higher" else "higher")
    return replace(item, data=data, claim=claim)


def mirrored(problem: Problem) -> Problem | None:
    """Return the problem whose effect is minus that of the same arms exchanged; None if its priors have no mirror.

    Under a prior on the average of both arms, a likelihood knows them by their data alone.
    """
    effect = problem.priors.get("effect")
    if problem.coding != "average" or effect is None:
        return None
    turned = effect.mirrored()
    return None if turned is None else replace(problem, priors=dict(problem.priors) | {"effect": turned})


def _by_text(decoded: DecodedPairs) -> Mapping[str, tuple[Any, Any]]:
    return {f"{a} vs {b}": (a, b) for a, b in spread_out(decoded, MOST_DECODINGS)}
