from __future__ import annotations

import copy

import pytest

HOSTILE = "<script>alert('x')</script> \"q\" | `code` [a](javascript:b) <img src=http://evil.example/x.png> & \\ *b* _i_ #h $x_{$"
"""In every text of a study file: what would break out of a page or a table."""

_TABLE = {
    "schema_version": 1,
    "id": "hostile",
    "title": f"T {HOSTILE}",
    "citation": f"C {HOSTILE}",
    "doi": f"D {HOSTILE}",
    "design_words": [f"W {HOSTILE}", "randomized"],
    "notes": [f"N {HOSTILE}"],
    "arms": {"treatment": {"label": f"AT {HOSTILE}", "n": 40}, "control": {"label": f"AC {HOSTILE}", "n": 40}},
    "sources": {f"K {HOSTILE}": f"S {HOSTILE}"},
    "outcomes": [
        {
            "id": "cpr", "label": f"L1 {HOSTILE}", "kind": "counts", "benefit": "higher", "mcid": 0.05, "per": "woman",
            "treatment": "16/40", "control": "12/40", "unit": f"U {HOSTILE}", "source": f"K {HOSTILE}", "note": f"X {HOSTILE}",
            "claim": {"text": f"Q {HOSTILE}", "direction": "higher", "p": "P<0.05"},
        },
        {
            "id": "edu", "label": f"L4 {HOSTILE}", "kind": "categories", "benefit": "none", "role": "baseline",
            "categories": [f"c1 {HOSTILE}", f"c2 {HOSTILE}"], "treatment": "10/30", "control": "20/20",
        },
        {"id": "bhcg", "label": f"L5 {HOSTILE}", "kind": "unavailable", "benefit": "higher", "note": f"Y {HOSTILE}"},
    ],
}  # fmt: skip


@pytest.fixture(scope="session")
def hostile():
    from bayes_ivf.study import parse_study

    return parse_study(copy.deepcopy(_TABLE), "hostile.toml")


@pytest.fixture(scope="session")
def run(hostile, tmp_path_factory):
    """A finished run of the hostile study: one NUTS shape, everything else exact."""
    from bayes_ivf import reanalyze

    folder = tmp_path_factory.mktemp("run")
    result = reanalyze(
        hostile, folder, models=["two_arm"], priors=["weakly_informative", "skeptical_moderate"], draws=200, tune=200
    )
    return result, folder
