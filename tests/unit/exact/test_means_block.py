"""Many printed means at once on few nodes: the answers of many nodes, alone or beside others, and where few are not believed."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_ivf.exact import solve_means
from bayes_ivf.exact.means_block_solution import BlockSolution, Given, solve_together
from bayes_ivf.exact.means_data import MEAN_ESTIMANDS, MeansData
from bayes_ivf.exact.means_mixture_solution import MixtureSolution
from bayes_ivf.priors import BatchedPrior

FLAT = BatchedPrior("Flat", {})
FIRST = ((0.6, 20), (0.8, 14))
PRIORS = {
    "normal": BatchedPrior("Normal", {"mu": 0.0, "sigma": 0.5}),
    "t": BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0}),
    "cauchy": BatchedPrior("Cauchy", {"alpha": 0.1, "beta": 0.4}),
}
OPTIONS = {
    "two sigmas": (FLAT, "average", FLAT, False),
    "one sigma": (FLAT, "average", FLAT, True),
    "normal level": (BatchedPrior("Normal", {"mu": 4.0, "sigma": 2.0}), "control", FLAT, False),
    "sigma with a prior": (FLAT, "average", BatchedPrior("HalfStudentT", {"nu": 3.0, "sigma": 1.0}), False),
}


def trials(size, low=12, high=400, seed=1):
    """Print `size` trials; every fifth one has a control mean near zero."""
    rng = np.random.default_rng(seed)
    n = rng.integers(low, high, (2, size)).astype(float)
    mean = rng.normal(5, 0.4, (2, size))
    mean[:, ::5] -= mean[1, ::5]
    sd = np.exp(rng.normal(0, 0.3, (2, size)))
    return MeansData(mean[0], sd[0], n[0], mean[1], sd[1], n[1])


def given(data, prior, options="two sigmas"):
    return Given(data, PRIORS[prior], *OPTIONS[options])


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("prior", PRIORS)
def test_few_nodes_give_what_many_equidistant_ones_give(prior, options):
    data = trials(10)
    fine, coarse = solve_together(given(data, prior, options), FIRST)
    many = MixtureSolution(fine.given.mixtures(), fine.given.mixtures(null=True), 0.5, 24)
    assert isinstance(fine, BlockSolution)
    assert len(fine.rest) <= 1
    assert fine.log_total == pytest.approx(many.log_total, abs=1e-9)
    assert fine.log_density_at_null() == pytest.approx(many.log_density_at_null(), abs=1e-8)
    for estimand in MEAN_ESTIMANDS:
        center, spread = many.location(estimand)
        s = center + spread * np.array([-3.0, -1.96, -0.3, 1.0, 1.96, 4.0])[:, None]
        for found, expected, unit in zip(
            fine.evaluate(estimand, s), many.evaluate(estimand, s), (1, spread), strict=True
        ):
            assert found * unit == pytest.approx(expected * unit, abs=4e-9, nan_ok=True), estimand
        assert coarse.evaluate(estimand, s)[0] == pytest.approx(fine.evaluate(estimand, s)[0], abs=1e-7, nan_ok=True)
        for found, expected in zip(fine.moments(estimand), many.moments(estimand), strict=True):
            assert (found - center) / spread == pytest.approx((expected - center) / spread, abs=1e-8, nan_ok=True)


def test_no_answer_depends_on_its_neighbors():
    """Problems that few, more and many nodes answer, and some that are left to others, in one chunk and alone."""
    data = trials(14, low=4, high=60, seed=2)
    asked = ("standardized_mean_difference", "ratio_of_means", "control_mean")
    arms = [getattr(data, name) for name in ("mean_t", "sd_t", "n_t", "mean_c", "sd_c", "n_c")]
    together = solve_means(*arms, effect=PRIORS["t"], workers=1)
    chunk = solve_together(given(data, "t"), FIRST)[0]
    assert len(chunk.rest)
    assert len(chunk.parts) > 1
    batch = together.summaries(asked)
    for i in (0, 3, 5, 8, 13):
        alone = solve_means(*(each[i] for each in arms), effect=PRIORS["t"], workers=1)
        for estimand, summary in alone.summaries(asked).items():
            for field, value in vars(summary).items():
                other = getattr(batch[estimand], field)[i : i + 1]
                # sums of arrays of another length may end in another last digit
                assert np.allclose(value, other, rtol=1e-11, atol=1e-13, equal_nan=True), (i, field)
        assert np.isclose(alone.log_bayes_factor_null[0], together.log_bayes_factor_null[i], rtol=1e-11, atol=1e-13)


def test_a_prior_that_denies_the_difference_is_left_to_many_nodes():
    """Sigmas of the size of the difference are a second hump; here it is the higher one."""
    data = MeansData(*(np.array([value]) for value in (30.0, 1.0, 5.0, 3.0, 1.2, 6.0)))
    effect = BatchedPrior("StudentT", {"nu": 30.0, "mu": 0.0, "sigma": 0.02})
    found = solve_together(Given(data, effect, FLAT, "average", FLAT, False), FIRST)
    assert all(isinstance(each, MixtureSolution) for each in found)


@pytest.mark.parametrize("prior", ["normal", "t"])
def test_swapped_arms_and_another_unit(prior):
    """Treatment for control turns the sign of a difference; a unit 100 times as small multiplies it."""
    data = trials(12, seed=4)
    one, two = (data.mean_t, data.sd_t, data.n_t), (data.mean_c, data.sd_c, data.n_c)
    asked = ("standardized_mean_difference", "mean_difference")
    found = solve_means(*one, *two, effect=PRIORS[prior], workers=1).summaries(asked)
    swapped = solve_means(*two, *one, effect=PRIORS[prior], workers=1).summaries(asked)
    in_cents = [(100 * mean, 100 * sd, n) for mean, sd, n in (one, two)]
    scaled = solve_means(*in_cents[0], *in_cents[1], effect=PRIORS[prior], workers=1).summaries(asked)
    for estimand in asked:
        sd, unit = found[estimand].sd, 100.0 if estimand == "mean_difference" else 1.0
        for low, high in (("ci_low", "ci_high"), ("hdi_low", "hdi_high"), ("median", "median"), ("mean", "mean")):
            here = getattr(found[estimand], low)
            assert -getattr(swapped[estimand], high) / sd == pytest.approx(here / sd, abs=2e-8)
            assert getattr(scaled[estimand], low) / unit / sd == pytest.approx(here / sd, abs=1e-8)
