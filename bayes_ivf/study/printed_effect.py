"""A study of one outcome of which only an effect was printed, with its confidence interval or standard error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast, get_args

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.checks import finite, read_number, whole
from bayes_ivf.study.effect import sides_of
from bayes_ivf.study.facts import ARMS, ArmName, Benefit, Datum, EffectCI, Size
from bayes_ivf.study.impossible import bad_effect
from bayes_ivf.study.one_outcome import plain_text, single_outcome, unpack
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.schema import EffectTable

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study

MEASURES: tuple[str, ...] = get_args(EffectTable.model_fields["scale"].annotation)
"""Scales of printed effects."""


def from_effect(
    measure: str,
    estimate: float | str,
    ci: Sequence[float | str | None] | None = None,
    outcome: str = "effect",
    benefit: Benefit = "none",
    *,
    se: float | str | None = None,
    level: float = 0.95,
    sides: int | None = None,
    adjusted: str = "",
    n: Sequence[int] | None = None,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
) -> Study:
    """Make a study of an outcome of which only an effect was printed.

    Parameters
    ----------
    measure : {"odds_ratio", "risk_ratio", "hazard_ratio", "mean_difference", "risk_difference"}
        Scale of the effect, treatment over or minus control.
    estimate : float or str
        As printed; text keeps trailing zeros, whose rounding counts.
    ci : (low, high), optional
        Limits of its confidence interval, on the same scale; None for one that is not printed.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    se : float or str, optional
        Standard error instead of the interval: of the log of a ratio, or of a difference in its own unit.
    level : float
        Confidence level of the interval, at least 0.5 and below 1.
    sides : {1, 2}, optional
        1 if each limit has that level by itself (one-sided), 2 if both have it together; 1 where one limit stands alone.
    adjusted : str
        What the estimate was adjusted for, in the paper's words.
    n : (int, int), optional
        Women in the treatment and the control arm, where they are known: prior sets speak of a mean difference by them.
    mcid : float, optional
        Smallest risk difference that matters, of a risk difference.
    label : str, optional

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        Unless ``low <= estimate <= high`` and ``low < high``, or ``se > 0``; and ratios are above 0.

    Examples
    --------
    An odds ratio of 1.61 with 95% interval 1.03 to 2.53:

    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_effect("odds_ratio", 1.61, ci=(1.03, 2.53), outcome="cpr", benefit="higher")
    >>> study.only_outcome().kind, round(study.only_outcome().effect.standard_error, 4)
    ('effect_ci', 0.2293)
    >>> round(bi.fit(study, engine="exact").probability("odds_ratio", above=1), 3)
    0.979

    A lower one-sided 97.5% limit tells the same:

    >>> one = bi.Study.from_effect("odds_ratio", 1.61, ci=(1.03, None), level=0.975, outcome="cpr", benefit="higher")
    >>> str(one.only_outcome().effect), round(one.only_outcome().effect.standard_error, 4)
    ('1.61 (from 1.03)', 0.2279)
    """
    faults: list[Fault] = []
    effect = None
    try:
        effect = checked_effect(measure, estimate, ci, se, level, adjusted, sides)
    except StudyError as error:
        faults.extend(error.faults)
    sizes = _sizes(n, faults)
    if faults:
        raise StudyError(faults)
    data: dict[ArmName, Datum] = {arm: Size(size) for arm, size in sizes.items() if size}
    return single_outcome(study, outcome, "effect_ci", benefit, data or None, sizes, mcid, label, effect=effect)


def checked_effect(
    measure: str,
    estimate: float | str,
    ci: Sequence[float | str | None] | None,
    se: float | str | None,
    level: float = 0.95,
    adjusted: str = "",
    sides: int | None = None,
) -> EffectCI:
    """Return a printed effect, or raise a StudyError with every fault; see `from_effect`."""
    faults: list[Fault] = []
    if measure not in MEASURES:
        faults.append(Fault("measure", repr(measure), ", ".join(MEASURES), "name one of these"))
    share = finite(level)
    if share is None or not 0.5 <= share < 1:
        faults.append(Fault("level", repr(level), "a number of at least 0.5 and below 1", "write 0.95 for 95%"))
    if sides not in (None, 1, 2) or (sides is not None and ci is None):
        faults.append(Fault("sides", repr(sides), "1 or 2, beside ci", "write 1 for one-sided limits, or leave it out"))
    if (ci is None) == (se is None):
        found = "neither" if ci is None else "both"
        faults.append(Fault("ci, se", found, "one of the two", "give the interval or the standard error"))
    numbers = {"estimate": _number(estimate, "estimate", faults)}
    if ci is not None:
        try:
            low, high = unpack(ci, ("low", "high"), "ci")
            if low is None and high is None:
                faults.append(Fault("ci", "no limit", "two limits, or one", "give the printed limits"))
            given = {"low": low, "high": high}
            limits = {name: end for name, end in given.items() if end is not None}
            numbers |= {name: _number(end, f"ci, {name}", faults) for name, end in limits.items()}
        except StudyError as error:
            faults.extend(error.faults)
    if se is not None:
        numbers["se"] = _number(se, "se", faults)
    if faults:
        raise StudyError(faults)
    parts: Any = {"low": None, "high": None, **numbers}
    two = sides_of(sum(name in numbers for name in ("low", "high")), sides)
    effect = EffectCI(measure, **parts, level=cast(float, share), adjusted=adjusted, sides=two)
    if not effect.two_sided > 0:
        raise StudyError(
            [Fault("level", f"{level!r} on one side", "more than 0.5", "write 0.95 for a one-sided 95% limit")]
        )
    if faults := _contradictions(effect):
        raise StudyError(faults)
    return effect


def _number(value: object, where: str, faults: list[Fault]) -> Printed | None:
    try:
        return read_number(plain_text(value), where)
    except StudyError as error:
        faults.extend(error.faults)
        return None


def _sizes(n: Sequence[int] | None, faults: list[Fault]) -> dict[ArmName, int]:
    """Return the women of each arm; 0 where nobody told."""
    sizes: dict[ArmName, int] = dict.fromkeys(ARMS, 0)
    if n is None:
        return sizes
    try:
        for arm, number in zip(ARMS, unpack(n, ARMS, "n"), strict=True):
            size = whole(number)
            if size is None or size < 1:
                faults.append(Fault(f"n, {arm}", repr(number), "a whole number of at least 1", "correct n"))
            else:
                sizes[arm] = size
    except StudyError as error:
        faults.extend(error.faults)
    return sizes


def _contradictions(effect: EffectCI) -> list[Fault]:
    """Return why an effect cannot be what it is called; empty if it can."""
    ratio, shown = "ratio" in effect.scale, str(effect)
    if effect.se is not None and not float(effect.se) > 0:
        return [Fault("se", str(effect.se), "a number above 0", "correct the standard error")]
    if ratio and not float(effect.estimate) > 0:
        return [Fault("estimate", str(effect.estimate), "a ratio above 0", "write the ratio, not its log")]
    if ratio and any(number is not None and number.percent for number in (effect.estimate, effect.low, effect.high)):
        return [Fault("estimate, ci", shown, "a ratio without a percent sign", "write 1.25, not 125%")]
    wrong = bad_effect(effect, "this outcome")
    if wrong is None:
        return []
    allowed = "low <= estimate <= high, low < high" + (", all above 0" if ratio else "")
    return [Fault("ci", shown, allowed, f"copy the numbers again: {wrong.alternatives}")]
