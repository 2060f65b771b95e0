"""Printed text, sign by sign: one meaning for each number, or a refusal in words. No pattern language."""

from __future__ import annotations

from bayes_ivf.errors import Fault, StudyError

LONGEST_NUMBER = 30
"""Digits of one number beyond which nothing is a printed number."""

_THIN = "\u00a0\u2007\u2008\u2009\u200a\u202f"
_ALIKE = {
    "-": "\u2212\u2010\u2011\u2012\u2013\u2014\u2015\ufe63\uff0d\u02d7",
    "\u2009": _THIN,
    " ": "\t\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u205f\u3000",
    "·": "\u2219\u22c5\u2027\u2022\u30fb\u0387",
    ",": "\uff0c",
    ".": "\uff0e",
    "/": "\uff0f\u2215\u2044",
    "%": "\uff05\u066a\ufe6a",
    "<": "\uff1c\ufe64",
    ">": "\uff1e\ufe65",
    "=": "\uff1d\ufe66",
    "≤": "\u2a7d\u2266",
    "≥": "\u2a7e\u2267",
    "(": "\uff08",
    ")": "\uff09",
    "×": "\u2715\u2217*",
    "±": "\u2a72",
    "'": "\u2019",
    "p": "\U0001d45d",
    "P": "\U0001d443",
} | {str(digit): chr(0xFF10 + digit) for digit in range(10)}
_SAME = str.maketrans({other: plain for plain, others in _ALIKE.items() for other in others})
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_MARKS = ".,·'\u2009"
_DIGITS = "0123456789"


def refusal(found: str, allowed: str, action: str) -> StudyError:
    """Return the error for a text that has no single meaning; who knows the place names it."""
    return StudyError(Fault("printed text", repr(found), allowed, action))


