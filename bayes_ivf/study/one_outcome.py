"""What the constructors of a study share: values in order, numbers as text, claims, and a study of one outcome."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bayes_ivf import defaults
from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.identifiers import ID_IN_WORDS, is_identifier
from bayes_ivf.study.checks import finite, mcid_fault
from bayes_ivf.study.facts import ARMS, ArmName, Benefit, Claim, Datum, Direction, EffectCI, Outcome, Spread, Statistic
from bayes_ivf.study.p_value import PValue, read_p
from bayes_ivf.study.statistic import read_statistic

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study


def unpack(values: Any, names: Sequence[str], where: str) -> tuple[Any, ...]:
    """Return the values of a tuple, list, array or column."""
    plain = isinstance(values, str | bytes | Mapping) or not all(hasattr(values, m) for m in ("__iter__", "__len__"))
    if plain or len(values) != len(names):
        raise StudyError(Fault(where, repr(values), f"({', '.join(names)})", "give these values in this order"))
    return tuple(values)


def both_arms[D](
    treatment: Any, control: Any, read: Callable[[Any, ArmName], D], faults: Sequence[Fault] = ()
) -> dict[ArmName, D]:
    """Read what was given for each arm.

    Parameters
    ----------
    treatment, control
        What the constructor was given.
    read : callable
        From it and the name of the arm to what the arm printed.
    faults : sequence of Fault
        Those of the other arguments, told together with the arms'.

    Raises
    ------
    StudyError
        With every fault of both arms.
    """
    every = list(faults)
    data: dict[ArmName, D] = {}
    for arm, values in zip(ARMS, (treatment, control), strict=True):
        try:
            data[arm] = read(values, arm)
        except StudyError as error:
            every.extend(error.faults)
    if every:
        raise StudyError(every)
    return data


def plain_text(value: object) -> str:
    """Write a number in plain digits, as few as tell it apart, without an exponent."""
    import numpy as np

    if isinstance(value, str):
        return value
    if isinstance(value, np.floating) and not isinstance(value, float):
        # the digits of its own precision: 5.81 of 32 bits is not 5.809999942779541
        return np.format_float_positional(value, unique=True, trim="0")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return format(int(value), "d")
    return repr(value) if finite(value) is None else format(Decimal(repr(finite(value))), "f")


def direction_faults(direction: object) -> list[Fault]:
    """Return what is wrong with the direction of a claim."""
    if direction in ("lower", "higher", "differs", "none"):
        return []
    return [Fault("direction", repr(direction), "lower, higher, differs, none", "name one of these")]


def claim_of(p: str | None, direction: Direction | None) -> Claim | None:
    """Make a claim of what was printed; a direction that nobody printed is not made up from what would be a benefit."""
    if direction is not None and (faults := direction_faults(direction)):
        raise StudyError(faults)
    if p is None:
        return None if direction is None else Claim(direction_words(direction), direction)
    printed = _printed_p(p)
    if direction is None:
        none = printed.relation in ">≥" or (printed.relation == "=" and float(printed.number) >= defaults.CLAIM_LEVEL)
        direction = "none" if none else "differs"
    return Claim(f"{direction_words(direction)}, {printed}", direction, str(printed))


def claim_of_level(direction: Direction | None, level: str) -> Claim:
    """Make a claim of a direction and the level of its P."""
    said = "differs" if direction is None else direction
    return Claim(direction_words(said), said, f"P{'>' if said == 'none' else '<'}{level}")


def printed_statistic(text: str) -> Statistic:
    """Read a test statistic as printed.

    Raises
    ------
    StudyError
        If it is none, or cannot be.
    """
    try:
        statistic = read_statistic(text if isinstance(text, str) else repr(text))
    except StudyError as error:
        raise StudyError([replace(fault, where="statistic") for fault in error.faults]) from None
    if statistic.cannot_be:
        raise StudyError(Fault("statistic", text, statistic.cannot_be, "correct the statistic"))
    return statistic


def _printed_p(text: str) -> PValue:
    if isinstance(text, str):
        try:
            printed = read_p(text)
        except StudyError as error:
            raise StudyError([replace(fault, where="claim") for fault in error.faults]) from None
        if printed.possible:
            return printed
    raise StudyError(Fault("claim", repr(text), 'a P as printed, such as "P<0.05"', "correct the P"))


def direction_words(direction: Direction) -> str:
    """Return a direction as a claim words it."""
    return "no difference" if direction == "none" else direction


def single_outcome(
    study: str,
    outcome: str,
    kind: str,
    benefit: Benefit,
    data: Mapping[ArmName, Datum] | None,
    sizes: Mapping[ArmName, int],
    mcid: float | None,
    label: str | None,
    *,
    claim: Claim | None = None,
    per: str = "woman",
    max_embryos: int = 3,
    most: int | None = None,
    effect: EffectCI | None = None,
    statistic: Statistic | None = None,
    spread: Spread | None = None,
) -> Study:
    """Make a study of one outcome.

    Raises
    ------
    StudyError
        If an id is none, or the benefit or the MCID cannot be.
    """
    from bayes_ivf.study.trial import Study

    faults = []
    if benefit not in ("higher", "lower", "none"):
        faults.append(Fault("benefit", repr(benefit), "higher, lower, none", "name one of these"))
    faults += [
        Fault(name, repr(value), ID_IN_WORDS, "choose another id")
        for name, value in (("study", study), ("outcome", outcome))
        if not isinstance(value, str) or not is_identifier(value)
    ]
    least = None if mcid is None else finite(mcid)
    if mcid is not None and (least is None or least <= 0):
        faults.append(Fault("mcid", repr(mcid), "a number above 0, or None", "correct the MCID"))
    elif (
        least is not None
        and (wrong := mcid_fault(least, kind, "" if effect is None else effect.scale, "mcid")) is not None
    ):
        faults.append(wrong)
    if faults:
        raise StudyError(faults)
    item = Outcome(
        outcome,
        label or outcome,
        kind,
        per,
        benefit,
        least,
        data,
        claim,
        effect=effect,
        statistic=statistic,
        spread=spread,
        most=most,
    )
    arms: dict[ArmName, str] = {arm: arm for arm in ARMS}
    return Study(study, study, arms, sizes, (item,), max_embryos=max_embryos)
