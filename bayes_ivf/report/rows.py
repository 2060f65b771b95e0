"""The rows of the comparison as a page shows them: every number a value under its key, claims known from words folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bayes_ivf.auditing import equality_words
from bayes_ivf.effects import SIZE
from bayes_ivf.problem import option_in
from bayes_ivf.report.context import Context
from bayes_ivf.report.marks import marked_reading
from bayes_ivf.results import (
    OF_RISKS,
    ComparisonRow,
    EffectRow,
    Said,
    Value,
    belief,
    difference_digits,
    digits_for,
    join,
    main_row,
    p_of,
    p_words,
    printed_number,
    range_of,
    say,
    unit_of,
    value_of,
)
from bayes_ivf.study import KINDS

COUNTED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FAMILIES = {
    "quality_of_life": "quality-of-life scores",
    "hormone": "hormones",
    "marker": "markers",
    "safety": "outcomes of safety",
}
"""What outcomes of a family are called where several are told in one breath."""
FOLDED = 3
"""Outcomes of one family from which on they are counted instead of named."""
CLAIMED = " SD, as claimed, "


@dataclass(frozen=True)
class Row:
    """One row of the page's comparison, or several outcomes in one.

    Parameters
    ----------
    outcomes : tuple of str
        More than one where rows are equal.
    label, kind, reported, claim, prior, flag : str
        `prior` is the set that the row stands under, empty where nothing was estimated; `flag` is half a sentence about
        findings that touch the row, empty without one.
    severe : bool
        Whether a finding says that something cannot hold.
    frequentist, p, effect, effect_range, likely, likely_range : tuple
        Words and values; empty where there is nothing.
    bar : tuple of float or None
        Start and end of the bar of P(benefit), 0 to 1; a single probability is a bar from 0.
    silent : str
        Why there is no probability of benefit; empty where there is one.
    readings : tuple of (str, tuple)
        Label and reading of each outcome.
    number : str
        The exact P or test statistic that is all that is known of the arms: "a test statistic"; empty for all others.
    """

    outcomes: tuple[str, ...]
    label: str
    kind: str
    reported: str
    claim: str
    prior: str
    flag: str
    severe: bool
    frequentist: Said
    p: Said
    effect: Said
    effect_range: Said
    likely: Said
    likely_range: Said
    bar: tuple[float, float] | None
    silent: str
    readings: tuple[tuple[str, Said], ...]
    number: str = ""


def comparison_rows(context: Context, role: str) -> list[Row]:
    """Return the rows of outcomes of a role; equal rows of outcomes known only from words become one."""
    made = [_row(context, compared) for compared in context.comparisons if compared.role == role]
    rows: list[Row] = []
    for row in made:
        same = next((i for i, other in enumerate(rows) if _equal(row, other)), None)
        if same is None:
            rows.append(row)
        else:
            rows[same] = _folded(context, (*rows[same].outcomes, *row.outcomes), rows[same], row)
    return rows


def told_under(rows: Iterable[Row], order: Iterable[str]) -> str:
    """Return the prior set that a caption names: the first in order under which a row stands; the other rows name their own."""
    mine = dict.fromkeys(row.prior for row in rows if row.prior)
    ranked = (*order, *mine)
    return next((name for name in ranked if name in mine or not mine), "")


def _row(context: Context, compared: ComparisonRow) -> Row:
    outcome, kind = compared.outcome, compared.kind
    rows = context.of_record(outcome)
    arms = compared.reported_treatment, compared.reported_control
    direction, p = compared.reported_direction, _reported(context, compared)
    claim = context.study.outcome(outcome).claim
    equal = "no difference" if claim is None else equality_words(claim.text)
    words = {"": "", "none": f"{equal}, "}.get(direction, f"{direction}, ")
    flag = compared.findings
    risk = context.risk(rows[0]) if rows else None
    number = printed_number(context.study.outcome(outcome)) if KINDS[kind].words else ""
    cells = _words_only(rows, number) if KINDS[kind].words else _estimated(rows, risk)
    return Row(
        outcomes=(outcome,),
        label=compared.label,
        kind=kind,
        reported=f"{arms[0]} vs {arms[1]}" if arms[0] else context.study.outcome(outcome).effect_words,
        claim=f"{words}{p}",
        prior=rows[0].prior if rows else "",
        flag=flag,
        severe=flag.startswith("cannot"),
        frequentist=_frequentist(compared, risk),
        p=_recomputed(compared),
        readings=((compared.label, marked_reading(compared.said or (compared.reading,), outcome)),),
        silent=_silent(rows) if not cells["likely"] else "",
        number=number,
        **cells,
    )


def _reported(context: Context, compared: ComparisonRow) -> str:
    """Return the printed statistic and P."""
    statistic = next((item.statistic for item in context.study.items if item.id == compared.outcome), None)
    parts = ["" if statistic is None else str(statistic), compared.reported_p]
    return ", ".join(part for part in parts if part) or "no P visible"


def _silent(rows: Sequence[EffectRow]) -> str:
    if not rows:
        return "–"
    return "the claim names no direction" if rows[0].estimand == SIZE else "no direction is defined as benefit"


def _frequentist(row: ComparisonRow, larger: float | None) -> Said:
    effect, low, high = row.freq_effect, row.freq_ci_low, row.freq_ci_high
    if effect is None or low is None or high is None:
        return ()
    risk = row.freq_test in OF_RISKS
    scale, model = ("risk_difference", "Newcombe") if risk else ("mean_difference", row.freq_test)
    digits, unit = difference_digits(low, high, larger) if risk else (digits_for(low, high), "")
    unit = " " + unit.replace("percentage ", "") if unit else ""
    center, *ends = (
        Value(row.outcome, scale, "none", model, "closed form", name, float(value), digits(float(value)))
        for name, value in (("estimate", effect), ("ci_low", low), ("ci_high", high))
    )
    return say(center, unit, " (", ends[0], " to ", ends[1], ")")


def _recomputed(row: ComparisonRow) -> Said:
    p = p_of(row.outcome, row.freq_test, row.freq_p)
    return () if p is None else say(p_words(p), f" ({row.freq_test})")


def _estimated(rows: Sequence[EffectRow], risk: float | None) -> dict[str, Any]:
    if not rows:
        return _EMPTY
    first = rows[0]
    center, low, high, likely = (value_of(first, name, risk) for name in ("median", "ci_low", "ci_high", "p_benefit"))
    assert center is not None
    assert low is not None
    assert high is not None
    unit = unit_of(first, risk).replace("percentage ", "")
    return {
        "effect": say(center, unit, " (", low, " to ", high, ")"),
        "effect_range": _range(rows, "median", " over priors", risk),
        "likely": () if likely is None else say(likely),
        "likely_range": _range(rows, "p_benefit", " over priors"),
        "bar": None if likely is None else (0.0, likely.value),
    }


def _size_or_range(row: EffectRow) -> Said:
    """Return the median; of a difference of risks, which words leave open on both sides, the credible interval."""
    names = ("ci_low", "ci_high") if row.scale == "probability" else ("median",)
    values = [value for name in names if (value := value_of(row, name)) is not None]
    return join([say(value) for value in values], " to ")


def _with_interval(row: EffectRow) -> Said:
    """Return the median with its credible interval, without a unit."""
    center, low, high = (value_of(row, name) for name in ("median", "ci_low", "ci_high"))
    assert center is not None
    assert low is not None
    assert high is not None
    return say(center, " (", low, " to ", high, ")")


def _range(rows: Sequence[EffectRow], statistic: str, over: str, risk: float | None = None) -> Said:
    found = range_of(rows, statistic, risk)
    if found is None or found[0].text == found[1].text:
        return ()
    return say(found[0], " to ", found[1], over)


def _words_only(rows: Sequence[EffectRow], number: str = "") -> dict[str, Any]:
    """What only words tell has no headline number: its range over belief in them is shown. A number tells an estimate."""
    if not rows:
        return _EMPTY
    told = main_row(rows)
    mine = [row for row in rows if (row.prior, row.estimand) == (told.prior, told.estimand)]
    by_doubt = {float(option_in(row.options, "doubt") or 0): row for row in mine}
    ends = min(by_doubt), max(by_doubt)
    believed, doubted = (by_doubt[doubt] for doubt in ends)
    sizes = [_size_or_range(row) for row in (believed, doubted)]
    likely = [value_of(row, "p_benefit") for row in (doubted, believed)]
    cells = dict(_EMPTY, effect=say(f"{number.partition(' ')[2]} only" if number else "words only"))
    unsigned = rows[0].estimand == SIZE
    unit = unit_of(believed) or ("" if told.scale == "outcome unit" else " SD")
    what = ("size ", " SD, sign unknown,") if unsigned else ("", unit)
    if number:
        sizes = [_with_interval(row) for row in (believed, doubted)]
    first = say(what[0], sizes[0], f"{what[1]} {belief(ends[0], number)}")
    cells["effect_range"] = first if ends[0] == ends[1] else say(first, ", ", sizes[1], f" {belief(ends[1], number)}")
    if likely[0] is not None and likely[1] is not None:
        whole = "from the words saying nothing to the claim being true"
        if number:
            whole = f"from {number} of something else to one of the named test"
        over = whole if ends == (0, 1) else f"from doubt {ends[1]:g} to doubt {ends[0]:g}"
        one = ends[0] == ends[1]
        same = not one and likely[0].text == likely[1].text
        cells["likely"] = say(likely[0]) if one or same else say(likely[0], " to ", likely[1])
        cells["likely_range"] = say(belief(ends[0], number) if one else "at every doubt" if same else over)
        low, high = sorted((likely[0].value, likely[1].value))
        cells["bar"] = (low, high)
    return cells


_EMPTY: dict[str, Any] = {
    "effect": (),
    "effect_range": (),
    "likely": (),
    "likely_range": (),
    "bar": None,
}


def _equal(row: Row, other: Row) -> bool:
    """Whether two outcomes known only from words say the same, whichever direction is benefit."""
    # only without belief in the words do both directions give one number
    silent = row.effect_range[-1:] == (f" {belief(1)}",)
    return row.kind == other.kind and KINDS[row.kind].words and silent and _alike(row) == _alike(other)


def _alike(row: Row) -> tuple[object, ...]:
    words = [part.replace(CLAIMED, " SD ") for part in row.effect_range if isinstance(part, str) and part != " or "]
    return words, _size(row), _texts(row.likely), row.likely_range, row.claim.partition(", ")[2], row.prior, row.flag


def _size(row: Row) -> list[str]:
    return list(dict.fromkeys(part.text.lstrip("+-") for part in row.effect_range if isinstance(part, Value)))


def _texts(said: Said) -> list[str]:
    return [part.text for part in said if isinstance(part, Value)]


def _folded(context: Context, outcomes: tuple[str, ...], first: Row, row: Row) -> Row:
    values = {name: getattr(first, name) for name in Row.__dataclass_fields__}
    directions = dict.fromkeys(name for part in (first, row) for name in part.claim.partition(", ")[0].split(" or "))
    claim = f"{' or '.join(directions)}, {first.claim.partition(', ')[2]}"
    size = [part for part in first.effect_range if isinstance(part, Value)]
    values |= {
        "outcomes": outcomes,
        "label": _names(context, outcomes),
        "claim": claim,
        "readings": (*first.readings, *row.readings),
        "effect_range": _either_way(size, row) if len(directions) > 1 else first.effect_range,
    }
    return Row(**values)


def _either_way(size: Sequence[Value], row: Row) -> Said:
    """Tell the size under claims of both directions, each with its own sign; `size` ends with that under no claim."""
    claimed, *_ = (part for part in row.effect_range if isinstance(part, Value))
    middle, last = (part for part in row.effect_range if isinstance(part, str))
    both = size[:2] if len(size) > 2 else (size[0], claimed)
    return say(both[0], " or ", both[1], middle.replace(" SD ", CLAIMED, 1), size[-1], last)


def _names(context: Context, outcomes: Sequence[str]) -> str:
    """Name outcomes in one breath: many of a family are counted."""
    items = [context.study.outcome(name) for name in outcomes]
    parts: list[str] = []
    for item in items:
        family = [other for other in items if item.family and other.family == item.family]
        if len(family) < FOLDED:
            parts.append(item.title)
        elif item is family[0]:
            count = COUNTED[len(family)] if len(family) < len(COUNTED) else str(len(family))
            parts.append(f"{count} {FAMILIES.get(item.family, f'outcomes of {item.family.replace("_", " ")}')}")
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0][0].upper() + parts[0][1:]
