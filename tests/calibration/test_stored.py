"""Stored calibrations: not stale, and within their bands. ``make calibrate`` makes what is stale anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bayes_ivf import defaults
from bayes_ivf.calibration import CALIBRATED, designs_for, judge, read_calibration
from bayes_ivf.calibration.constants import BAND_PROB
from bayes_ivf.cards import bundled_cards, load_card

STORED = Path(__file__).resolve().parents[2] / "calibration"
LEAST = 200
"""Simulations below which a stored design is still being made and shows nothing yet."""


def _designs(name):
    """Return the designs of a card whose ranks are stored."""
    found = []
    for design in designs_for(load_card(name)):
        path = STORED / name / f"{design.name}.csv"
        if path.exists() and len(path.read_text(encoding="utf-8").splitlines()) > LEAST:
            found.append(design)
    return found


CARDS = [name for name in bundled_cards() if load_card(name).structure in CALIBRATED and _designs(name)]


def _read(name):
    return read_calibration(STORED / name, _designs(name))


def test_the_base_case_is_calibrated():
    assert "two_arm" in CARDS
    assert len(_designs("two_arm")) >= 6


@pytest.mark.parametrize("name", CARDS)
def test_stored_ranks_are_not_stale(name):
    manifest = json.loads((STORED / name / "manifest.json").read_text(encoding="utf-8"))
    stale = [
        design.name
        for design in _designs(name)
        if manifest["designs"].get(design.name, {}).get("fingerprint") != design.fingerprint
    ]
    assert not stale, f"code, priors or options have changed since: {', '.join(stale)}; run `make calibrate`"
    settings = manifest["settings"]
    expected = {"draws": defaults.DRAWS, "tune": defaults.TUNE, "chains": defaults.CHAINS, "seed": defaults.SEED}
    assert settings == expected


@pytest.mark.parametrize("name", CARDS)
def test_there_are_enough_simulations(name):
    for design, result in zip(_designs(name), _read(name).results, strict=True):
        assert len(result.verdicts) >= LEAST
        assert result.verdicts.count("fail") <= 0.02 * len(result.verdicts), design.name


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
