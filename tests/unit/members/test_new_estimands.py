"""A new estimand that follows from another one."""

from __future__ import annotations

from bayes_ivf.versions import fingerprint, package_sources


def test_a_derived_estimand_costs_no_kept_number():
    """It follows when rows are made, and changes no number that a batch keeps."""
    name = "bayes_ivf.effects.derived"
    text = package_sources()[name]
    new = text.replace('_number_needed("harm", -1))', '_number_needed("harm", -1), _number_needed("either", 1))')
    assert new != text
    for engine in ("exact", "nuts"):
        assert fingerprint(engine, {**package_sources(), name: new}) == fingerprint(engine)
