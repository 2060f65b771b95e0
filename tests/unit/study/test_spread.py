"""A declared spread is read as what it is, wherever a standard deviation is needed."""

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.auditing import audit
from bayes_ivf.auditing.rounded_p import p_interval
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.problem import applicable, build_problem
from bayes_ivf.results import frequentist
from bayes_ivf.study import parse_study

ROW = {"id": "x", "label": "Oocytes retrieved", "kind": "mean_sd", "benefit": "none", "treatment": "14.89 ± 0.78",
       "control": "16.06 ± 0.82", "whole": True, "unit": "count", "n": {"treatment": 44, "control": 48}}  # fmt: skip


def study_of(**keys):
    arms = {"treatment": {"label": "t", "n": 44}, "control": {"label": "c", "n": 48}}
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [ROW | keys]}, "test")


@pytest.mark.parametrize(
    ("spread", "factor"),
    [("sd", lambda n: 1.0), ("se", np.sqrt), ("ci95", lambda n: np.sqrt(n) / stats.t.ppf(0.975, n - 1))],
)
def test_models_and_tests_read_the_declared_spread(spread, factor):
    study = study_of(spread=spread)
    sds = 0.78 * factor(44), 0.82 * factor(48)
    problem = build_problem(study, "x", load_card("two_arm"), "weakly_informative")
    assert np.sqrt(problem.data["variance"]) == pytest.approx(sds)
    p = stats.ttest_ind_from_stats(14.89, sds[0], 44, 16.06, sds[1], 48, equal_var=False).pvalue
    assert frequentist(study.items[0]).p == pytest.approx(p)
    assert p_interval(study.items[0])[1] == pytest.approx(p)


def test_declared_standard_errors_are_no_contradiction():
    assert [f.check for f in audit(study_of()).found if f.severity != "info"] == ["integer_moments", "sd_or_se"]
    assert [f.check for f in audit(study_of(spread="se")).found if f.severity != "info"] == []


def test_a_range_is_not_estimated():
    study = study_of(spread="range")
    assert frequentist(study.items[0]) is None
    assert p_interval(study.items[0]) is None
    for name in bundled_cards():
        assert "range" in applicable(study, study.items[0], load_card(name))
