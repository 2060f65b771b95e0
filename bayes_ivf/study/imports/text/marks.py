"""Numbers of a text, each with its place: cells of arms, P values, effects with their intervals, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bayes_ivf.study.scanner import Scanner

MarkKind = Literal["count", "share", "mean", "quartiles", "p", "level", "effect", "statistic", "number"]
NUM = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.·]\d+)?|\.\d+)"
_SIGNED = rf"[-+]?{NUM}"
_WHOLE = rf"(?<![\d.·]){_SIGNED}%?(?!\d|%|[.·]\d)"
"""A number that is no piece of a longer one."""
_PEOPLE = r"(?:patients?|women|participants?|subjects?|couples?|cases|cycles?|pregnancies|transfers?|embryos?)"
_PCT = r"(?:%|per\s?cent\b)"
_UNIT = (
    r"(?:[a-zA-Zµμ]{0,4}(?:g|mol|IU|U|L|l)\s*/\s*(?:[a-zA-Z]{1,3}\s?[23²³]?)|10\^?\d+/[a-zA-Z]{1,2}|mm|cm|years?|yrs?|days?"
    r"|weeks?|months?|hours?|min|kg|g|IU|points?)(?![a-zA-Z])"
)
_NAMES = {
    "odds_ratio": r"odds ratios?|(?-i:OR)", "risk_ratio": r"risk ratios?|relative risks?|(?-i:RR)",
    "hazard_ratio": r"hazard rat(?:ios?|es?)|(?-i:HR)", "mean_difference": r"mean differences?|(?-i:MD)",
    "risk_difference": r"(?:absolute )?risk differences?|(?-i:RD|ARD)",
}  # fmt: skip


def bounded(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern whose spaces are bounded, so that a text full of spaces is read as fast as any other."""
    return re.compile(pattern.replace(r"\s*", r"\s{0,9}").replace(r"\s+", r"\s{1,9}"), flags)


