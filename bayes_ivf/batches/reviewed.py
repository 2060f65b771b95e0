"""A review as a source: its file is read, its rows become a table of trials, and what it prints is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bayes_ivf.auditing import Finding
from bayes_ivf.batches.columns import Columns, parse_columns
from bayes_ivf.batches.trials import SIGNS
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.reviews import PooledCheck, RiskOfBias, Sorted, Used, bias_rows, pooled_checks, row_findings, sort_rows
from bayes_ivf.study import ARMS, Review, cochrane, most_decimals, read_parts, read_rm5
from bayes_ivf.words import counted

SUFFIXES = (".zip", ".rm5")
ALL = ""
"""Of a mapping of benefits: every analysis that it does not name."""
SHOWN = 20
"""Analyses that a message names."""


@dataclass(frozen=True)
class Reviewed:
    """What a review holds beside its table of trials.

    Parameters
    ----------
    name : str
        Of its file.
    findings : tuple of Finding
    checks : tuple of PooledCheck
    bias : tuple of RiskOfBias
    left_out : tuple of (str, str, str)
        Study, outcome and reason of rows that cannot be used.
    notes : tuple of str
        What was read, and `open`.
    open : tuple of str
        What the file does not tell, for the page of every study.
    """

    name: str
    findings: tuple[Finding, ...]
    checks: tuple[PooledCheck, ...]
    bias: tuple[RiskOfBias, ...]
    left_out: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    open: tuple[str, ...] = ()


def read_review(path: Path) -> Review:
    """Read the file of a review: a data package (ZIP) or a file of RevMan 5.

    Raises
    ------
    RequestError
        If it is neither, damaged, hostile or too large.
    """
    try:
        raw = path.read_bytes()
    except OSError as reason:
        found = reason.strerror or "an unreadable file"
        raise RequestError(Fault(str(path), found, "a readable file", "check the path")) from None
    if path.suffix.lower() == ".rm5":
        return read_rm5(raw, path.name)
    parts = read_parts(raw, path.name, cochrane.ENDINGS)
    if "accuracy" in parts:
        found, action = "a review of diagnostic accuracy", "give a review of interventions"
        raise RequestError(Fault(path.name, found, "a review of interventions", action))
    if "rows" not in parts and "rm5" in parts:
        return read_rm5(parts["rm5"], path.name)
    if "rows" not in parts:
        wanted = " and ".join(
            f"*-{ending}" for ending, kind in cochrane.ENDINGS.items() if kind in ("rows", "settings")
        )
        found = "no part that ends in -data-rows.csv"
        raise RequestError(Fault(path.name, found, f"a Cochrane data package, with {wanted}", "export it again"))
    return _package(
        path.name,
        {kind: _columns(raw, path.name, kind) for kind, raw in parts.items() if kind in ("rows", "settings")},
        parts,
    )


def _columns(raw: bytes, name: str, kind: str) -> Columns:
    ending = next(each for each, what in cochrane.ENDINGS.items() if what == kind)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        where = f"{name}, {ending}, byte {reason.start}"
        raise RequestError(Fault(where, "bytes that are not UTF-8", "UTF-8 text", "export it again")) from None
    return parse_columns(text, f"{name}, {ending}")


def _package(name: str, columns: Mapping[str, Columns], parts: Mapping[str, bytes]) -> Review:
    review = review_of_rows(columns["rows"], name)
    notes = []
    if "settings" in columns:
        cells = {cochrane.heading(each): values for each, values in columns["settings"].cells.items()}
        if set(cochrane.NEEDED[:2]) <= set(cells):
            told = cochrane.read_settings(cells, len(columns["settings"]))
            review = replace(
                review, analyses=review.analyses | {key: told[key] for key in told if key in review.analyses}
            )
    if not any(analysis.measure or analysis.kind for analysis in review.analyses.values()):
        notes.append(UNTOLD.format(name=name))
    if "bias" in parts:
        try:
            judgments = cochrane.read_judgments(_columns(parts["bias"], name, "bias").cells)
        except BayesIvfError as error:
            notes.append(f"{name}: risk of bias not read: {error.faults[0].found}")
        else:
            review = replace(review, judgments=judgments)
    return replace(review, notes=tuple(notes))


UNTOLD = (
    "{name}: no settings of the analyses (overall-estimates-and-settings.csv): what a row holds follows from which of its "
    "cells are filled, and printed effects are not checked"
)


def review_of_rows(columns: Columns, name: str) -> Review:
    """Return the review of a file of data rows alone.

    Raises
    ------
    RequestError
        If columns are missing, or there is no row.
    """
    cells = {cochrane.heading(each): values for each, values in columns.cells.items()}
    missing = [each for each in cochrane.NEEDED if each not in cells]
    if missing:
        found = f"no column {', '.join(missing)}"
        raise RequestError(Fault(f"{columns.name}, header", found, ", ".join(cochrane.NEEDED), "export it again"))
    rows, analyses = cochrane.read_rows(cells, columns.lines)
    return Review(name, rows, analyses, (), most_decimals(rows), (UNTOLD.format(name=name),))


def take_review(review: Review, benefit: Mapping[str, str]) -> tuple[Columns, Reviewed]:
    """Return the rows of a review as columns of a table of trials, and what else it holds.

    Parameters
    ----------
    review : Review
    benefit : mapping of str to str
        ``higher``, ``lower`` or ``none`` by analysis (``1.2``) or comparison (``1``), or by `ALL`.

    Raises
    ------
    RequestError
        If it names an analysis that the review lacks, or no row can be used.
    """
    directions, notes = _directions(review, benefit)
    found = sort_rows(review)
    if not found.used:
        reason = found.left_out[0][2] if found.left_out else "a file without rows"
        allowed, action = "rows with counts, means, or effects with standard errors", "check what was exported"
        raise RequestError(Fault(review.name, f"no row that can be used: {reason}", allowed, action))
    checks, pooled = pooled_checks(review, found)
    findings = [*row_findings(review, found), *pooled]
    studies = {row.study for row in review.rows}
    analyses = f"{len(review.analyses)} analys{'i' if len(review.analyses) == 1 else 'e'}s"
    size = f"{counted(len(review.rows), 'row')} of {counted(len(studies), 'study')} in {analyses}"
    open_ = (*review.notes, *notes)
    told = (f"{review.name}: {size}; N counts women unless --fill per=UNIT says otherwise", *open_)
    left_out = tuple(
        (row.study, outcome, f"{row.study}/{outcome}: {reason}") for row, outcome, reason in found.left_out
    )
    reviewed = Reviewed(review.name, tuple(findings), tuple(checks), tuple(bias_rows(review)), left_out, told, open_)
    return _table(review, found, directions, findings), reviewed


def _directions(review: Review, benefit: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the direction that helps, by analysis; of those that nobody declared it is none, which is said."""
    groups = {name: name.rpartition(".")[0] for name in review.analyses}
    faults = []
    for key, value in benefit.items():
        if value not in SIGNS:
            faults.append(Fault("--benefit", repr(value), ", ".join(SIGNS), "name one of these"))
        if key not in (ALL, *groups, *groups.values()):
            names = ", ".join(list(groups)[:SHOWN])
            faults.append(
                Fault(f"--benefit {key}={value}", f"no analysis {key} in {review.name}", names, "name one of these")
            )
    if faults:
        raise RequestError(faults)
    made = {name: benefit.get(name, benefit.get(groups[name], benefit.get(ALL, "none"))) for name in review.analyses}
    open_ = [name for name in made if not {name, groups[name], ALL} & set(benefit)]
    if not open_:
        return made, []
    names = ", ".join(open_[:SHOWN]) + (f" and {len(open_) - SHOWN} more" if len(open_) > SHOWN else "")
    note = (
        f"{review.name}: which direction helps is not in the file: none for analysis {names}; declare it with --benefit"
    )
    return made, [f"{note} higher or --benefit {open_[0]}=lower (benefit= in Python)"]


