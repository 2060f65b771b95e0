"""From a table with a column for each arm to a drafted study file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.imports.tables.grids import Cell, Row
from bayes_ivf.study.imports.tables.rows import Columns, row_draft
from bayes_ivf.study.imports.text import Arm, control_of
from bayes_ivf.study.imports.writing import (
    CONFIRM,
    MOST_ARMS,
    ArmDraft,
    Noted,
    OutcomeDraft,
    Side,
    StudyDraft,
    draft_several,
    quoted,
)

SOURCE = "table"
MOST_ROWS = 400
MOST_COLUMNS = 60
_N = re.compile(r"[,;(\[]?\s*\bn\s*=\s*(\d[\d,]*)\s*[)\]]?", re.IGNORECASE)
_BARE_N = re.compile(r"\s*[(\[]\s*(\d[\d,]*)\s*[)\]]\s*$")
_P = re.compile(r"\s*(?:p|p[\s-]*val(?:ue)?s?|sig(?:nificance)?\.?)\b", re.IGNORECASE)
_EFFECT = re.compile(r"\b(?:OR|RR|HR|MD|RD|odds ratio|risk ratio|relative risk|hazard ratio|difference|95\s*%\s*CI)\b")
_TOTAL = re.compile(r"\s*(?:total|overall|all(?: women| patients)?|both groups)\b", re.IGNORECASE)
_SIZE_ROW = re.compile(
    r"\s*(?:n|no\.?|number(?: of (?:women|patients|participants|cases|subjects|couples))?|women|patients|participants)"
    r"\s*(?:\(n\)|,\s*n)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Arm:
    column: int
    name: str
    n: int
    at: str


def draft_table(rows: Sequence[Row], name: str, chosen: Sequence[str], where: str) -> StudyDraft:
    """Return the draft of a study from the rows of a table.

    Parameters
    ----------
    rows : sequence of Row
    name : str
        Id of the study.
    chosen : sequence of str
        Numbers or names of the treatment and the control column; else all columns of arms are drafted.
    where : str
        Named in errors.

    Raises
    ------
    StudyError
        If no row names two arms, or more than a draft holds and none were chosen.
    """
    widest = max((len(row) for row in rows), default=0)
    if widest > MOST_COLUMNS:
        raise StudyError(
            Fault(where, f"{widest} columns", f"at most {MOST_COLUMNS}", "save the columns of one study alone")
        )
    head = _header(rows)
    if head is not None and not chosen and 2 < len(arms := _arms(rows[head])) <= MOST_ARMS:
        sides = [Side(place, arm.name) for place, arm in enumerate(arms)]

        def pair_of(pair: tuple[int, int]) -> StudyDraft:
            return draft_table(rows, name, [str(place + 1) for place in pair], where)

        return draft_several(sides, control_of(_named(arms)), pair_of)
    if head is None:
        raise StudyError(
            Fault(
                where,
                "no row that heads a column for each of two arms",
                'a first column of outcomes and columns such as "Treatment (n = 40)" and "Control (n = 40)"',
                "add such a row, or type a study file: bayes-ivf new study PATH",
            )
        )
    body = [row for row in rows[head + 1 :] if any(cell.text for cell in row)]
    if len(body) > MOST_ROWS:
        raise StudyError(Fault(where, f"{len(body)} rows", f"at most {MOST_ROWS}", "save the rows of one study alone"))
    arms = _with_sizes(_arms(rows[head]), body)
    pair, sure = _pair(arms, chosen, where)
    effect = _column(rows[head], _EFFECT)
    columns = Columns(
        0,
        (arms[pair[0]].column, arms[pair[1]].column),
        _column(rows[head], _P),
        effect,
        "" if effect is None else rows[head][effect].text,
        (arms[pair[0]].n, arms[pair[1]].n),
        len(arms),
    )
    outcomes, left = _outcomes(body, columns)
    ask = "" if sure else f"{CONFIRM} which arm is the treatment is not said; the first column is taken"
    roles = ("treatment", "control")
    drafts = {
        role: ArmDraft(Noted(arms[at].name, ask), Noted(arms[at].n, arms[at].at) if arms[at].n else None)
        for role, at in zip(roles, pair, strict=True)
    }
    keys = {
        "id": Noted(name),
        "title": Noted("Title of the paper", f"{CONFIRM} not in the table"),
        "citation": Noted("", f"{CONFIRM} not in the table"),
        "doi": Noted(""),
        "randomized": Noted("unclear", f"{CONFIRM} yes, no or unclear"),
        "max_embryos": Noted(3, f"{CONFIRM} the most embryos that one woman received"),
    }
    before = [" | ".join(cell.text for cell in row if cell.text) for row in rows[:head]]
    said = (
        "Drafted from a table. Beside every cell stands its place; what a person has to decide begins with "
        f'"{CONFIRM}". Nothing here was checked against the paper.',
        *(f"above the table: {quoted(text)}" for text in before if text),
    )
    return StudyDraft(keys, drafts, {SOURCE: "Table of the paper"}, tuple(outcomes), said, tuple(left))


def is_table(rows: Sequence[Row]) -> bool:
    """Whether lines of a text are a table: one heads the columns, and in another one two cells are numbers."""
    head = _header(rows)
    return head is not None and any(
        sum(bool(re.match(r"[<>]?\s*\d", cell.text)) for cell in row[1:]) >= 2 for row in rows[head + 1 :]
    )


def _header(rows: Sequence[Row]) -> int | None:
    """Return the first row that heads the columns: it says n twice, else the first one with three cells."""
    early = rows[:12]
    for place, row in enumerate(early):
        if sum(bool(_N.search(cell.text)) for cell in row[1:]) >= 2:
            return place
    for place, row in enumerate(early):
        names = [cell.text for cell in row[1:] if cell.text and not _P.match(cell.text)]
        if len(names) >= 2 and not any(re.search(r"\d", text) and not _BARE_N.search(text) for text in names):
            return place
    return None


def _column(head: Row, pattern: re.Pattern[str]) -> int | None:
    return next((place for place, cell in enumerate(head) if place and pattern.search(cell.text) and not _N.search(cell.text)
                 and (pattern is not _P or _P.match(cell.text))), None)  # fmt: skip


def _arms(head: Row) -> list[_Arm]:
    arms = []
    for place, cell in enumerate(head):
        taken = place == 0 or not cell.text or _P.match(cell.text) or _TOTAL.match(cell.text)
        if taken or (_EFFECT.search(cell.text) and not _N.search(cell.text)):
            continue
        found = _N.search(cell.text) or _BARE_N.search(cell.text)
        label = " ".join((cell.text[: found.start()] + cell.text[found.end() :] if found else cell.text).split()).strip(
            " ,;:"
        )
        n = int(found.group(1).replace(",", "")) if found and len(found.group(1)) < 9 else 0
        printable = "".join(sign for sign in label if sign.isprintable())[:200]
        arms.append(_Arm(place, printable or f"column {place + 1}", n, cell.at))
    return arms


def _with_sizes(arms: Sequence[_Arm], body: Sequence[Row]) -> list[_Arm]:
    """Take sizes that stand in a row of their own."""
    sizes = next((row for row in body if row and _SIZE_ROW.fullmatch(row[0].text)), None)
    if sizes is None:
        return list(arms)
    found = []
    for arm in arms:
        cell = sizes[arm.column] if arm.column < len(sizes) else Cell("", "")
        own = int(cell.text) if cell.text.isascii() and cell.text.isdecimal() and len(cell.text) < 8 else 0
        found.append(_Arm(arm.column, arm.name, own, cell.at) if own and not arm.n else arm)
    return found


def _place(name: str, names: Sequence[str]) -> int:
    """Return the place of an arm that is given by its number or its name; -1 if there is none."""
    if name.isdecimal() and len(name) < 4:
        return int(name) - 1
    return names.index(name.lower()) if name.lower() in names else -1


def _pair(arms: Sequence[_Arm], chosen: Sequence[str], where: str) -> tuple[tuple[int, int], bool]:
    listed = "; ".join(f"{place + 1}: {arm.name}" for place, arm in enumerate(arms)) or "none"
    if chosen:
        places = [_place(each, [arm.name.lower() for arm in arms]) for each in chosen]
        if len(places) != 2 or places[0] == places[1] or not all(0 <= place < len(arms) for place in places):
            raise StudyError(
                Fault("--arms", ",".join(chosen), f"two of these: {listed}", "name the treatment and the control arm")
            )
        return (places[0], places[1]), True
    if len(arms) != 2:
        raise StudyError(
            Fault(
                where,
                f"{len(arms)} arms: {listed}",
                "two arms",
                "name the treatment and the control arm by number: --arms 2,1",
            )
        )
    control = control_of(_named(arms))
    place = 1 if control is None else control
    return (1 - place, place), control is not None


def _named(arms: Sequence[_Arm]) -> list[Arm]:
    return [Arm(arm.name, arm.n, (0, 0), frozenset({arm.name.lower()})) for arm in arms]


def _outcomes(body: Sequence[Row], columns: Columns) -> tuple[list[OutcomeDraft], list[str]]:
    outcomes: list[OutcomeDraft] = []
    left: list[str] = []
    heading = ""
    taken: set[str] = set()
    for row in body:
        label = row[0].text if row else ""
        values = [row[place].text if place < len(row) else "" for place in columns.arms]
        if _SIZE_ROW.fullmatch(label) and all(value.isdecimal() for value in values):
            continue
        if label and not any(cell.text for cell in row[1:]):
            heading = label
            continue
        draft = row_draft(row, columns, heading, taken) if label and all(values) else None
        if draft is None:
            left.append(f"{row[0].at}: {quoted(' | '.join(cell.text for cell in row))}")
            continue
        outcomes.append(draft)
    return outcomes, left
