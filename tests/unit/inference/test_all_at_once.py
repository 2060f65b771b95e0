"""Functions of all draws give the numbers of PyMC's own, which draw and loop one by one."""

from __future__ import annotations

import arviz_base
import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from pymc.pytensorf import reseed_rngs
from pytensor.graph.replace import vectorize_graph

from bayes_ivf import Study, fit, load_study
from bayes_ivf.cards import load_card
from bayes_ivf.inference.all_at_once import all_at_once, many_draws
from bayes_ivf.inference.completion import _MODE, _dataset
from bayes_ivf.problem import build_problem
from bayes_ivf.structures import build_model

WOMEN = {"women": 30, "embryos": 50, "pregnant": 9, "implanted": 12}
CAUCHY = {"dist": "Cauchy", "alpha": 0, "beta": 1}


def _counts(prior):
    return fit(Study.from_counts((16, 40), (12, 40), outcome="cpr"), prior=prior, engine="exact").problem


def _of_index(outcome, model, **options):
    return build_problem(load_study("lei-2026"), outcome, load_card(model), "weakly_informative", options)


PROBLEMS = {
    "counts": lambda: _counts("weakly_informative"),
    "heavy tails": lambda: _counts({"average": CAUCHY, "effect": CAUCHY}),
    "embryos": lambda: build_problem(
        Study.from_clusters(treatment=WOMEN, control=WOMEN, outcome="eir"), "eir", load_card("embryo_cluster"),
        "weakly_informative",
    ),
    "claims": lambda: _of_index("ca125", "outcomes", pooling="partial"),
    "size and sign": lambda: build_problem(
        Study.from_claim((40, 40), "differs", outcome="il6", benefit="lower"), "il6", load_card("two_arm"),
        "weakly_informative",
    ),
    "half Cauchy": lambda: build_problem(
        Study.from_means((5.81, 0.76, 40), (7.93, 0.82, 40)), "mean", load_card("two_arm"),
        {"average": {"dist": "Normal", "mu": 0, "sigma": 9}, "sigma": {"dist": "HalfCauchy", "beta": 2}},
    ),
}  # fmt: skip


@pytest.fixture(params=PROBLEMS)
def model(request):
    return build_model(PROBLEMS[request.param]())


def test_prior_draws_are_those_of_one_draw_after_the_other(model):
    variables = [*model.free_RVs, *model.observed_RVs]
    drawn, generators = many_draws(variables, 20)
    together = pytensor.function([], drawn, mode=_MODE)
    for seed in (1, 2):
        reseed_rngs(generators, seed)
        for mine, theirs in zip(together(), pm.draw(variables, 20, random_seed=seed, mode=_MODE), strict=True):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)


def test_densities_are_those_of_a_loop(model):
    free = model.free_RVs
    batched = {rv: pt.tensor(dtype=rv.dtype, shape=(None, *rv.type.shape)) for rv in free}
    densities = [pm.logp(rv, model.rvs_to_values.get(rv, rv)) for rv in model.observed_RVs]
    densities += [pm.logp(rv, rv) for rv in free]
    values = pm.draw(free, 20, random_seed=1, mode=_MODE)
    found = [
        pytensor.function(list(batched.values()), graph, mode=_MODE, on_unused_input="ignore")(*values)
        for graph in (all_at_once(densities, batched), vectorize_graph(densities, batched))
    ]
    for mine, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("group", ["posterior", "observed_data", "log_likelihood"])
def test_a_group_is_that_of_arviz(group):
    sample = () if group == "observed_data" else (2, 5)
    values = {
        "a": np.zeros(sample), "b": np.ones((*sample, 2)), "c": np.full((*sample, 3, 2), 2), "d": np.zeros((*sample, 4)),
    }  # fmt: skip
    dims = {"b": ["arm"], "c": ["member", "arm"]}
    coords = {"arm": ["treatment", "control"], "member": list("xyz")}
    theirs = arviz_base.from_dict({group: values}, dims=dims, coords=coords)[group].to_dataset()
    mine = _dataset(group, values, dims, coords)
    for each in (mine, theirs):
        del each.attrs["created_at"]
    assert list(mine.variables) == list(theirs.variables)
    assert mine.identical(theirs)
