"""A compiled model serves problems whose arrays have its shapes, those made for NUTS alone included."""

from __future__ import annotations

import pytest

from bayes_ivf import Study, defaults
from bayes_ivf.cards import load_card
from bayes_ivf.forms import embryo_totals
from bayes_ivf.inference import nuts
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.structures import model_key

CONTROL = {"women": 10, "embryos": 20, "pregnant": 3, "implanted": 4}


@pytest.fixture
def by_surface(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embryo_totals, "ROWS_LIMIT", 10)


def problem_of(pregnant: int, implanted: int) -> Problem:
    treatment = CONTROL | {"pregnant": pregnant, "implanted": implanted}
    study = Study.from_clusters(treatment, CONTROL, max_embryos=3)
    options = {"mechanism": "biochemical"}
    return build_problem(study, "eir", load_card("embryo_cluster"), defaults.PRIMARY_PRIOR, options)


@pytest.mark.usefixtures("by_surface")
def test_arrays_made_for_nuts_count() -> None:
    """Numbers of women who may have lost an implantation differ, the totals' own shape does not."""
    first, second = problem_of(3, 8), problem_of(6, 7)
    assert first.compile_key == second.compile_key
    assert model_key(first) != model_key(second)
    compiled = nuts.compile_problem(first)
    compiled.with_problem(first)
    with pytest.raises(ValueError, match="compiled for"):
        compiled.with_problem(second)
