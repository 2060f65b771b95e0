"""What a notebook reaches by ``bi.``: modules that list, load and make; settings as one value."""

from __future__ import annotations

import inspect
from dataclasses import replace
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import bayes_ivf as bi

STUDY = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")


@pytest.mark.parametrize("name", ["cards", "plots", "priors"])
def test_rooms_that_are_public_are_modules(name):
    assert isinstance(getattr(bi, name), ModuleType)
    assert name in dir(bi)


def test_cards_are_listed_and_loaded():
    listed = bi.cards.list_cards()
    assert list(listed.id) == list(bi.cards.bundled_cards())
    for name in listed.id:
        card = bi.cards.load_card(name)
        assert isinstance(card, bi.cards.Card)
        assert set(listed.set_index("id").structure[name].split(", ")) == {card.structure}
    assert bi.fit(STUDY, model=bi.cards.load_card("two_arm"), engine="exact").problem.model == "two_arm"


def test_prior_sets_are_listed_and_loaded():
    listed = bi.priors.list_prior_sets()
    assert list(listed.id) == list(bi.priors.bundled_prior_sets())
    assert listed.sentence.str.len().min() > 10
    loaded = bi.priors.load_prior_set("reference")
    assert isinstance(loaded, bi.priors.PriorSet)
    by_name, by_value = (bi.fit(STUDY, prior=prior, engine="exact").effects() for prior in ("reference", loaded))
    pd.testing.assert_frame_equal(by_name, by_value)


def test_a_prior_is_made_and_may_fill_a_slot():
    made = bi.priors.make_prior("Normal", mu=0, sigma=0.5)
    assert made == bi.priors.Prior("Normal", {"mu": 0.0, "sigma": 0.5})
    table = {"dist": "Normal", "mu": 0, "sigma": 0.5}
    fits = [bi.fit(STUDY, prior={"effect": slot}, engine="exact") for slot in (made, table)]
    assert fits[0].problem.hash == fits[1].problem.hash


@pytest.mark.parametrize(
    ("dist", "parameters", "where"),
    [
        ("normal", {"mu": 0, "sigma": 1}, "prior.dist"),
        ("Normal", {"mu": 0}, "prior.sigma"),
        ("Normal", {"mu": 0, "sigma": -1}, "prior.sigma"),
        ("Normal", {"mu": 0, "sigma": 1, "nu": 3}, "prior.nu"),
    ],
)
def test_a_prior_that_cannot_be_is_refused(dist, parameters, where, faults_of):
    (fault,) = faults_of(bi.priors.make_prior, dist, **parameters)
    assert fault.where == where


def test_settings_are_one_value_in_place_of_four():
    settings = bi.Settings(draws=300, seed=3)
    assert bi.fit(STUDY, engine="exact", settings=settings).settings == settings
    assert bi.fit(STUDY, engine="exact", draws=300, seed=3).settings == settings
    assert bi.fit(STUDY, engine="exact").settings == bi.Settings()


@pytest.mark.parametrize("settings", [{"draws": 100}, 1000, "default"])
def test_settings_are_settings(settings, faults_of):
    (fault,) = faults_of(bi.fit, STUDY, settings=settings)
    assert (fault.where, fault.found) == ("settings", repr(settings))


@pytest.mark.parametrize("job", [bi.fit, bi.reanalyze, bi.batch])
def test_settings_beside_single_numbers_are_refused(job, faults_of, tmp_path):
    out = {"out": tmp_path} if "out" in inspect.signature(job).parameters else {}
    (fault,) = faults_of(job, STUDY, settings=bi.Settings(), seed=1, **out)
    assert (fault.where, fault.found) == ("settings", "settings beside seed")


@pytest.mark.parametrize("job", [bi.reanalyze, bi.batch])
def test_settings_beside_the_engine_that_draws_nothing_are_refused(job, faults_of, tmp_path):
    (fault,) = faults_of(job, STUDY, engine="exact", settings=bi.Settings(), out=tmp_path)
    assert fault.where == "settings"


def test_calibrate_is_the_function_behind_the_command(tmp_path, faults_of):
    (fault,) = faults_of(bi.calibrate, "two_arms")
    assert fault.where == "model"
    (fault,) = faults_of(bi.calibrate, "two_arm", simulations=0)
    assert fault.where == "simulations"
    assert list(inspect.signature(bi.calibrate).parameters)[:3] == ["model", "simulations", "out"]


def test_settings_stay_frozen_values():
    settings = bi.Settings(draws=np.int64(500))
    assert replace(settings, seed=2) == bi.Settings(draws=500, seed=2)
    assert hash(settings) == hash(bi.Settings(draws=500))
