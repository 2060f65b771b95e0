"""A study without a file: constructors for a notebook."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from bayes_ivf import defaults
from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.identifiers import ID_IN_WORDS, is_identifier
from bayes_ivf.study.checks import (
    checked_clusters,
    checked_counts,
    checked_mean_sd,
    finite,
    mcid_fault,
    whole,
)
from bayes_ivf.study.facts import ARMS, ArmName, Benefit, Claim, Clusters, Datum, Direction, Kind, Outcome, Size
from bayes_ivf.study.p_value import PValue, read_p

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study


def from_counts(
    treatment: Sequence[int],
    control: Sequence[int],
    outcome: str = "events",
    benefit: Benefit = "higher",
    *,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    claim: str | None = None,
    direction: Direction | None = None,
) -> Study:
    """Make a study of one binary outcome.

    Parameters
    ----------
    treatment, control : (int, int)
        Events and denominator of each arm.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    mcid : float, optional
        Smallest risk difference that matters, more than 0.
    label : str, optional
    claim : str, optional
        The printed P, for example ``"P<0.05"``.
    direction : {"higher", "lower", "differs", "none"}, optional
        What the paper says of treatment against control. Left out, the P alone is the claim: of no difference if it is
        ``P>...`` or at least 0.05, else that the arms differ, without a direction.

    Raises
    ------
    StudyError
        Unless both arms are whole numbers with ``0 <= events <= n`` and ``n >= 1``.
    """
    faults: list[Fault] = []
    data: dict[ArmName, Datum] = {}
    for arm, given in zip(ARMS, (treatment, control), strict=True):
        try:
            events, n = _unpack(given, ("events", "n"), arm)
            data[arm] = checked_counts(events, n, arm)
        except StudyError as error:
            faults.extend(error.faults)
    if faults:
        raise StudyError(faults)
    sizes = {arm: cast(Any, datum).n for arm, datum in data.items()}
    return _single(study, outcome, "counts", benefit, data, sizes, mcid, label, claim=_claim(claim, direction))


def from_means(
    treatment: Sequence[float | str],
    control: Sequence[float | str],
    outcome: str = "mean",
    benefit: Benefit = "none",
    *,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    claim: str | None = None,
    direction: Direction | None = None,
) -> Study:
    """Make a study of one continuous outcome.

    Parameters
    ----------
    treatment, control : (mean, sd, n)
        Printed mean, sample standard deviation (same unit) and number of women; text keeps trailing zeros.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    mcid : float, optional
        Smallest standardized mean difference that matters, more than 0.
    label : str, optional
    claim, direction : str, optional
        As in `from_counts`.

    Raises
    ------
    StudyError
        Unless sd > 0 and n >= 2 in both arms.
    """
    faults: list[Fault] = []
    data: dict[ArmName, Datum] = {}
    for arm, given in zip(ARMS, (treatment, control), strict=True):
        try:
            mean, sd, n = _unpack(given, ("mean", "sd", "n"), arm)
            data[arm] = checked_mean_sd(_text(mean), _text(sd), n, arm)
        except StudyError as error:
            faults.extend(error.faults)
    if faults:
        raise StudyError(faults)
    sizes = {arm: cast(Any, datum).n for arm, datum in data.items()}
    return _single(study, outcome, "mean_sd", benefit, data, sizes, mcid, label, claim=_claim(claim, direction))


def from_claim(
    n: Sequence[int],
    direction: Direction,
    alpha: float = 0.05,
    outcome: str = "claim",
    benefit: Benefit = "none",
    *,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
) -> Study:
    """Make a study of an outcome of which only a claim was printed.

    Parameters
    ----------
    n : (int, int)
        Women in the treatment and the control arm.
    direction : {"lower", "higher", "differs", "none"}
        ``"none"`` is the claim of no difference, P > alpha.
    alpha : float
        Level of the claim, between 0 and 1.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    mcid : float, optional
        Smallest standardized mean difference that matters, more than 0.
    label : str, optional

    Raises
    ------
    StudyError
        Unless alpha lies in (0, 1), the direction is known, and each n is a whole number with n1 + n2 > 2.
    """
    faults = _direction_faults(direction)
    level = finite(alpha)
    if level is None or not 0 < level < 1:
        faults.append(Fault("alpha", repr(alpha), "a number between 0 and 1", "correct the level of the claim"))
    sizes: dict[ArmName, int] = {}
    for arm, given in zip(ARMS, _unpack(n, ARMS, "n"), strict=True):
        size = whole(given)
        if size is None or size < 2:
            faults.append(Fault(f"n, {arm}", repr(given), "a whole number of at least 2", "correct n"))
        else:
            sizes[arm] = size
    if faults:
        raise StudyError(faults)
    p = f"P{'>' if direction == 'none' else '<'}{_text(alpha)}"
    data: dict[ArmName, Datum] = {arm: Size(sizes[arm]) for arm in ARMS}
    return _single(
        study, outcome, "claim_only", benefit, data, sizes, mcid, label, claim=Claim(_said(direction), direction, p)
    )


def from_clusters(
    treatment: Mapping[str, int],
    control: Mapping[str, int],
    outcome: str = "eir",
    benefit: Benefit = "higher",
    *,
    max_embryos: int = 3,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    claim: str | None = None,
    direction: Direction | None = None,
) -> Study:
    """Make a study of embryos nested in women, from the totals of each arm.

    Parameters
    ----------
    treatment, control : mapping
        ``women``, ``embryos``, ``pregnant``, ``implanted``: whole numbers.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    max_embryos : int
        The most embryos that one woman received (M).
    mcid : float, optional
        Smallest risk difference per embryo that matters, more than 0.
    label : str, optional
    claim, direction : str, optional
        As in `from_counts`.

    Raises
    ------
    StudyError
        If a total is missing or no whole number, or the totals contradict each other.
    """
    faults: list[Fault] = []
    data: dict[ArmName, Datum] = {}
    for arm, given in zip(ARMS, (treatment, control), strict=True):
        try:
            data[arm] = checked_clusters(given, max_embryos, arm)
        except StudyError as error:
            faults.extend(error.faults)
    if faults:
        raise StudyError(faults)
    sizes = {arm: cast(Clusters, datum).women for arm, datum in data.items()}
    said = _claim(claim, direction)
    return _single(
        study, outcome, "counts", benefit, data, sizes, mcid, label, claim=said, per="embryo", max_embryos=max_embryos
    )


def _unpack(given: Any, names: Sequence[str], where: str) -> tuple[Any, ...]:
    """Return the values of a tuple, list, array or column."""
    plain = isinstance(given, str | bytes | Mapping) or not hasattr(given, "__iter__") or not hasattr(given, "__len__")
    if plain or len(given) != len(names):
        raise StudyError(Fault(where, repr(given), f"({', '.join(names)})", "give these values in this order"))
    return tuple(given)


def _text(value: object) -> str:
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


def _direction_faults(direction: object) -> list[Fault]:
    if direction in ("lower", "higher", "differs", "none"):
        return []
    return [Fault("direction", repr(direction), "lower, higher, differs, none", "name one of these")]


def _claim(p: str | None, direction: Direction | None) -> Claim | None:
    """Make a claim of what was printed; a direction that nobody printed is not made up from what would be a benefit."""
    if direction is not None and (faults := _direction_faults(direction)):
        raise StudyError(faults)
    if p is None:
        return None if direction is None else Claim(_said(direction), direction)
    printed = _printed_p(p)
    if direction is None:
        none = printed.relation in ">≥" or (printed.relation == "=" and float(printed.number) >= defaults.CLAIM_LEVEL)
        direction = "none" if none else "differs"
    return Claim(f"{_said(direction)}, {printed}", direction, str(printed))


def _printed_p(text: str) -> PValue:
    if isinstance(text, str):
        try:
            found = read_p(text)
        except StudyError as error:
            raise StudyError([replace(fault, where="claim") for fault in error.faults]) from None
        if found.possible:
            return found
    raise StudyError(Fault("claim", repr(text), 'a P as printed, such as "P<0.05"', "correct the P"))


def _said(direction: Direction) -> str:
    return "no difference" if direction == "none" else direction


def _single(
    study: str,
    outcome: str,
    kind: Kind,
    benefit: Benefit,
    data: Mapping[ArmName, Datum],
    sizes: Mapping[ArmName, int],
    mcid: float | None,
    label: str | None,
    *,
    claim: Claim | None = None,
    per: str = "woman",
    max_embryos: int = 3,
) -> Study:
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
    elif least is not None and (wrong := mcid_fault(least, kind, "", "mcid")) is not None:
        faults.append(wrong)
    if faults:
        raise StudyError(faults)
    item = Outcome(outcome, label or outcome, kind, per, benefit, least, data, claim)
    arms: dict[ArmName, str] = {arm: arm for arm in ARMS}
    return Study(study, study, arms, sizes, (item,), max_embryos=max_embryos)