def _table(review: Review, found: Sorted, directions: Mapping[str, str], findings: Sequence[Finding]) -> Columns:
    said: dict[tuple[str, str], str] = {(each.study, each.subject): each.statement for each in findings}
    judged: dict[str, str] = {}
    for each in review.judgments:
        judged[each.study] = judged.get(each.study, "") + f"; {each.domain}: {each.judgment}"
    has_arms = any(not used.effect[0] for used in found.used)
    has_effects = any(used.effect[0] for used in found.used)
    rows = [
        _cells(review, used, directions)
        | {"risk of bias": judged.get(used.row.study, "")[2:], "review": said.get((used.row.study, used.outcome), "")}
        for used in found.used
    ]
    wanted = [*_NAMES, *(_OF_ARMS if has_arms else ()), *(_OF_EFFECTS if has_effects else ()), *_LABELS]
    columns = {name: [row.get(name, "") for row in rows] for name in wanted}
    kept = {name: values for name, values in columns.items() if name not in _LABELS or any(values)}
    return Columns(review.name, kept, [used.row.line for used in found.used], totals=False)


_NAMES = ("study", "outcome", "label", "benefit")
_OF_ARMS = tuple(f"{what}_{arm}" for arm in ARMS for what in ("events", "mean", "sd", "n"))
_OF_EFFECTS = ("measure", "effect", "se")
_LABELS = ("comparison", "arms", "subgroup", "year", "footnotes", "risk of bias", "review")


def _cells(review: Review, used: Used, directions: Mapping[str, str]) -> dict[str, str]:
    row, analysis = used.row, review.analyses[used.row.analysis]
    cells = {
        "study": row.study,
        "outcome": used.outcome,
        "label": used.label,
        "benefit": directions[row.analysis],
        "comparison": analysis.group,
        "arms": " v ".join(filter(None, analysis.arms)),
        "subgroup": row.subgroup,
        "year": row.year,
        "footnotes": row.footnotes,
    }
    if used.effect[0]:
        return cells | dict(zip(_OF_EFFECTS, used.effect, strict=True))
    for place, arm in enumerate(ARMS):
        cells[f"n_{arm}"] = str(used.n[place])
        if used.sd == (0, 0):
            cells[f"events_{arm}"] = str(used.events[place])
        else:
            cells |= {f"mean_{arm}": row.mean[place], f"sd_{arm}": row.sd[place]}
    return cells
