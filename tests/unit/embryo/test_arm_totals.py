import pytest

from bayes_ivf.embryo.arm import ArmTotals, check_totals
from bayes_ivf.embryo.likelihood import prepare_arm
from bayes_ivf.errors import RequestError


@pytest.mark.parametrize(
    ("totals", "max_embryos", "where"),
    [
        (ArmTotals(40, 80, 41, 45), 3, "arm.pregnant"),
        (ArmTotals(40, 80, 16, 15), 3, "arm.implanted"),
        (ArmTotals(40, 39, 16, 20), 3, "arm.embryos"),
        (ArmTotals(40, 80, 16, 81), 3, "arm.implanted"),
        (ArmTotals(40, 80, 16, 33), 2, "arm.implanted"),
        (ArmTotals(40, 84, 12, 19), 2, "arm.M"),
        (ArmTotals(40, 80, 0, 3), 3, "arm.pregnant"),
        (ArmTotals(40, 80.5, 16, 33), 3, "arm.embryos"),
        (ArmTotals(40, 80, -1, 33), 3, "arm.pregnant"),
        (ArmTotals(40, 80, 16, 33), 0, "arm.M"),
        (ArmTotals(40, 80, True, 33), 3, "arm.pregnant"),
        (ArmTotals(0, 0, 0, 0), 3, "arm.women"),
    ],
)
def test_what_cannot_be_is_explained(totals, max_embryos, where):
    with pytest.raises(RequestError) as error:
        prepare_arm(totals, max_embryos)
    fault = error.value.faults[0]
    assert fault.where == where
    assert all([fault.found, fault.allowed, fault.action])


def test_the_index_trial_at_two_embryos_each_says_what_is_possible():
    with pytest.raises(RequestError, match="33 implanted embryos in 16 pregnant women") as error:
        check_totals(ArmTotals(40, 80, 16, 33), 2, where="treatment")
    assert error.value.faults[0].where == "treatment.implanted"
    assert error.value.faults[0].allowed.startswith("at most 32")


def test_all_faults_are_collected():
    with pytest.raises(RequestError) as error:
        check_totals(ArmTotals(40, 30, 41, 42), 3)
    assert {fault.where for fault in error.value.faults} == {"arm.pregnant", "arm.implanted", "arm.embryos"}


def test_unknown_options_are_named():
    with pytest.raises(RequestError) as error:
        prepare_arm(ArmTotals(40, 80, 16, 33), 3, "heavy", "magic")
    assert {fault.where for fault in error.value.faults} == {"arm.weights", "arm.mechanism"}


def test_least_spread_is_narrower_and_says_so():
    with pytest.raises(RequestError, match="least_spread") as error:
        prepare_arm(ArmTotals(40, 80, 16, 33), 3, "least_spread")
    assert "equal" in error.value.faults[0].action


def test_two_embryos_each_become_feasible_when_pregnancies_may_be_lost():
    arm = prepare_arm(ArmTotals(40, 80, 16, 33), 2, "equal", "biochemical")
    assert arm.log_likelihood(0.0, 0.5, 0.1) < 0


@pytest.mark.parametrize("totals", [(6, 11, 0, 0), (6, 11, 6, 11), (6, 6, 2, 2), (6, 18, 6, 18), (1, 3, 1, 2)])
def test_edges_of_the_possible_are_possible(totals):
    assert prepare_arm(ArmTotals(*totals), 3).log_likelihood(-0.3, 0.4) <= 1e-12
