"""A study from individual data: one row per woman or per embryo; only totals and one small table leave this file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.frames import column_names, column_values, row_count
from bayes_ivf.study.construct import from_clusters, from_counts
from bayes_ivf.study.construct_means import from_means
from bayes_ivf.study.facts import ARMS, ArmName, Benefit, Clusters, Datum
from bayes_ivf.study.row_values import missing, plain_id, read_values

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study

ROW_COLUMNS = ("arm", "woman", "value")
MAX_EMBRYOS = 50
"""Embryos of one woman beyond which a table is taken to be a mistake."""
_DIGITS = 12


@dataclass(frozen=True)
class Nested(Clusters):
    """Embryos of an arm by woman: totals, and how many women had k of m embryos implanted.

    Parameters
    ----------
    table : tuple of (m, k, women)
        No order and no ids; what the likelihood needs, and nothing else.
    """

    table: tuple[tuple[int, int, int], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class _Rows:
    """Columns of a frame, in plain Python."""

    arms: tuple[ArmName, ...]
    women: tuple[Hashable, ...]
    values: tuple[float, ...]


def from_frame(
    frame: Any,
    outcome: str = "outcome",
    benefit: Benefit = "higher",
    *,
    arm: str = "arm",
    woman: str = "woman",
    value: str | None = None,
    event: Any = None,
    per: Literal["woman", "embryo"] = "woman",
    arms: Sequence[Hashable] = ARMS,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    keep_data: bool = False,
) -> Study:
    """Make a study of one outcome from individual data.

    Parameters
    ----------
    frame : DataFrame
        One row per woman or per embryo; of pandas or polars, or an Arrow table.
    outcome : str
        Id of the outcome, and the column of its values unless `value` names another: 0 and 1 (or False and True, yes and
        no); for women also measurements, such as a hormone. Two other values, such as 1 and 2, are refused without `event`.
    benefit : {"higher", "lower", "none"}
    arm, woman, value : str
        Columns of the arm, of the woman's id and of the outcome's values.
    event : object, optional
        The value that means the event, in a column of two values.
    per : {"woman", "embryo"}
        What a row is. Embryos of one woman share her id.
    arms : (treatment, control)
        How the column `arm` names the two arms.
    mcid : float, optional
        Smallest difference that matters: risk difference, or standardized mean difference.
    study, label : str
        Id of the study, label of the outcome.
    keep_data : bool
        Whether the rows stay with the study and are written with it. Otherwise they are summed up here: for women to
        counts, or to mean and standard deviation; for embryos to how many women had k of m embryos implanted.

    Returns
    -------
    Study
        With an outcome of kind ``individual``.

    Raises
    ------
    StudyError
        With everything that is wrong: missing columns, ids or values, an id twice (of women), a woman in both arms,
        values of a wrong kind, unknown arms. Rows are named by their position from 0, never quoted.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"arm": ["treatment"] * 3 + ["control"] * 3, "woman": range(6), "cpr": [1, 0, 1, 0, 0, 1]})
    >>> study = bi.Study.from_frame(rows, "cpr")
    >>> study.outcomes.treatment[0], dict(study.rows)
    ('2/3', {})
    """
    if per not in ("woman", "embryo"):
        raise StudyError(Fault("per", repr(per), "woman, embryo", "say what one row is"))
    labels = _labels(arms)
    columns = _columns(frame, {"arm": arm, "woman": woman, "value": outcome if value is None else value})
    rows = _checked(columns, labels, per, event)
    summed = _summed(rows, outcome, benefit, per, mcid=mcid, study=study, label=label)
    kept = {"arm": rows.arms, "woman": tuple(map(str, rows.women)), "value": rows.values}
    return replace(summed, rows=kept) if keep_data else summed


def restore_rows(study: Study, rows: Mapping[str, Sequence[Any]], where: str) -> Study:
    """Put rows that were kept in a study file back into its only outcome.

    Raises
    ------
    StudyError
        If they are no rows of this study.
    """
    columns = {name: list(rows.get(name, ())) for name in ROW_COLUMNS}
    if len(study.items) != 1 or len({len(column) for column in columns.values()}) != 1 or not columns["arm"]:
        allowed = f"one outcome, and {', '.join(ROW_COLUMNS)} of the same length"
        raise StudyError(Fault(f"{where}: rows", "other columns or outcomes", allowed, "remove the rows"))
    item = study.items[0]
    checked = _checked(columns, dict(zip(ARMS, ARMS, strict=True)), item.per)
    summed = _summed(checked, item.id, item.benefit, item.per, mcid=item.mcid, study=study.id, label=item.label)
    restored = replace(item, kind="individual", data=summed.items[0].data)
    return replace(study, items=(restored,), rows={name: tuple(column) for name, column in columns.items()})


def _summed(
    rows: _Rows, outcome: str, benefit: Benefit, per: str, *, mcid: float | None, study: str, label: str | None
) -> Study:
    """Sum rows up to a study that no longer has them."""
    by_arm = {name: [i for i, arm in enumerate(rows.arms) if arm == name] for name in ARMS}
    options: dict[str, Any] = {"mcid": mcid, "study": study, "label": label}
    if per == "embryo":
        nested = {name: _nested(rows, at) for name, at in by_arm.items()}
        totals = {
            name: {"women": d.women, "embryos": d.embryos, "pregnant": d.pregnant, "implanted": d.implanted}
            for name, d in nested.items()
        }
        most = max(m for datum in nested.values() for m, _, _ in datum.table)
        totaled = from_clusters(totals["treatment"], totals["control"], outcome, benefit, max_embryos=most, **options)
        return _individual(totaled, nested)
    if set(rows.values) <= {0.0, 1.0}:
        counts = [(int(sum(rows.values[i] for i in at)), len(at)) for at in by_arm.values()]
        return _individual(from_counts(counts[0], counts[1], outcome, benefit, **options))
    means = [_mean_sd([rows.values[i] for i in at]) for at in by_arm.values()]
    return _individual(from_means(means[0], means[1], outcome, benefit, **options))


def _individual(study: Study, data: Mapping[ArmName, Datum] | None = None) -> Study:
    item = study.items[0]
    return replace(study, items=(replace(item, kind="individual", data=data or item.data),))


def _nested(rows: _Rows, at: Sequence[int]) -> Nested:
    embryos: dict[Hashable, list[int]] = {}
    for i in at:
        of = embryos.setdefault(rows.women[i], [0, 0])
        of[0] += 1
        of[1] += int(rows.values[i])
    cells: dict[tuple[int, int], int] = {}
    for m, k in embryos.values():
        cells[m, k] = cells.get((m, k), 0) + 1
    table = tuple((m, k, women) for (m, k), women in sorted(cells.items()))
    totals = [sum(women * value for m, k, women in table for value in [each(m, k)]) for each in _TOTALS]
    return Nested(totals[0], totals[1], totals[2], totals[3], table)


_TOTALS = (lambda m, k: 1, lambda m, k: m, lambda m, k: int(k > 0), lambda m, k: k)


def _mean_sd(values: Sequence[float]) -> tuple[str, str, int]:
    """Mean and sd as text in plain digits; twelve of them lose nothing that matters."""
    n = len(values)
    mean = math.fsum(values) / n
    size = max(abs(value - mean) for value in values) or 1.0
    sd = size * math.sqrt(math.fsum(((value - mean) / size) ** 2 for value in values) / (n - 1))
    return _plain(mean), _plain(sd), n


def _plain(value: float) -> str:
    return format(Decimal(f"{value:.{_DIGITS}g}"), "f")


def _labels(arms: object) -> dict[Hashable, ArmName]:
    pair = tuple(arms) if isinstance(arms, Sequence) and not isinstance(arms, str) else ()
    if len(pair) != 2 or not all(isinstance(label, Hashable) for label in pair) or pair[0] == pair[1]:
        raise StudyError(Fault("arms", repr(arms), "two different labels, treatment first", "name the two arms"))
    return dict(zip(pair, ARMS, strict=True))


def _columns(frame: Any, wanted: Mapping[str, str]) -> dict[str, list[Any]]:
    names = column_names(frame)
    if names is None:
        allowed = "a DataFrame of pandas or polars, or an Arrow table"
        raise StudyError(Fault("frame", type(frame).__name__, allowed, "give one row per woman or embryo"))
    faults = []
    for role, name in wanted.items():
        if names.count(name) != 1:
            found = f"no column {name!r}" if name not in names else f"{names.count(name)} columns {name!r}"
            shown = ", ".join(map(str, names[:20])) or "no columns at all"
            faults.append(Fault(f"column of {role}", found, f"one of: {shown}", f"give {role}=, or rename a column"))
    if len(set(wanted.values())) < len(wanted):
        faults.append(
            Fault("columns", ", ".join(wanted.values()), "a column for each role", "give arm=, woman= and value=")
        )
    if not faults and row_count(frame) == 0:
        faults.append(Fault("frame", "no rows", "at least one woman in each arm", "check how the frame was filtered"))
    if faults:
        raise StudyError(faults)
    return {role: column_values(frame, name) for role, name in wanted.items()}


def _checked(
    columns: Mapping[str, list[Any]], labels: Mapping[Hashable, ArmName], per: str, event: Any = None
) -> _Rows:
    faults: list[Fault] = []
    arms, women = columns["arm"], columns["woman"]
    known = " or ".join(map(repr, labels))
    _at(faults, "arm", "missing", [missing(x) for x in arms], "an arm in every row", "fill in or remove these rows")
    unknown = [not missing(x) and not _is_label(x, labels) for x in arms]
    _at(faults, "arm", "other labels", unknown, known, "give arms=(treatment, control) as they are written")
    absent = [missing(x) for x in women]
    _at(faults, "woman", "missing ids", absent, "an id in every row", "fill in or remove these rows")
    odd = [not gone and not isinstance(x, Hashable) for x, gone in zip(women, absent, strict=True)]
    _at(faults, "woman", "ids of a wrong type", odd, "numbers or text", "write ids as numbers or text")
    about: list[Fault] = []
    values = read_values(columns["value"], event, about, partial(_at, about, "value"))
    if per == "embryo" and event is None and all(map(math.isfinite, values)) and not set(values) <= {0.0, 1.0}:
        other = [value not in (0.0, 1.0) for value in values]
        about.clear()
        action = "recode, give event=, or average per woman"
        _at(about, "value", "neither 0 nor 1", other, "0 or 1 for each embryo", action)
    faults += about
    if not any(absent) and not any(odd):
        _women(faults, arms, women, per)
    if not faults:
        _sizes(faults, [labels[x] for x in arms], women, values, per)
    if faults:
        raise StudyError(faults)
    return _Rows(tuple(labels[x] for x in arms), tuple(women), tuple(values))


def _women(faults: list[Fault], arms: Sequence[Any], women: Sequence[Hashable], per: str) -> None:
    first: dict[Hashable, int] = {}
    again, across, alike = [], [], []
    spelled: dict[str, Hashable] = {}
    for i, each in enumerate(women):
        known = spelled.setdefault(plain_id(each), each)
        alike.append(known != each or type(known) is not type(each))
        before = first.setdefault(each, i)
        again.append(before != i)
        across.append(before != i and bool(arms[before] != arms[i]) and not missing(arms[i]))
    action = "write each id in one way"
    _at(faults, "woman", "ids that differ from others in spaces, case or type alone", alike, "one id a woman", action)
    _at(faults, "woman", "ids that stand in both arms", across, "each woman in one arm", "correct the arm or the id")
    if per == "woman":
        action = "remove the repeats, or give per='embryo' if rows are embryos"
        _at(faults, "woman", "ids that were there before", again, "each id once", action)
        return
    most = max(Counter(women).values(), default=0)
    if most > MAX_EMBRYOS:
        found, allowed = f"{most} rows of one id", f"at most {MAX_EMBRYOS} embryos of one woman"
        faults.append(Fault("column of woman", found, allowed, "check that the column holds ids of women"))


def _sizes(
    faults: list[Fault], arms: Sequence[ArmName], women: Sequence[Hashable], values: Sequence[float], per: str
) -> None:
    continuous = per == "woman" and not set(values) <= {0.0, 1.0}
    for name in ARMS:
        mine = [value for arm, value in zip(arms, values, strict=True) if arm == name]
        if len(mine) < (2 if continuous else 1):
            least = "two women" if continuous else "one woman"
            faults.append(
                Fault(f"arm {name}", f"{len(mine)} rows", f"at least {least} in each arm", "check the labels in arms=")
            )
        elif continuous and len(set(mine)) == 1:
            faults.append(
                Fault(
                    f"arm {name}",
                    "the same value in every row",
                    "values that differ",
                    "check the column of the outcome",
                )
            )


def _at(faults: list[Fault], column: str, what: str, where: Sequence[bool], allowed: str, action: str) -> None:
    """Add a fault that says how many rows are wrong and where, without quoting them."""
    rows = [i for i, wrong in enumerate(where) if wrong]
    if rows:
        shown = ", ".join(map(str, rows[:8])) + (", ..." if len(rows) > 8 else "")
        found = f"{what}: {len(rows)} row{'s' if len(rows) > 1 else ''} (position {shown}, counted from 0)"
        faults.append(Fault(f"column of {column}", found, allowed, action))


def _is_label(value: Any, labels: Mapping[Hashable, ArmName]) -> bool:
    return isinstance(value, Hashable) and value in labels
