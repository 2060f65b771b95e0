"""An outcome known from an exact P or a test statistic: which print gives which datum, and what gives none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_ivf import Study, audit, fit
from bayes_ivf.cards import load_card
from bayes_ivf.errors import RequestError
from bayes_ivf.forms import form_of, p_value
from bayes_ivf.problem import build_problem
from bayes_ivf.study import parse_study, study_table

SMD = "standardized_mean_difference"
CARD = load_card("two_arm")


def study_of(arms=(40, 40), **keys):
    row = {"id": "e2", "label": "Estradiol", "benefit": "higher", "kind": "p_value", **keys}
    values = {"schema_version": 1, "id": "s", "title": "s", "outcomes": [row]}
    values["arms"] = {arm: {"label": arm, "n": n} for arm, n in zip(("treatment", "control"), arms, strict=True)}
    return parse_study(values, "test")


def said(p, direction="higher", text="as printed"):
    return {"claim": {"text": text, "direction": direction, "p": p}}


def problem_of(study):
    return build_problem(study, study.items[0].id, CARD, "weakly_informative")


def sizes_of(study):
    problem = problem_of(study)
    assert problem.likelihood == "p_value"
    return tuple(problem.data["t"])


def t_of(p, df=78):
    return float(stats.t.isf(p / 2, df))


@pytest.mark.parametrize(
    ("keys", "sizes"),
    [
        (said("P=0.044"), (t_of(0.0445), t_of(0.0435))),
        (said("P = 0.04"), (t_of(0.045), t_of(0.035))),
        (said("P=1.00"), (0.0, t_of(0.995))),
        (said("P=0.05"), (t_of(0.055), t_of(0.045))),
        (said("2.4 × 10^-19"), (t_of(2.45e-19), t_of(2.35e-19))),
        ({"statistic": "t(78) = 2.05"}, (2.045, 2.055)),
        ({"statistic": "t(78) = -2.05"}, (2.045, 2.055)),
        ({"statistic": "t = 2.05"}, (2.045, 2.055)),
        ({"statistic": "z = 2.1"}, (2.05, 2.15)),
        ({"statistic": "F(1, 78) = 4.20"}, (4.195**0.5, 4.205**0.5)),
        ({"statistic": "t(78) < 1"}, (0.0, 1.0)),
        # both printed: what fits both
        ({"statistic": "t(78) = 2", **said("P=0.04")}, (t_of(0.045), t_of(0.035))),
        ({"statistic": "t(78) = 2.05", **said("P=0.04")}, (2.045, 2.055)),
        ({"statistic": "t(78) = 2", **said("P<0.05")}, (t_of(0.05), 2.5)),
        (said("P=0.022") | {"alternative": "one-sided"}, (t_of(0.045), t_of(0.043))),
    ],
)
def test_what_was_printed_is_an_interval_of_t(keys, sizes):
    assert sizes_of(study_of(**keys)) == pytest.approx(sizes, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("direction", ["higher", "lower", "differs", "none"])
def test_the_direction_of_the_claim_is_the_sign_of_t(direction):
    problem = problem_of(study_of(**said("P=0.044", direction)))
    assert problem.variant == {"differs": "either", "none": "either"}.get(direction, direction)
    assert p_value.is_even(problem.variant) == (direction in ("differs", "none"))
    assert problem_of(study_of(statistic="t(78) = -2.05")).variant == "either"


@pytest.mark.parametrize(
    ("keys", "level", "word"),
    [
        (said("P=0.000"), 0.0005, "higher"),
        (said("P<0.001", "lower"), 0.001, "lower"),
        (
            {"statistic": "t(78) > 3.3", "claim": {"text": "higher", "direction": "higher"}},
            2 * stats.t.sf(3.3, 78),
            "higher",
        ),
    ],
)
def test_a_bound_alone_is_a_claim(keys, level, word):
    problem = problem_of(study_of(**keys))
    assert (problem.likelihood, problem.variant) == ("claim_only", word)
    assert float(problem.data["alpha"]) == pytest.approx(level)


def test_an_exact_p_is_taken_from_a_kind_for_words_alone():
    for kind in ("claim_only", "p_value"):
        study = study_of(kind=kind, **said("P=0.044"))
        assert form_of(study.items[0]).name == "p_value"
    assert form_of(study_of(**said("P<0.05")).items[0]).name == "claim_only"


def test_an_exact_p_of_counts_is_a_claim_about_counts():
    study = study_of(of="counts", **said("P=0.044"))
    assert form_of(study.items[0]).name == problem_of(study).likelihood == "claim_counts"


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"statistic": "t(63.2) = 2.05"}, "beside 78 degrees of freedom"),
        ({"statistic": "t(70) = 2.05"}, "beside 78 degrees of freedom"),
        ({"statistic": "F(1, 70) = 4.2"}, "beside 78 degrees of freedom"),
        ({"statistic": "F(2, 78) = 4.2"}, "more than two arms"),
        ({"statistic": "χ²(1) = 4.2"}, "no t of two arms"),
        ({"statistic": "r(78) = 0.2"}, "no t of two arms"),
        ({"statistic": "t(78) = 2.05", **said("P=0.6")}, "gives both"),
        (said("P=0.044", text="adjusted for age"), "an adjusted analysis"),
        (said("P=0.044") | {"paired": True}, "the same women"),
        (said("P=0.7") | {"alternative": "one-sided"}, "against the direction"),
        ({"statistic": "t(78) < 30"}, "next to nothing"),
    ],
)
def test_what_is_a_check_only_says_why_and_what_to_do(keys, found):
    with pytest.raises(RequestError) as caught:
        problem_of(study_of(**keys))
    (fault,) = caught.value.faults
    assert found in fault.found
    assert fault.allowed
    assert fault.action


def test_no_p_and_no_statistic_is_a_fault(faults_of):
    (fault,) = faults_of(study_of)
    assert (fault.found, fault.allowed) == ("no claim with a P", "direction and p, or a statistic")


@pytest.mark.parametrize(
    "keys", [said("P=0.044"), {"statistic": "t(78) = 2.05"}, {"statistic": "t = 2.05", **said("P=0.04", "differs")}]
)
def test_it_is_written_as_it_is_read(keys):
    study = study_of(**keys)
    assert parse_study(study_table(study), "again") == study


def test_a_study_without_a_file():
    study = Study.from_claim((40, 40), "higher", p="P=0.044", outcome="e2", benefit="higher")
    row = fit(study, engine="exact").row(SMD)
    assert (round(row.median, 3), round(row.p_benefit, 3)) == (0.432, 0.975)
    by_statistic = Study.from_claim((40, 40), "higher", statistic="t(78) = 2.05", outcome="e2", benefit="higher")
    assert fit(by_statistic, engine="exact").row(SMD).median == pytest.approx(row.median, abs=0.005)
    assert study.only_outcome().kind == by_statistic.only_outcome().kind == "p_value"
    assert Study.from_claim((40, 40), "higher", p="P<0.01").only_outcome().kind == "claim_only"


def test_faults_of_a_study_without_a_file(faults_of):
    assert [fault.where for fault in faults_of(Study.from_claim, (40, 40))] == ["direction"]
    assert [fault.where for fault in faults_of(Study.from_claim, (40, 40), statistic="U = 2")] == ["statistic"]
    assert [fault.where for fault in faults_of(Study.from_claim, (40, 40), statistic="t(0) = 2")] == ["statistic"]
    assert [fault.where for fault in faults_of(Study.from_claim, (40, 40), p="about 0.04")] == ["claim"]


def test_an_exact_p_agrees_with_the_means_that_gave_it():
    """The likelihood of the t of means whose spreads are known well is that of the means."""
    n = 400
    means = Study.from_means(("0.2", "1.00", n), ("0", "1.00", n), outcome="x", benefit="higher")
    t = 0.2 / (2 / n) ** 0.5
    words = Study.from_claim((n, n), "higher", statistic=f"t = {t:.4f}", outcome="x", benefit="higher")
    first, second = (fit(each, engine="exact").row(SMD) for each in (means, words))
    assert first.mean == pytest.approx(second.mean, abs=0.02 * first.sd)
    assert first.sd == pytest.approx(second.sd, rel=0.02)


@pytest.mark.parametrize("doubt", [0, 0.25, 1])
def test_what_it_hangs_on_is_said(doubt):
    made = fit(study_of(**said("P=0.044")), engine="exact", claim_doubt=doubt)
    assert made.problem.caveats[0].startswith("Known only from 'as printed'")
    words = "carry no information" if doubt else "If the claim is true and came from an equal-variance t test"
    assert words in str(made.sentence())


def test_the_evidence_is_the_chance_of_the_print():
    """Under a prior that allows no difference it is the width of the rounding of P, half of it on either side."""
    prior = {"effect": {"dist": "Normal", "mu": 0, "sigma": 1e-4}}
    evidence = fit(study_of(**said("P=0.044")), engine="exact", prior=prior).evidence
    assert np.exp(evidence["log_marginal_likelihood"]) == pytest.approx(0.0005, rel=1e-4)


def test_the_audit_rests_on_the_statistic():
    (row,) = audit(study_of(statistic="t(78) = 2.05", **said("P=0.044"))).ledger
    assert (row.test, row.supported, row.p_reproduced) == ("t(78)", "yes", "yes")
    (row,) = audit(study_of(**said("P=0.044"))).ledger
    assert row.supported == "undetermined"


def test_both_engines_agree():
    prior = {"effect": {"dist": "Normal", "mu": 0.2, "sigma": 0.6}}
    for keys in ({"statistic": "t(78) = 2.05"}, said("P=0.044")):
        exact = fit(study_of(**keys), prior=prior, engine="exact")
        made = exact.sample(draws=1000, seed=3)
        name = SMD if "claim" in keys else f"absolute_{SMD}"
        mine, right = made.row(name), exact.row(name)
        assert made.verdict.level == "pass"
        assert abs(mine.mean - right.mean) < 4.5 * mine.mcse
