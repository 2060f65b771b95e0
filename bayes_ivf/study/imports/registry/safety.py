"""Adverse events of a registered trial, by arm: totals, then the terms by which most women were affected."""

from __future__ import annotations

import re
from dataclasses import replace

from bayes_ivf.identifiers import is_identifier
from bayes_ivf.study.imports.registry.arms import ORDER, Pair
from bayes_ivf.study.imports.registry.json_record import Piece
from bayes_ivf.study.imports.writing import CONFIRM, Noted, OutcomeDraft

SOURCE = "registry"
MOST_TERMS = 40
"""Terms that become outcomes; the others are listed as comments."""
_TOTALS = (
    ("serious_adverse_events", "Women with serious adverse events", "serious"),
    ("other_adverse_events", "Women with other adverse events", "other"),
    ("deaths", "Deaths from any cause", "deaths"),
)


def safety_drafts(module: Piece, pair: Pair, taken: set[str]) -> tuple[list[OutcomeDraft], list[str]]:
    """Return outcomes of adverse events, and the terms that are only listed.

    Parameters
    ----------
    module : Piece
        ``adverseEventsModule``.
    pair : Pair
    taken : set of str
        Ids that are used already; those of the events are added.
    """
    groups = pair.groups(module["eventGroups"])
    if groups is None:
        return [], [f"{module.path}: its groups are not the arms"] if module["eventGroups"] else []
    asks = (ORDER,) if pair.by_order(module["eventGroups"]) else ()
    outcomes = []
    by_id = {each["id"].text: each for each in module["eventGroups"]}
    for name, label, key in _TOTALS:
        cells = [(by_id[group][f"{key}NumAffected"], by_id[group][f"{key}NumAtRisk"]) for group in groups]
        if (found := _outcome(name, label, cells, pair, module, taken)) is not None:
            outcomes.append(replace(found, remarks=asks))
    terms = []
    for kind in ("seriousEvents", "otherEvents"):
        for event in module[kind]:
            stats = {each["groupId"].text: each for each in event["stats"]}
            if all(group in stats for group in groups):
                cells = [(stats[group]["numAffected"], stats[group]["numAtRisk"]) for group in groups]
                serious = ", serious" if kind == "seriousEvents" else ""
                terms.append(
                    (
                        -sum(each["numAffected"].count or 0 for each in stats.values()),
                        f"{event['term'].text}{serious}",
                        cells,
                        event,
                    )
                )
    terms.sort(key=lambda term: term[:2])
    left = []
    for place, (_, label, cells, event) in enumerate(terms):
        found = _outcome("", label, cells, pair, event, taken) if place < MOST_TERMS and label else None
        if found is not None:
            outcomes.append(replace(found, remarks=asks))
        else:
            shown = " and ".join(f"{cell.text or 'not posted'}/{n.text or 'not posted'}" for cell, n in cells)
            left.append(f"{event.path}: {label}, {shown}")
    return outcomes, left


def _outcome(
    name: str, label: str, cells: list[tuple[Piece, Piece]], pair: Pair, event: Piece, taken: set[str]
) -> OutcomeDraft | None:
    counts = [(cell.count, n.count) for cell, n in cells]
    if any(events is None or not n for events, n in counts):
        return None
    base = name or "ae_" + re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:45]
    base = base if is_identifier(base) else "adverse_event"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken.add(name)
    keys = {
        "label": Noted(label[:300]),
        "kind": Noted("counts"),
        "benefit": Noted("lower", f"{CONFIRM} the usual direction of benefit"),
        "family": Noted("safety"),
    }
    for arm, (events, n), (cell, _) in zip(("treatment", "control"), counts, cells, strict=True):
        keys[arm] = Noted(f"{events}/{n}", cell.path)
    if tuple(n for _, n in counts) != tuple(arm.n for arm in pair.arms):
        keys["n"] = Noted({"treatment": counts[0][1], "control": counts[1][1]}, "women at risk, as posted")
    return OutcomeDraft(name, keys | {"source": Noted(f"{SOURCE}, {event.path}")})
