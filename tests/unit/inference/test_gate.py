"""The gate, on made-up draws whose diagnostics are known."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_ivf import defaults
from bayes_ivf.inference.diagnostics import diagnose_estimands, energy_bfmi, judge, probability_mcse
from bayes_ivf.inference.draws import Draws

CHAINS, DRAWS = 4, 1000


def rng():
    return np.random.default_rng(5)


def made_up(**stats):
    shape = (CHAINS, DRAWS)
    base = {
        "diverging": np.zeros(shape, bool),
        "energy": rng().normal(size=shape),
        "maxdepth_reached": np.zeros(shape, bool),
    }
    return Draws({}, base | stats, 0.9, 0.1)


def fine(**change):
    return {
        name: np.array([value])
        for name, value in ({"r_hat": 1.001, "ess_bulk": 2000.0, "ess_tail": 1500.0} | change).items()
    }


def with_share(share):
    flags = np.zeros(CHAINS * DRAWS, bool)
    flags[: round(share * flags.size)] = True
    return flags.reshape(CHAINS, DRAWS)


def test_good_draws_pass():
    verdict = judge(made_up(), fine(), {"benefit": 0.004})
    assert (verdict.level, verdict.reasons, str(verdict)) == ("pass", (), "pass")


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"r_hat": 1.0099}, "pass"),
        ({"r_hat": 1.01}, "fail"),
        ({"ess_bulk": 400.0}, "pass"),
        ({"ess_bulk": 399.9}, "fail"),
        ({"ess_tail": 400.0}, "pass"),
        ({"ess_tail": 399.9}, "fail"),
        ({"r_hat": np.nan}, "fail"),
        ({"ess_tail": np.nan}, "fail"),
    ],
)
def test_thresholds_of_convergence(change, level):
    assert judge(made_up(), fine(**change), {}).level == level


@pytest.mark.parametrize(("share", "level"), [(0, "pass"), (0.00025, "warn"), (0.001, "warn"), (0.00125, "fail")])
def test_any_divergence_warns_and_more_than_one_in_a_thousand_fails(share, level):
    verdict = judge(made_up(diverging=with_share(share)), fine(), {})
    assert verdict.level == level
    assert verdict.figures["divergences"] == round(share * CHAINS * DRAWS)


def test_a_saturated_tree_warns():
    assert judge(made_up(maxdepth_reached=with_share(0.00025)), fine(), {}).level == "warn"


@pytest.mark.parametrize(("error", "level"), [(0.0, "pass"), (0.01, "pass"), (0.0101, "warn")])
def test_a_rough_probability_warns(error, level):
    assert judge(made_up(), fine(), {"benefit": 0.001, "mcid": error}).level == level


def energy_with(bfmi):
    """Energy of one chain whose mean squared step is `bfmi` times its variance: an autoregression."""
    rho = 1 - bfmi / 2
    noise = rng().normal(size=(CHAINS, 200_000)) * np.sqrt(1 - rho**2)
    energy = np.empty_like(noise)
    energy[:, 0] = rng().normal(size=CHAINS)
    for i in range(1, energy.shape[1]):
        energy[:, i] = rho * energy[:, i - 1] + noise[:, i]
    return energy


@pytest.mark.parametrize(("bfmi", "level"), [(0.15, "fail"), (0.25, "warn"), (0.35, "pass")])
def test_thresholds_of_the_energy(bfmi, level):
    energy = energy_with(bfmi)
    assert energy_bfmi(energy) == pytest.approx(bfmi, rel=0.06)
    draws = Draws(
        {},
        {name: np.zeros((CHAINS, 1), bool) for name in ("diverging", "maxdepth_reached")} | {"energy": energy},
        0.9,
        0.1,
    )
    assert judge(draws, fine(), {}).level == level


def test_one_bad_chain_is_enough():
    energy = energy_with(1.0)
    energy[2] = energy_with(0.1)[2]
    draws = Draws(
        {},
        {name: np.zeros((CHAINS, 1), bool) for name in ("diverging", "maxdepth_reached")} | {"energy": energy},
        0.9,
        0.1,
    )
    assert judge(draws, fine(), {}).level == "fail"


def test_every_reason_is_given():
    verdict = judge(made_up(diverging=with_share(0.1)), fine(r_hat=1.2, ess_bulk=10.0, ess_tail=20.0), {"p": 0.02})
    assert len(verdict.reasons) == 5
    assert str(verdict).startswith("fail: R-hat 1.200; bulk ESS 10; tail ESS 20; 400 divergences")


def test_diagnostics_of_independent_draws():
    found = diagnose_estimands({"a": rng().normal(size=(4, 2000)), "b": rng().exponential(size=(4, 2000))})
    assert (found["r_hat"] < 1.005).all()
    assert found["ess_bulk"] == pytest.approx(8000, rel=0.15)
    assert found["ess_tail"] == pytest.approx(8000, rel=0.25)
    assert found["mcse"] == pytest.approx(1 / np.sqrt(8000), rel=0.15)


def test_a_shifted_chain_has_a_large_r_hat():
    draws = rng().normal(size=(4, 1000))
    draws[0] += 1
    assert diagnose_estimands({"a": draws})["r_hat"][0] > defaults.RHAT_FAIL


def test_diagnostics_are_those_of_arviz():
    import arviz as az

    draws = np.cumsum(rng().normal(size=(4, 500)), axis=1) * 0.05 + rng().normal(size=(4, 500))
    found = diagnose_estimands({"a": draws})
    tree = az.from_dict({"posterior": {"a": draws}})
    assert found["r_hat"][0] == pytest.approx(float(az.rhat(tree)["a"]))
    assert found["ess_bulk"][0] == pytest.approx(float(az.ess(tree, method="bulk")["a"]))
    assert found["mcse"][0] == pytest.approx(float(az.mcse(tree, method="mean")["a"]))


def test_constant_draws_leave_the_verdict_to_the_parameters():
    # P = 0 or 1: an indicator that never changes has no R-hat and no error
    assert probability_mcse(np.ones((4, 100))) == 0.0
    assert probability_mcse(np.zeros((4, 100))) == 0.0
    mixed = {
        name: np.array([good, np.nan]) for name, good in (("r_hat", 1.0), ("ess_bulk", 900.0), ("ess_tail", 900.0))
    }
    assert judge(made_up(), mixed, {}).level == "pass"


def test_the_error_of_a_probability():
    draws = (rng().uniform(size=(4, 5000)) < 0.3).astype(float)
    assert probability_mcse(draws) == pytest.approx(np.sqrt(0.3 * 0.7 / 20000), rel=0.1)
