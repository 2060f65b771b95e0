"""Statistical analyses posted with a measure, as the claim and the effect of an outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from bayes_ivf.errors import StudyError
from bayes_ivf.study.imports.registry.json_record import Piece
from bayes_ivf.study.imports.writing import CONFIRM, Noted
from bayes_ivf.study.p_value import PValue, read_p

_SCALES = {
    "odds ratio": "odds_ratio", "risk ratio": "risk_ratio", "relative risk": "risk_ratio", "hazard ratio": "hazard_ratio",
    "risk difference": "risk_difference", "mean difference": "mean_difference",
}  # fmt: skip


@dataclass(frozen=True)
class Values:
    """What was posted for both arms in one category of one class."""

    label: str
    pieces: tuple[Piece, Piece]
    sizes: tuple[int | None, int | None]
    units: str
    path: str


def is_number(text: str) -> bool:
    """Whether a posted text is one plain number."""
    return bool(re.fullmatch(r"-?\d{1,12}(?:\.\d{1,12})?", text))


def said(analysis: Piece) -> str:
    """Return all that an analysis says, for a comment."""
    keys = ("groupIds", "statisticalMethod", "pValue", "pValueComment", "paramType", "paramValue", "ciPctValue", "ciNumSides",
            "ciLowerLimit", "ciUpperLimit", "dispersionType", "dispersionValue", "nonInferiorityType", "nonInferiorityComment",
            "groupDescription", "estimateComment", "statisticalComment", "otherAnalysisDescription")  # fmt: skip
    parts = [
        f"{key} {', '.join(each.text for each in analysis[key]) or analysis[key].text}" for key in keys if analysis[key]
    ]
    return f"{CONFIRM} analysis, {analysis.path}: {'; '.join(parts)}"


def analysis_of(measure: Piece, values: Values, groups: tuple[str, str]) -> tuple[dict[str, Noted], list[str]]:
    """Return claim and effect of the only analysis of the two arms; anything else stands as comments."""
    analyses = list(measure["analyses"])
    own = [each for each in analyses if {item.text for item in each["groupIds"]} == set(groups)]
    several = sum(1 for each in measure["classes"] for _ in each["categories"]) > 1
    if len(own) != 1 or several:
        return {}, [said(each) for each in analyses]
    (found,) = own
    aside = [said(each) for each in analyses if each is not found]
    keys = _claim(found, _shown(values)) | _effect(found, _shown(values))
    lost = (found["pValue"] and "claim" not in keys) or (found["paramValue"] and "effect" not in keys)
    plain = found["nonInferiorityType"].text.upper() in ("", "SUPERIORITY", "SUPERIORITY_OR_OTHER")
    if lost or not plain or found["pValueComment"]:
        aside.insert(0, said(found))
    return keys, aside


def effect_alone(measure: Piece, values: Values, groups: tuple[str, str]) -> tuple[dict[str, Noted], list[str]]:
    """Return effect and claim where the values of the arms are in a form that no study file holds."""
    own = [each for each in measure["analyses"] if {item.text for item in each["groupIds"]} == set(groups)]
    if len(own) != 1 or sum(1 for each in measure["classes"] for _ in each["categories"]) > 1:
        return {}, []
    (found,) = own
    keys = _effect(found, "")
    if keys:
        table = keys["effect"].value
        above = Decimal(table["estimate"]) > (1 if "ratio" in table["scale"] else 0)
        keys |= _claim(found, "higher" if above else "lower")
    return keys, [said(found)]


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if is_number(text) else None
    except InvalidOperation:
        return None


def _shown(values: Values) -> str:
    """Return which arm has more, as a direction; empty if that cannot be told."""
    ratios = []
    for piece, size in zip(values.pieces, values.sizes, strict=True):
        value = _number(piece["value"].text)
        ratios.append(None if value is None else value)
        if value is not None and size and piece["spread"].text == "" and piece["lowerLimit"].text == "":
            ratios[-1] = value / size if values.pieces[0]["value"].count is not None and values.units else value
    one, other = ratios
    return "" if one is None or other is None or one == other else "higher" if one > other else "lower"


def _claim(analysis: Piece, shown: str) -> dict[str, Noted]:
    text = analysis["pValue"].text
    try:
        p: PValue | None = read_p(text) if text else None
    except StudyError:
        return {}
    if p is None or (p.relation in "<≤" and p.number > Decimal("0.05")):
        return {}
    small = p.relation not in ">≥" and p.number <= Decimal("0.05")
    direction = (shown or "differs") if small else "none"
    words = {"none": "no difference", "differs": "different"}.get(direction, direction)
    method = analysis["statisticalMethod"].text
    printed = text if text.lower().startswith("p") else f"P {text}" if text[:1] in "<>=≤≥" else f"P = {text}"
    table = {
        "text": f"{words}, {printed}{f' ({method})' if method else ''}"[:500],
        "direction": direction,
        "p": printed,
    }
    how = "the direction is that of the numbers" if small else "P is above 0.05"
    return {"claim": Noted(table, f"{analysis.path}.pValue; {CONFIRM} {how}")}


def _effect(analysis: Piece, shown: str) -> dict[str, Noted]:
    """Return a posted effect whose interval has two sides and whose direction is that of the numbers, if they show one."""
    named = analysis["paramType"].text.lower()
    scale = next((scale for words, scale in _SCALES.items() if words in named), "")
    parts = {
        key: analysis[name].text
        for key, name in (("estimate", "paramValue"), ("low", "ciLowerLimit"), ("high", "ciUpperLimit"))
    }
    one_sided = analysis["ciNumSides"].text.upper() == "ONE_SIDED"
    if (
        not scale
        or one_sided
        or not all(map(is_number, parts.values()))
        or "adjust" in named
        or "least squares" in named
    ):
        return {}
    estimate = _number(parts["estimate"])
    center = 1 if "ratio" in scale else 0
    if estimate is None or (shown and estimate != center and (estimate > center) != (shown == "higher")):
        return {}
    table: dict[str, Any] = {"scale": scale, **parts}
    level = _number(analysis["ciPctValue"].text)
    if level is not None and level != 95 and 50 <= level < 100:
        table["level"] = float(level / 100)
    return {"effect": Noted(table, f"{analysis.path}; {CONFIRM} treatment over control, or minus it")}
