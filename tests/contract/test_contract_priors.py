"""Every family of priors: its functions agree with each other and with PyMC's density of the same name."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

from bayes_ivf.priors import FAMILIES

PROPER = [name for name, family in FAMILIES.items() if family.proper]
RANDOM = 4


def drawn(name, index):
    """Parameters of a family, at random but the same in every run."""
    rng = np.random.default_rng([sum(map(ord, name)), index])
    values = {}
    for parameter, domain in FAMILIES[name].parameters.items():
        values[parameter] = float(rng.normal(0, 2) if domain == "real" else rng.uniform(0.3, 4))
    if "upper" in values:
        values["upper"] = values["lower"] + float(rng.uniform(0.2, 5))
    return values


CASES = [(name, index) for name in PROPER for index in range(RANDOM)]
CHANCES = np.array([1e-6, 1e-3, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999])


@pytest.mark.parametrize(("name", "index"), CASES)
def test_quantiles_invert_the_distribution_function(name, index):
    family, parameters = FAMILIES[name], drawn(name, index)
    x = family.ppf(CHANCES, **parameters)
    assert (np.diff(x) > 0).all()
    assert family.cdf(x, **parameters) == pytest.approx(CHANCES, rel=1e-7)


@pytest.mark.parametrize(("name", "index"), CASES)
def test_the_density_is_the_slope_of_the_distribution_function(name, index):
    family, parameters = FAMILIES[name], drawn(name, index)
    points = family.ppf(np.linspace(0.01, 0.99, 12), **parameters)
    for low, high in pairwise(points):
        mass, _ = integrate.quad(
            lambda x: float(np.exp(family.logpdf(x, **parameters))), low, high, limit=200, epsabs=1e-12
        )
        assert mass == pytest.approx(0.98 / 11, abs=1e-8)


@pytest.mark.parametrize(("name", "index"), CASES)
def test_the_density_integrates_to_one(name, index):
    family, parameters = FAMILIES[name], drawn(name, index)
    # between extreme quantiles, on the scale of probability, where every density is flat
    u = (np.arange(200_000) + 0.5) / 200_000
    x = family.ppf(u, **parameters)
    slopes = np.diff(x) * np.exp(family.logpdf((x[1:] + x[:-1]) / 2, **parameters))
    assert slopes.sum() == pytest.approx(1 - 1 / 200_000, abs=2e-3)


@pytest.mark.parametrize("name", PROPER)
def test_outside_the_support_there_is_nothing(name):
    family, parameters = FAMILIES[name], drawn(name, 0)
    beyond = {
        "positive": [-0.5],
        "unit": [-0.5, 1.5],
        "interval": [parameters.get("lower", 0) - 1, parameters.get("upper", 0) + 1],
        "real": [],
    }
    for x in beyond[family.support]:
        assert family.logpdf(np.array(x), **parameters) == -np.inf
        assert family.cdf(np.array(x), **parameters) == float(
            x > 0.5 and family.support != "positive" and x > parameters.get("lower", 0)
        )


@pytest.mark.parametrize("name", PROPER)
def test_functions_broadcast_over_priors(name):
    family = FAMILIES[name]
    many = {key: np.array([drawn(name, index)[key] for index in range(RANDOM)]) for key in family.parameters}
    x = family.ppf(np.array([[0.1], [0.6]]), **many)
    assert x.shape == (2, RANDOM)
    for index in range(RANDOM):
        single = drawn(name, index)
        assert family.logpdf(x[:, index], **single) == pytest.approx(family.logpdf(x, **many)[:, index])
        assert family.cdf(x[:, index], **single) == pytest.approx([0.1, 0.6])


@pytest.mark.parametrize(("name", "index"), CASES)
def test_the_density_is_that_of_pymc(name, index):
    import pymc as pm

    family, parameters = FAMILIES[name], drawn(name, index)
    x = family.ppf(np.linspace(0.001, 0.999, 9), **parameters)
    theirs = pm.logp(getattr(pm, name).dist(**parameters), x).eval(mode="FAST_COMPILE")
    assert family.logpdf(x, **parameters) == pytest.approx(theirs, rel=1e-8, abs=1e-8)


def test_parameters_that_may_be_left_out_are_those_of_pymc():
    import pymc as pm

    for name, family in FAMILIES.items():
        required = (
            {key: value for key, value in drawn(name, 0).items() if key not in family.defaults} if family.proper else {}
        )
        left_out = pm.logp(getattr(pm, name).dist(**required), np.array(0.4)).eval(mode="FAST_COMPILE")
        assert float(left_out) == pytest.approx(float(family.logpdf(np.array(0.4), **required, **family.defaults)))
