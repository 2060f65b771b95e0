"""Writes the comparison table of the index trial into README.md, from the exact engine; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

import bayes_ivf as bi
from bayes_ivf.report.render import effect, effect_interval, p_value, probability

START, END = "<!-- comparison: tools/readme_table.py -->", "<!-- end of comparison -->"
SHOWN = ("cpr", "eir", "mcr", "fsh", "e2", "lh", "ca125")


def table() -> str:
    """Return the table as Markdown."""
    result = bi.reanalyze("lei-2026", models=["two_arm", "embryo_cluster"], engine="exact")
    lines = [
        "| Outcome | Reported | Recomputed, frequentist | Reanalysis, 95% credible interval | P(benefit), over prior sets |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in result.comparisons:
        if row.outcome not in SHOWN:
            continue
        scale = "risk_difference" if row.freq_test == "Fisher" else ""
        values = (
            f"{row.reported_treatment} vs {row.reported_control}, {row.reported_p}"
            if row.reported_treatment
            else row.reported_p
        )
        recomputed = "not possible"
        if row.freq_effect is not None:
            between = effect_interval(row.freq_ci_low, row.freq_ci_high, scale)
            recomputed = f"{effect(row.freq_effect, scale)} ({between}), {p_value(row.freq_p)}"
        between = effect_interval(row.bayes_ci_low, row.bayes_ci_high, row.effect_scale)
        analysis = f"{effect(row.bayes_effect, row.effect_scale)} ({between})"
        chance = "no direction is benefit"
        if row.p_benefit is not None:
            chance = probability(row.p_benefit)
            if row.p_benefit_min is not None:
                chance += f" ({probability(row.p_benefit_min)} to {probability(row.p_benefit_max)})"
        lines.append(f"| {row.label} | {values} | {recomputed} | {analysis} | {chance} |")
    return "\n".join(lines)


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
