"""From rows of a table to a `Study`: for pages, and for the first problem of a kind; never for all rows of a large table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import numpy as np

from bayes_ivf.batches.trials import SIGNS, TrialTable
from bayes_ivf.study import ARMS, Counts, MeanSD, Outcome, Printed, Study

_LONGEST = 30
"""Digits of a number, as in study files."""
SMALLEST, LARGEST = Decimal("1e-15"), Decimal("1e15")
"""Sizes of means and standard deviations beyond which no measurement lies."""
APART = 10**6
"""Times that spreads of two arms, or their means in spreads, may differ before their units are taken to differ."""
_BENEFIT = {sign: name for name, sign in SIGNS.items()}


def unmeasured(table: TrialTable) -> dict[int, str]:
    """Say which rows that can be read are left out, and why: nobody has measured such means and standard deviations."""
    found = {}
    for row in np.flatnonzero(~table.counts).tolist():
        reason = _unmeasured([Decimal(texts[row]) for pair in zip(table.mean, table.sd, strict=True) for texts in pair])
        if reason is not None:
            found[row] = f"{table.study[row]}/{table.outcome[row]}: {reason}"
    return found


def _unmeasured(values: Sequence[Decimal]) -> str | None:
    """Say what is wrong with mean and sd of both arms."""
    names = [f"{name}_{arm}" for arm in ARMS for name in ("mean", "sd")]
    for name, value in zip(names, values, strict=True):
        if value and not SMALLEST <= abs(value) <= LARGEST:
            return f"{name} is {_shown(value)}; no measurement is beyond {SMALLEST:g} to {LARGEST:g} in size"
        if len(format(value, "f")) > _LONGEST:
            return f"{name} has more than {_LONGEST} digits, which nobody has measured"
    mean_t, sd_t, mean_c, sd_c = values
    if max(sd_t, sd_c) > APART * min(sd_t, sd_c) or abs(mean_t - mean_c) > APART * max(sd_t, sd_c):
        arms = f"{_shown(mean_t)} (sd {_shown(sd_t)}) and {_shown(mean_c)} (sd {_shown(sd_c)})"
        return f"{arms} are more than {APART:g} times apart, as if in two units"
    return None


def _shown(value: Decimal) -> str:
    """Return a number in few digits, whatever its size."""
    near = float(value)
    return f"{near:g}" if value == 0 or 0 < abs(near) < float("inf") else f"{value.normalize():.3g}"


def tabled_study(table: TrialTable, rows: Sequence[int]) -> Study:
    """Make a study of rows that share its name."""
    return study_of_rows(table.study[rows[0]], table_rows(table, rows))


def table_rows(table: TrialTable, rows: Sequence[int]) -> dict[str, Any]:
    """Return rows as plain values that JSON keeps; see `study_of_rows`."""
    values = []
    for row in rows:
        counts, mcid = bool(table.counts[row]), float(table.mcid[row])
        values.append(
            {
                "outcome": table.outcome[row],
                "label": table.label[row],
                "per": table.per[row],
                "benefit": _BENEFIT[int(table.sign[row])],
                "mcid": None if np.isnan(mcid) else mcid,
                "n": table.n[row].tolist(),
                "events": table.events[row].tolist() if counts else None,
                "mean": None if counts else [texts[row] for texts in table.mean],
                "sd": None if counts else [texts[row] for texts in table.sd],
                "note": "; ".join(
                    f"{name}: {texts[row]}" for name, texts in table.labels.items() if texts[row] and name != "note"
                ),
            }
        )
    return {"table": table.name, "rows": values, "notes": list(table.notes)}


def study_of_rows(name: str, values: dict[str, Any]) -> Study:
    """Make a study of the rows of a table.

    Parameters
    ----------
    name : str
        Of the study; any text.
    values : dict
        From `table_rows`.
    """
    items = tuple(_outcome(row) for row in values["rows"])
    largest = max(values["rows"], key=lambda row: (row["per"] == "woman", sum(row["n"])))
    return Study(
        id=name,
        title=name,
        arms={"treatment": "Treatment", "control": "Control"},
        sizes=dict(zip(ARMS, largest["n"], strict=True)),
        items=items,
        notes=(f"From the table {values['table']}; nothing else of the paper was read.", *values.get("notes", ())),
    )


def _outcome(row: dict[str, Any]) -> Outcome:
    data: dict[Any, Any]
    if row["events"] is not None:
        data = {arm: Counts(row["events"][i], row["n"][i]) for i, arm in enumerate(ARMS)}
    else:
        data = {arm: MeanSD(Printed(row["mean"][i]), Printed(row["sd"][i]), row["n"][i]) for i, arm in enumerate(ARMS)}
    return Outcome(
        id=row["outcome"],
        label=row["label"],
        kind="mean_sd" if row["events"] is None else "counts",
        per=row["per"],
        benefit=cast(Any, row["benefit"]),
        mcid=row["mcid"],
        data=data,
        note=row["note"],
    )
