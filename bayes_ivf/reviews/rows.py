"""The rows of a review as rows of a table of trials: what each holds is decided once, and what cannot be used says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, isfinite, sqrt

from bayes_ivf.study import ARMS, DataKind, Review, ReviewRow, is_nothing

LONGEST = 200
"""Characters of a name."""
LARGEST = 700.0
"""Absolute log of a ratio beyond which it is no number of a computer."""
SCALES = {
    "odds_ratio": "odds_ratio",
    "peto_odds_ratio": "odds_ratio",
    "risk_ratio": "risk_ratio",
    "hazard_ratio": "hazard_ratio",
    "mean_difference": "mean_difference",
    "risk_difference": "risk_difference",
}
"""Scale of an entered effect by the measure of its analysis."""


@dataclass(frozen=True)
class Used:
    """A row that can be read to one meaning.

    Parameters
    ----------
    row : ReviewRow
    kind : {"events", "means", "contrast", "o_minus_e"}
    outcome, label : str
    events, n : (int, int)
    mean, sd : (float, float)
    effect : (str, str, str)
        Scale, effect on it, and standard error (of the log of a ratio), where the row holds no numbers of the arms.
    """

    row: ReviewRow
    kind: DataKind
    outcome: str
    label: str
    events: tuple[int, int] = (0, 0)
    n: tuple[int, int] = (0, 0)
    mean: tuple[float, float] = (0.0, 0.0)
    sd: tuple[float, float] = (0.0, 0.0)
    effect: tuple[str, str, str] = ("", "", "")


@dataclass
class Sorted:
    """The rows of a review.

    Parameters
    ----------
    used : list of Used
    left_out : list of (ReviewRow, str, str)
        With the id of the outcome, and why.
    impossible : list of (ReviewRow, str, str)
        Rows of these that hold numbers which cannot stand together.
    """

    used: list[Used] = field(default_factory=list)
    left_out: list[tuple[ReviewRow, str, str]] = field(default_factory=list)
    impossible: list[tuple[ReviewRow, str, str]] = field(default_factory=list)


class _UnusableError(Exception):
    """Why a row cannot be used; `impossible` where its numbers cannot stand together."""

    def __init__(self, reason: str, *, impossible: bool = False) -> None:
        super().__init__(reason)
        self.impossible = impossible


def sort_rows(review: Review) -> Sorted:
    """Read every row of a review, and say of those that cannot be used why."""
    found = Sorted()
    outcomes = _outcomes(review)
    for place, row in enumerate(review.rows):
        outcome, label = outcomes[place]
        try:
            found.used.append(_used(row, review, outcome, label))
        except _UnusableError as error:
            found.left_out.append((row, outcome, str(error)))
            if error.impossible:
                found.impossible.append((row, outcome, str(error)))
    return found


def _outcomes(review: Review) -> list[tuple[str, str]]:
    """Return id and label of each row's outcome: with its subgroup where an analysis has a study more than once."""
    counted: dict[tuple[str, str], int] = {}
    for row in review.rows:
        counted[row.analysis, row.study] = counted.get((row.analysis, row.study), 0) + 1
    split = {analysis for (analysis, _), times in counted.items() if times > 1}
    groups: dict[str, list[str]] = {}
    seen: dict[tuple[str, str, str], int] = {}
    made = []
    for row in review.rows:
        analysis = review.analyses[row.analysis]
        if row.analysis not in split:
            made.append((analysis.outcome, analysis.name))
            continue
        known = groups.setdefault(row.analysis, [])
        if row.subgroup not in known:
            known.append(row.subgroup)
        again = seen.get((row.analysis, row.subgroup, row.study), 0)
        seen[row.analysis, row.subgroup, row.study] = again + 1
        outcome = f"{analysis.outcome}-s{known.index(row.subgroup) + 1}" + (f"-r{again + 1}" if again else "")
        label = f"{analysis.name}: {row.subgroup}" if row.subgroup else analysis.name
        made.append((outcome, label + (f" ({again + 1})" if again else "")))
    return made


