"""Tables of MetaInsight: one row per arm (long) or ``T.1, R.1, N.1, T.2, ...`` (wide), with the arm's name in T.

References
----------
Owen RK, Bradbury N, Xin Y, Cooper N, Sutton A. MetaInsight: an interactive web-based tool for analyzing, interrogating, and
visualizing network meta-analyses using R-shiny and netmeta. Res Synth Methods 2019; 10: 569-581. doi:10.1002/jrsm.1373
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bayes_ivf.study.facts import ARMS

QUANTITIES = {"r": "events", "n": "n", "mean": "mean", "sd": "sd"}
"""What the columns beside an arm's name hold, by their heading in lower-case words joined by ``_``."""
WHOLE = ({"t", "r", "n"}, {"t", "mean", "sd", "n"})
"""What an arm has: counts, or a mean."""
_WIDE = re.compile(r"(t|r|n|mean|sd)_([1-9])")


@dataclass(frozen=True)
class Paired:
    """Two arms of each study, side by side.

    Parameters
    ----------
    cells : dict of str to list of str
        Columns of this package, and what else the table holds.
    rows : list of int
        Row of the table that holds the treatment arm.
    arms : tuple of str
        Names of arms, in the order in which they appear.
    alone : list of str
        Studies that lack one of the two arms.
    twice : list of (int, str)
        Row and name of an arm that its study has already.
    """

    cells: dict[str, list[str]]
    rows: list[int]
    arms: tuple[str, ...]
    alone: list[str] = field(default_factory=list)
    twice: list[tuple[int, str]] = field(default_factory=list)


def is_metainsight(keys: Collection[str]) -> bool:
    """Whether headings, as lower-case words joined by ``_``, are those of a table of arms.

    Examples
    --------
    >>> is_metainsight({"study", "t", "r", "n"}), is_metainsight({"study", "t_1", "r_1", "n_1", "t_2", "r_2", "n_2"})
    (True, True)
    """
    return "study" in keys and (any(whole <= set(keys) for whole in WHOLE) or _is_wide(keys))


def _is_wide(keys: Collection[str]) -> bool:
    return any({f"{name}_{number}" for name in whole for number in (1, 2)} <= set(keys) for whole in WHOLE)


def paired_arms(named: Mapping[str, Sequence[str]], arms: tuple[str, str] | None) -> Paired:
    """Put two arms of each study side by side.

    Parameters
    ----------
    named : mapping of str to sequence of str
        Cells by heading in lower-case words joined by ``_``.
    arms : (str, str), optional
        Names of the treatment and the control arm. None lists the arms, without rows.

    Returns
    -------
    Paired
    """
    lists, others, lines = _long(named)
    names = tuple(dict.fromkeys(name for name in lists["t"] if name))
    if arms is None:
        return Paired({}, [], names)
    outcomes = others.get("outcome", [""] * len(lists["t"]))
    found: dict[tuple[str, str], dict[str, int]] = {}
    twice = []
    for row, (study, outcome, arm) in enumerate(zip(others["study"], outcomes, lists["t"], strict=True)):
        own = found.setdefault((study, outcome), {})
        if arm in arms and own.setdefault(arm, row) != row:
            twice.append((lines[row], arm))
    both = [[own[arm] for arm in arms] for own in found.values() if set(arms) <= set(own)]
    alone = [study for (study, _), own in found.items() if not set(arms) <= set(own)]
    cells = {name: [values[first] for first, _ in both] for name, values in others.items()}
    for key, quantity in QUANTITIES.items():
        for place, arm in enumerate(ARMS):
            if key in lists:
                cells[f"{quantity}_{arm}"] = [lists[key][pair[place]] for pair in both]
    return Paired(cells, [lines[first] for first, _ in both], names, alone, twice)


def _long(named: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]], list[int]]:
    """Return one row per arm: what the arm has, the columns of its study, and the row of the table."""
    if not _is_wide(named):
        own = {key: list(values) for key, values in named.items() if key in ("t", *QUANTITIES)}
        others = {key: list(values) for key, values in named.items() if key not in own}
        return own, others, list(range(len(own["t"])))
    wide = {key: match for key in named if (match := _WIDE.fullmatch(key))}
    others = {key: [] for key in named if key not in wide}
    own = {name: [] for name in dict.fromkeys(match[1] for match in wide.values())}
    rows = []
    for row in range(len(named["study"])):
        for number in sorted({int(match[2]) for match in wide.values()}):
            if not named.get(f"t_{number}", ("",) * (row + 1))[row]:
                continue
            rows.append(row)
            for name, cells in own.items():
                column = named.get(f"{name}_{number}")
                cells.append("" if column is None else column[row])
            for key, kept in others.items():
                kept.append(named[key][row])
    return own, others, rows
