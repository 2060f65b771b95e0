"""A new estimand that follows from another one."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_ivf.effects import DERIVED, FIELDS, DerivedEstimand, derived_figures
from bayes_ivf.versions import fingerprint, package_sources

SHORTFALL = DerivedEstimand("shortfall", "Shortfall", "probability", -1.0, 1.0, source="risk_difference")


def test_a_derived_estimand_has_quantiles_and_no_moments(monkeypatch):
    monkeypatch.setattr("bayes_ivf.effects.derived.DERIVED", {**DERIVED, "shortfall": SHORTFALL})
    source = np.arange(1.0, len(FIELDS) + 1)[None] / 100
    found = dict(zip(FIELDS, derived_figures("shortfall", [1], source)[0].tolist(), strict=True))
    given = dict(zip(FIELDS, source[0].tolist(), strict=True))
    assert (found["median"], found["ci_low"], found["ci_high"]) == (
        -given["median"],
        -given["ci_high"],
        -given["ci_low"],
    )
    assert np.isnan([found[name] for name in ("mean", "sd", "hdi_low", "hdi_high", "mcse", "p_benefit")]).all()
    assert not SHORTFALL.moments
    with pytest.raises(TypeError, match="moments"):
        DerivedEstimand("shortfall", "Shortfall", "probability", moments=True)


def test_a_derived_estimand_costs_no_kept_number():
    """It follows when rows are made, and changes no number that a batch keeps."""
    name = "bayes_ivf.effects.derived"
    text = package_sources()[name]
    new = text.replace('_number_needed("harm", -1))', '_number_needed("harm", -1), _number_needed("either", 1))')
    assert new != text
    for engine in ("exact", "nuts"):
        assert fingerprint(engine, {**package_sources(), name: new}) == fingerprint(engine)
