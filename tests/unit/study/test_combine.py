from __future__ import annotations

import pytest

from bayes_ivf import Study, audit, fit
from bayes_ivf.study import Counts

TOTALS = {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33}


def test_outcomes_of_one_trial_become_one_study():
    study = Study.combine(
        [
            Study.from_counts((16, 40), (12, 38), outcome="cpr", claim="P>0.05"),
            Study.from_means((5.81, 0.76, 39), (7.93, 0.82, 40), outcome="fsh"),
            Study.from_clusters(TOTALS, TOTALS, outcome="eir", max_embryos=4),
        ],
        study="trial",
    )
    assert study.ids == ("cpr", "fsh", "eir")
    assert (study.id, study.title, study.max_embryos) == ("trial", "trial", 4)
    assert dict(study.sizes) == {"treatment": 40, "control": 40}
    assert study.outcome("cpr").counts("control") == Counts(12, 38)
    assert list(audit(study).claims.outcome) == ["cpr", "fsh", "eir"]


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ([], "studies"),
        ("lei-2026", "studies"),
        ([Study.from_counts((1, 2), (1, 2)), "x"], "studies"),
        ([Study.from_counts((1, 2), (1, 2)), Study.from_counts((1, 2), (1, 2))], "outcome"),
    ],
)
def test_what_makes_no_study_is_refused(given, where, faults_of):
    assert [fault.where for fault in faults_of(Study.combine, given)] == [where]


def test_the_only_outcome_needs_no_name(faults_of):
    study = Study.from_counts((16, 40), (12, 40), outcome="cpr")
    assert fit(study, engine="exact").problem.outcome == "cpr"
    both = Study.combine([study, Study.from_counts((1, 40), (2, 40), outcome="oh")])
    (fault,) = faults_of(fit, both, engine="exact")
    assert fault.allowed == "cpr, oh"


def test_a_default_fit_does_justice_to_the_outcome(lei):
    assert fit(lei, "cpr", engine="exact").problem.model == "two_arm"
    made = fit(lei, "eir", engine="exact")
    assert made.problem.model == "embryo_cluster"
    assert "independent" not in made.sentence()
    assert (
        fit(lei, "eir", "two_arm", engine="exact")
        .sentence()
        .endswith("Embryos of one woman are taken as independent, which the paper's own totals may contradict.")
    )
    # a prior that embryos nested in women cannot take leaves them independent, and the sentence says so
    other = fit(lei, "eir", prior="beta_uniform", engine="exact")
    assert other.problem.model == "two_arm"
    assert "Embryos of one woman are taken as independent" in other.sentence()


CYCLES = """
schema_version = 1
id = "cycles"
title = "Cycles"
[arms.treatment]
label = "t"
n = 40
[arms.control]
label = "c"
n = 40
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy per cycle"
kind = "counts"
per = "cycle"
benefit = "higher"
treatment = "32/62"
control = "15/58"
"""


def test_a_file_is_audited_and_its_cycles_are_not_taken_for_women(tmp_path):
    path = tmp_path / "cycles.toml"
    path.write_text(CYCLES, encoding="utf-8")
    assert audit(path).study.id == audit(str(path)).study.id == "cycles"
    assert audit("lei-2026").study.id == "lei-2026"
    told = fit(path, engine="exact").sentence()
    assert told.endswith("Cycles of one woman are taken as independent; there are more of them than women.")
    path.write_text(CYCLES.replace("32/62", "32/40").replace("15/58", "15/40"), encoding="utf-8")
    assert "independent" not in fit(path, engine="exact").sentence()


def test_embryos_of_a_large_trial_are_answered_without_their_women(faults_of):
    # generating functions of the totals overflow; it once ended in a traceback
    arms = {"women": 100_000, "embryos": 200_000, "pregnant": 40_000, "implanted": 48_000}
    study = Study.from_clusters(arms, arms | {"implanted": 45_000}, max_embryos=3)
    made = fit(study, engine="exact")
    assert made.problem.model == "two_arm"
    assert "taken as independent" in made.sentence()
    (fault,) = faults_of(fit, study, model="embryo_cluster")
    assert "at most 2,500 embryos" in fault.found