_CI = (
    r"(?:(?P<level{0}>\d\d(?:\.\d)?)\s*%\s*)?(?:confidence intervals?|(?-i:CIs?))\s*(?:[\[(]\s*CI\s*[\])])?"
    r"(?:\s*(?P<after{0}>\d\d)\s*%)?"
)
_CI_BEFORE = r"(?:(?:with|and)\s+)?(?:(?:an?|the|its)\s+)?"
_CI_BEHIND = r"(?:\s*[:=,]?\s*(?:(?:was|is|being|of|from|between|rang(?:es|ed|ing)|at)\b\s*){1,3})?"
_EFFECT = bounded(
    rf"\b(?P<adjusted>adjusted\s+|a)?(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _NAMES.items())})\b"
    rf"(?:\s*[\[(]\s*(?P<told>\d\d(?:\.\d)?)\s*%\s*(?:confidence interval|CI)s?\s*[\])]\s*[:=]?\s*)?"
    rf"(?P<about>[^0-9.;%]{{0,140}}?)(?<![\w.])(?P<estimate>{_WHOLE})\s*[,;:]?\s*(?P<open>[\[(]?)\s*"
    rf"(?P<ci>{_CI_BEFORE}{_CI.format(1)}{_CI_BEHIND}\s*[:=,]?\s*[\[(]?\s*)?(?P<low>{_WHOLE})\s*(?:-|to|,|;|and)\s*"
    rf"(?P<high>{_WHOLE}(?!(?<=%)\s*(?:-\s*)?(?:confidence|CI\b)))"
    rf"(?P<tail>\s*{_CI.format(2)})?\s*[\])]{{0,2}}",
    re.IGNORECASE,
)
_P_NUMBER = r"(?:0?\s?\.\s?\d(?:\s?\d)*|[01](?:\.\d+)?)(?:\s*(?:×|x)\s*10\s*\^?\s*-?\s*\d+|[eE]-\d+)?"
_P = bounded(rf"\b[pP]\s*-?\s*(?:[vV]alues?|[vV]al\.)?\s*(?:was|of|is|:)?\s*(?:<=|=<|>=|=>|≤|≥|<|>|=)\s*{_P_NUMBER}")
_P_COLON = bounded(rf"\b[pP]\s*-?\s*[vV]alues?\s*(?::|of|was|is)\s*{_P_NUMBER}")
_NS = bounded(r"(?<=[\s(,;])(?:[pP]\s*=\s*)?(?:NS|n\.s\.)(?=[\s),;.])")
_STATISTIC = bounded(
    rf"(?<![\w/-])(?:(?:t|z|(?:χ|chi|x)\s*-?\s*(?:²|\^?2|squared?))\s*(?:[\[(][^()\[\];=]{{1,12}}[\])])?|(?-i:F)\s*[\[(]\s*1\s*,\s*\d+\s*[\])])"
    rf"\s*=\s*-?{NUM}(?:,?\s*df\s*=\s*\d+)?(?![\w.]\d|\s*(?:%|±|\+/-))",
    re.IGNORECASE,
)
_LEVEL = bounded(
    r"\b[pP]\s*-?\s*(?:values?)?\s*(?:of|was|were)?\s*(?:set at)?\s*(?:<|≤|less than|below|smaller than|of)\s*(?P<alpha>0?\.\d+)"
    r"[^.]{0,30}?\s(?:considered|regarded|taken|deemed|accepted|set|defined|statistically significant|significant)",
    re.IGNORECASE,
)
_MEAN = bounded(
    rf"(?<![\w./])-?{NUM}\s*(?:±|\+/-|\+-)\s*{NUM}"
    rf"(?P<spread>\s*[\[(]\s*(?:means?\s*)?(?:±|\+/-|\+-)?\s*(?:SD|S\.D\.|SE|S\.E\.|SEM|S\.E\.M\.)\s*[\])])?(?:\s*(?P<unit>{_UNIT}))?"
)
_SD = bounded(rf"(?<![\w.])-?{NUM}\s*(?P<unit>{_UNIT})?\s*[\[(]\s*(?:SD|S\.D\.|SE|SEM)\s*[:=,]?\s*{NUM}\s*[\])]")
_COUNTS = tuple(
    bounded(pattern)
    for pattern in (
        rf"(?<![\w./])(?P<percent>{NUM})\s*{_PCT}\s*[\[(,;]\s*(?P<events>\d[\d,]*)\s*(?:/|of|out of)\s*(?P<n>\d[\d,]*)\s*[\])]?",
        rf"(?<![\w./])(?P<percent>{NUM})\s*{_PCT}\s+of\s+(?:the\s+)?{_PEOPLE}\s*[\[(]\s*(?P<events>\d[\d,]*)\s*/\s*(?P<n>\d[\d,]*)\s*[\])]",
        rf"(?<![\w./])(?P<events>\d[\d,]*)\s*/\s*(?P<n>\d[\d,]*)(?![\d/])(?:\s*[\[(,;]?\s*(?P<percent>{NUM})\s*{_PCT}\s*[\])]?)?",
        rf"(?<![\w./])(?P<events>\d[\d,]*)\s+(?:out\s+)?of\s+(?:the\s+)?(?P<n>\d[\d,]*)(?:\s+{_PEOPLE})?"
        rf"(?:\s*[\[(,;]\s*(?P<percent>{NUM})\s*{_PCT}\s*[\])]?)?",
        rf"(?<![\w./])(?P<percent>{NUM})\s*{_PCT}\s*[\[(]\s*(?:n\s*=\s*)?(?P<events>\d[\d,]*)\s*[\])]",
        rf"(?<![\w./])(?P<events>\d[\d,]*)(?:\s+{_PEOPLE})?\s*[\[(]\s*(?P<percent>{NUM})\s*{_PCT}\s*[\])]",
        rf"(?<![\w./])(?P<events>\d[\d,]*)\s+{_PEOPLE}\s+(?:from|in|of|with)\s+[^0-9()\[\].;]{{1,60}}?[\[(]\s*"
        rf"(?P<percent>{NUM})\s*{_PCT}\s*[\])]",
    )
)
_SHARE_WITH_CI = bounded(
    rf"(?<![\w./])(?P<percent>{NUM})\s*%\s*[\[(]\s*(?:95\s*%\s*CI\s*[:=,]?\s*)?(?P<low>{NUM})\s*%?\s*(?:-|to|,)\s*(?P<high>{NUM})\s*%?\s*[\])]"
)
_PERCENT = bounded(rf"(?<![\w.])(?P<percent>{NUM})\s*{_PCT}", re.IGNORECASE)
_SHARED_SIGN = bounded(
    rf"(?<![\w./-])(?P<percent>{NUM})(?=\s*(?:vs\.?|versus|and|or|against)\s*{NUM}\s*{_PCT})", re.IGNORECASE
)
_QUARTILES = bounded(
    rf"(?<![\w.])(?P<median>-?{NUM})\s*(?:{_UNIT})?\s*[\[(]\s*(?P<what>IQR|interquartile range|range|Q1-Q3|P25-P75)?\s*[:,=]?\s*"
    rf"-?{NUM}\s*(?:-|to|,|;)\s*-?{NUM}\s*[\])]",
    re.IGNORECASE,
)
_NUMBER = bounded(rf"(?<![\w.])(?<![A-Za-z]-){NUM}")
_CI_PERCENT = bounded(r"\d\d(?:\.\d)?\s*%\s*(?:confidence|CI\b)|CI\s*\d\d\s*%", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """One number, or several that belong together, where they stand.

    Parameters
    ----------
    kind : str
        What they are; ``number`` if nothing is known of them.
    start, end : int
        Characters of the text.
    text : str
        As printed.
    parts : mapping of str to str
        Pieces by name, such as ``events``, ``n``, ``percent``.
    """

    kind: MarkKind
    start: int
    end: int
    text: str
    parts: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_cell(self) -> bool:
        """Whether it can be the cell of an arm."""
        return self.kind in _CELLS


_SPACES = str.maketrans("\u2009\r\ufeff\f", "    ")
_CELLS = ("count", "share", "mean", "quartiles")


def plain_signs(text: str) -> str:
    """Return a text of the same length in which signs that look alike are the same, and the ends of lines are spaces.

    Only an empty line, which ends a sentence, stays.
    """
    signs = Scanner(text).signs.translate(_SPACES)
    return re.sub(r"(?<!\n)\n(?![ \t]{0,20}\n)", " ", signs)


def find_marks(text: str) -> list[Mark]:
    """Return the numbers of a text in the order in which they stand; none overlaps another.

    Parameters
    ----------
    text : str
        As printed.
    """
    signs = plain_signs(text)
    taken = bytearray(len(signs))
    marks: list[Mark] = []
    for mark in _found(text, signs):
        if not any(taken[mark.start : mark.end]):
            taken[mark.start : mark.end] = b"\x01" * (mark.end - mark.start)
            marks.append(mark)
    return sorted(marks, key=lambda mark: mark.start)


def _found(text: str, signs: str) -> Iterator[Mark]:
    """Give what each pattern finds, the most telling patterns first."""
    for found in _LEVEL.finditer(signs):
        yield _mark("level", found, text, alpha=found["alpha"])
    for pattern in (_P, _P_COLON, _NS):
        for found in pattern.finditer(signs):
            yield _mark("p", found, text, p=_tight(found.group()))
    for found in _STATISTIC.finditer(signs):
        yield _mark("statistic", found, text)
    for found in _EFFECT.finditer(signs):
        if found["open"] or found["ci"] or found["tail"] or found["told"]:
            yield _effect(found, text)
    for pattern in (_MEAN, _SD):
        for found in pattern.finditer(signs):
            spread = found.groupdict().get("spread") or ""
            yield _mark("mean", found, text, unit=" ".join((found["unit"] or "").split()), spread=spread)
    for pattern in _COUNTS:
        for found in pattern.finditer(signs):
            if _more_than_all(found):
                continue
            yield _mark("count", found, text, **{name: part or "" for name, part in found.groupdict().items()})
    for found in _QUARTILES.finditer(signs):
        yield _mark("quartiles", found, text, what=found["what"] or "", median=found["median"])
    for found in _SHARE_WITH_CI.finditer(signs):
        low, percent, high = (number_of(found[name]) for name in ("low", "percent", "high"))
        if low <= percent <= high:
            yield _mark("share", found, text, percent=found["percent"])
    intervals = [found.span() for found in _CI_PERCENT.finditer(signs)]
    for found in _PERCENT.finditer(signs):
        if not any(start <= found.start() < end for start, end in intervals):
            yield _mark("share", found, text, percent=found["percent"])
    for found in _SHARED_SIGN.finditer(signs):
        if not any(start <= found.end() + 12 and found.end() <= end for start, end in intervals):
            yield _mark("share", found, text, percent=found["percent"])
    for found in _NUMBER.finditer(signs):
        yield _mark("number", found, text)


def _more_than_all(found: re.Match[str]) -> bool:
    """Whether there are more events than women, so that the two numbers are something else."""
    parts = found.groupdict()
    events, n = (str(parts.get(name) or "").replace(",", "") for name in ("events", "n"))
    return bool(events and n) and (len(events), events) > (len(n), n)


def number_of(text: str) -> float:
    """Return a printed number, with or without a percent sign."""
    return float(text.rstrip("%").replace(",", "").replace("·", "."))


def _mark(kind: MarkKind, found: re.Match[str], text: str, **parts: str) -> Mark:
    return Mark(kind, found.start(), found.end(), text[found.start() : found.end()], parts)


def _tight(text: str) -> str:
    """Return a P without the spaces that copying from a page leaves between its digits."""
    return re.sub(r"\s+", "", text) if re.search(r"\d\s+[.\d]|\.\s+\d", text) else text


def _effect(found: re.Match[str], text: str) -> Mark:
    scale = next(name for name in _NAMES if found[name])
    level = next((found[name] for name in ("told", "level1", "after1", "level2", "after2") if found[name]), "")
    parts = {name: found[name] for name in ("estimate", "low", "high")}
    adjusted = found["adjusted"] or ""
    low, estimate, high = (number_of(parts[name]) for name in ("low", "estimate", "high"))
    if not low <= estimate <= high:
        return _mark("number", found, text)
    return _mark("effect", found, text, scale=scale, level=level, adjusted=adjusted, about=found["about"], **parts)
