from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from bayes_ivf import Study
from bayes_ivf.cards import load_card
from bayes_ivf.problem import build_problem

NORMAL = {"dist": "Normal", "mu": 0, "sigma": 1}


def counts(treatment=(16, 40), control=(12, 40), prior="weakly_informative", **study):
    made = Study.from_counts(treatment, control, **{"outcome": "cpr", "mcid": 0.05} | study)
    return build_problem(made, made.items[0].id, load_card("two_arm"), prior)


def test_names_do_not_matter_to_the_hash():
    assert counts().hash == counts(study="other", outcome="ongoing", label="Another label").hash


def test_a_prior_written_out_is_the_prior_of_the_set():
    slots = {"average": NORMAL | {"sigma": 1.5}, "effect": NORMAL}
    assert counts(prior=slots).hash == counts().hash
    assert counts(prior=slots).key != counts().key


@pytest.mark.parametrize(
    "other",
    [
        {"treatment": (17, 40)},
        {"control": (12, 41)},
        {"treatment": (12, 40), "control": (16, 40)},
        {"benefit": "lower"},
        {"mcid": 0.1},
        {"mcid": None},
        {"prior": "reference"},
        {"prior": {"effect": NORMAL | {"sigma": 1.0000001}}},
        {"prior": {"control": NORMAL | {"sigma": 1.5}, "effect": NORMAL}},
    ],
    ids=str,
)
def test_what_determines_the_numbers_determines_the_hash(other):
    assert counts(**other).hash != counts().hash


SCRIPT = """
from bayes_ivf import Study
from bayes_ivf.cards import load_card
from bayes_ivf.problem import build_problem
card = load_card("two_arm")
for study in (Study.from_counts((16, 40), (12, 40), mcid=0.05), Study.from_means((5.81, 0.76, 40), (7.93, 0.82, 40)),
              Study.from_claim((40, 40), "lower")):
    problem = build_problem(study, study.items[0].id, card, "weakly_informative")
    print(problem.hash, problem.seed(1))
"""


def test_hash_and_seed_are_the_same_in_every_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=environment
        ).stdout
        for environment in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"})
    }
    assert len(outputs) == 1
    lines = outputs.pop().split("\n")
    assert lines[0] == f"{counts().hash} {counts().seed(1)}"
    assert len(set(lines[:3])) == 3


def test_seeds_differ_between_problems_and_seeds():
    assert counts().seed(1) != counts().seed(2)
    assert counts().seed(1) != counts(prior="reference").seed(1)
    assert 0 <= counts().seed(2**63 - 1) < 2**31


def test_problems_travel_by_pickle():
    problem = counts()
    again = pickle.loads(pickle.dumps(problem))  # noqa: S301  made here
    assert (again.hash, again.key, again.compile_key) == (problem.hash, problem.key, problem.compile_key)


def test_problems_are_frozen():
    problem = counts()
    with pytest.raises(ValueError, match="read-only"):
        problem.data["events"][0] = 3
    with pytest.raises(TypeError):
        problem.data["events"] = np.zeros(2)
    with pytest.raises(AttributeError):
        problem.sign = -1


def test_problems_of_one_shape_share_a_compile():
    assert counts().compile_key == counts((1, 300), (7, 9), "reference", benefit="lower").compile_key
    assert counts().compile_key != counts(prior={"effect": {"dist": "Laplace", "mu": 0, "b": 1}}).compile_key
    assert counts().compile_key != counts(prior={"control": NORMAL}).compile_key


def test_means_become_sufficient_statistics():
    study = Study.from_means((5.81, 0.76, 40), (7.93, 0.82, 38))
    problem = build_problem(study, "mean", load_card("two_arm"), "reference")
    assert problem.data["mean"].tolist() == [5.81, 7.93]
    assert problem.data["variance"].tolist() == pytest.approx([0.76**2, 0.82**2])
    assert problem.data["n"].tolist() == [40, 38]
    assert not problem.proper


@pytest.mark.parametrize(("n", "alpha"), [((40, 40), 0.05), ((2, 2), 0.01), ((500, 3), 0.001), ((20000, 20000), 0.05)])
def test_nodes_of_a_claim_integrate_the_scatter_of_a_pooled_sd(n, alpha):
    from scipy import stats

    study = Study.from_claim(n, "lower", alpha)
    problem = build_problem(study, "claim", load_card("two_arm"), "weakly_informative")
    df = sum(n) - 2
    critical = stats.t.isf(alpha / 2, df)
    weights, s = np.exp(problem.data["log_weights"]), problem.data["nodes"] / critical
    assert weights.sum() == pytest.approx(1, abs=1e-11)
    # moments of chi_df / sqrt(df) under the test's own hypothesis
    assert (weights * s**2).sum() == pytest.approx(1, abs=1e-9)
    assert (weights * s).sum() == pytest.approx(stats.chi.mean(df) / np.sqrt(df), abs=1e-9)
    # without an effect the claim is made with probability alpha / 2
    assert (weights * stats.norm.cdf(-problem.data["nodes"])).sum() == pytest.approx(alpha / 2, rel=1e-8)
