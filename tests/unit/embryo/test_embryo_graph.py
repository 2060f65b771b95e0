"""The PyTensor expression equals NumPy, and its gradient the finite differences."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import special

from bayes_ivf.embryo import factored_tables
from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.graph import arm_logp, factored_logp, surface_logp
from bayes_ivf.embryo.likelihood import prepare_arm
from bayes_ivf.embryo.nuts_arrays import factor_arrays, fit_surface, pad_rows, row_arrays
from bayes_ivf.errors import RequestError
from bayes_ivf.native import compile_function

POINTS = ((-1.2, 0.3, 0.1), (0.4, 0.97, 0.02), (3.0, 1e-4, 0.6))


def compiled(inputs, value, parameters):
    gradient = pytensor.grad(value, parameters)
    return pytensor.function(inputs, [value, *gradient], mode="FAST_COMPILE", on_unused_input="ignore")


@pytest.mark.parametrize("mechanism", ["beta_binomial", "receptivity", "biochemical"])
@pytest.mark.parametrize("largest", [3, 4])
def test_rows(mechanism, largest):
    arm = prepare_arm(ArmTotals(12, 26, 5, 9), largest, "equal", mechanism)
    constants, exponents = row_arrays(arm, len(arm.rows.constants) + 17)
    k, e, x, w, loss = pt.vector(), pt.matrix(), pt.scalar(), pt.scalar(), pt.scalar()
    value = arm_logp(k, e, x, w, loss, mechanism=mechanism, max_embryos=largest)
    parameters = [x, w, loss] if mechanism == "biochemical" else [x, w]
    inputs = [k, e, *parameters]
    function = compiled(inputs, value, parameters)
    for point in POINTS:
        at = np.array(point[: len(parameters)])
        found = function(constants, exponents, *at)
        assert float(found[0]) == pytest.approx(float(arm.log_likelihood(*at)), rel=1e-12)
        for i, slope in enumerate(found[1:]):
            step = np.zeros(len(at))
            step[i] = 1e-5 * min(1.0, at[i] if i else 1.0)
            difference = (arm.log_likelihood(*(at + step)) - arm.log_likelihood(*(at - step))) / (2 * step[i])
            assert float(slope) == pytest.approx(float(difference), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("mechanism", ["beta_binomial", "receptivity", "biochemical"])
@pytest.mark.parametrize("largest", [2, 4])
def test_factors(mechanism, largest):
    """The machine code of factors gives what rows give, value and gradient, wherever a sampler may come."""
    arm = prepare_arm(ArmTotals(25, 46, 9, 15), largest, "multinomial", mechanism)
    factors = {name: pytensor.shared(value, name=name) for name, value in factor_arrays(arm).items()}
    assert len(factors["weights"].get_value()) == len(arm.rows.constants)
    parameters = [pt.vector(name, shape=(1,)) for name in ("x", "z", "loss")][: 3 if mechanism == "biochemical" else 2]
    at = [parameters[0][0], *(pt.sigmoid(each[0]) for each in parameters[1:])]

    value = factored_logp(factors, *at, mechanism=mechanism, max_embryos=largest)
    shared = list(factors.values())
    code = compile_function(dict.fromkeys(parameters, (1,)), shared, [value], pytensor.grad(value, parameters))
    addresses = np.array([each.get_value(borrow=True).ctypes.data for each in shared])
    by_rows = arm_logp(*row_arrays(arm), *at, mechanism=mechanism, max_embryos=largest)
    plain = compiled(parameters, by_rows, parameters)
    for point in np.random.default_rng(3).uniform(-12, 12, (60, len(parameters))):
        found, slope = code.log_density(point, addresses)
        expected, *gradient = plain(*point[:, None])
        assert found == pytest.approx(float(expected), rel=1e-11)
        np.testing.assert_allclose(slope, np.ravel(gradient), rtol=1e-8, atol=1e-9)


def test_factors_that_might_underflow_are_not_used(monkeypatch):
    totals = ArmTotals(25, 46, 9, 15)
    assert factor_arrays(prepare_arm(totals, 3))
    monkeypatch.setattr(factored_tables, "_LEAST", 0.5)
    assert not factor_arrays(prepare_arm(totals, 3))


@pytest.mark.parametrize(
    ("totals", "mechanism"),
    [((20, 42, 8, 14), "beta_binomial"), ((20, 42, 8, 14), "receptivity"), ((14, 28, 3, 9), "biochemical")],
)
def test_surface(totals, mechanism):
    arm = prepare_arm(ArmTotals(*totals), 3, mechanism=mechanism)
    surface = fit_surface(arm)
    rng = np.random.default_rng(5)
    log_odds, logit, loss = rng.uniform(-6, 4, 500), rng.uniform(-8, 8, 500), rng.beta(1, 5, 500)
    exact = arm.log_likelihood(log_odds, special.expit(logit), loss)
    losing = mechanism == "biochemical"
    assert len(surface.lost) == (totals[3] - totals[2] + 1 if losing else 1)
    read = surface.log_likelihood(log_odds, special.expit(logit), loss if losing else 0.0)
    near = exact > exact.max() - 60
    assert near.sum() > 100
    np.testing.assert_allclose(read[near], exact[near], atol=5e-5)
    far = surface.log_likelihood(
        np.array([-60.0, -20.0, 20.0, 60.0])[:, None], special.expit(np.linspace(-30, 30, 61)), 0.1
    )
    assert far.max() < exact.max()
    c, f, g, p, x, z, y = pt.tensor3(), pt.vector(), pt.vector(), pt.scalar(), pt.scalar(), pt.scalar(), pt.scalar()
    asked = [x, z, y] if losing else [x, z]
    function = compiled([c, f, g, p, *asked], surface_logp(c, f, g, p, *asked), asked)
    arrays = surface.coefficients, surface.frame, surface.lost, surface.pregnant
    for at in ((-1.0, 0.5, 0.2), (0.3, -2.0, 0.01), (40.0, 1.0, 0.5), (-2.0, -30.0, 0.9)):
        at = at[: len(asked)]
        value, *slopes = function(*arrays, *at)
        assert float(value) == pytest.approx(
            float(surface.log_likelihood(at[0], special.expit(at[1]), *at[2:])), rel=1e-10
        )
        for i, slope in enumerate(slopes):
            step = 1e-4 if i < 2 else 1e-6
            low, high = ([each + (sign * step if i == j else 0) for j, each in enumerate(at)] for sign in (-1, 1))
            values = [float(function(*arrays, *end)[0]) for end in (low, high)]
            assert float(slope) == pytest.approx((values[1] - values[0]) / (2 * step), rel=1e-4, abs=1e-5)


def test_losses_need_listed_tables_for_a_surface():
    with pytest.raises(RequestError, match="too many tables to list"):
        fit_surface(prepare_arm(ArmTotals(12, 26, 5, 9), 3, mechanism="biochemical", limit=0))


def test_padding_refuses_to_cut():
    arm = prepare_arm(ArmTotals(12, 26, 5, 9), 3)
    with pytest.raises(RequestError, match="rows of tables"):
        pad_rows(arm.rows, 3)
    with pytest.raises(RequestError, match="surface"):
        row_arrays(prepare_arm(ArmTotals(12, 26, 5, 9), 3, limit=0))
