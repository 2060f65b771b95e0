"""One number under one name: what a page, a sentence or a table shows of it is written here, once, from the value itself."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bayes_ivf.auditing import LEAST_P
from bayes_ivf.results.row import EffectRow
from bayes_ivf.results.sentence import chance, interval, number

ANY = "*"
"""Stands in a key for a part over which a range runs."""


@dataclass(frozen=True)
class Value:
    """A number that is shown, under its key; two values with the same key are the same.

    Parameters
    ----------
    outcome, estimand, prior, model, engine, statistic : str
        The key; `model` carries the options that were not left at their defaults.
    value : float
    text : str
        As shown, without unit.
    """

    outcome: str
    estimand: str
    prior: str
    model: str
    engine: str
    statistic: str
    value: float
    text: str

    @cached_property
    def key(self) -> str:
        """The six parts of the key, a slash between them."""
        parts = (self.outcome, self.estimand, self.prior, self.model, self.engine, self.statistic)
        return "/".join([part.replace("/", "_") for part in parts])

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        key = html.escape(self.key)
        return f'<data data-key="{key}" value="{self.value!r}">{html.escape(self.text)}</data>'


class Printed(str):
    """Words of a study file within a sentence of ours; their digits are theirs."""

    __slots__ = ()

    def __html__(self) -> str:
        return f'<span class="quoted">{html.escape(str(self))}</span>'


Said = tuple[str | Value, ...]
"""A sentence in parts, its numbers kept as values."""


def say(*parts: str | Value | Said) -> Said:
    """Join words, values and sentences to one sentence in parts; nothing is put between them."""
    flat: list[str | Value] = []
    for part in parts:
        for each in part if isinstance(part, tuple) else (part,):
            if type(each) is str and flat and type(flat[-1]) is str:  # words that are more than a text stay apart
                flat[-1] += each
            elif each != "":
                flat.append(each)
    return tuple(flat)


def join(sentences: Iterable[str | Said], between: str = " ") -> Said:
    """Join sentences with words between them."""
    parts: list[str | Said] = []
    for sentence in sentences:
        parts += [between, sentence] if parts else [sentence]
    return say(*parts)


def text(said: Said) -> str:
    """Return a sentence as plain text."""
    return "".join(str(part) for part in said)


def model_name(row: EffectRow) -> str:
    """Return a row's model with its options, as it stands in a key."""
    return f"{row.model}[{row.options}]" if row.options else row.model


def value_of(row: EffectRow, statistic: str, risk: float | None = None) -> Value | None:
    """Return a number of a row with the digits that its interval deserves; None if the row has none.

    Parameters
    ----------
    row : EffectRow
    statistic : str
        A column of the row.
    risk : float, optional
        The larger of the arms' risks, see `larger_risk`: small ones are told per 1,000.
    """
    value = getattr(row, statistic)
    if value is None or value != value:
        return None
    key = (row.outcome, row.estimand, row.prior, model_name(row), row.engine, statistic)
    return Value(*key, float(value), _text(row, statistic, risk))


def _text(row: EffectRow, statistic: str, risk: float | None) -> str:
    value = getattr(row, statistic)
    if statistic.startswith("p_"):
        return chance(value)
    if statistic == "mean":
        return f"{value:.4f}"
    low, _, high = interval(row, risk).partition(" to ")
    return {"ci_low": low, "ci_high": high}.get(statistic) or number(value, row, risk).partition(" ")[0]


def unit_of(row: EffectRow, risk: float | None = None) -> str:
    """Return the unit of a row's numbers as it follows them, a space before it; empty without one."""
    _, space, unit = number(row.median, row, risk).partition(" ")
    return space + unit


def range_of(rows: Sequence[EffectRow], statistic: str, risk: float | None = None) -> tuple[Value, Value] | None:
    """Return the smallest and the largest of a number over rows that differ in prior or belief; None if none has it."""
    found = [(value.value, value.text) for row in rows if (value := value_of(row, statistic, risk)) is not None]
    if not found:
        return None
    first = rows[0]
    model = first.model if len({row.options for row in rows}) > 1 else model_name(first)
    (low, low_text), (high, high_text) = min(found), max(found)
    key = (first.outcome, first.estimand, ANY, model, ANY)
    return (
        Value(*key, f"{statistic}_min", low, low_text),
        Value(*key, f"{statistic}_max", high, high_text),
    )


def p_of(outcome: str, test: str, p: float | None) -> Value | None:
    """Return a recomputed P as journals print it; None where there is none."""
    if p is None or p != p:
        return None
    p = max(p, LEAST_P)
    shown = "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
    return Value(outcome, "p_value", "none", test, "closed form", "p", float(p), shown)


def p_words(p: Value) -> Said:
    """Return ``P = 0.48`` or ``P < 0.001`` in parts."""
    return say("P ", p) if p.text.startswith("<") else say("P = ", p)
