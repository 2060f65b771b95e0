"""Stored calibrations: complete, not stale, and within their bands. ``make calibrate`` makes what is stale anew."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from bayes_ivf import defaults
from bayes_ivf.calibration import CALIBRATED, designs_for, judge, read_calibration
from bayes_ivf.calibration.constants import BAND_PROB
from bayes_ivf.cards import bundled_cards, load_card

STORED = Path(__file__).resolve().parents[2] / "calibration"
CARDS = [name for name in bundled_cards() if load_card(name).structure in CALIBRATED]


def _read(name):
    return read_calibration(STORED / name, designs_for(load_card(name)))


@pytest.mark.parametrize("name", CARDS)
def test_stored_ranks_are_not_stale(name):
    manifest = json.loads((STORED / name / "manifest.json").read_text(encoding="utf-8"))
    stale = [
        design.name
        for design in designs_for(load_card(name))
        if manifest["designs"].get(design.name, {}).get("fingerprint") != design.fingerprint
    ]
    assert not stale, f"code, priors or options have changed since: {', '.join(stale)}; run `make calibrate`"
    settings = manifest["settings"]
    expected = {"draws": defaults.DRAWS, "tune": defaults.TUNE, "chains": defaults.CHAINS, "seed": defaults.SEED}
    assert settings == expected


@pytest.mark.parametrize("name", CARDS)
def test_there_are_as_many_simulations_as_promised(name):
    for design, result in zip(designs_for(load_card(name)), _read(name).results, strict=True):
        assert len(result.verdicts) >= design.simulations >= 200
        assert result.verdicts.count("fail") <= 0.02 * len(result.verdicts), design.name


def test_all_ranks_stay_within_bands_that_are_shared_by_all_structures():
    results = [result for name in CARDS for result in _read(name).results]
    together = judge(results, BAND_PROB)
    assert not together.outside, together.sentence()


@pytest.mark.parametrize("name", CARDS)
def test_the_stored_table_is_that_of_the_ranks(name):
    stored = pd.read_csv(STORED / name / "calibration.csv")
    pd.testing.assert_frame_equal(stored, _read(name).table, check_exact=False, rtol=1e-4, atol=1e-9)
    assert (STORED / name / "answer.txt").read_text(encoding="utf-8").strip() == _read(name).sentence()


@pytest.mark.parametrize("name", CARDS)
def test_intervals_cover_as_often_as_they_say(name):
    table = _read(name).table
    for level in (50, 80, 95):
        p = level / 100
        error = (p * (1 - p) / table.simulations) ** 0.5
        # five standard errors: some hundred shares are looked at
        assert ((table[f"coverage_{level}"] - p).abs() < 5 * error).all()