class Scanner:
    """A place in a printed text; every method skips spaces first and moves on only if it finds what it is asked for.

    Parameters
    ----------
    text : str
        As printed. Signs that only look different (dashes, thin spaces, full-width forms) count as the same.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.signs = text.translate(_SAME)
        self.at = 0

    def skip(self) -> None:
        """Move past spaces."""
        while self.at < len(self.signs) and self.signs[self.at] in " \u2009":
            self.at += 1

    @property
    def done(self) -> bool:
        """Whether nothing but spaces is left."""
        self.skip()
        return self.at >= len(self.signs)

    @property
    def rest(self) -> str:
        """What is left, as printed."""
        self.skip()
        return self.text[self.at :].strip()

    def sees(self, *signs: str) -> bool:
        """Whether one of these comes next."""
        self.skip()
        return any(self.signs.startswith(sign, self.at) for sign in signs)

    def take(self, *signs: str) -> str:
        """Take the first of these that comes next; empty if none does."""
        self.skip()
        for sign in signs:
            if self.signs.startswith(sign, self.at):
                self.at += len(sign)
                return sign
        return ""

    def word(self, *words: str) -> str:
        """Take a whole word, whatever its case, if it is one of these; empty otherwise."""
        self.skip()
        start = self.at
        letters = self.letters()
        if letters in words:
            return letters
        self.at = start
        return ""

    def letters(self) -> str:
        """Take a whole word in lower case, whatever it is; empty if none comes next."""
        self.skip()
        end = self.at
        while end < len(self.signs) and self.signs[end].isalpha():
            end += 1
        self.at, start = end, self.at
        return self.signs[start:end].lower()

    def number(self) -> str:
        """Take digits with the marks between them; empty if no number comes next."""
        self.skip()
        start = end = self.at
        while end < len(self.signs):
            following = self.signs[end + 1 : end + 2]
            digit = self.signs[end] in _DIGITS
            leading = end == start and self.signs[end] in ".,·"
            inside = end > start and self.signs[end] in _MARKS
            if not digit and not ((leading or inside) and following != "" and following in _DIGITS):
                break
            end += 1
        if sum(map(str.isdigit, self.signs[start:end])) > LONGEST_NUMBER:
            raise refusal(
                _short(self.text), f"numbers of at most {LONGEST_NUMBER} digits", "copy the number as it is printed"
            )
        self.at = end
        return self.signs[start:end]

    def exponent(self) -> int | None:
        """Take a power: ``^-4``, ``-4`` or raised digits; None if none comes next."""
        start = self.at
        caret = bool(self.take("^", "**"))
        raised = ""
        while self.at < len(self.signs) and self.signs[self.at] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺":
            raised += self.signs[self.at]
            self.at += 1
        if raised:
            text = raised.translate(_SUPERSCRIPT)
        else:
            bracket = self.take("(", "{")
            sign = self.take("-", "+")
            text = sign + self.number()
            if bracket:
                self.take(")", "}")
            if not sign and not caret:
                text = ""
        digits = text[1:] if text[:1] in ("-", "+") else text
        if not digits or not digits.isdecimal() or len(digits) > 4:
            self.at = start
            return None
        return int(text)


def decimal_text(found: str, whole: str) -> str:
    """Return a number in plain digits with a decimal point.

    Parameters
    ----------
    found : str
        Digits and marks, from `Scanner.number`.
    whole : str
        The whole text, named in errors.

    Raises
    ------
    StudyError
        If its marks can mean two things, or none.
    """
    groups, marks = _split(found)
    points = [mark for mark in marks if mark != "\u2009"]
    if not marks:
        return found
    if "\u2009" in marks or "'" in marks or len(marks) > 1:
        return _grouped(groups, marks, whole)
    if points == [","] and len(groups[1]) == 3 and 1 <= len(groups[0]) <= 3 and groups[0][0] != "0":
        raise refusal(
            whole,
            f"a number of one meaning: {found} is {groups[0]}.{groups[1]} or {groups[0]}{groups[1]}",
            f"write {groups[0]}.{groups[1]} or {groups[0]}{groups[1]}, whichever is printed",
        )
    return f"{groups[0] or '0'}.{groups[1]}"


def whole_number(found: str, whole: str) -> int:
    """Return a count: it has no decimals, so a comma or a thin space before three digits marks thousands.

    Raises
    ------
    StudyError
        If it is no whole number.
    """
    groups, marks = _split(found)
    if not found or "" in groups:
        raise refusal(whole, "a whole number", "write the count in digits")
    thousands = all(len(group) == 3 for group in groups[1:]) and 1 <= len(groups[0]) <= 3 and groups[0][0] != "0"
    if marks and not (set(marks) in ({","}, {"\u2009"}, {"'"}) and thousands):
        raise refusal(
            whole, f"a whole number: a count has no decimals, and {found} has", "write the count without marks"
        )
    digits = "".join(groups)
    if len(digits) > 12:
        raise refusal(_short(whole), "counts of at most 12 digits", "correct the count")
    return int(digits)


def _split(found: str) -> tuple[list[str], list[str]]:
    groups, marks = [""], []
    for sign in found:
        if sign in _MARKS:
            groups.append("")
            marks.append(sign)
        else:
            groups[-1] += sign
    return groups, marks


def _grouped(groups: list[str], marks: list[str], whole: str) -> str:
    """Read a number with a thousands mark: groups of three, and at most one other mark behind them."""
    last = marks[-1] if marks[-1] != marks[0] else ""
    inner, tail = (groups[:-1], groups[-1]) if last else (groups, "")
    between = marks[:-1] if last else marks
    fits = all(len(group) == 3 for group in inner[1:]) and 1 <= len(inner[0]) <= 3 and inner[0][0] != "0"
    if not fits or len(set(between)) > 1 or between[0] == "·" or last in ("\u2009", "'"):
        raise refusal(whole, "a number of one meaning", "write its digits with a decimal point and no other marks")
    return "".join(inner) + (f".{tail}" if last else "")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
