import pytest

from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.likelihood import prepare_arm
from bayes_ivf.priors import Prior

TREATMENT, CONTROL = ArmTotals(40, 80, 16, 33), ArmTotals(40, 84, 12, 19)


@pytest.fixture(scope="session")
def priors():
    return {
        "average": Prior("Normal", {"mu": 0.0, "sigma": 1.5}),
        "effect": Prior("Normal", {"mu": 0.0, "sigma": 1.0}),
    }


@pytest.fixture(scope="session")
def arms():
    def make(mechanism, treatment=TREATMENT, control=CONTROL, max_embryos=3, weights="equal"):
        return tuple(prepare_arm(each, max_embryos, weights, mechanism) for each in (treatment, control))

    return make
