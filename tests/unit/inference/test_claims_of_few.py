"""Claims of few women at small levels: NUTS takes more nodes, up to a limit; beyond it, quadrature alone answers."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_ivf import Study, fit
from bayes_ivf.cards import load_card
from bayes_ivf.errors import RequestError
from bayes_ivf.problem import build_problem, can_be_sampled
from bayes_ivf.study import parse_study

SMD = "standardized_mean_difference"
PRIOR = {"effect": {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": 3}}


def test_both_engines_agree_on_five_women_at_a_small_level():
    study = Study.from_claim((2, 3), "higher", alpha=1e-4, benefit="higher")
    exact = fit(study, prior=PRIOR, engine="exact")
    made = exact.sample()
    assert len(made.problem.data["nodes"]) > 64
    row, right = made.row(SMD), exact.row(SMD)
    assert made.verdict.level == "pass"
    assert row.median == pytest.approx(right.median, abs=0.15 * (right.ci_high - right.ci_low) / 4)
    assert row.ci_low == pytest.approx(right.ci_low, abs=0.25 * (right.ci_high - right.ci_low) / 4)


def test_what_would_have_steps_is_left_to_quadrature():
    study = Study.from_claim((2, 2), "higher", alpha=1e-8, benefit="higher")
    made = fit(study, prior=PRIOR, engine="auto")
    assert made.engine == "exact"
    assert not can_be_sampled(made.problem)
    with pytest.raises(RequestError, match="a claim of P<1e-08 from as few as 4 women"):
        fit(study, prior=PRIOR, engine="nuts")


def test_claims_of_one_family_have_equally_many_nodes():
    def claim(name, p):
        words = {"text": f"lower, {p}", "direction": "lower", "p": p}
        return {"id": name, "label": name, "kind": "claim_only", "benefit": "lower", "family": "marker", "claim": words}

    table = {"schema_version": 1, "id": "s", "title": "s", "outcomes": [claim("a", "P<0.0001"), claim("b", "P<0.05")]}
    table["arms"] = {arm: {"label": arm, "n": 3} for arm in ("treatment", "control")}
    study = parse_study(table, "")
    made = build_problem(study, "a", load_card("outcomes"), "weakly_informative")
    nodes, alone = (
        made.data["nodes"],
        [build_problem(study, each, load_card("two_arm"), "weakly_informative").data["nodes"] for each in "ab"],
    )
    assert nodes.shape == (2, len(alone[0]))
    assert len(alone[0]) > len(alone[1]) == 64
    assert np.array_equal(nodes[0], alone[0])
