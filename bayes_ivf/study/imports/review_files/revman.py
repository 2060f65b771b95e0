"""The way out: rows under the headings of Cochrane data packages, which RevMan and this package read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

ROWS = (
    "Analysis group", "Analysis number", "Analysis name", "Subgroup", "Applicability", "Study", "Study year", "GIV Mean",
    "GIV SE", "Experimental mean", "Experimental SD", "Experimental cases", "Experimental N", "Control mean", "Control SD",
    "Control cases", "Control N", "O-E", "Variance", "Weight", "Mean", "CI start", "CI end", "Footnotes",
)  # fmt: skip
SETTINGS = (
    "Analysis group", "Analysis number", "Analysis name", "Analysis group name", "Data type", "Log-scale data",
    "Statistical method", "Effect measure", "Analysis model",
)  # fmt: skip
MEASURES = {
    "odds_ratio": "Odds Ratio",
    "risk_ratio": "Risk Ratio",
    "hazard_ratio": "Hazard Ratio",
    "mean_difference": "Mean Difference",
    "risk_difference": "Risk Difference",
}
_ARMS = ("Experimental", "Control")
Row = Mapping[str, str]


def revman_rows(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return data rows and settings, an analysis for each outcome of one kind.

    Parameters
    ----------
    rows : sequence of mapping
        Cells by column of this package: ``study, outcome, label`` with counts, means, or ``measure, effect, se``.
    """
    analyses: dict[tuple[str, str], tuple[str, str]] = {}
    made: list[Row] = []
    settings: list[Row] = []
    for row in rows:
        kind = row.get("measure") or ("Continuous" if row.get("sd_treatment") else "Dichotomous")
        known = (row["outcome"], kind) in analyses
        number, label = analyses.setdefault(
            (row["outcome"], kind), (str(len(analyses) + 1), row.get("label") or row["outcome"])
        )
        name = {"Analysis group": "1", "Analysis number": number, "Analysis name": label}
        made.append(name | {"Study": row["study"]} | _numbers(row))
        if not known:
            contrast = kind in MEASURES
            told = {"Data type": "Contrast level" if contrast else kind, "Effect measure": MEASURES.get(kind, "")}
            logs = {"Log-scale data": "true" if "ratio" in kind else "false"} if contrast else {}
            settings.append(name | told | logs)
    return made, settings


def _numbers(row: Row) -> dict[str, str]:
    if row.get("measure"):
        value = float(row["effect"])
        effect = f"{log(value):.12g}" if "ratio" in row["measure"] else row["effect"]
        return {"GIV Mean": effect, "GIV SE": row["se"]}
    pairs = (("events", "cases"), ("n", "N"), ("mean", "mean"), ("sd", "SD"))
    return {
        f"{theirs} {name}": row[f"{what}_{arm}"]
        for arm, theirs in zip(("treatment", "control"), _ARMS, strict=True)
        for what, name in pairs
        if row.get(f"{what}_{arm}")
    }
