"""From rows of a table to a `Study`: for pages, and for the first problem of a kind; never for all rows of a large table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import numpy as np

from bayes_ivf.batches.trials import SIGNS, TrialTable
from bayes_ivf.study import ARMS, Counts, MeanSD, Outcome, Printed, Study, unmeasured_means

_BENEFIT = {sign: name for name, sign in SIGNS.items()}


def unmeasured(table: TrialTable) -> dict[int, str]:
    """Say which rows that can be read are left out, and why: nobody has measured such means and standard deviations."""
    found = {}
    for row in np.flatnonzero(~table.counts).tolist():
        reason = unmeasured_means(
            [Decimal(texts[row]) for pair in zip(table.mean, table.sd, strict=True) for texts in pair]
        )
        if reason is not None:
            found[row] = f"{table.study[row]}/{table.outcome[row]}: {reason}"
    return found


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
