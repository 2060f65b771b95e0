"""A printed test statistic: its name, its degrees of freedom and its value, each as the paper prints them."""

from __future__ import annotations

from decimal import Decimal

from bayes_ivf.study.effect import Statistic, StatisticName
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.scanner import Scanner, decimal_text, refusal, whole_number

_ALLOWED = 'a test statistic as printed, such as "t(78) = 2.05", "F(1, 78) = 4.20", "χ²(1) = 3.84" or "z = 2.1"'
_ACTION = "copy the statistic alone; its P belongs into `p` of the claim"
_DF = {"t": (0, 1), "F": (2,), "r": (0, 1), "chi-square": (1,), "z": (0, 1), "Q": (1,)}
"""How many degrees of freedom may be printed; none where the arms give them."""
_HOW = {
    "F": "write both, F(1, 78), or t for two arms",
    "chi-square": "write χ²(1), or the number that is printed",
    "Q": "write Q(3), or the number that is printed",
    "t": "write t(78)",
    "r": "write r(78)",
    "z": "z has none, or those of the t test that it stands for",
}
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₎₍", "0123456789)(")
_OPEN = {"(": ")", "[": "]"}


def read_statistic(text: str) -> Statistic:
    """Read a test statistic as printed.

    Parameters
    ----------
    text : str
        Such as ``"t(78) = 2.05"``, ``"t = 2.05, df = 78"``, ``"t78 = 2.05"``, ``"F(1, 78) = 4.20"``,
        ``"χ²(1, N = 80) = 3.84"`` or ``"z = 2.1"``.

    Raises
    ------
    StudyError
        If it cannot be read to one meaning.

    Examples
    --------
    >>> read_statistic("t78=2.05").head, str(read_statistic("X2 (1, n=80) = 3.84"))
    ('t(78)', 'chi-square(1, N = 80) = 3.84')
    """
    scanner = Scanner(text.translate(_LOWERED))
    name = _name(scanner, text)
    df, n = _bracket(scanner, name, text)
    relation = scanner.take("=", "<", ">")
    if relation not in ("=", "<", ">"):
        raise refusal(text, _ALLOWED, _ACTION)
    value = _value(scanner, text)
    while scanner.take(",", ";") or scanner.sees("("):
        df, n = _behind(scanner, df, n, text)
    if not scanner.done:
        raise refusal(text, _ALLOWED, _ACTION)
    if len(df) not in _DF[name]:
        found = "none" if not df else ", ".join(str(each) for each in df)
        raise refusal(text, f"{_needed(name)} degrees of freedom of {name}, not {found}", _HOW[name])
    return Statistic(name, value, relation, df, n, text.strip())  # type: ignore[arg-type]


def _needed(name: str) -> str:
    return {(2,): "two", (1,): "the", (0, 1): "at most one number of"}[_DF[name]]


def _name(scanner: Scanner, text: str) -> StatisticName:
    bars = scanner.take("|")
    if scanner.word("student", "students", "welch", "welchs"):
        scanner.take("'")
        scanner.word("s")
        scanner.take("-")
    word = scanner.word("t", "f", "r", "z", "q", "chi", "χ", "x", "qw", "qb", "chisq", "chisquare", "chisquared")
    if bars:
        scanner.take("|")
    if word in ("chi", "χ", "x"):
        scanner.take("-")
        if not (scanner.take("²") or scanner.word("square", "squared", "sq") or scanner.take("^2", "2")):
            raise refusal(text, _ALLOWED, _ACTION)
        return "chi-square"
    if word in ("q", "qw", "qb"):
        scanner.take("-")
        scanner.word("within", "between", "w", "b")
        return "Q"
    names: dict[str, StatisticName] = {"t": "t", "f": "F", "r": "r", "z": "z"}
    if word.startswith("chisq"):
        return "chi-square"
    if word not in names:
        raise refusal(text, _ALLOWED, _ACTION)
    return names[word]


def _bracket(scanner: Scanner, name: str, text: str) -> tuple[tuple[Decimal, ...], int | None]:
    """Read what stands between name and relation: in brackets, or raised or lowered digits that became plain ones."""
    opened = scanner.take("(", "[")
    close = _OPEN.get(opened, "")
    start = scanner.at
    while scanner.at < len(scanner.signs) and scanner.signs[scanner.at] not in (close or "=<>"):
        scanner.at += 1
    inside = scanner.signs[start : scanner.at].strip()
    if opened and not scanner.take(close):
        raise refusal(text, _ALLOWED, "close the bracket")
    if not inside:
        if opened:
            raise refusal(text, f"the degrees of freedom of {name} in the bracket", "write them, or no bracket")
        return (), None
    df: list[Decimal] = []
    n: int | None = None
    for part in _parts(inside, name):
        each = Scanner(part)
        if each.word("n"):
            each.take("=")
            n = whole_number(each.number(), text)
        else:
            each.word("df")
            each.take("=")
            df.append(_number(each, text))
        if not each.done:
            raise refusal(text, _ALLOWED, _ACTION)
    return tuple(df), n


def _parts(inside: str, name: str) -> list[str]:
    """Split at commas; of one number alone a comma may be a decimal mark, which the number itself decides."""
    if ";" in inside:
        return inside.split(";")
    plain = "n" not in inside.lower() and "," in inside and ", " not in inside
    return [inside] if plain and name != "F" else inside.split(",")


def _behind(
    scanner: Scanner, df: tuple[Decimal, ...], n: int | None, text: str
) -> tuple[tuple[Decimal, ...], int | None]:
    """Read what stands behind the value: ``df = 78``, ``df = 1, 78``, ``N = 80``."""
    bracket = scanner.take("(")
    key = scanner.word("df", "d", "n")
    if key == "d":
        scanner.take(".")
        key = "df" if scanner.word("f") and scanner.take(".") else ""
    scanner.take("=")
    if key == "n" and n is None:
        n = whole_number(scanner.number(), text)
    elif key == "df" and not df:
        df = (_number(scanner, text),)
        place = scanner.at
        if scanner.take(",", ";") and (second := scanner.number()):
            df = (*df, Decimal(decimal_text(second, text)))
        else:
            scanner.at = place
    else:
        raise refusal(text, _ALLOWED, _ACTION)
    if bracket and not scanner.take(")"):
        raise refusal(text, _ALLOWED, "close the bracket")
    return df, n


def _number(scanner: Scanner, text: str) -> Decimal:
    sign = scanner.take("-")
    number = scanner.number()
    if not number:
        raise refusal(text, _ALLOWED, _ACTION)
    value = Decimal(decimal_text(number, text))
    return -value if sign else value


def _value(scanner: Scanner, text: str) -> Printed:
    sign = scanner.take("-", "+")
    number = scanner.number()
    if not number:
        raise refusal(text, _ALLOWED, _ACTION)
    return Printed(("-" if sign == "-" else "") + decimal_text(number, text))
