from __future__ import annotations

import copy

import pytest

HOSTILE = (
    "<script>alert('x')</script> \"q\" '''q''' | `code` `{python} 1/0` {{< include /etc/passwd >}} [a](javascript:b) "
    "![i](http://evil.example/x.png) & &lt; \\ \\input{x} *b* _i_ #h 100% $x_{$ ~ ^ @k"
)
"""In every text of a study file: what would break out of a table, a letter or a document with code."""

_TABLE = {
    "schema_version": 1,
    "id": "hostile",
    "title": f"=1+1 {HOSTILE}",
    "citation": f"C {HOSTILE}",
    "doi": f"D {HOSTILE}",
    "design_words": [f"W {HOSTILE}"],
    "notes": [f"N {HOSTILE}"],
    "arms": {"treatment": {"label": f"AT {HOSTILE}", "n": 40}, "control": {"label": f"AC {HOSTILE}", "n": 40}},
    "sources": {f"K {HOSTILE}": f"S {HOSTILE}"},
    "outcomes": [
        {
            "id": "cpr", "label": f"=HYPERLINK(A1) {HOSTILE}", "kind": "counts", "benefit": "higher", "mcid": 0.05,
            "per": "woman", "treatment": "16/40", "control": "12/40", "unit": f"U {HOSTILE}", "source": f"K {HOSTILE}",
            "note": f"X {HOSTILE}", "claim": {"text": f"@Q {HOSTILE}", "direction": "higher", "p": "P<0.05"},
        },
        {
            "id": "fsh", "label": f"+L2 {HOSTILE}", "kind": "mean_sd", "benefit": "none", "treatment": "5.81 ± 0.76",
            "control": "7.93 ± 0.82", "claim": {"text": f"-Q {HOSTILE}", "direction": "lower", "p": "P<0.05"},
        },
        {
            "id": "edu", "label": f"-L4 {HOSTILE}", "kind": "categories", "benefit": "none", "role": "baseline",
            "categories": [f"c1 {HOSTILE}", f"c2 {HOSTILE}"], "treatment": "10/30", "control": "20/20",
        },
        {"id": "bhcg", "label": f"@L5 {HOSTILE}", "kind": "unavailable", "benefit": "higher", "note": f"Y {HOSTILE}"},
    ],
}  # fmt: skip


@pytest.fixture(scope="session")
def hostile():
    from bayes_ivf.study import parse_study

    return parse_study(copy.deepcopy(_TABLE), "hostile.toml")


def _solved(study, folder=None):
    from bayes_ivf import reanalyze

    priors = ["weakly_informative", "skeptical_moderate", "optimistic_moderate"]
    return reanalyze(study, folder, models=["two_arm"], priors=priors, engine="exact")


@pytest.fixture(scope="session")
def trial(lei, tmp_path_factory):
    """The index trial by quadrature with its files to take home: result, folder, context."""
    return _taken(_solved, lei, tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="session")
def bad(hostile, tmp_path_factory):
    """The same of a study whose every text is hostile."""
    return _taken(_solved, hostile, tmp_path_factory.mktemp("bad"))


@pytest.fixture(params=["trial", "bad"])
def taken(request):
    """Each of the two."""
    return request.getfixturevalue(request.param)


def _taken(solved, study, folder):
    from bayes_ivf.report import read_context
    from bayes_ivf.takehome import take_home_of_run

    result = solved(study, folder)
    return result, take_home_of_run(folder), read_context(folder)
