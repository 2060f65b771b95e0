"""A form that prints other arrays than those of the package is sampled by what it says of itself."""

from __future__ import annotations

import pytest

from bayes_ivf import Study, fit
from tests.unit.members.conftest import PLACE, RATE

COUNTS = Study.from_counts((16, 40), (12, 40))
MEANS = Study.from_means((6.0, 1.0, 40), (5.5, 1.2, 41), outcome="mean", benefit="lower")
PROPER = {
    "average": {"dist": "Normal", "mu": 6, "sigma": 2},
    "effect": {"dist": "Normal", "mu": 0, "sigma": 1},
    "sigma": {"dist": "HalfNormal", "sigma": 1.5},
}
FLAT = {"effect": PROPER["effect"], "sigma": PROPER["sigma"]}
SAMPLED = {"engine": "nuts", "draws": 500, "tune": 500, "chains": 2}


def test_two_risks_by_other_numbers(new_forms):
    expected = fit(COUNTS, engine="exact").row("log_odds_ratio")
    new_forms(a_rate=RATE)
    found = fit(COUNTS, **SAMPLED)
    assert (found.problem.likelihood, set(found.problem.data)) == ("a_rate", {"estimate", "error"})
    told = found.row("log_odds_ratio")
    assert (told.mean, told.sd) == pytest.approx((expected.mean, expected.sd), abs=0.1)


@pytest.mark.parametrize("prior", [PROPER, FLAT], ids=["proper", "flat"])
def test_two_means_by_other_numbers(new_forms, prior):
    new_forms(a_place=PLACE)
    found = fit(MEANS, prior=prior, **SAMPLED)
    assert (found.problem.likelihood, set(found.problem.data)) == ("a_place", {"middle", "error"})
    assert found.row("control_mean").mean == pytest.approx(5.5, abs=0.1)
