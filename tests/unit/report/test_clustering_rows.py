"""The figure of readings of the embryo totals tells the same numbers as the comparison."""

import pandas as pd

from bayes_ivf.plots.clustering import clustering_rows

BASE = {"study": "s", "outcome": "eir", "prior": "weakly_informative", "estimand": "risk_difference", "p_benefit": 0.8}


def row(model, options, engine, median, verdict="pass"):
    return BASE | {
        "model": model,
        "options": options,
        "engine": engine,
        "median": median,
        "ci_low": median - 0.1,
        "ci_high": median + 0.1,
        "verdict": verdict,
    }


def test_quadrature_is_told_where_accurate_and_nuts_elsewhere():
    nested, other = "M=3;mechanism=beta_binomial", "M=3;mechanism=receptivity"
    effects = pd.DataFrame(
        [
            row("two_arm", "", "nuts", 0.170),
            row("two_arm", "", "exact", 0.167),
            row("embryo_cluster", nested, "nuts", 0.101),
            row("embryo_cluster", nested, "exact", 0.104),
            row("embryo_cluster", other, "nuts", 0.081),
            row("embryo_cluster", other, "exact", 0.080, "warn"),
        ]
    )
    comparison = pd.DataFrame([{"outcome": "eir", "freq_test": "other"}])
    rows = clustering_rows(effects, comparison)
    assert [label for label, *_ in rows] == [
        "Embryos as independent, Bayesian",
        "Embryos nested in women",
        "... receptive or not",
    ]
    assert [round(center, 6) for _, center, *_ in rows] == [16.7, 10.4, 8.1]


def test_without_a_clustered_fit_there_is_no_figure():
    effects = pd.DataFrame([row("two_arm", "", "exact", 0.1)])
    assert clustering_rows(effects, pd.DataFrame(columns=["outcome", "freq_test"])) == []