def _used(row: ReviewRow, review: Review, outcome: str, label: str) -> Used:
    if not row.study or len(row.study) > LONGEST or not row.study.isprintable():
        raise _UnusableError("its study has no name of printable characters")
    analysis = review.analyses[row.analysis]
    kind = analysis.kind or _kind(row)
    label = "".join(sign if sign.isprintable() else " " for sign in label)[:LONGEST]
    readers = {"events": _counts, "means": _means, "contrast": _contrast, "o_minus_e": _one_step}
    if kind not in readers:
        raise _UnusableError("no numbers were entered")
    return Used(row, kind, outcome, label, **readers[kind](row, analysis.measure))  # type: ignore[arg-type]


def _kind(row: ReviewRow) -> DataKind:
    """Say what a row holds by which of its cells are filled."""
    if not is_nothing(row.giv[1]):
        return "contrast"
    if not is_nothing(row.o_minus_e[1]):
        return "o_minus_e"
    if not all(map(is_nothing, (*row.mean, *row.sd))):
        return "means"
    return "events" if not all(map(is_nothing, row.n)) else ""


def _whole(text: str, what: str) -> int:
    value = _real(text, what)
    if value != int(value) or not 0 <= value <= 999_999_999:
        raise _UnusableError(f"{what} is {text[:40]!r}, no whole number", impossible=value < 0)
    return int(value)


def _real(text: str, what: str) -> float:
    if not text:
        raise _UnusableError(f"{what} was not entered")
    try:
        value = float(text)
    except ValueError:
        raise _UnusableError(f"{what} is {text[:40]!r}, no number") from None
    if not isfinite(value):
        raise _UnusableError(f"{what} is {text[:40]!r}, no finite number")
    return value


def _sizes(row: ReviewRow, least: int) -> tuple[int, int]:
    if all(map(is_nothing, row.n)):
        raise _UnusableError("no numbers were entered")
    n = _whole(row.n[0], "the treatment arm's N"), _whole(row.n[1], "the control arm's N")
    if min(n) < least:
        raise _UnusableError(f"an arm of {min(n)}, where at least {least} is needed")
    return n


def _counts(row: ReviewRow, measure: str) -> Mapping[str, object]:
    n = _sizes(row, 1)
    events = _whole(row.events[0], "the treatment arm's events"), _whole(row.events[1], "the control arm's events")
    for arm, a, of in zip(ARMS, events, n, strict=True):
        if a > of:
            raise _UnusableError(f"{a} events of {of} in the {arm} arm", impossible=True)
    return {"events": events, "n": n}


def _means(row: ReviewRow, measure: str) -> Mapping[str, object]:
    n = _sizes(row, 2)
    mean = _real(row.mean[0], "a mean"), _real(row.mean[1], "a mean")
    sd = _real(row.sd[0] or "0", "a standard deviation"), _real(row.sd[1] or "0", "a standard deviation")
    if sd == (0, 0):
        raise _UnusableError(
            "means without standard deviations; enter these in the review, or the printed P in a study file"
        )
    if min(sd) <= 0:
        raise _UnusableError(f"a standard deviation of {min(sd):g}", impossible=True)
    return {"mean": mean, "sd": sd, "n": n}


def _contrast(row: ReviewRow, measure: str) -> Mapping[str, object]:
    return {"effect": _effect(_real(row.giv[0], "GIV Mean"), _real(row.giv[1], "GIV SE"), measure)}


def _one_step(row: ReviewRow, measure: str) -> Mapping[str, object]:
    difference, variance = _real(row.o_minus_e[0], "O-E"), _real(row.o_minus_e[1], "Variance")
    if variance <= 0:
        raise _UnusableError("no variance beside O-E was entered")
    return {"effect": _effect(difference / variance, 1 / sqrt(variance), measure)}


def _effect(value: float, se: float, measure: str) -> tuple[str, str, str]:
    scale = SCALES.get(measure)
    if scale is None:
        what = f"on the scale {measure!r}, which has no model here" if measure else "whose scale the file does not tell"
        raise _UnusableError(f"an entered effect {what}; give its numbers as a table with a column measure")
    if se <= 0:
        raise _UnusableError("an entered effect without a standard error")
    if "ratio" in scale and abs(value) > LARGEST:
        raise _UnusableError(f"the log of a ratio of {value:g}", impossible=True)
    return scale, f"{exp(value) if 'ratio' in scale else value:.12g}", f"{se:.12g}"
