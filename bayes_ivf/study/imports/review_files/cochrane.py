"""Cochrane data packages: the CSV files that RevMan and the Cochrane Library hand out, versions 1 and 2 of their format.

Cells that were never filled stand there as 0 or empty. `Mean`, `CI start` and `CI end` are those of the forest plot (ratios
themselves), `GIV Mean` and `GIV SE` those that were entered (logs of ratios).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bayes_ivf.study.imports.review_files.review import (
    ESTIMATORS,
    INTERVALS,
    KINDS,
    MEASURES,
    METHODS,
    Analysis,
    DataKind,
    Judgment,
    ReviewRow,
    is_nothing,
    nothing_printed,
    spoken,
)

ENDINGS = {
    "data-rows.csv": "rows",
    "overall-estimates-and-settings.csv": "settings",
    "risk-of-bias.csv": "bias",
    "-parameters.csv": "accuracy",
    ".rm5": "rm5",
}
"""Parts of a package by how their names end; parameters are those of diagnostic accuracy, ``.rm5`` is a whole review."""
NOTHING = "#N/A"
"""A cell of a spreadsheet without a value."""
NEEDED = ("analysis group", "analysis number", "study")
JUDGED, SUPPORTED = ("judgement", "judgment"), ("support", "support for judgement")
Cells = Mapping[str, Sequence[str]]
"""Cells by heading in lower case."""


def heading(name: str) -> str:
    """Return a heading in lower case without what differs between versions.

    Examples
    --------
    >>> heading("Heterogeneity Tau²"), heading(" Analysis  Group")
    ('heterogeneity tau2', 'analysis group')
    """
    return " ".join(name.lower().replace("²", "2").replace("_", " ").split())


def is_data_rows(names: Sequence[str]) -> bool:
    """Whether headings are those of the rows of a data package."""
    return set(NEEDED) <= {heading(name) for name in names}


def read_rows(cells: Cells, lines: Sequence[int]) -> tuple[tuple[ReviewRow, ...], dict[str, Analysis]]:
    """Return the rows of ``*-data-rows.csv``, and the analyses that they name.

    Parameters
    ----------
    cells : mapping of str to sequence of str
        By `heading`, with those of `NEEDED`.
    lines : sequence of int
        Of each row in the file.
    """
    empty = [""] * len(lines)
    columns = {name: cells.get(name, empty) for name in _OF_ROWS}
    weighted = {
        _number(group, number)
        for group, number, weight in zip(
            columns["analysis group"], columns["analysis number"], columns["weight"], strict=True
        )
        if not is_nothing(weight)
    }
    rows = []
    analyses: dict[str, Analysis] = {}
    for place, line in enumerate(lines):
        own = {name: values[place].strip().replace(NOTHING, "") for name, values in columns.items()}
        row = _row(own, line)
        if row.analysis in weighted and is_nothing(own["weight"]):
            row = replace(row, pooled=False)
        rows.append(row)
        analyses.setdefault(row.analysis, Analysis(row.analysis, own["analysis name"] or f"Analysis {row.analysis}"))
    return tuple(rows), analyses


_ARMS = ("experimental", "control")
_OF_ROWS = (
    *NEEDED,
    *("analysis name", "subgroup", "applicability", "study year", "footnotes", "weight"),
    *(f"{arm} {what}" for arm in _ARMS for what in ("cases", "n", "mean", "sd")),
    *("giv mean", "giv se", "o-e", "variance", "mean", "ci start", "ci end"),
)


def _row(own: Mapping[str, str], line: int) -> ReviewRow:
    def both(what: str) -> tuple[str, str]:
        return own[f"experimental {what}"], own[f"control {what}"]

    return ReviewRow(
        line,
        _number(own["analysis group"], own["analysis number"]),
        own["subgroup"],
        own["study"],
        own["study year"],
        own["footnotes"],
        both("cases"),
        both("n"),
        both("mean"),
        both("sd"),
        (own["giv mean"], own["giv se"]),
        (own["o-e"], own["variance"]),
        (own["mean"], own["ci start"], own["ci end"]),
        not own["applicability"] or "overall" in own["applicability"].lower(),
    )


def _number(group: str, number: str) -> str:
    """Return the id of an analysis, such as ``1.2``; spreadsheets may have made 1.0 of 1."""
    return ".".join(part.strip().removesuffix(".0") for part in (group, number))


def read_settings(cells: Cells, count: int) -> dict[str, Analysis]:
    """Return the analyses of ``*-overall-estimates-and-settings.csv`` by id.

    Parameters
    ----------
    cells : mapping of str to sequence of str
        By `heading`, with those of `NEEDED` but the study.
    count : int
        Rows.
    """
    found = {}
    for place in range(count):
        own = {name: values[place].strip() for name, values in cells.items()}
        analysis = _analysis(own)
        found[analysis.id] = analysis
    return found


def _analysis(own: Mapping[str, str]) -> Analysis:
    def told(*names: str) -> str:
        return next((own[name] for name in names if own.get(name) and own[name] != NOTHING), "")

    number = _number(own["analysis group"], own["analysis number"])
    printed = (told("mean"), told("ci start"), told("ci end"))
    shown = told("overall estimates").lower() not in ("false", "no") and not nothing_printed(printed)
    kind: DataKind = KINDS.get(told("data type").lower(), "")
    model = told("analysis model").lower()
    measure = spoken(told("effect measure"), MEASURES)
    return Analysis(
        number,
        told("analysis name") or f"Analysis {number}",
        told("analysis group name"),
        kind,
        "Peto" if measure == "peto_odds_ratio" else spoken(told("statistical method"), METHODS),
        measure,
        None if not model else "random" in model,
        spoken(told("heterogeneity estimator"), ESTIMATORS),
        spoken(told("ci method"), INTERVALS),
        _level(told("study ci", "ci/pi level")),
        _level(told("estimate ci", "ci/pi level")),
        told("swap event and non-event").lower() in ("true", "yes"),
        printed if shown else ("", "", ""),
        told("heterogeneity tau2"),
        (
            told("experimental group label", "experimental intervention"),
            told("control group label", "control intervention"),
        ),
    )


def _level(text: str) -> float:
    """Return a level such as that of ``95%``; 0.95 where none is told."""
    digits = text.strip().removesuffix("%")
    try:
        value = float(digits)
    except ValueError:
        return 0.95
    return value / 100 if value > 1 else value


def read_judgments(cells: Mapping[str, Sequence[str]]) -> tuple[Judgment, ...]:
    """Return the judgments of ``*-risk-of-bias.csv``, whose headings are taken as they stand.

    A domain has a column of judgments and perhaps one of their support: ``Domain (judgement): NAME``, or ``NAME (judgement)``.
    """
    study = next((values for name, values in cells.items() if heading(name) == "study"), None)
    if study is None:
        return ()
    judged: dict[str, Sequence[str]] = {}
    support: dict[str, Sequence[str]] = {}
    for name, values in cells.items():
        for words, kept in ((JUDGED, judged), (SUPPORTED, support)):
            if domain := _domain(name, words):
                kept[domain] = values
    return tuple(
        Judgment(
            name.strip(), domain, values[place].strip(), support[domain][place].strip() if domain in support else ""
        )
        for domain, values in judged.items()
        for place, name in enumerate(study)
        if values[place].strip()
    )


def _domain(name: str, words: Sequence[str]) -> str:
    """Return the domain that a heading names beside one of some words; empty where it has none of them."""
    for word in words:
        for mark in (f"Domain ({word}):", f"Domain ({word})", f"({word}):", f"({word})", f"- {word}", f": {word}"):
            place = name.lower().find(mark.lower())
            if place >= 0:
                return (name[:place] + name[place + len(mark) :]).strip(" :-")
    return ""
