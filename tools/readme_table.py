"""Writes the comparison table of the index trial into README.md, from the page's own rows; `--check` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.defaults import PRIMARY_PRIOR
from bayes_ivf.priors import bundled_prior_sets
from bayes_ivf.report import Row, comparison_rows, context_of
from bayes_ivf.results import Said, text

START, END = "<!-- comparison: tools/readme_table.py -->", "<!-- end of comparison -->"


def rows() -> Iterator[Row]:
    """Yield the rows of outcomes with results, in the order of the paper, by quadrature as the page tells them."""
    study = bi.load_study("lei-2026")
    outcomes = [item for item in study.items if item.role == "outcome"]
    embryos = [item.id for item in outcomes if item.per == "embryo"]
    sets = sorted(bundled_prior_sets(), key=lambda name: name != PRIMARY_PRIOR)
    counts = [item.id for item in outcomes if item.counts("control") and item.id not in embryos]
    others = [item.id for item in outcomes if item.id not in (*counts, *embryos)]
    # words have a range over belief in them; that of hormones over prior sets costs a minute: see the report
    made = [*_rows(study, counts, "two_arm", sets), *_rows(study, others, "two_arm", sets[:1])]
    made += [row for row in _rows(study, [*embryos, "cpr"], "embryo_cluster", sets) if row.outcomes[0] in embryos]
    found = {row.outcomes[0]: row for row in made if row.effect}
    yield from (found[item.id] for item in outcomes if item.id in found)


def _rows(study: bi.Study, names: list[str], model: str, sets: list[str]) -> list[Row]:
    part = replace(study, items=tuple(item for item in study.items if item.id in names))
    card = replace(load_card(model), variants=())  # what is of record is no variant
    result = bi.reanalyze(part, models=[card], priors=sets, engine="exact")
    return comparison_rows(context_of(result), "outcome")


def table() -> str:
    """Return the table as Markdown."""
    lines = [
        "| Outcome | Reported | Recomputed, frequentist | Reanalysis (95% credible interval); over priors "
        "| P(benefit); over priors |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows():
        reported = ", ".join(filter(None, [row.reported, row.claim]))
        recomputed = ", ".join(filter(None, [text(row.frequentist), text(row.p)])) or "not possible"
        likely = text(row.likely) or row.silent
        if row.kind == "claim_only":
            effect = f"{text(row.effect)}: {text(row.effect_range)}"
            likely = f"{likely}, {text(row.likely_range)}"
        else:
            effect = _with_range(row.effect, row.effect_range)
            likely = _with_range(row.likely, row.likely_range) if row.likely else likely
        lines.append(f"| {row.label} | {reported} | {recomputed} | {effect} | {likely} |")
    return "\n".join(lines)


def _with_range(said: Said, over: Said) -> str:
    return f"{text(said)}; {text(over)}" if over else text(said)


def main() -> int:
    """Write or check the table."""
    path = Path(__file__).parent.parent / "README.md"
    whole = path.read_text(encoding="utf-8")
    before, rest = whole.split(START)
    _, after = rest.split(END)
    made = f"{before}{START}\n{table()}\n{END}{after}"
    if "--check" in sys.argv:
        return int(made != whole)
    path.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
