"""Quadrature of embryo totals: every quantity of a problem, by mechanism and size, beside the default one."""

from __future__ import annotations

import time

from bayes_ivf.cards import load_card
from bayes_ivf.inference import solve_exact
from bayes_ivf.problem import build_problem
from bayes_ivf.study import Study
from tests.benchmarks.recorder import record

LARGE = (
    {"women": 300, "embryos": 620, "pregnant": 110, "implanted": 160},
    {"women": 300, "embryos": 600, "pregnant": 90, "implanted": 130},
)


def seconds(study, options):
    problem = build_problem(study, "eir", load_card("embryo_cluster"), "weakly_informative", options)
    start = time.perf_counter()
    solved = solve_exact([problem])
    taken = time.perf_counter() - start
    assert solved.verdicts[0].level == "pass"
    return taken


def test_embryo_totals(lei):
    large = Study.from_clusters(*LARGE, max_embryos=3)
    cases = [
        ("40 women, beta_binomial", lei, {}, 2.0),
        ("40 women, receptivity", lei, {"mechanism": "receptivity"}, 4.0),
        ("40 women, biochemical", lei, {"mechanism": "biochemical"}, 20.0),
        ("40 women, beta_binomial, M = 4", lei, {"M": "4"}, 25.0),
        ("300 women, beta_binomial", large, {}, 30.0),
        ("300 women, receptivity", large, {"mechanism": "receptivity"}, 30.0),
    ]
    seconds(lei, {"weights": "multinomial"})
    lines = ["| women in each arm, options | seconds | times the first |", "| --- | ---: | ---: |"]
    first = None
    for name, study, options, most in cases:
        taken = seconds(study, options)
        first = first or taken
        lines.append(f"| {name} | {taken:.1f} | {taken / first:.1f} |")
        assert taken < most, name
    record("Exact engine, embryo totals, all quantities of a problem", lines)
