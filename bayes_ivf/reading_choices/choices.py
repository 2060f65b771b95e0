"""What a paper leaves open about an outcome: choices with their levels, each with a stated weight.

A choice that hangs on another one, such as the most embryos, which mean nothing where embryos are taken as independent, is not
applicable there. What takes more than some seconds for each reading (losses before the clinical pregnancy, four embryos and
more) is asked for by name.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bayes_ivf.auditing import audit, decoded_pairs, is_ambiguous, spread_out
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study import ARMS, Clusters, Counts, MeanSD, Outcome, Percent, Study, plural

NOT_APPLICABLE = "not applicable"
INDEPENDENT = "independent"
"""Level of the choice `mechanism`: embryos of one woman are taken as independent of each other."""
DOUBT = "doubt"
"""Choice of how far words, or by name alone numbers, are believed."""
COUNTED, PRINTED = (Counts, Percent, Clusters), (Counts, Percent, Clusters, MeanSD)
"""Data that speak of two risks, and data that each arm has of its own."""
MOST_QUICK = 3
"""Most embryos of one woman up to which a reading takes less than some seconds."""
MOST_DECODINGS = 400
"""Decodings of one outcome; of more, so many are taken, evenly spread."""
Levels = Mapping[str, float]
Asked = Mapping[str, Sequence[object] | Mapping[object, float]]


@dataclass(frozen=True)
class Choice:
    """One thing that a paper leaves open.

    Parameters
    ----------
    name : str
        ``decoding``, ``decoding of ID``, ``arms``, ``spread``, an option of the model card, or ``prior``.
    levels : mapping of str to float
        Stated weight of each level; they add up to one.
    told : str
        What is left open, as the head of a table.
    """

    name: str
    levels: Levels
    told: str


_OPTIONS: Mapping[str, tuple[str, Callable[[Study, Outcome], Sequence[str]]]] = {
    "M": ("most {units} that one woman {got}", lambda study, item: _most_levels(study, item)),
    "weights": (
        "how unprinted ways of sharing out the {units} are weighted",
        lambda *_: ("equal", "multinomial", "least_spread"),
    ),
    "mechanism": (
        "what ties {units} of one woman together",
        lambda _, item: ("beta_binomial", "receptivity") if item.per == "embryo" else ("beta_binomial",),
    ),
    "doubt": ("probability that a printed claim says nothing", lambda *_: ("0", "0.25", "0.5", "0.75")),
    "log_normal": ("whether values are read as normal or log-normal", lambda *_: ("0", "1")),
    "quartiles": ("which rank a printed quartile has", lambda *_: ("n+1",)),
    "corrected": ("whether a printed chi-square or z has Yates's correction (1) or none (0)", lambda *_: ("0", "1")),
    "test": ("the test of counts that a claim came from", lambda *_: ("fisher", "pearson", "yates")),
}
"""Options of cards that a paper leaves open, with the levels that are tried unless others are named."""
_WORDS: Mapping[str, Mapping[str, str]] = {"log_normal": {"0": "normal values", "1": "log-normal values"}}
"""Levels of options that say nothing by themselves."""
SPREADS = ("sd", "se")
SIDES = ("as printed", "swapped")


def in_words(choice: str, level: str) -> str:
    """Return what a level of a choice is called."""
    return _WORDS.get(choice, {}).get(level) or f"{choice} {level}"


def _most_levels(study: Study, item: Outcome) -> tuple[str, ...]:
    most = study.max_embryos if item.per == "embryo" else item.most or 1
    return tuple(str(number) for number in range(2, min(most, MOST_QUICK) + 1)) or (str(most),)


def open_choices(study: Study, item: Outcome, options: Sequence[str], asked: Asked) -> list[Choice]:
    """Return what is open about an outcome, in the order in which readings are told.

    Parameters
    ----------
    study : Study
    item : Outcome
    options : sequence of str
        Options of the card that can change its result.
    asked : mapping of str to levels
        Levels in place of those that are tried unasked, alone or with their weights.

    Raises
    ------
    RequestError
        If a choice or its weights make no sense.
    """
    known = known_choices(study, item, options)
    _check_known(asked, list(known), study, item)
    found = []
    for name, (choice, unasked) in known.items():
        if name in asked:
            found.append(Choice(name, _asked_levels(choice, asked), choice.told))
        elif unasked and len(choice.levels) > 1:
            found.append(choice)
    return found


def known_choices(study: Study, item: Outcome, options: Sequence[str]) -> dict[str, tuple[Choice, bool]]:
    """Return what can be asked about an outcome by name, and whether it is open unasked; arguments as of `open_choices`."""
    found: list[tuple[Choice, bool]] = []
    for each in related(study, item):
        if is_ambiguous(each):
            pairs = spread_out(decoded_pairs(study, each), MOST_DECODINGS)
            name = "decoding" if each.id == item.id else f"decoding of {each.id}"
            levels = _weighed([f"{a} vs {b}" for a, b in pairs])
            found.append((Choice(name, levels, f"counts behind the percentages of {each.label}"), True))
    data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    if all(datum is not None for datum in data):
        found.append((Choice("arms", _weighed(SIDES), "which column is which arm"), False))
    if all(isinstance(datum, MeanSD) for datum in data):
        found.append((Choice("spread", _weighed(SPREADS), "what stands after the mean"), _spread_is_open(study, item)))
    for name, (told, levels_of) in _OPTIONS.items():
        if name in options:
            words = {"units": plural(item.per), "got": "received" if item.per == "embryo" else "had"}
            found.append((Choice(name, _weighed(levels_of(study, item)), told.format(**words)), True))
    if DOUBT not in options and all(isinstance(datum, COUNTED) for datum in data):
        found.append((Choice(DOUBT, _weighed(("0",)), "probability that the printed numbers say nothing"), False))
    return {choice.name: (choice, unasked) for choice, unasked in found}


def related(study: Study, item: Outcome) -> list[Outcome]:
    """Return the outcome, and for units nested in women the one that counts the women with an event."""
    women = [
        other
        for other in study.items
        if (item.per == "embryo" or item.pregnancies is not None)
        and other.id != item.id
        and (other.id == item.pregnancies or (item.pregnancies is None and other.stage == "clinical_pregnancy"))
    ]
    return [item, *women[:1]]


def _spread_is_open(study: Study, item: Outcome) -> bool:
    """Whether the audit doubts the label of a spread, and nobody declared it."""
    if item.spread not in (None, "unknown"):
        return False
    return item.spread == "unknown" or item.id in _doubted_spreads(study)


_KNOWN: dict[int, tuple[weakref.ref[Study], frozenset[str]]] = {}
"""What the audit doubts of studies that are still held by somebody: every outcome asks."""


def _doubted_spreads(study: Study) -> frozenset[str]:
    """Outcomes whose standard deviations may be standard errors."""
    key = id(study)
    known = _KNOWN.get(key)
    if known is not None and known[0]() is study:
        return known[1]
    found = frozenset(each.subject for each in audit(study).found if each.check == "sd_or_se")
    _KNOWN[key] = weakref.ref(study, lambda _: _forget(key)), found
    return found


def _forget(key: int) -> None:
    _KNOWN.pop(key, None)


def _weighed(levels: Sequence[str]) -> Levels:
    return {level: 1 / len(levels) for level in levels}


def _asked_levels(choice: Choice, asked: Asked) -> Levels:
    given = asked[choice.name]
    pairs = given.items() if isinstance(given, Mapping) else [(level, 1.0) for level in given]
    weights: dict[str, float] = {}
    for level, weight in pairs:
        weights[str(level)] = weights.get(str(level), 0.0) + float(weight)
    total = sum(weights.values())
    if not weights or not total > 0 or min(weights.values()) < 0:
        allowed = "levels, or levels with weights of 0 or more"
        raise RequestError(Fault(f"choices, {choice.name}", repr(given), allowed, "correct the levels"))
    closed = tuple(choice.levels) if choice.name in ("spread", "arms") or choice.name.startswith("decoding") else ()
    unknown = [level for level in weights if closed and level not in closed]
    if unknown:
        raise RequestError(Fault(f"choices, {choice.name}", unknown[0], ", ".join(closed[:8]), "name one of these"))
    if choice.name == DOUBT:
        _check_doubts(list(weights))
    return {level: weight / total for level, weight in weights.items() if weight > 0}


def _check_doubts(levels: Sequence[str]) -> None:
    for level in levels:
        try:
            inside = 0 <= float(level) <= 1
        except ValueError:
            inside = False
        if not inside:
            raise RequestError(Fault(f"choices, {DOUBT}", level, "numbers from 0 to 1", "correct the levels"))


def _check_known(asked: Asked, known: Sequence[str], study: Study, item: Outcome) -> None:
    unknown = [name for name in asked if name not in known]
    if unknown:
        allowed = ", ".join(known) or "none: the paper leaves nothing open here"
        raise RequestError(
            Fault(f"choices of {study.id}/{item.id}", ", ".join(unknown), allowed, "leave it out, or name one of these")
        )
