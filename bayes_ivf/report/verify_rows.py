"""Rows of a page beside the same rows made anew: which are missing, and which numbers are others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, isclose, isfinite, sqrt
from typing import Any

from bayes_ivf.report.verify_text import Difference
from bayes_ivf.results import EffectRow, Table, larger_risk, value_of

RELATIVE, ABSOLUTE = 1e-6, 1e-7
"""How far a number made anew may be from the embedded one: another processor passes."""
EDGE = 1e-6
"""Share of a unit of the last displayed place, from a rounding edge, within which the next unit may be shown."""
ERRORS = 4.0
"""Monte Carlo errors within which numbers of other draws agree."""
_SHOWN = ("median", "ci_low", "ci_high", "mean", "p_benefit", "p_beyond_mcid", "p_in_rope")

Same = Callable[[Any, Any, str], bool]
"""Whether two rows have the same number in a column."""
INNER = ("problem", "seed")
"""Hashes and seeds, of fits and of rows."""


def row_differences[R](
    table: Table[R], embedded: Iterable[R], anew: Iterable[R], keys: Sequence[str], same: Same
) -> list[Difference]:
    """Return which rows of a page are missing, too many or others than those that were made anew.

    Parameters
    ----------
    table : Table
    embedded, anew : iterable of row
    keys : sequence of str
        Columns that name a row.
    same : callable
        Given an embedded row, the same row made anew, and a column of numbers.
    """
    here, twice = _by_key(embedded, keys)
    there, _ = _by_key(anew, keys)
    found = [Difference(_name(table, key), "the row twice", "the row once") for key in twice]
    found += [Difference(_name(table, key), "no such row", _brief(there[key])) for key in there if key not in here]
    found += [Difference(_name(table, key), _brief(here[key]), "no such row") for key in here if key not in there]
    texts = [column.name for column in table.columns if column.kind == "text"]
    numbers = [column.name for column in table.columns if column.kind != "text"]
    for key, row in here.items():
        if key not in there:
            continue
        other = there[key]
        for name in texts:
            if getattr(row, name) != getattr(other, name):
                where = f"{_name(table, key)}: {name}"
                inner = name in INNER
                found.append(Difference(where, str(getattr(row, name)), str(getattr(other, name)), inner))
        for name in numbers:
            if not same(row, other, name):
                where = f"{_name(table, key)}: {name}"
                found.append(Difference(where, _number(row, name), _number(other, name)))
    return found


def close(row: Any, other: Any, name: str) -> bool:
    """Whether a number agrees, or is as absent in both."""
    a, b = _plain(getattr(row, name)), _plain(getattr(other, name))
    return a == b if a is None or b is None else a == b or isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


class AsShown:
    """Whether a number agrees, and is shown with the same digits.

    One unit of the last place is allowed where the value made anew lies on a rounding edge.

    Parameters
    ----------
    rows : iterable of EffectRow
        All rows of the page, by which the digits of rare risks are chosen.
    """

    def __init__(self, rows: Iterable[EffectRow]) -> None:
        self.fits: dict[tuple[str, ...], list[EffectRow]] = {}
        for row in rows:
            self.fits.setdefault(_fit(row), []).append(row)

    def __call__(self, row: EffectRow, other: EffectRow, name: str) -> bool:
        """Compare one column."""
        if not close(row, other, name):
            return False
        if name not in _SHOWN or getattr(row, name) == getattr(other, name):
            return True
        risk = larger_risk(self.fits[_fit(row)], row)
        shown, right = value_of(row, name, risk), value_of(other, name, risk)
        if shown is None or right is None or shown.text == right.text:
            return True
        return on_edge(right.value, shown.text, right.text)


def on_edge(value: float, shown: str, right: str) -> bool:
    """Whether a value may be written in two ways, since it lies where one is rounded to the other.

    Examples
    --------
    >>> on_edge(0.0825000000001, "+8.2", "+8.3"), on_edge(0.0826, "+8.2", "+8.3"), on_edge(0.0825, "+8.1", "+8.3")
    (True, False, False)
    """
    try:
        a, b = float(shown), float(right)
    except ValueError:
        return False
    places = len(right.partition("e")[0].partition(".")[2])
    unit = 10.0 ** ((int(right.partition("e")[2]) if "e" in right else 0) - places)
    factor = min((1.0, 100.0, 1000.0), key=lambda by: abs(by * value - b))
    edge = (a + b) / 2
    return isclose(abs(a - b), unit, rel_tol=1e-6) and abs(factor * value - edge) <= EDGE * unit * (1 + 1e-6)


def same_bits(row: Any, other: Any, name: str) -> bool:
    """Whether two draws with the same seed gave the same number."""
    a, b = _plain(getattr(row, name)), _plain(getattr(other, name))
    return a == b


def within_errors(row: EffectRow, other: EffectRow, name: str) -> bool:
    """Whether a number of two sets of draws differs by no more than chance allows; diagnostics are not compared."""
    a, b = _plain(getattr(row, name)), _plain(getattr(other, name))
    if name.startswith(("r_hat", "ess_", "mcse", "hdi_")):
        return True
    if a is None or b is None or a == b:
        return a == b
    errors = [_error(each, name) for each in (row, other)]
    return abs(a - b) <= ERRORS * sqrt(sum(error**2 for error in errors)) if max(errors) < inf else True


def _error(row: EffectRow, name: str) -> float:
    """Return the Monte Carlo error of a number by normal theory; infinite where nothing is known of it."""
    value = _plain(getattr(row, name))
    bulk, tail = row.ess_bulk or 0.0, row.ess_tail or 0.0
    if name in ("mcid", "ci_level"):
        return 0.0
    if name == "mean" and row.mcse is not None:
        return row.mcse
    if not (bulk > 0 and tail > 0) or value is None:
        return inf
    if name.startswith("p_"):
        return sqrt(max(value * (1 - value), 1 / bulk) / bulk)
    sd = row.sd if row.sd is not None and isfinite(row.sd) else inf
    if name == "sd":
        return sd / sqrt(bulk)
    # density of a normal at its median is 0.4 / sd, at the end of a 95% interval 0.058 / sd
    return 1.2533 * sd / sqrt(bulk) if name == "median" else 3.0 * sd / sqrt(tail)


def _plain(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _fit(row: EffectRow) -> tuple[str, ...]:
    return (row.outcome, row.model, row.options, row.prior, row.engine)


def _by_key(rows: Iterable[Any], keys: Sequence[str]) -> tuple[dict[tuple[Any, ...], Any], list[tuple[Any, ...]]]:
    found: dict[tuple[Any, ...], Any] = {}
    twice = []
    for row in rows:
        key = tuple(getattr(row, name) for name in keys)
        if found.setdefault(key, row) is not row:
            twice.append(key)
    return found, twice


def _name(table: Table[Any], key: Sequence[Any]) -> str:
    return f"{table.name}: {' / '.join(str(part)[:80] for part in key if part != '')}"


def _brief(row: Any) -> str:
    values: Mapping[str, Any] = vars(row)
    numbers = [f"{name} {value:.6g}" for name, value in values.items() if isinstance(value, float)]
    return ", ".join(numbers[:3]) or "a row"


def _number(row: Any, name: str) -> str:
    value = _plain(getattr(row, name))
    shown = value_of(row, name) if isinstance(row, EffectRow) and name in _SHOWN else None
    return "empty" if value is None else repr(value) + (f" ({shown.text})" if shown is not None else "")
