"""The claims of a paper at a glance: one tile for each, sorted by whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bayes_ivf.plots.lettering import wrap
from bayes_ivf.plots.sheet import EDGE, Sheet
from bayes_ivf.plots.style import AMBER, BODY, GREEN, HEAD, MUTED, RUST
from bayes_ivf.words import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bayes_ivf.auditing import ClaimRow

VERDICTS = {
    "no": ("does not hold", "do not hold", RUST),
    "conditional": ("holds only conditionally", "hold only conditionally", AMBER),
    "yes": ("holds", "hold", GREEN),
    "undetermined": ("cannot be judged", "cannot be judged", MUTED),
}
"""By the ledger's word: what one claim or several do, and their color."""
STROKES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "no": (((-1, -1), (1, 1)), ((-1, 1), (1, -1))),
    "conditional": (((-1.1, 0.4), (-0.5, -0.4), (0.3, 0.4), (1.1, -0.4)),),
    "yes": (((-1, 0.1), (-0.3, 0.8), (1, -0.8)),),
    "undetermined": (((-0.9, 0), (0.9, 0)),),
}
"""What is drawn in a tile, so that color is not needed: a cross, a wave, a hook, a stroke."""
TILE, STEP = 11.0, 14.0
"""Side of a tile, and from one to the next, in points."""


def ledger_strip(source: Any, role: str | None = "outcome") -> Figure | None:
    """Draw one tile for each claim with a P: does not hold, holds only conditionally, holds, cannot be judged.

    Parameters
    ----------
    source : Audit, Reanalysis or Context
    role : {"outcome", "baseline"}, optional
        Which claims are shown; None for all.

    Returns
    -------
    Figure or None
        Below the tiles stand the outcomes. None if the paper claims nothing.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05", direction="higher"))
    >>> [text.get_text() for text in bi.plots.ledger_strip(audit).texts]
    ['1 claim does not hold', 'cpr']
    """
    groups = claims_by_verdict(source, role)
    if not groups:
        return None
    sheet, labels = Sheet(), _labels(source)
    for verdict, rows in groups.items():
        _group(sheet, verdict, [labels.get(row.outcome, row.outcome) for row in rows])
    return sheet.finish()


def describe_ledger_strip(source: Any, role: str | None = "outcome") -> str:
    """Return what the figure of `ledger_strip` says, for who cannot see it; empty if there is none.

    Parameters
    ----------
    source, role
        As of `ledger_strip`.

    Returns
    -------
    str

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05", direction="higher"))
    >>> bi.plots.describe_ledger_strip(audit)
    '1 claim does not hold (cpr).'
    """
    groups, labels = claims_by_verdict(source, role), _labels(source)
    if not groups:
        return ""
    told = [
        f"{_heading(verdict, len(rows))} ({', '.join(labels.get(row.outcome, row.outcome) for row in rows)})"
        for verdict, rows in groups.items()
    ]
    return f"{'; '.join(told)}."


def claims_by_verdict(source: Any, role: str | None = "outcome") -> dict[str, list[ClaimRow]]:
    """Return the claims that were judged, by verdict, in the order of the figure."""
    audit = getattr(source, "audit", source)
    rows = [row for row in audit.ledger if role is None or audit.study.outcome(row.outcome).role == role]
    groups = {verdict: [row for row in rows if row.supported == verdict] for verdict in VERDICTS}
    return {verdict: found for verdict, found in groups.items() if found}


def _labels(source: Any) -> dict[str, str]:
    return {item.id: item.title for item in getattr(source, "audit", source).study.items}


def _heading(verdict: str, count: int) -> str:
    return f"{counted(count, 'claim')} {VERDICTS[verdict][0 if count == 1 else 1]}"


def _group(sheet: Sheet, verdict: str, labels: Sequence[str]) -> None:
    color = VERDICTS[verdict][2]
    if sheet.y > EDGE:
        sheet.space(5)
    for line in wrap(_heading(verdict, len(labels)), sheet.inner, HEAD, most=2, bold=True):
        sheet.text(line, EDGE, sheet.y + HEAD, size=HEAD, color=color, fontweight="bold")
        sheet.space(1.3 * HEAD)
    sheet.space(2)
    fit = int((sheet.inner - TILE) // STEP) + 1
    for first in range(0, len(labels), fit):
        for place in range(min(fit, len(labels) - first)):
            _tile(sheet, EDGE + STEP * place, verdict, color)
        sheet.space(STEP)
    sheet.paragraph("; ".join(labels), size=BODY, most=8)


def _tile(sheet: Sheet, left: float, verdict: str, color: str) -> None:
    middle_x, middle_y, size = left + TILE / 2, sheet.y + TILE / 2, 0.27 * TILE
    sheet.line(
        [left, left + TILE, left + TILE, left, left], [sheet.y, sheet.y, sheet.y + TILE, sheet.y + TILE, sheet.y],
        color=color, linewidth=0.9, gid=verdict,
    )  # fmt: skip
    for stroke in STROKES[verdict]:
        xs, ys = [middle_x + size * x for x, _ in stroke], [middle_y + size * y for _, y in stroke]
        sheet.line(xs, ys, color=color, linewidth=1.5, solid_capstyle="round")
