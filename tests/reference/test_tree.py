"""The tree of a fit: complete, equal to PyMC's own numbers, and understood by ArviZ."""

from __future__ import annotations

import arviz as az
import numpy as np
import pymc as pm
import pytest
import xarray as xr

from bayes_ivf import Study, defaults
from bayes_ivf.structures import build_model

NORMAL = {"dist": "Normal", "mu": 0, "sigma": 1}
GROUPS = {
    "posterior", "sample_stats", "log_likelihood", "posterior_predictive", "observed_data", "constant_data", "log_prior",
    "prior", "prior_predictive",
}  # fmt: skip
CASES = {
    "counts": (
        Study.from_counts((16, 40), (12, 40), outcome="cpr", mcid=0.05),
        "weakly_informative",
        "events_observed",
    ),
    "claim": (
        Study.from_claim((40, 40), "lower", outcome="il6", benefit="lower"),
        {"effect": NORMAL},
        "claim_observed",
    ),
    "means": (Study.from_means((5.81, 0.76, 40), (7.93, 0.82, 40)), "weakly_informative", "mean_observed"),
}


@pytest.fixture(params=CASES)
def case(request, nuts):
    study, prior, observed = CASES[request.param]
    # another problem of the same shape first: a shared compile must not leave its numbers behind
    other = {
        "counts": Study.from_counts((3, 50), (9, 70), outcome="cpr"),
        "claim": Study.from_claim((9, 20), "lower", 0.01, outcome="il6", benefit="lower"),
        "means": Study.from_means((1, 2, 9), (3, 4, 8)),
    }[request.param]
    assert nuts(other, prior=prior).tree is not None
    return nuts(study, prior=prior), observed


@pytest.fixture
def counts(nuts):
    study, prior, _ = CASES["counts"]
    return nuts(study, prior=prior)


def test_groups(case):
    fit, _ = case
    tree = fit.tree
    proper = fit.problem.proper
    assert set(tree.children) == (GROUPS if proper else GROUPS - {"log_prior", "prior", "prior_predictive"})
    assert ("prior_groups" in tree.attrs) == (not proper)
    assert dict(tree.posterior.sizes)["chain"] == defaults.CHAINS
    assert tree.posterior.sizes["draw"] == 2000


def test_log_likelihood_is_that_of_pymc(case):
    fit, _ = case
    model = build_model(fit.problem)
    posterior = free_posterior(fit, model)
    theirs = pm.compute_log_likelihood(posterior, model=model, extend_inferencedata=False, progressbar=False)
    ours = fit.tree["log_likelihood"]
    assert set(ours.data_vars) == set(theirs.data_vars)
    for name in theirs.data_vars:
        # PyMC's normal_lcdf holds a constant in single precision in one of its two compile modes
        assert ours[name].to_numpy() == pytest.approx(theirs[name].to_numpy(), rel=1e-7, abs=1e-7)


def test_log_prior_is_that_of_pymc(case):
    fit, _ = case
    if not fit.problem.proper:
        assert "log_prior" not in fit.tree.children
        return
    model = build_model(fit.problem)
    posterior = free_posterior(fit, model)
    theirs = pm.stats.compute_log_prior(posterior, model=model, extend_inferencedata=False, progressbar=False)
    ours = fit.tree["log_prior"]
    assert set(ours.data_vars) == set(theirs.data_vars)
    for name in theirs.data_vars:
        assert ours[name].to_numpy() == pytest.approx(theirs[name].to_numpy(), rel=1e-9, abs=1e-9)


def free_posterior(fit, model):
    names = [variable.name for variable in model.free_RVs]
    return az.from_dict({"posterior": {name: fit.draws.posterior[name] for name in names}})


def test_data_are_those_of_this_problem(case):
    fit, observed = case
    tree = fit.tree
    assert np.isfinite(tree["observed_data"][observed].to_numpy()).all()
    for name, values in fit.problem.data.items():
        assert tree["constant_data"][name].to_numpy() == pytest.approx(values)
    for slot, prior in fit.problem.priors.items():
        for parameter, value in prior.parameters.items():
            assert float(tree["constant_data"][f"prior_{slot}_{parameter}"]) == value


def test_predictions_center_on_the_data(counts):
    tree = counts.tree
    replicated = tree["posterior_predictive"]["events_observed"]
    means = replicated.mean(("chain", "draw")).to_numpy()
    # the posterior mean of each risk times n; 8,000 correlated draws of counts with sd about 4
    expected = [40 * counts.row(f"{arm}_risk").mean for arm in ("treatment", "control")]
    assert means == pytest.approx(expected, abs=4 * 5 / np.sqrt(2000))
    prior = tree["prior_predictive"]["events_observed"].to_numpy()
    assert prior.min() >= 0
    assert prior.max() <= 40
    assert prior.mean() == pytest.approx(20, abs=4 * 13 / np.sqrt(1000))


