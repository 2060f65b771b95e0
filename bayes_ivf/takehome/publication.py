"""The comparison as a table for a paper: cells of text, a caption, notes; HTML, LaTeX and Word show the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase

from bayes_ivf.effects import REPORTED
from bayes_ivf.report import Context, Row, comparison_rows, told_under
from bayes_ivf.results import percent
from bayes_ivf.takehome.prose import legal, typeset

HEAD = ("Outcome", "Reported", "Recomputed", "Reanalysis", "How sure: probability of benefit")
WIDTHS = (0.18, 0.18, 0.2, 0.24, 0.2)
"""Shares of the width."""
GROUPS = {"outcome": "Outcomes", "baseline": "Baseline variables"}
NOTHING = "–"
UNFINISHED = "The run behind this had not finished: what it had not estimated yet is missing."
ASSOCIATION = "Each effect is an association under the model, causal only if allocation was random."
NOT_RANDOM = "Allocation cannot be taken as random from what was visible."


@dataclass(frozen=True)
class Line:
    """A row of the table.

    Parameters
    ----------
    group : str
        Under which heading it stands.
    cells : tuple of str
        As many as there are columns.
    """

    group: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Publication:
    """A table with what stands around it.

    Parameters
    ----------
    caption : str
    head : tuple of str
    lines : tuple of Line
    notes : tuple of str
    """

    caption: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """Headings that have rows."""
        return tuple(dict.fromkeys(line.group for line in self.lines))


def publication(context: Context) -> Publication:
    """Return the comparison of a run as a table for a paper."""
    rows = {role: comparison_rows(context, role) for role in GROUPS}
    shown = [row for each in rows.values() for row in each]
    prior = told_under(shown, context.manifest["priors"])
    # whatever is held against a row is told once, under a letter
    flags = list(dict.fromkeys(row.flag for row in shown if row.flag))
    marks = {flag: mark(index) for index, flag in enumerate(flags)}
    lines = [
        Line(GROUPS[role], _cells(context, row, prior, marks, role)) for role, mine in rows.items() for row in mine
    ]
    title = legal(context.study.title or context.study.id)
    return Publication(
        caption=f"What was reported, and what its numbers show: {title}",
        head=HEAD,
        lines=tuple(lines),
        notes=(*_notes(context, shown, prior), *(f"[{marks[flag]}] {_note(flag)}" for flag in flags)),
    )


def mark(index: int) -> str:
    """Return the letters of a note: a to z, then aa."""
    rest, last = divmod(index, len(ascii_lowercase))
    return (mark(rest - 1) if rest else "") + ascii_lowercase[last]


def _note(flag: str) -> str:
    text = legal(flag).removesuffix("; see findings")
    return f"{text[0].upper()}{text[1:]}."


def _cells(context: Context, row: Row, prior: str, marks: Mapping[str, str], role: str) -> tuple[str, ...]:
    label = legal(row.label) + (f" [{marks[row.flag]}]" if row.flag else "")
    reported = "; ".join(legal(part) for part in (row.reported, row.claim) if part)
    recomputed = ", ".join(typeset(part) for part in (row.frequentist, row.p) if part)
    effect = "; ".join(typeset(part) for part in (row.effect, row.effect_range) if part)
    record = context.of_record(row.outcomes[0]) if row.effect else []
    if record and REPORTED[record[0].estimand].null == 1:  # a ratio tells by itself not what it is
        effect = f"{REPORTED[record[0].estimand].label.lower()} {effect}"
    if effect and row.prior != prior:
        effect += f"; under {row.prior}"
    likely = "; ".join(typeset(part) for part in (row.likely, row.likely_range) if part)
    sure = likely or (row.silent if role == "outcome" else NOTHING)
    return label, reported, recomputed or "cannot be recomputed", effect or "not estimated", sure


def _notes(context: Context, rows: list[Row], prior: str) -> list[str]:
    level, study = percent(context.ci_prob), context.study
    arms = (f"{legal(study.arms[arm])}" + (f" (n = {study.sizes[arm]})" * bool(study.sizes[arm])) for arm in study.arms)
    notes = [
        " versus ".join(arms) + ". Differences are treatment minus control.",
        f"Recomputed: {level} confidence interval (Newcombe for counts, Welch for means) and P from the printed numbers. "
        f"Reanalysis: posterior median with {level} credible interval. "
        "Probability of benefit: posterior probability that the treatment is better.",
    ]
    if prior:
        words = context.manifest["priors"].get(prior, {})
        told = (
            f"Prior set: {words.get('label', prior)}, unless the row names another. {words.get('sentence', '')}".strip()
        )
        notes.append(told)
    if any(row.likely for row in rows) and len(context.manifest["priors"]) > 1:
        notes.append("Ranges over priors run over all prior sets of the run.")
    random = "" if study.randomized == "yes" else f" {NOT_RANDOM}"
    return [*notes, ASSOCIATION + random, *_warnings(context, rows)]


def _warnings(context: Context, rows: list[Row]) -> list[str]:
    """Say what a reader of the numbers must know of their computation."""
    records = [(row, context.of_record(row.outcomes[0])[0]) for row in rows if row.effect]
    marked = [
        f"The computation of {legal(row.label)} was marked: {record.verdict}."
        for row, record in records
        if record.verdict != "pass"
    ]
    return [UNFINISHED, *marked] if is_unfinished(context) else marked


def is_unfinished(context: Context) -> bool:
    """Whether the run was stopped before all fits were made."""
    return str(context.manifest["status"]) != "finished"
