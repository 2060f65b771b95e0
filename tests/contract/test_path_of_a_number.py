"""Which files one printed number passes from a study file to a cell of the page: those that are known, and no others."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import bayes_ivf as bi
from bayes_ivf.report import comparison_rows, context_of, page_environment

ROOT = Path(bi.__file__).parent
MOST_NAMED = 14
TRIAL = """
schema_version = 1
id = "trial"
title = "A trial"
[arms]
treatment = { label = "T", n = 40 }
control = { label = "C", n = 40 }
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy"
kind = "counts"
per = "woman"
benefit = "higher"
treatment = "16/40"
control = "12/40"
"""
PAGE = '{% from "comparison.html" import comparison_table %}{{ comparison_table(rows, "", "") }}'
HELPERS = {
    "": "__init__ cards errors estimand_id identifiers paths reanalysis run_result settings tables toml_text words",
    "effects": "derived from_exact",
    "exact": "contrast_moments counts_solution level_curves modes moments risk_contrast risk_difference risk_ratio scales"
    " two_by_two",
    "forms": "decoded_counts discovery form nested_counts stacking",
    "inference": "engine fit naming solvable",
    "priors": "batched families prior sets",
    "problem": "layout narrowing nesting options problem",
    "quadrature": "adaptive_mesh coordinates grid2d panels process_pool questions refinement summarize support2d transforms",
    "reading_choices": "choices of_a_run opened",
    "report": "context marks render",
    "results": "derived digits evidence frequentist row sentence unsigned value words_alone",
    "structures": "discovery structure",
    "structures/embryo_cluster": "problem",
    "structures/two_arm": "exact",
    "study": "arms_schema cell_read claim_row data datum denominators effect_row facts forms load mean_interval"
    " nested_row order reader scanner schema stated_row"
    " trial units",
}
"""Files by folder that serve those of ARCHITECTURE.md: texts, faults, arrays, panels."""


def named_files():
    """Files of the section in ARCHITECTURE.md, in its order."""
    text = (Path(__file__).parents[2] / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.partition("## The path of a number")[2].partition("\n## ")[0]
    return re.findall(r"`([\w/]+\.py)`", section)


def executed(work):
    """Files of the package, the audit's left out, in which a function starts while `work` runs."""
    monitoring, tool, seen = sys.monitoring, 4, []

    def started(code, _):
        path = Path(code.co_filename)
        if path.is_relative_to(ROOT):
            name = path.relative_to(ROOT).as_posix()
            if name not in seen and not name.startswith("auditing/"):
                seen.append(name)
        return monitoring.DISABLE

    monitoring.use_tool_id(tool, "path of a number")
    try:
        monitoring.register_callback(tool, monitoring.events.PY_START, started)
        monitoring.restart_events()
        monitoring.set_events(tool, monitoring.events.PY_START)
        work()
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)
    return seen


def test_a_number_passes_known_files_only(tmp_path):
    (tmp_path / "trial.toml").write_text(TRIAL, encoding="utf-8")
    cells = []

    def work():
        result = bi.reanalyze(
            tmp_path / "trial.toml", models=["two_arm"], priors=["weakly_informative"], engine="exact"
        )
        rows = comparison_rows(context_of(result), "outcome")
        cells.append(page_environment().from_string(PAGE).render(rows=rows))

    work()  # what is read or imported once is no part of the way
    seen, named = executed(work), named_files()
    helpers = {f"{folder}/{name}.py".strip("/") for folder, names in HELPERS.items() for name in names.split()}
    helpers.add("report/templates/comparison.html")
    print("named:", *named, sep="\n  ")
    print("serving them:", *(name for name in seen if name not in named), sep="\n  ")
    assert ">+8.2</data>" in cells[-1]
    assert len(named) <= MOST_NAMED
    assert [name for name in seen if name in named] == named
    assert sorted(set(seen) - set(named) - helpers) == []
    assert sorted(name for name in helpers if not (ROOT / name).is_file()) == []