def test_prior_draws_follow_the_prior(counts):
    drawn = counts.tree["prior"]["effect"].to_numpy().ravel()
    assert drawn.mean() == pytest.approx(0, abs=4 / np.sqrt(1000))
    assert drawn.std() == pytest.approx(1, abs=4 / np.sqrt(2000))


def test_provenance(counts):
    attributes = counts.tree.attrs
    assert attributes["problem"] == counts.problem.hash
    assert attributes["prior_set"] == "weakly_informative"
    assert attributes["verdict"] == str(counts.verdict)
    assert '"pymc"' in attributes["versions"]


def test_the_summary_is_arviz_with_our_interval(counts):
    table = counts.summary()
    assert {"eti95_lb", "eti95_ub"} <= set(table.columns)
    row = counts.row("risk_difference")
    assert float(table.loc["risk_difference", "mean"]) == pytest.approx(row.mean, abs=0.006)


def test_the_tree_travels_by_netcdf(case, tmp_path):
    fit, _ = case
    fit.tree.to_netcdf(tmp_path / "fit.nc", engine="netcdf4")
    with xr.open_datatree(tmp_path / "fit.nc", engine="netcdf4") as again:
        assert set(again.children) == set(fit.tree.children)
        for name, group in fit.tree.children.items():
            xr.testing.assert_equal(again[name].to_dataset().load(), group.to_dataset())
        assert again.attrs["problem"] == fit.problem.hash


def test_leave_one_out_runs(counts):
    # one observation per arm: each is influential, and ArviZ says so
    with pytest.warns(UserWarning, match="Pareto"):
        found = az.loo(counts.tree, var_name="events_observed")
    assert np.isfinite(found.elpd)


def test_power_scaling_runs_on_named_priors(counts):
    table = az.psense_summary(counts.tree, var_names=["risk_difference"], prior_var_names=["effect"])
    assert {"prior", "likelihood"} <= set(table.columns)
    assert float(table["likelihood"].iloc[0]) > 0.05


@pytest.mark.parametrize("plot", ["plot_forest", "plot_dist", "plot_rank_dist", "plot_trace"])
def test_plots_of_arviz_run(plot, counts):
    collection = getattr(az, plot)(counts.tree, var_names=["risk_difference"], backend="matplotlib")
    assert collection is not None


@pytest.mark.parametrize("plot", ["plot_prior_posterior", "plot_ppc_rootogram", "plot_energy"])
def test_plots_of_arviz_that_need_more_groups_run(plot, counts):
    options = {"var_names": ["effect"]} if plot == "plot_prior_posterior" else {}
    assert getattr(az, plot)(counts.tree, backend="matplotlib", **options) is not None


def test_asking_for_a_sample_gives_a_fit_with_its_own_verdict(exact):
    made = exact(Study.from_counts((16, 40), (12, 40), outcome="cpr"))
    sampled = made.sample(draws=500, tune=300, seed=3)
    assert (made.engine, sampled.engine) == ("exact", "nuts")
    assert sampled.verdict.figures != made.verdict.figures
    assert sampled.beside.rows == made.rows
    assert {variable.name for variable in made.model.free_RVs} == {"average", "effect"}
    assert sampled.settings.draws == 500
    assert len(sampled.agreement()) > 3
    assert sampled.tree.posterior.sizes["draw"] == 500
    assert sampled.probability("risk_difference", above=0) == pytest.approx(
        made.probability("risk_difference", above=0), abs=0.06
    )


@pytest.mark.filterwarnings("ignore:Numba will use object mode:UserWarning")  # the simulator of claims is plain NumPy
def test_pymc_predicts_from_the_tree(case):
    """Data of the tree have the types of the model: PyMC takes it as one of its own."""
    fit, observed = case
    found = pm.sample_posterior_predictive(fit.tree, model=fit.model, random_seed=1, progressbar=False)
    ours, theirs = fit.tree["posterior_predictive"][observed], found["posterior_predictive"][observed]
    assert theirs.shape == ours.shape
    spread = np.asarray(ours.std()) / np.sqrt(200)
    assert abs(float(theirs.mean()) - float(ours.mean())) < 6 * max(float(spread), 1e-3)
