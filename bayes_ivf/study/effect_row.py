"""From the printed effect of an outcome's table to its facts."""

from __future__ import annotations

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study import impossible
from bayes_ivf.study.checks import read_number
from bayes_ivf.study.effect import sides_of
from bayes_ivf.study.facts import EffectCI
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.noted import Noted
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.schema import EffectTable, OutcomeTable

_EFFECT = ("estimate", "low", "high", "se")


def effect_of_row(row: OutcomeTable, where: str, made: Noted) -> tuple[EffectCI | None, EffectCI | None]:
    """Return the printed effect, and the one that cannot hold."""
    if row.effect is None:
        if KINDS[row.kind].rests_on == "effect":
            made.faults.append(
                Fault(f"{where}.effect", "nothing", "scale, estimate, and low, high or se", "add the printed effect")
            )
        return None, None
    if row.effect.se is not None and KINDS[row.kind].rests_on != "effect":
        allowed = "low and high, beside the numbers of the arms"
        made.faults.append(
            Fault(f"{where}.effect.se", row.effect.se, allowed, "give the printed limits, or leave it out")
        )
        return None, None
    try:
        effect = _read_effect(row.effect, f"{where}.effect")
    except StudyError as error:
        made.faults.extend(error.faults)
        return None, None
    wrong = impossible.bad_effect(effect, row.label)
    if wrong is None:
        return effect, None
    made.found.append(wrong)
    return None, effect


def _read_effect(table: EffectTable, where: str) -> EffectCI:
    numbers: dict[str, Printed] = {}
    faults: list[Fault] = []
    for name in _EFFECT:
        try:
            if (text := getattr(table, name)) is not None:
                numbers[name] = read_number(text, f"{where}.{name}")
        except StudyError as error:
            faults += error.faults
    if "ratio" in table.scale:
        faults += [
            Fault(f"{where}.{name}", str(number), "a ratio without a percent sign", "write 1.25, not 125%")
            for name, number in numbers.items()
            if number.percent
        ]
    stated = {name for name in _EFFECT if getattr(table, name) is not None}
    sides = sides_of(len(stated & {"low", "high"}), table.sides)
    if len(stated) < 2 or ("se" in stated and len(stated) > 2):
        allowed = "low and high, one of them, or se (of the log of a ratio)"
        faults.append(Fault(where, " and ".join(sorted(stated)), allowed, "give the limits, or the standard error"))
    elif table.sides is not None and "se" in stated:
        faults.append(Fault(f"{where}.sides", str(table.sides), "low or high", "leave it out beside a standard error"))
    elif sides == 1 and not table.level > 0.5:
        faults.append(
            Fault(
                f"{where}.level",
                f"{table.level:g} on one side",
                "more than 0.5",
                "write 0.95 for a one-sided 95% limit",
            )
        )
    elif "se" in numbers and not float(numbers["se"]) > 0:
        faults.append(Fault(f"{where}.se", str(numbers["se"]), "a number above 0", "correct the standard error"))
    elif "se" in numbers and "ratio" in table.scale and not float(numbers["estimate"]) > 0:
        faults.append(
            Fault(f"{where}.estimate", str(numbers["estimate"]), "a ratio above 0", "write the ratio, not its log")
        )
    if faults:
        raise StudyError(faults)
    limits = {name: numbers.get(name) for name in ("low", "high", "se")}
    return EffectCI(table.scale, numbers["estimate"], **limits, level=table.level, adjusted=table.adjusted, sides=sides)
