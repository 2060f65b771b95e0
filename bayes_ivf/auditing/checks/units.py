"""Units that do not fit the analyte, and means outside wide physiological limits."""

from __future__ import annotations

import re
from typing import Any

from bayes_ivf.auditing.analytes import analyte_of
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.standardized import usable
from bayes_ivf.study import ARMS, MeanSD, Outcome, Study

NAME = "units"
QUESTION = "Do the units fit what was measured, and the values the units?"

_INNOCENT = (
    "a slip in typesetting or translation; a converted scale; the row may show another quantity than its label says"
)


def applies_to(study: Study) -> bool:
    """Whether any outcome names a known analyte and a unit."""
    return any(item.unit and analyte_of(item) for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each unusual unit and each mean outside the limits of its unit."""
    findings = []
    for item in study.items:
        analyte = analyte_of(item)
        if not item.unit.strip() or analyte is None:
            continue
        index = _unit_index(item.unit, analyte)
        means = _means(item)
        if index is None:
            findings.append(_unusual(study, item, analyte, means))
        elif "range" in analyte and means and not _inside(means, analyte["range"][index]):
            findings.append(_outside(study, item, analyte, means, analyte["range"][index]))
    return tuple(findings)


def _unusual(study: Study, item: Outcome, analyte: dict[str, Any], means: list[float]) -> Finding:
    usual = [line[0] for line in analyte["units"]]
    evidence = (
        f'printed unit "{item.unit}"; usual units: {", ".join(unit for line in analyte["units"] for unit in line)}'
    )
    if means and "range" in analyte:
        fits = [unit for unit, limits in zip(usual, analyte["range"], strict=True) if _inside(means, limits)]
        values = " and ".join(f"{mean:g}" for mean in means)
        evidence += f"; the means {values} would lie within wide limits as {' or '.join(fits) or 'none of these'}"
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f'{item.label} is given in "{item.unit}"; usual for {analyte["name"]} is {" or ".join(usual)}.',
        assumption=f"the row shows {analyte['name']} in blood",
        evidence=f"{evidence}; source: {analyte['source']}",
        alternatives=_INNOCENT,
    )


def _outside(
    study: Study, item: Outcome, analyte: dict[str, Any], means: list[float], limits: tuple[float, float]
) -> Finding:
    values = " and ".join(f"{mean:g}" for mean in means)
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f"The means of {item.label}, {values} {item.unit}, lie outside {limits[0]:g} to {limits[1]:g}.",
        assumption=f"the row shows {analyte['name']} in this unit; the limits are wide and ours",
        evidence=f"limits for the mean of a group of women; source: {analyte['source']}",
        alternatives=_INNOCENT,
    )


def _inside(means: list[float], limits: tuple[float, float]) -> bool:
    return all(limits[0] <= mean <= limits[1] for mean in means)


def _means(item: Outcome) -> list[float]:
    data = [] if item.data is None else [item.data.get(arm) for arm in ARMS]
    return [float(datum.mean) for datum in data if isinstance(datum, MeanSD) and usable(datum)]


def _unit_index(unit: str, analyte: dict[str, Any]) -> int | None:
    wanted = normalized(unit)
    for index, line in enumerate(analyte["units"]):
        if wanted in {normalized(known) for known in line}:
            return index
    return None


def normalized(unit: str) -> str:
    """Return a unit without what typesetting varies: case, spaces, kinds of mu, superscripts, dots and minus powers."""
    text = unit.strip().lower().replace("µ", "u").replace("μ", "u").replace("²", "2").replace("^", "")
    text = re.sub(r"[\s·.*]+", "", text)
    text = re.sub(r"(ml|dl|l|m2)[-−–⁻]1$|(ml|dl|l)⁻¹$", lambda m: "/" + (m[1] or m[2]), text)
    return text.replace("//", "/")
