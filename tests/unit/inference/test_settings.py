from __future__ import annotations

import numpy as np
import pytest

from bayes_ivf import Study, defaults, fit
from bayes_ivf.settings import Settings

STUDY = Study.from_counts((16, 40), (12, 40), outcome="cpr")


def test_defaults_are_those_of_the_one_place():
    settings = Settings()
    assert (settings.draws, settings.tune, settings.chains, settings.seed) == (
        defaults.DRAWS,
        defaults.TUNE,
        defaults.CHAINS,
        defaults.SEED,
    )


@pytest.mark.parametrize("name", ["draws", "tune", "chains", "seed"])
@pytest.mark.parametrize("value", [-1, 1.5, 1e3, "100", None, True, float("nan"), 2**63, np.float64(5)])
def test_settings_are_whole_numbers(name, value, faults_of):
    (fault,) = faults_of(Settings, **{name: value})
    assert (fault.where, fault.found) == (name, repr(value))


@pytest.mark.parametrize("name", ["draws", "tune", "chains"])
def test_nothing_can_be_zero_but_the_seed(name, faults_of):
    (fault,) = faults_of(Settings, **{name: 0})
    assert fault.where == name
    assert Settings(seed=0).seed == 0


def test_integers_of_numpy_are_whole_numbers():
    assert type(Settings(draws=np.int64(100)).draws) is int


def test_every_bad_setting_is_named_at_once(faults_of):
    assert [fault.where for fault in faults_of(Settings, draws=0, tune=-1, chains="4", seed=-2)] == [
        "draws",
        "tune",
        "chains",
        "seed",
    ]


@pytest.mark.parametrize("engine", ["NUTS", "", None, "stan"])
def test_an_unknown_engine_is_refused(engine, faults_of):
    (fault,) = faults_of(fit, STUDY, "cpr", engine=engine)
    assert fault.where == "engine"
    assert "auto, exact, nuts" in fault.allowed


@pytest.mark.parametrize("doubt", [-0.1, 1.5, float("nan"), "0.5", True])
def test_the_doubt_of_a_fit_is_a_number_from_0_to_1(doubt, faults_of):
    claim = Study.from_claim((40, 40), "lower", outcome="il6")
    (fault,) = faults_of(fit, claim, "il6", claim_doubt=doubt)
    assert fault.where == "claim_doubt"


@pytest.mark.parametrize(
    ("outcome", "model", "prior"),
    [("cpr2", "two_arm", "reference"), ("cpr", "two", "reference"), ("cpr", "two_arm", "ref")],
)
def test_what_is_unknown_is_refused_before_any_work(outcome, model, prior, faults_of):
    (fault,) = faults_of(fit, STUDY, outcome, model, prior)
    assert any(repr(name) in fault.found for name in (outcome, model, prior))
