"""Every combination of choices, as the problem that it makes or the reason why it could not have been printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

from bayes_ivf.auditing import DecodedPairs, decoded_pairs, spread_out
from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem import PriorLike, Problem, applying_options, build_problem
from bayes_ivf.reading_choices.choices import INDEPENDENT, MOST_DECODINGS, NOT_APPLICABLE, SIDES, Choice
from bayes_ivf.study import ARMS, Outcome, Study

MOST_READINGS = 50_000


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
    """

    levels: tuple[str, ...]
    weight: float
    problem: Problem | None
    reason: str = ""


def all_settings(
    study: Study,
    outcome: str,
    choices: Sequence[Choice],
    card: Card,
    base: Card,
    prior: PriorLike,
    priors: Mapping[str, PriorLike],
) -> list[Setting]:
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
    merged: dict[tuple[str, ...], float] = {}
    for levels, weight in _combinations(choices):
        applying = reader.applying(levels)
        merged[applying] = merged.get(applying, 0.0) + weight
    found = [reader.read(levels, weight) for levels, weight in merged.items()]
    if all(each.problem is None for each in found):
        allowed = "an outcome of which at least one reading can be fitted"
        raise RequestError(
            Fault(f"{study.id}/{outcome}", found[0].reason, allowed, "correct the study file or the choices")
        )
    return found


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
        try:
            return Setting(levels, weight, self.build(about, options, independent, given.get("prior", "")))
        except RequestError as error:
            return Setting(levels, weight, None, error.faults[0].found)

    def _build(
        self, about: tuple[tuple[str, str], ...], options: tuple[tuple[str, str], ...], independent: bool, prior: str
    ) -> Problem:
        study = self.read_study(about)
        card = self.base if independent else self.card
        chosen = self.priors[prior] if prior else self.prior
        apply = applying_options(study, study.outcome(self.outcome), card)
        given: dict[str, Any] = {name: level for name, level in options if name in apply}
        return build_problem(study, self.outcome, card, chosen, given)

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


def _by_text(decoded: DecodedPairs) -> Mapping[str, tuple[Any, Any]]:
    return {f"{a} vs {b}": (a, b) for a, b in spread_out(decoded, MOST_DECODINGS)}
