"""Which engine fits embryo totals, and that both give the same where both can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.errors import RequestError
from bayes_ivf.inference import Verdict, engine
from bayes_ivf.priors import load_prior_set
from bayes_ivf.problem import build_problem, can_be_sampled
from bayes_ivf.reanalysis import plan
from bayes_ivf.settings import Settings
from bayes_ivf.study import Study

SMALL = {"women": 15, "embryos": 30, "pregnant": 6, "implanted": 9}
LARGE = {"women": 150, "embryos": 310, "pregnant": 60, "implanted": 95}
MIDDLE = (
    {"women": 18, "embryos": 38, "pregnant": 6, "implanted": 11},
    {"women": 19, "embryos": 39, "pregnant": 5, "implanted": 7},
)


def problem(study, model, **options):
    outcome = "eir" if model == "embryo_cluster" else "mcr"
    return build_problem(study, outcome, load_card(model), "weakly_informative", options)


def large():
    return Study.from_clusters(LARGE, LARGE, max_embryos=3)


@pytest.mark.parametrize("mechanism", ["beta_binomial", "receptivity", "biochemical"])
def test_listed_tables_can_be_sampled(mechanism, lei):
    study = Study.from_clusters(SMALL, SMALL, max_embryos=3)
    assert can_be_sampled(problem(study, "embryo_cluster", mechanism=mechanism))
    assert can_be_sampled(problem(lei, "embryo_cluster", mechanism=mechanism))
    assert can_be_sampled(problem(lei, "funnel", mechanism=mechanism))


def test_losses_in_too_many_tables_are_left_to_quadrature():
    assert can_be_sampled(problem(large(), "embryo_cluster"))
    assert not can_be_sampled(problem(large(), "embryo_cluster", mechanism="biochemical"))


def test_run_leaves_what_only_quadrature_can_solve_to_those_who_ask(lei):
    cards, sets = [load_card("embryo_cluster")], [load_prior_set("weakly_informative")]
    mechanisms = [{each.options["mechanism"] for each in plan(study, cards, sets).problems} for study in (lei, large())]
    assert mechanisms[0] == {"beta_binomial", "receptivity", "biochemical"}
    assert mechanisms[1] == {"beta_binomial", "receptivity"}


def test_nuts_refuses_and_says_what_to_do():
    with pytest.raises(RequestError) as caught:
        bi.fit(large(), "eir", "embryo_cluster", engine="nuts", options={"mechanism": "biochemical"})
    (fault,) = caught.value.faults
    assert "losses before the clinical pregnancy" in fault.found
    assert "exact" in fault.allowed


@pytest.mark.parametrize("sampled", [True, False])
def test_an_inaccurate_exact_fit_is_sampled_or_marked(monkeypatch, sampled):
    study = Study.from_clusters(SMALL, SMALL, max_embryos=3)
    asked = problem(study, "embryo_cluster")
    inaccurate = Verdict("fail", ("for the test",), {})
    exact = engine.fit_exact
    monkeypatch.setattr(engine, "fit_exact", lambda *args: [replace(fit, verdict=inaccurate) for fit in exact(*args)])
    monkeypatch.setattr(engine, "can_be_sampled", lambda _: sampled)
    drawn = []

    def draw(problem, settings, workers, ci_prob):
        drawn.append(problem)
        return exact([problem], settings)[0]

    monkeypatch.setattr(engine, "_sampled", draw)
    (fit,) = engine.fit_problems([asked], Settings(), engine="auto")
    assert len(drawn) == int(sampled)
    assert fit.verdict.level == ("pass" if sampled else "fail")


def test_engines_agree_on_losses_in_many_tables(monkeypatch):
    monkeypatch.setattr("bayes_ivf.forms.embryo_totals.ROWS_LIMIT", 500)
    study = Study.from_clusters(*MIDDLE, max_embryos=3)
    options = {"mechanism": "biochemical"}
    assert "surface" in problem(study, "embryo_cluster", **options).variant
    exact = bi.fit(study, "eir", "embryo_cluster", engine="exact", options=options)
    nuts = bi.fit(study, "eir", "embryo_cluster", engine="nuts", options=options, draws=500)
    assert nuts.verdict.level != "fail"
    truth = {(row.outcome, row.estimand, row.options): row for row in exact.rows}
    compared = 0
    for row in nuts.rows:
        other = truth[row.outcome, row.estimand, row.options]
        if row.mcse is not None and np.isfinite(row.mcse) and other.mean is not None:
            assert abs(row.mean - other.mean) < 5 * row.mcse, row
            compared += 1
    assert compared >= 15
