"""Which engine may fit embryo totals: NUTS has no likelihood for losses in arms with too many tables to list."""

from __future__ import annotations

import pytest

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.errors import RequestError
from bayes_ivf.inference import exact_by_default
from bayes_ivf.problem import build_problem, can_be_sampled
from bayes_ivf.study import Study

SMALL = {"women": 15, "embryos": 30, "pregnant": 6, "implanted": 9}


def problem(study, model, **options):
    return build_problem(study, "eir", load_card(model), "weakly_informative", options)


@pytest.mark.parametrize("mechanism", ["beta_binomial", "receptivity", "biochemical"])
def test_listed_tables_can_be_sampled(mechanism):
    study = Study.from_clusters(SMALL, SMALL, max_embryos=3)
    assert can_be_sampled(problem(study, "embryo_cluster", mechanism=mechanism))


def test_a_surface_has_no_place_for_losses(lei):
    assert can_be_sampled(problem(lei, "embryo_cluster"))
    assert can_be_sampled(problem(lei, "embryo_cluster", M="4"))
    losing = problem(lei, "embryo_cluster", mechanism="biochemical")
    assert not can_be_sampled(losing)
    assert exact_by_default(losing)


@pytest.mark.parametrize("model", ["embryo_cluster", "funnel"])
def test_nuts_refuses_and_says_what_to_do(model, lei):
    outcome = "eir" if model == "embryo_cluster" else "mcr"
    with pytest.raises(RequestError) as caught:
        bi.fit(lei, outcome, model, engine="nuts", options={"mechanism": "biochemical"})
    (fault,) = caught.value.faults
    assert "losses before the clinical pregnancy" in fault.found
    assert "exact" in fault.allowed
