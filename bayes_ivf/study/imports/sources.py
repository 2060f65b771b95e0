"""From a file that others wrote to the text of a study file; what the file holds decides how it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.identifiers import ID_IN_WORDS, is_identifier
from bayes_ivf.study.imports.registry import draft_record
from bayes_ivf.study.imports.tables import csv_rows, draft_table, excel_rows, html_rows, is_table, text_rows
from bayes_ivf.study.imports.text import draft_abstract
from bayes_ivf.study.imports.writing import StudyDraft, draft_toml

MAX_BYTES = 5_000_000
MOST_LINES = 20_000
_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_TEXTS = (".txt", ".md", ".csv", ".tsv", ".html", ".htm", ".json")
_EXCEL = (".xlsx", ".xlsm")
_JSON = ".json"
_IN_WORDS = (
    "a table (.csv, .tsv, .xlsx, .html, .md, .txt), the text of an abstract (.txt, .md) or a record of "
    "ClinicalTrials.gov (.json)"
)


def draft_file(path: Path, name: str, arms: Sequence[str] = ()) -> str:
    """Return the text of a study file, drafted from a file.

    Parameters
    ----------
    path : Path
    name : str
        Id of the study.
    arms : sequence of str
        Names or numbers of the treatment and the control arm; without them all arms are drafted.

    Raises
    ------
    StudyError
        If the file cannot be read, is too large, or holds nothing that a study file could.
    """
    ending = path.suffix.lower()
    if ending in _EXCEL:
        return draft_toml(draft_table(excel_rows(read_bytes(path), str(path)), name, arms, str(path)))
    if ending not in _TEXTS:
        raise StudyError(
            Fault(
                str(path), f"a file that ends in {path.suffix!r}", _IN_WORDS, "save what it holds in one of these forms"
            )
        )
    return draft_toml(_draft(_text(path), name, arms, str(path), ending))


def draft_text(text: str, name: str, arms: Sequence[str] = ()) -> str:
    """Return the text of a study file, drafted from a text; see `draft_file`."""
    return draft_toml(_draft(text, name, arms, "text"))


def draft_study(source: str | Path, *, study: str = "draft", arms: Sequence[str] = ()) -> str:
    """Draft a study file from what others wrote.

    Parameters
    ----------
    source : str or Path
        Text of an abstract, a table or a record of ClinicalTrials.gov (JSON); or the path of a file that holds one of them.
    study : str
        Id of the study.
    arms : sequence of str
        Names or numbers of the treatment and the control arm; without them all arms are drafted.

    Returns
    -------
    str
        TOML that passes ``bayes-ivf check``: every number with its place in the source beside it, what is not understood as
        comments, and ``confirm:`` wherever a person has to decide.

    Raises
    ------
    StudyError
        If the source cannot be read, or holds nothing that a study file could.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> text = "Women received letrozole (n = 40) or placebo (n = 41); clinical pregnancy rates were 40% and 29%, respectively."
    >>> [line for line in bi.draft_study(text).splitlines() if line.startswith("treatment")]
    ['treatment = "40%"  # line 1, column 86, characters 85-88']
    """
    if not is_identifier(study):
        raise StudyError(Fault("study", repr(study), ID_IN_WORDS, "name the study so"))
    return draft_file(source, study, arms) if isinstance(source, Path) else draft_text(source, study, arms)


def _draft(text: str, name: str, arms: Sequence[str], where: str, ending: str = ".txt") -> StudyDraft:
    odd = _CONTROL.search(text)
    if odd is not None:
        at = odd.start()
        line = text.count("\n", 0, at) + 1
        raise StudyError(
            Fault(f"{where}, line {line}", f"a control character ({text[at]!r})", "text", "save the file as plain text")
        )
    if ending == _JSON or text.lstrip()[:1] == "{":
        return draft_record(text, name, arms, where)
    lines = text.count("\n")
    if lines > MOST_LINES:
        raise StudyError(
            Fault(where, f"{lines} lines", f"at most {MOST_LINES}", "save the abstract, or the rows of one study alone")
        )
    if ending in (".html", ".htm"):
        return draft_table(html_rows(text), name, arms, where)
    rows = csv_rows(text) if ending in (".csv", ".tsv") else text_rows(text)
    if ending in (".csv", ".tsv") or is_table(rows):
        return draft_table(rows, name, arms, where)
    return draft_abstract(text, name, arms)


def _text(path: Path) -> str:
    raw = read_bytes(path)
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as reason:
        raise StudyError(
            Fault(f"{path}, byte {reason.start}", "bytes that are not UTF-8", "UTF-8 text", "save the file as UTF-8")
        ) from None


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, or raise a StudyError if it is missing or too large."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise StudyError(
                Fault(str(path), f"{size} bytes", f"at most {MAX_BYTES} bytes", "give the abstract or the table alone")
            )
        return path.read_bytes()
    except OSError as reason:
        found = reason.strerror or "an unreadable file"
        raise StudyError(Fault(str(path), found, "a readable file", "check the path")) from None
