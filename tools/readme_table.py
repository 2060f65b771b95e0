"""Writes the comparison table of the index trial into README.md, from the exact engine; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

import bayes_ivf as bi
from bayes_ivf.defaults import CLAIM_DOUBTS
from bayes_ivf.effects import EffectRow, main_row
from bayes_ivf.effects.comparison import frequentist
from bayes_ivf.priors import bundled_prior_sets
from bayes_ivf.report.render import effect, effect_interval, p_value, probability
from bayes_ivf.study import Study

START, END = "<!-- comparison: tools/readme_table.py -->", "<!-- end of comparison -->"
SHOWN = ("cpr", "eir", "mcr", "fsh", "e2", "lh", "ca125")


def table() -> str:
    """Return the table as Markdown."""
    study = bi.load_study("lei-2026")
    lines = [
        "| Outcome | Reported | Recomputed, frequentist | Reanalysis, 95% credible interval | P(benefit), over prior sets |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in SHOWN:
        item = study.outcome(name)
        claim = "" if item.claim is None else item.claim.p
        reported = (
            f"{item.printed('treatment')} vs {item.printed('control')}, {claim}" if item.printed("control") else claim
        )
        recomputed = "not possible"
        found = frequentist(item)
        if found is not None:
            between = effect_interval(found.low, found.high, found.scale)
            recomputed = f"{effect(found.effect, found.scale, found.low, found.high)} ({between}), {p_value(found.p)}"
        row = fit(study, name, "weakly_informative", 0)
        assert row is not None
        between = effect_interval(row.ci_low, row.ci_high, row.estimand)
        analysis = f"{effect(row.median, row.estimand, row.ci_low, row.ci_high)} ({between})"
        lines.append(f"| {item.label} | {reported} | {recomputed} | {analysis} | {chance(study, name, row)} |")
    return "\n".join(lines)


def fit(study: Study, name: str, prior: str, doubt: float) -> EffectRow | None:
    """Return the row that an outcome is told on, by quadrature; None where a prior set does not apply."""
    item = study.outcome(name)
    model = "embryo_cluster" if item.per == "embryo" else "two_arm"
    options = {"doubt": doubt} if item.kind == "claim_only" else {}
    try:
        return main_row(bi.fit(study, name, model, prior, engine="exact", options=options).rows)
    except bi.BayesIvfError:
        return None


def chance(study: Study, name: str, primary: EffectRow) -> str:
    """Return the probability of benefit and its range over prior sets and, for a claim, degrees of belief."""
    if primary.p_benefit is None:
        return "no direction is benefit"
    if study.outcome(name).per == "embryo":
        return probability(primary.p_benefit)  # every further prior set costs seconds; the report has them all
    doubts = CLAIM_DOUBTS if study.outcome(name).kind == "claim_only" else (0.0,)
    rows = [fit(study, name, prior, doubt) for prior in bundled_prior_sets() for doubt in doubts]
    found = [row.p_benefit for row in rows if row is not None and row.p_benefit is not None]
    return f"{probability(primary.p_benefit)} ({probability(min(found))} to {probability(max(found))})"


def main() -> int:
    """Write or check the table."""
    path = Path(__file__).parent.parent / "README.md"
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(START)
    _, after = rest.split(END)
    made = f"{before}{START}\n{table()}\n{END}{after}"
    if "--check" in sys.argv:
        return int(made != text)
    path.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
