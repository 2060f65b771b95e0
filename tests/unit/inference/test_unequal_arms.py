"""NUTS on arms that are not known equally well: the gate passes at the default settings, with draws to spare.

All tables: ``python tests/unit/inference/test_unequal_arms.py``; a few of them in the suite.
"""

from __future__ import annotations

import pytest
from scipy import special

from bayes_ivf import Study, fit

TABLES = (
    ((0, 12), (900, 30000)),
    ((12, 12), (900, 30000)),
    ((900, 30000), (0, 12)),
    ((1, 10), (50000, 100000)),
    ((10, 10), (50000, 100000)),
    ((0, 10), (100000, 100000)),
    ((0, 10), (0, 100000)),
    ((10, 10), (0, 100000)),
    ((5, 10), (1, 100000)),
    ((9, 10), (99, 100)),
    ((0, 10), (0, 10)),
    ((10, 10), (0, 10)),
    ((3, 10), (4, 10)),
    ((16, 40), (12, 40)),
    ((16, 40), (1200, 4000)),
    ((1200, 4000), (16, 40)),
    ((0, 100), (5, 100000)),
    ((100, 100), (5, 100000)),
    ((2, 100), (2000, 100000)),
    ((50, 100), (2000, 100000)),
    ((2000, 100000), (50, 100)),
    ((1, 1000), (999, 1000)),
    ((0, 1000), (20, 1000)),
    ((20, 1000), (30000, 100000)),
    ((500, 1000), (50000, 100000)),
    ((0, 10000), (7, 20)),
    ((10000, 10000), (7, 20)),
    ((50000, 100000), (50100, 100000)),
    ((0, 100000), (0, 100000)),
    ((3, 100000), (40, 60)),
)
CONTROL = {
    "control": {"dist": "Normal", "mu": -1, "sigma": 1.5},
    "effect": {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": 1},
}
HEAVY = {"average": {"dist": "Cauchy", "alpha": 0, "beta": 1}, "effect": {"dist": "Normal", "mu": 0, "sigma": 1}}
CASES = [
    *((TABLES[i], "weakly_informative") for i in (0, 4, 17)),
    (TABLES[20], CONTROL),
    (TABLES[0], HEAVY),
]


def worst(table, prior="weakly_informative"):
    """Verdict, smallest bulk ESS, and largest distance of a mean from quadrature in Monte Carlo standard errors."""
    found = fit(Study.from_counts(*table), prior=prior, engine="nuts")
    exact = fit(Study.from_counts(*table), prior=prior, engine="exact")
    gaps = [
        abs(row.mean - exact.row(row.estimand).mean) / row.mcse
        for row in found.rows
        if row.estimand in ("log_odds_ratio", "risk_difference", "control_risk")
    ]
    return found.verdict.level, min(row.ess_bulk for row in found.rows), max(gaps)


@pytest.mark.parametrize(("table", "prior"), CASES)
def test_arms_of_unequal_information_pass_the_gate(table, prior):
    level, ess, gap = worst(table, prior)
    assert level == "pass"
    assert ess >= 1000
    assert gap < 4.5


def test_few_women_against_a_register_by_an_integral_of_its_own():
    """Posterior of 0/12 against 900/30000 on a plain grid: log odds ratio 0.1916 (0.7918)."""
    import numpy as np

    effect = np.linspace(-6, 6, 1201)
    level = np.linspace(-6.5, 0, 6501)
    average, odds = level[:, None], effect[None]
    log = -(average**2) / (2 * 1.5**2) - odds**2 / 2
    log = log + 12 * special.log_expit(-average - odds / 2)
    log = log + 900 * special.log_expit(average - odds / 2) + 29100 * special.log_expit(-average + odds / 2)
    weight = np.exp(log - log.max()).sum(axis=0)
    mean = (weight * effect).sum() / weight.sum()
    sd = np.sqrt((weight * effect**2).sum() / weight.sum() - mean**2)
    assert (mean, sd) == (pytest.approx(0.1916, abs=5e-4), pytest.approx(0.7918, abs=5e-4))
    row = fit(Study.from_counts(*TABLES[0]), engine="nuts").row("log_odds_ratio")
    assert abs(row.mean - mean) < 4 * row.mcse
    assert abs(row.sd - sd) < 0.04


if __name__ == "__main__":
    for each in TABLES:
        print(each, *worst(each), flush=True)
