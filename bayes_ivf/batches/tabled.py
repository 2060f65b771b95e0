"""From rows of a table to a `Study`: for pages, and for the first problem of a kind; never for all rows of a large table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import numpy as np

from bayes_ivf.batches.trials import SIGNS, TrialTable
from bayes_ivf.study import ARMS, Counts, EffectCI, MeanSD, Outcome, Printed, Study, unmeasured_means

DESIGN = ("design", "study_design", "study design")
"""Columns of a table that say how a study was done; they change no number."""
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
    designs = [texts[row] for name, texts in table.labels.items() if name in DESIGN for row in rows if texts[row]]
    told = {"design": "; ".join(dict.fromkeys(designs))} if designs else {}
    return {"table": table.name, "rows": values, "notes": list(table.notes), **told}


def design_told(values: Mapping[str, Any]) -> str:
    """Return what a table says of how a study was done, from what `table_rows` returned; empty where it says nothing."""
    return str(values.get("design", ""))


def study_of_rows(name: str, values: dict[str, Any]) -> Study:
    """Make a study of the rows of a table.

    Parameters
    ----------
    name : str
        Of the study; any text.
    values : dict
        From `table_rows` or `study_rows`.
    """
    items = tuple(_outcome(row) for row in values["rows"])
    source = f"From the table {values['table']}; nothing else of the paper was read." if "table" in values else ""
    largest = max(values["rows"], key=lambda row: (row["per"] == "woman", sum(row["n"])))
    return Study(
        id=name,
        title=name,
        arms={"treatment": "Treatment", "control": "Control"},
        sizes=dict(zip(ARMS, largest["n"], strict=True)),
        items=items,
        notes=(*([source] if source else []), *values.get("notes", ())),
    )


def study_rows(study: Study) -> dict[str, Any] | None:
    """Return a study as the rows of a table, the reverse of `study_of_rows`; None if it holds more than rows can."""
    rows = [item_row(item) for item in study.items]
    values = {"rows": rows, "notes": list(study.notes)}
    return values if all(rows) and study_of_rows(study.id, values) == study else None


def effect_row(outcome: str, label: str, benefit: str, mcid: float | None, effect: EffectCI) -> dict[str, Any]:
    """Return a row that holds a printed effect, and no numbers of the arms."""
    numbers = {name: getattr(effect, name) for name in _NUMBERS}
    texts = {name: None if number is None else str(number) for name, number in numbers.items()}
    kept = texts | {"scale": effect.scale, "level": effect.level, "adjusted": effect.adjusted, "sides": effect.sides}
    return {"outcome": outcome, "label": label, "per": "woman", "benefit": benefit, "mcid": mcid, "n": [0, 0],
            "events": None, "mean": None, "sd": None, "note": "", "effect": kept}  # fmt: skip


_NUMBERS = ("estimate", "low", "high", "se")


def item_row(item: Outcome) -> dict[str, Any] | None:
    """Return the row of an outcome; None if it is printed as no row is."""
    if item.effect is not None:
        return effect_row(item.id, item.label, item.benefit, item.mcid, item.effect)
    data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    row = {"outcome": item.id, "label": item.label, "per": item.per, "benefit": item.benefit, "mcid": item.mcid,
           "events": None, "mean": None, "sd": None, "note": item.note}  # fmt: skip
    if all(isinstance(each, Counts) for each in data):
        counted = cast(list[Counts], data)
        return row | {"n": [each.n for each in counted], "events": [each.events for each in counted]}
    if all(isinstance(each, MeanSD) for each in data):
        means = cast(list[MeanSD], data)
        texts = {name: [str(getattr(each, name)) for each in means] for name in ("mean", "sd")}
        return row | texts | {"n": [each.n for each in means]}
    return None


def _outcome(row: dict[str, Any]) -> Outcome:
    if row.get("effect"):
        kept = dict(row["effect"])
        texts: Any = {name: None if kept[name] is None else Printed(kept[name]) for name in _NUMBERS}
        return Outcome(
            id=row["outcome"],
            label=row["label"],
            kind="effect_ci",
            per=row["per"],
            benefit=cast(Any, row["benefit"]),
            mcid=row["mcid"],
            effect=EffectCI(**kept | texts),
            note=row["note"],
        )
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
