"""Writes the comparison table of the index trial into README.md, from the page's own rows; `--check` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bayes_ivf as bi
from bayes_ivf.defaults import PRIMARY_PRIOR
from bayes_ivf.effects import text
from bayes_ivf.priors import bundled_prior_sets
from bayes_ivf.report import Context, Row, comparison_rows

START, END = "<!-- comparison: tools/readme_table.py -->", "<!-- end of comparison -->"


def rows() -> Iterator[Row]:
    """Yield the rows of outcomes with results, in the order of the paper, by quadrature as the page tells them."""
    study = bi.load_study("lei-2026")
    outcomes = [item for item in study.items if item.role == "outcome"]
    embryos = [item.id for item in outcomes if item.per == "embryo"]
    counts = [item.id for item in outcomes if item.counts("control") and item.id not in embryos]
    others = [item.id for item in outcomes if item.id not in (*counts, *embryos)]
    sets = sorted(bundled_prior_sets(), key=lambda name: name != PRIMARY_PRIOR)
    # words have a range over belief in them, hormones no direction; further prior sets of embryos cost minutes: see the report
    made = [*_rows(study, counts, "two_arm", sets), *_rows(study, others, "two_arm", sets[:1])]
    made += [row for row in _rows(study, [*embryos, "cpr"], "embryo_cluster", sets[:1]) if row.outcomes[0] in embryos]
    found = {row.outcomes[0]: row for row in made if row.effect}
    yield from (found[item.id] for item in outcomes if item.id in found)


def _rows(study: bi.Study, names: list[str], model: str, sets: list[str]) -> list[Row]:
    part = replace(study, items=tuple(item for item in study.items if item.id in names))
    result = bi.reanalyze(part, models=[model], priors=sets, engine="exact")
    fits = [{"problem": fit.problem.hash, "key": list(fit.problem.key)} for fit in result.fits]
    context = Context(part, result.audit, result.comparison, result.effects, (), {"models": {}, "fits": fits})
    return comparison_rows(context, "outcome")


def table() -> str:
    """Return the table as Markdown."""
    lines = [
        "| Outcome | Reported | Recomputed, frequentist | Reanalysis, 95% credible interval | P(benefit), over prior sets |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows():
        reported = ", ".join(filter(None, [row.reported, row.claim]))
        recomputed = ", ".join(filter(None, [text(row.frequentist), text(row.p)])) or "not possible"
        likely = text(row.likely) or "no direction is benefit"
        if row.kind == "claim_only":
            effect = f"{text(row.effect)}: {text(row.effect_range)}"
            likely = f"{likely}, {text(row.likely_range)}"
        else:
            effect = text(row.effect)
            over = text(row.likely_range).removesuffix(" over priors")
            likely = f"{likely} ({over})" if over else likely
        lines.append(f"| {row.label} | {reported} | {recomputed} | {effect} | {likely} |")
    return "\n".join(lines)


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
