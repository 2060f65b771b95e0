"""A trial of several arms on its way to the page: comparisons never stand in one model, and are told apart everywhere."""

from __future__ import annotations

import pytest

import bayes_ivf as bi
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.cli import run as shell
from bayes_ivf.planning import load_prior_sets, plan
from bayes_ivf.study import parse_study, study_table, study_toml

ARMS = {"control": 40, "low": 41, "mid": 39}
ROWS = [
    {"id": "cpr", "label": "Pregnancy", "kind": "counts", "family": "pregnancy", "stage": "clinical_pregnancy",
     "benefit": "higher", "mcid": 0.05, "cells": {"control": "6/40", "low": "9/41", "mid": "8/39"},
     "claims": {"all": {"text": "no difference, P=0.7", "direction": "none", "p": "P=0.7"},
                "mid-control": {"text": "P>0.05", "direction": "none", "p": "P>0.05"}}},
    {"id": "mcr", "label": "Miscarriage", "kind": "counts", "family": "pregnancy", "stage": "miscarriage", "benefit": "lower",
     "per": "clinical_pregnancy", "denominator": "cpr", "cells": {"control": "1/6", "low": "2/9", "mid": "1/8"}},
    {"id": "fsh", "label": "FSH", "kind": "mean_sd", "spread": "sd", "family": "hormone", "benefit": "lower",
     "cells": {"control": "6.9 ± 0.8", "low": "5.8 ± 0.8", "mid": "6.0 ± 0.9"}},
    {"id": "lh", "label": "LH", "kind": "mean_sd", "spread": "sd", "family": "hormone", "benefit": "lower",
     "cells": {"control": "5.9 ± 0.8", "low": "5.5 ± 0.7", "mid": "5.6 ± 0.9"}},
    {"id": "crp", "label": "CRP", "kind": "claim_only", "benefit": "lower",
     "claims": {"low-control": {"text": "lower, P<0.05", "direction": "lower", "p": "P<0.05"}}},
    {"id": "adjusted", "label": "Adjusted", "kind": "effect_ci", "benefit": "higher",
     "effects": {name: {"scale": "odds_ratio", "estimate": "1.44", "low": "0.61", "high": "3.40"}
                 for name in ("low-control", "mid-control")}},
    {"id": "eir", "label": "Implantation", "kind": "counts", "per": "embryo", "benefit": "higher",
     "cells": {"control": "40 women, 80 embryos, 12 pregnant, 15 implanted",
               "low": "41 women, 82 embryos, 15 pregnant, 20 implanted",
               "mid": "39 women, 75 embryos, 11 pregnant, 13 implanted"}},
]  # fmt: skip
TABLE = {
    "schema_version": 1,
    "id": "doses",
    "title": "Doses",
    "design_words": ["randomized"],
    "randomized": "yes",
    "arms": {name: {"label": f"dose {name}", "n": n} for name, n in ARMS.items()},
    "outcomes": ROWS,
}
COMPARISONS = ("low-control", "mid-control")


@pytest.fixture(scope="module")
def study():
    return parse_study(TABLE, "doses.toml")


