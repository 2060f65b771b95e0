"""Printed quantiles as a form: twins of the likelihood with their slopes, readings and their weights, refusals."""

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.forms import quantiles
from bayes_ivf.problem import build_problem
from bayes_ivf.structures import build_model

PROPER = {
    "average": {"dist": "Normal", "mu": 6, "sigma": 2},
    "effect": {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": 1},
    "sigma": {"dist": "HalfNormal", "sigma": 1.5},
}


def study(treatment=("5", "3", "8", 62), control=("4", "2", "7", 51), **keys):
    return bi.Study.from_quantiles(treatment, control, outcome="oocytes", benefit="higher", **keys)


def problem_of(made, prior="weakly_informative", **options):
    return build_problem(made, "oocytes", load_card("two_arm"), prior, options)


FIVE = {
    "spread": "quartiles+range",
    "treatment": ("5", "5", "8", "1", "14", 20),
    "control": ("4", "2", "7", "2", "9", 18),
}


@pytest.mark.filterwarnings("ignore:Numba will use object mode")
@pytest.mark.parametrize(
    ("made", "log_normal"), [(study(), 0), (study(), 1), (study(**FIVE), 0)], ids=["plain", "log", "tied"]
)
def test_twins_and_slopes(made, log_normal):
    """NumPy and PyTensor agree to rounding, and the gradient is that of central differences."""
    import pymc as pm
    import pytensor
    from pytensor.compile.mode import Mode
    from pytensor.graph.replace import graph_replace

    problem = problem_of(made, PROPER, log_normal=log_normal)
    model = build_model(problem)
    free = list(model.free_RVs)
    observed = sum(pm.logp(rv, model.rvs_to_values[rv]).sum() for rv in model.observed_RVs)
    inputs = [rv.type(f"{rv.name}_at") for rv in free]
    (output,) = graph_replace([observed], dict(zip(free, inputs, strict=True)), strict=False)
    mode = {"mode": Mode(linker="py", optimizer=None), "on_unused_input": "ignore"}
    value = pytensor.function(inputs, output, **mode)
    slopes = pytensor.function(inputs, pytensor.grad(output, inputs), **mode)
    center = 1.5 if log_normal else 4.8
    rng, gaps = np.random.default_rng(3), []
    for _ in range(6):
        at = {"average": center + 0.3 * rng.normal(), "effect": rng.normal(), "sigma": np.exp(rng.normal(0, 0.3, 2))}
        point = [np.asarray(at[rv.name], dtype=float) for rv in free]
        shift = at["effect"] * np.sqrt((at["sigma"] ** 2).mean()) / 2
        twin = quantiles.log_likelihood(
            problem.data, np.array([at["average"] + shift, at["average"] - shift]), at["sigma"]
        )
        gaps.append(float(value(*point)) - float(twin))
        for k, slope in enumerate(slopes(*point)):
            for place in np.ndindex(np.shape(slope)):
                ends = []
                for side in (-1e-6, 1e-6):
                    moved = [each.copy() for each in point]
                    moved[k][place] += side
                    ends.append(float(value(*moved)))
                assert np.asarray(slope)[place] == pytest.approx((ends[1] - ends[0]) / 2e-6, rel=1e-5, abs=1e-4)
    assert np.abs(gaps).max() < 1e-10


def test_readings_are_mixed_by_their_weights():
    """The mixture's distribution function is the weighted sum of both, and weights 0 and 1 are one reading alone."""
    problems = [problem_of(study(), log_normal=weight) for weight in (0, 1, 0.25)]
    below = [quantiles.solver(each)([each], 1).cdf("standardized_mean_difference", 0.3)[0] for each in problems]
    assert below[2] == pytest.approx(0.75 * below[0] + 0.25 * below[1], abs=1e-6)
    assert abs(below[0] - below[1]) > 0.01
    assert "0.75 and 0.25" in " ".join(problems[2].caveats)


def test_a_value_of_zero_leaves_the_log_normal_reading_out(faults_of):
    made = study(("1", "0", "3", 40), ("1", "0", "2", 41))
    problem = problem_of(made)
    assert problem.variant == problem_of(made, log_normal=0).variant
    assert any("0 was printed" in caveat for caveat in problem.caveats)
    assert "log_normal = 0" in faults_of(problem_of, made, log_normal=1)[0].action


def test_readings_without_a_joint_likelihood_are_not_sampled(faults_of):
    problem = problem_of(study())
    assert not quantiles.can_be_sampled(problem)
    assert "engine" in faults_of(quantiles.derived, problem)[0].allowed
    assert quantiles.can_be_sampled(problem_of(study(), log_normal=0))


def test_ranks_of_quartiles():
    data = [problem_of(study(), quartiles=name, log_normal=0).data["rank_treatment"] for name in ("n+1", "type7")]
    np.testing.assert_allclose(data[0], [15.75, 31.5, 47.25])
    np.testing.assert_allclose(data[1], [16.25, 31.5, 46.75])


def test_trailing_zeros_that_were_dropped_do_not_make_an_interval_wide():
    """A median of 5 beside a quartile of 4.5 was rounded to a tenth as well."""
    problem = problem_of(study(("5", "4.5", "8", 62), ("4", "2", "7", 51)), log_normal=0)
    np.testing.assert_allclose(problem.data["high_control"] - problem.data["low_control"], 0.1)


def test_quantities_of_two_arms():
    mu, sigma = np.array([[1.8, 1.5]]), np.array([[0.4, 0.6]])
    found = quantiles.own_scale(mu, sigma, "log-normal")
    values = np.exp(mu[0] + sigma[0] * np.random.default_rng(1).standard_normal((400_000, 2)))
    mean, sd = values.mean(axis=0), values.std(axis=0)
    assert found["mean_difference"][0] == pytest.approx(mean[0] - mean[1], abs=0.03)
    smd = (mean[0] - mean[1]) / np.sqrt((sd**2).mean())
    assert found["standardized_mean_difference"][0] == pytest.approx(smd, abs=0.02)
    assert found["ratio_of_medians"][0] == pytest.approx(np.exp(0.3))
    assert tuple(found)[:2] == ("mean_difference", "standardized_mean_difference")


def test_moments_that_do_not_exist_are_empty_in_rows_of_draws():
    """As by quadrature: none of log-normal means and medians, those of normal ones below the distance of the outer ranks."""
    from bayes_ivf.estimand_id import EstimandId
    from bayes_ivf.results import rows_from_draws
    from bayes_ivf.structures import moment_orders

    small = study(("5", "3", "8", 6), ("4", "2", "7", 5))
    problems = [
        problem_of(small, log_normal=0, quartiles="type7"),
        problem_of(study(), log_normal=1),
        problem_of(study(), PROPER, log_normal=0),
    ]
    draws = np.random.default_rng(2).normal(1, 0.1, (2, 50))
    ids = [EstimandId(name) for name in ("standardized_mean_difference", "control_mean", "control_median")]
    told = []
    for problem in problems:
        rows = rows_from_draws(
            problem,
            dict.fromkeys(ids, draws),
            dict.fromkeys(("r_hat", "ess_bulk", "ess_tail", "mcse"), np.ones(len(ids))),
            "pass",
            orders=moment_orders(problem),
        )
        batch = quantiles.solver(problem)([problem], 1).problem
        solution = batch.solve(batch.rules[:1])[0]
        exact = [solution.moments(each.estimand) for each in ids]
        assert [row.mean is None for row in rows] == [bool(np.isnan(mean[0])) for mean, _ in exact]
        assert [row.sd is None for row in rows] == [bool(np.isnan(sd[0])) for _, sd in exact]
        assert [row.mcse is None for row in rows] == [row.sd is None for row in rows]
        told.append(([row.mean is None for row in rows], [row.sd is None for row in rows]))
    none, both = [False] * 3, [False, True, True]
    assert told == [(none, both), (both, both), (none, none)]
    assert any("no mean" in caveat for caveat in problems[1].caveats)
