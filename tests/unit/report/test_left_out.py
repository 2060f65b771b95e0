"""A run by quadrature alone: what it can do is done, and what it cannot is named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bayes_ivf.errors import RequestError
from bayes_ivf.reanalysis import reanalyze

PRIOR = "weakly_informative"


def test_a_run_does_what_it_can_and_names_the_rest(lei, tmp_path):
    few = tuple(item for item in lei.items if item.id in ("ca125", "il6"))
    result = reanalyze(
        replace(lei, items=few), tmp_path / "run", models=["outcomes", "two_arm"], priors=[PRIOR], engine="exact"
    )
    assert {fit.problem.model for fit in result.fits} == {"two_arm"}
    assert {each.key[2] for each in result.left_out} == {"outcomes"}
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert [tuple(each["key"]) for each in manifest["left_out"]] == [each.key for each in result.left_out]
    for name in ("report.html", "report.md"):
        page = (tmp_path / "run" / name).read_text(encoding="utf-8")
        assert "Left out of this run:" in page
        assert "no exact solution of this model" in page


def test_a_run_that_can_do_nothing_is_refused(lei):
    with pytest.raises(RequestError, match="without an exact solution"):
        reanalyze(lei, models=["outcomes"], priors=[PRIOR], engine="exact")
