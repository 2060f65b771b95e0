"""The PyTensor expression equals NumPy, and its gradient the finite differences."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import special

from bayes_ivf.errors import RequestError
from bayes_ivf.likelihoods.embryo_totals import ArmTotals, prepare_arm
from bayes_ivf.likelihoods.embryo_totals.graph import arm_logp, surface_logp
from bayes_ivf.likelihoods.embryo_totals.padding import pad_rows, row_arrays
from bayes_ivf.likelihoods.embryo_totals.surface import fit_surface

POINTS = ((-1.2, 0.3, 0.1), (0.4, 0.97, 0.02), (3.0, 1e-4, 0.6))


def compiled(inputs, value, parameters):
    gradient = pytensor.grad(value, parameters)
    return pytensor.function(inputs, [value, *gradient], mode="FAST_COMPILE")


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


def test_surface():
    arm = prepare_arm(ArmTotals(20, 42, 8, 14), 3)
    surface = fit_surface(arm)
    rng = np.random.default_rng(5)
    log_odds, logit = rng.uniform(-6, 4, 500), rng.uniform(-8, 8, 500)
    exact = arm.log_likelihood(log_odds, special.expit(logit))
    read = surface.log_likelihood(log_odds, special.expit(logit))
    near = exact > exact.max() - 60
    np.testing.assert_allclose(read[near], exact[near], atol=5e-5)
    c, f, x, z = pt.matrix(), pt.vector(), pt.scalar(), pt.scalar()
    function = compiled([c, f, x, z], surface_logp(c, f, x, z), [x, z])
    for at in ((-1.0, 0.5), (0.3, -2.0), (40.0, 1.0), (-2.0, -30.0)):
        value, *slopes = function(surface.coefficients, surface.frame, *at)
        assert float(value) == pytest.approx(float(surface.log_likelihood(at[0], special.expit(at[1]))), rel=1e-10)
        for i, slope in enumerate(slopes):
            low, high = ([at[j] + (sign * 1e-4 if i == j else 0) for j in (0, 1)] for sign in (-1, 1))
            values = [float(function(surface.coefficients, surface.frame, *end)[0]) for end in (low, high)]
            assert float(slope) == pytest.approx((values[1] - values[0]) / 2e-4, rel=1e-4, abs=1e-5)


def test_padding_refuses_to_cut():
    arm = prepare_arm(ArmTotals(12, 26, 5, 9), 3)
    with pytest.raises(RequestError, match="rows of tables"):
        pad_rows(arm.rows, 3)
    with pytest.raises(RequestError, match="surface"):
        row_arrays(prepare_arm(ArmTotals(12, 26, 5, 9), 3, limit=0))