@pytest.fixture(scope="module")
def result(study, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "doses"
    return bi.reanalyze(study, out, models=["two_arm"], priors=["weakly_informative"], engine="exact"), out


@pytest.fixture(scope="module")
def problems(study):
    cards = [load_card(name) for name in bundled_cards()]
    return plan(study, cards, load_prior_sets(["weakly_informative"])).problems


def test_no_problem_speaks_of_two_comparisons(problems, study):
    """Families, funnels and the joint hierarchy would take the shared arm for two, and count its women twice."""
    joined = [problem for problem in problems if problem.places]
    assert {problem.structure for problem in joined} >= {"outcomes", "funnel", "joint"}
    for problem in problems:
        about = [problem.outcome, *(place.outcome for place in problem.places.values())]
        assert len({name.rpartition("--")[2] for name in about}) == 1, about
        assert problem.comparison in {each.label for each in study.comparisons}


def content(problem):
    """What the numbers of a problem hang on, whatever its outcomes are called."""
    data = {name: array.tolist() for name, array in problem.data.items()}
    about = [(place.sign, place.mcid) for place in (problem.place(""), *problem.places.values())]
    return problem.structure, problem.likelihood, problem.coding, problem.variant, data, problem.priors, about


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_a_comparison_is_the_problem_of_its_two_arms(comparison, problems, study):
    """Each problem of one comparison is that of a file which has no other arms."""
    first, second = comparison.split("-")
    rows = []
    for row in ROWS:
        two = {key: value for key, value in row.items() if key not in ("cells", "claims", "effects")}
        two |= {arm: row["cells"][name] for arm, name in (("treatment", first), ("control", second)) if "cells" in row}
        two |= {key[:-1]: row[key][comparison] for key in ("claims", "effects") if comparison in row.get(key, {})}
        missing = row["kind"] == "claim_only" and "claim" not in two
        rows.append(two | ({"kind": "unavailable", "note": "-"} if missing else {}))
    arms = {arm: {"label": arm, "n": ARMS[name]} for arm, name in (("treatment", first), ("control", second))}
    alone = parse_study(TABLE | {"arms": arms, "outcomes": rows}, "f.toml")
    cards = [load_card(name) for name in bundled_cards()]
    expected = plan(alone, cards, load_prior_sets(["weakly_informative"])).problems
    mine = [problem for problem in problems if problem.outcome.endswith(f"--{comparison}")]
    assert [content(problem) for problem in mine] == [content(problem) for problem in expected]


def test_every_comparison_has_its_row(result):
    done, _ = result
    assert list(done.comparison.outcome[:3]) == ["cpr--low-control", "cpr--mid-control", "cpr--all"]
    row = done.comparison.set_index("outcome").loc["cpr--all"]
    assert row.reported_p == "P=0.7"
    assert row.bayes_effect != row.bayes_effect
    assert done.claims.set_index("outcome").loc["cpr--all", "test"] == "Freeman-Halton"
    assert {"cpr--low-control", "eir--mid-control", "crp--low-control"} <= set(done.effects.outcome)


def test_the_page_says_that_comparisons_share_an_arm(result):
    _, out = result
    text = (out / "report.md").read_text(encoding="utf-8")
    assert "The comparisons share dose control: they are not independent" in text
    assert "share an arm (dose control)" in text


def test_the_page_proves_itself(result, capsys):
    _, out = result
    assert shell(["verify", str(out / "report.html")]) == 0
    assert "No difference" in capsys.readouterr().out
    assert shell(["report", str(out)]) == 0


def test_a_file_is_checked_and_batched(study, tmp_path, capsys):
    path = tmp_path / "doses.toml"
    path.write_text(study_toml(study_table(study)), encoding="utf-8")
    assert shell(["check", str(path)]) == 0
    arguments = [
        "--models",
        "two_arm",
        "--priors",
        "weakly_informative",
        "--engine",
        "exact",
        "--out",
        str(tmp_path / "batch"),
    ]
    assert shell(["batch", str(path), *arguments]) == 0
    capsys.readouterr()
    effects = (tmp_path / "batch" / "effects.csv").read_text(encoding="utf-8")
    assert "cpr--low-control" in effects
    bad = {**TABLE, "compare": [["low", "controll"]]}
    path.write_text(study_toml(bad), encoding="utf-8")
    for command in ("check", "audit", "run"):
        assert shell([command, str(path)]) == 2
        error = capsys.readouterr().err
        assert "compare.1" in error
        assert "did you mean 'control'" in error


def test_studies_of_several_arms_are_not_joined_with_others(study):
    with pytest.raises(bi.BayesIvfError, match="write all outcomes into its file"):
        bi.Study.combine([study, study])


def test_the_flow_of_women_is_told_of_each_arm_once(study):
    told = bi.plots.describe_funnel_flow(study)
    assert told == (
        "Of 41 women with dose low 9 became pregnant, of whom 2 miscarried; of 40 women with dose control 6 became pregnant, "
        "of whom 1 miscarried; of 39 women with dose mid 8 became pregnant, of whom 1 miscarried."
    )


def test_readings_are_those_of_one_comparison(study):
    found = bi.readings(study, "cpr--mid-control")
    alone = bi.fit(study, "cpr", comparison="mid-control", engine="exact")
    assert len(found.table) == 1
    assert found.table.p_benefit.iloc[0] == pytest.approx(alone.probability("risk_difference", above=0), abs=1e-8)
