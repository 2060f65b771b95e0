"""Stored calibrations: complete, not stale, and within their bands. ``make calibrate`` makes what is stale anew."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from bayes_ivf import defaults
from bayes_ivf.calibration import designs_for, judge, read_calibration
from bayes_ivf.calibration.constants import BAND_PROB
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.structures import all_structures

STORED = Path(__file__).resolve().parents[2] / "calibration"
FAST = ("two_arm-", "outcomes-", "funnel-women")
"""Beginnings of designs that refit in under a second: 1,000 simulations, against 200 for the rest."""
CARDS = list(bundled_cards())


@cache
def _designs(name):
    return designs_for(load_card(name))


@cache
def _read(name):
    return read_calibration(STORED / name, _designs(name))


def test_every_structure_is_calibrated():
    assert {load_card(name).structure for name in bundled_cards()} == set(all_structures())


@pytest.mark.parametrize("name", CARDS)
def test_stored_ranks_are_not_stale(name):
    manifest = json.loads((STORED / name / "manifest.json").read_text(encoding="utf-8"))
    now = {design.name: design.fingerprint for design in _designs(name)}
    before = {design: each["fingerprint"] for design, each in manifest["designs"].items()}
    stale = [design for design in now if before.get(design) != now[design]]
    assert not stale, f"code, priors or options have changed since: {', '.join(stale)}; run `make calibrate`"
    assert set(before) == set(now)
    settings = manifest["settings"]
    expected = {"draws": defaults.DRAWS, "tune": defaults.TUNE, "chains": defaults.CHAINS, "seed": defaults.SEED}
    assert settings == expected


@pytest.mark.parametrize("name", CARDS)
def test_there_are_enough_simulations(name):
    for design, result in zip(_designs(name), _read(name).results, strict=True):
        assert len(result.verdicts) >= (1000 if design.name.startswith(FAST) else 200), design.name
        assert result.verdicts.count("fail") <= 0.02 * len(result.verdicts), design.name


@pytest.mark.parametrize("name", CARDS)
def test_table_and_sentence_are_those_of_the_ranks(name):
    found = _read(name)
    stored = pd.read_csv(STORED / name / "calibration.csv")
    pd.testing.assert_frame_equal(stored, found.table, check_dtype=False, rtol=2e-5)
    assert (STORED / name / "answer.txt").read_text(encoding="utf-8").strip() == found.sentence()
    assert not found.outside
    assert (STORED / name / "ranks.png").stat().st_size > 10_000


def test_all_ranks_stay_within_bands_that_are_shared_by_all_structures():
    results = [result for name in CARDS for result in _read(name).results]
    together = judge(results, BAND_PROB)
    assert not together.outside, together.sentence()


@pytest.mark.parametrize("name", CARDS)
def test_intervals_cover_as_often_as_they_say(name):
    table = _read(name).table
    for level in (50, 80, 95):
        p = level / 100
        error = (p * (1 - p) / table.simulations) ** 0.5
        # five standard errors: some hundred shares are looked at
        assert ((table[f"coverage_{level}"] - p).abs() < 5 * error).all()
