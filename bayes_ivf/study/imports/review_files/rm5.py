"""Files of RevMan 5 (``.rm5``, XML), read as a stream: a document type, and with it any entity, is refused.

Logarithms in such files (``LOG_EFFECT_SIZE``) are of base 10; they are not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log
from xml.parsers import expat

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study.imports.review_files.review import (
    MEASURES,
    METHODS,
    Analysis,
    DataKind,
    Judgment,
    Review,
    ReviewRow,
    most_decimals,
    nothing_printed,
    spoken,
)

MOST_BYTES = 200_000_000
DEEPEST = 100
"""Elements inside each other."""
ALLOWED = f"a review of RevMan 5: XML without a document type, at most {MOST_BYTES // 1_000_000} MB"
KINDS: dict[str, DataKind] = {"DICH": "events", "CONT": "means", "IV": "contrast", "IPD": "o_minus_e"}
JUDGMENTS = {"YES": "Low risk", "NO": "High risk", "UNKNOWN": "Unclear risk", "LOW": "Low risk", "HIGH": "High risk"}


def read_rm5(raw: bytes, name: str) -> Review:
    """Return the data of a review.

    Parameters
    ----------
    raw : bytes
    name : str
        Of the file.

    Raises
    ------
    RequestError
        If it is no XML, has a document type, is nested too deep, or holds no review.
    """
    if len(raw) > MOST_BYTES:
        raise RequestError(Fault(name, f"{len(raw):,} bytes", ALLOWED, "export the review again"))
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.ExternalEntityRefHandler = reader.refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as reason:
        found = f"no readable XML: {expat.ErrorString(reason.code)}"
        where = f"{name}, line {reason.lineno}"
        raise RequestError(Fault(where, found, ALLOWED, "export the review again")) from None
    except (UnicodeDecodeError, LookupError, ValueError) as reason:
        raise RequestError(
            Fault(name, f"no readable XML ({type(reason).__name__})", ALLOWED, "export the review again")
        ) from None
    if reader.root != "COCHRANE_REVIEW":
        raise RequestError(Fault(name, f"XML of <{reader.root[:40]}>", ALLOWED, "give the file of a review"))
    rows = tuple(reader.rows)
    return Review(name, rows, reader.analyses, tuple(reader.judgments()), most_decimals(rows))


@dataclass
class _Reader:
    """Takes the elements of a review as they come."""

    name: str
    root: str = ""
    path: list[str] = field(default_factory=list)
    open: list[dict[str, str]] = field(default_factory=list)
    said: str = ""
    rows: list[ReviewRow] = field(default_factory=list)
    analyses: dict[str, Analysis] = field(default_factory=dict)
    studies: dict[str, tuple[str, str]] = field(default_factory=dict)
    judged: list[tuple[str, str, str, str]] = field(default_factory=list)
    group: str = ""
    group_name: str = ""
    domain: str = ""
    current: Analysis | None = None
    subgroup: str = ""
    waiting: list[tuple[dict[str, str], str]] = field(default_factory=list)

    def refuse(self, *_: object) -> int:
        """Refuse a document type and every entity."""
        action = "export the review again, or remove the lines of <!DOCTYPE"
        raise RequestError(Fault(self.name, "a document type or entity", ALLOWED, action))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        self.root = self.root or tag
        self.path.append(tag)
        self.open.append(attributes)
        self.said = ""
        if len(self.path) > DEEPEST:
            raise RequestError(
                Fault(self.name, f"more than {DEEPEST} elements inside each other", ALLOWED, "check the file")
            )
        kind, _, part = tag.partition("_")
        if tag == "STUDY" and "ID" in attributes:
            self.studies[attributes["ID"]] = attributes.get("NAME", ""), attributes.get("YEAR", "")
        elif tag == "COMPARISON":
            self.group, self.group_name = attributes.get("NO", ""), ""
        elif kind in KINDS and part == "OUTCOME":
            self.current, self.subgroup, self.waiting = _analysis(kind, attributes, self.group, self.group_name), "", []
        elif kind in KINDS and part == "SUBGROUP":
            self.subgroup = attributes.get("NO", "")
        elif kind in KINDS and part == "DATA" and self.current is not None:
            self.waiting.append((attributes, self.subgroup))

    def text(self, text: str) -> None:
        """Take characters of an element."""
        self.said += text

    def end(self, tag: str) -> None:
        """End an element."""
        said, self.said = " ".join(self.said.split()), ""
        self.path.pop()
        attributes = self.open.pop()
        parent = self.path[-1] if self.path else ""
        kind, _, part = tag.partition("_")
        if tag == "NAME":
            self._name(parent, said)
        elif tag == "EFFECT_MEASURE" and self.current is not None and parent.endswith("_OUTCOME"):
            self.current = _with(self.current, measure=spoken(said, MEASURES))
        elif tag in ("GROUP_LABEL_1", "GROUP_LABEL_2") and self.current is not None:
            arms = (said, self.current.arms[1]) if tag.endswith("1") else (self.current.arms[0], said)
            self.current = _with(self.current, arms=arms)
        elif tag == "DESCRIPTION" and parent == "QUALITY_ITEM_DATA_ENTRY":
            self.open[-1]["SUPPORT"] = said
        elif tag == "P" and "DESCRIPTION" in self.path[-2:]:
            self.said = said  # paragraphs of a description
        elif tag == "QUALITY_ITEM_DATA_ENTRY":
            entry = (self.domain, attributes.get("STUDY_ID", ""), attributes.get("RESULT", ""))
            self.judged.append((*entry, attributes.get("SUPPORT", "")))
        elif kind in KINDS and part == "OUTCOME" and self.current is not None:
            self.analyses[self.current.id] = self.current
            self.rows += [self._row(own, subgroup, self.current) for own, subgroup in self.waiting]
            self.current = None

    def _name(self, parent: str, said: str) -> None:
        if parent == "COMPARISON":
            self.group_name = said
        elif parent == "QUALITY_ITEM":
            self.domain = said
        elif parent.endswith("_OUTCOME") and self.current is not None:
            self.current = _with(self.current, name=said or self.current.name)
        elif parent.endswith("_SUBGROUP"):
            self.subgroup = said or self.subgroup

    def _row(self, own: dict[str, str], subgroup: str, analysis: Analysis) -> ReviewRow:
        study, year = self.studies.get(own.get("STUDY_ID", ""), (own.get("STUDY_ID", ""), ""))

        def both(what: str) -> tuple[str, str]:
            return own.get(f"{what}_1", ""), own.get(f"{what}_2", "")

        effect = own.get("ESTIMATE") or own.get("EFFECT_SIZE", "")
        if not own.get("ESTIMATE") and "ratio" in analysis.measure:
            effect = _log(effect)
        printed = (own.get("EFFECT_SIZE", ""), own.get("CI_START", ""), own.get("CI_END", ""))
        return ReviewRow(
            len(self.rows) + 1,
            analysis.id,
            subgroup,
            study,
            year,
            events=both("EVENTS"),
            n=both("TOTAL"),
            mean=both("MEAN"),
            sd=both("SD"),
            giv=(effect, own.get("SE", "")) if analysis.kind == "contrast" else ("", ""),
            o_minus_e=(own.get("O_E", ""), own.get("VAR", "")) if analysis.kind == "o_minus_e" else ("", ""),
            printed=("", "", "") if own.get("ESTIMABLE") == "NO" else printed,
            pooled=own.get("WEIGHT") not in ("0", "0.0"),
        )

    def judgments(self) -> list[Judgment]:
        """Return the risk of bias by the names of studies, which may follow it in the file."""
        return [
            Judgment(self.studies.get(study, (study, ""))[0], domain, JUDGMENTS.get(result, result), support)
            for domain, study, result, support in self.judged
        ]


def _analysis(kind: str, own: dict[str, str], group: str, group_name: str) -> Analysis:
    number = f"{group}.{own.get('NO', '')}"
    measure = spoken(own.get("EFFECT_MEASURE", ""), MEASURES)
    method = "Peto" if kind == "IPD" or measure == "peto_odds_ratio" else "" if kind == "DICH" else "IV"
    printed = (own.get("EFFECT_SIZE", ""), own.get("CI_START", ""), own.get("CI_END", ""))
    shown = own.get("TOTALS", "YES") == "YES" and own.get("ESTIMABLE", "YES") == "YES" and not nothing_printed(printed)
    return Analysis(
        number,
        f"Analysis {number}",
        group_name,
        KINDS[kind],
        method or spoken(own.get("METHOD", ""), METHODS),
        measure,
        own.get("RANDOM") == "YES",
        level=_level(own.get("CI_STUDY", "")),
        overall_level=_level(own.get("CI_TOTAL", "")),
        swapped=own.get("SWAP_EVENTS") == "YES",
        printed=printed if shown else ("", "", ""),
        tau2=own.get("TAU2", ""),
    )


def _level(text: str) -> float:
    try:
        return float(text) / 100
    except ValueError:
        return 0.95


def _log(text: str) -> str:
    try:
        return f"{log(float(text)):.12g}"
    except ValueError:
        return text  # what is no number is told as it stands


def _with(analysis: Analysis, **changes: object) -> Analysis:
    from dataclasses import replace

    return replace(analysis, **changes)  # type: ignore[arg-type]
