"""A claim of a difference without a direction has two humps: its size is told, and that its sign is unknown."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from bayes_ivf import Study, batch, fit, plots, reanalyze
from bayes_ivf.cards import load_card
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.problem import build_problem
from bayes_ivf.results import effect_curve
from bayes_ivf.spreadsheet import read_table
from bayes_ivf.structures import with_sizes
from bayes_ivf.study import parse_study

SIZE = "absolute_standardized_mean_difference"
STUDY = Study.from_claim((30, 20), "differs", outcome="il6", benefit="lower")
NORMAL = {"effect": {"dist": "Normal", "mu": 0.3, "sigma": 1}}


def oracle(doubt):
    """Sizes and their distribution function, by SciPy's noncentral t on a fixed grid."""
    critical, scale = stats.t.ppf(0.975, 48), np.sqrt(1 / 30 + 1 / 20)
    size = np.linspace(0, 8, 8001)
    kernel = np.zeros_like(size)
    for d in (size, -size):
        # SciPy's far tail is NaN where it should be nothing
        claim = np.nan_to_num(stats.nct.sf(critical, 48, d / scale)) + np.nan_to_num(
            stats.nct.cdf(-critical, 48, d / scale)
        )
        kernel += ((1 - doubt) * claim + doubt) * stats.norm.pdf(d, 0.3, 1)
    below = integrate.cumulative_simpson(kernel, x=size, initial=0)
    return size, below / below[-1]


@pytest.mark.parametrize("doubt", [0.0, 0.5])
def test_the_size_is_that_of_an_integral_of_its_own(doubt):
    made = fit(STUDY, prior=NORMAL, engine="exact", claim_doubt=doubt)
    size, below = oracle(doubt)
    row = made.row(SIZE)
    expected = np.interp([0.025, 0.5, 0.975], below, size)
    assert (row.ci_low, row.median, row.ci_high) == pytest.approx(expected.tolist(), abs=1e-5)
    assert made.probability(SIZE, above=0.5) == pytest.approx(1 - np.interp(0.5, size, below), abs=1e-6)
    assert made.verdict.level == "pass"


def test_draws_of_a_size_come_first():
    problem = build_problem(STUDY, "il6", load_card("two_arm"), NORMAL)
    found = with_sizes(problem, {EstimandId("standardized_mean_difference"): np.array([[-1.0, 2.0]])})
    assert list(map(str, found)) == [SIZE, "standardized_mean_difference"]
    assert found[EstimandId(SIZE)].tolist() == [[1, 2]]


def test_every_table_and_sentence_tells_the_size():
    result = reanalyze(STUDY, engine="exact", models=["two_arm"], priors=["weakly_informative"])
    row = result.comparison.iloc[0]
    sizes = [each.median for each in result.rows if each.estimand == SIZE]
    assert (row.effect_scale, row.bayes_effect_min, row.bayes_effect_max) == (SIZE, min(sizes), max(sizes))
    assert row.isna()[["bayes_effect", "bayes_ci_low", "p_benefit", "p_benefit_min", "p_benefit_max"]].all()
    assert "its sign is unknown" in row.reading
    assert "no effect" not in row.reading
    assert fit(STUDY, engine="exact").effects().estimand.iloc[0] == SIZE
    told = fit(STUDY, engine="exact").sentence()
    assert "size of the standardized mean difference" in told
    assert "its sign is unknown, since the claim names no direction" in told
    assert "no effect" not in told
    assert plots.forest(result) is not None


def test_a_picture_tells_the_size_and_no_benefit():
    made = fit(STUDY, prior=NORMAL, engine="exact")
    curve = effect_curve(made)
    size, below = oracle(0.0)
    step = curve.x[1] - curve.x[0]
    assert (curve.scale, curve.sign, curve.p_benefit) == ("size of the standardized mean difference", 0, None)
    assert curve.x[0] == pytest.approx(step / 2)
    ends = np.interp([curve.x - step / 2, curve.x + step / 2], size, below)
    assert curve.posterior_density * step == pytest.approx(ends[1] - ends[0], abs=1e-6)
    assert curve.prior_density == pytest.approx(stats.norm.pdf(curve.x, 0.3, 1) + stats.norm.pdf(-curve.x, 0.3, 1))
    figure = made.plot()
    (axis,) = (axis for axis in figure.axes if axis.axison)
    assert "sign unknown" in [text.get_text() for text in figure.texts]
    assert not any("P(benefit)" in text.get_text() for text in figure.texts)
    assert axis.get_xlabel() == "Size of the standardized difference"


def test_no_table_has_a_probability_of_benefit(tmp_path):
    assert fit(STUDY, prior=NORMAL, engine="exact").effects().p_benefit.isna().all()
    sampled = fit(STUDY, prior=NORMAL, engine="nuts", draws=100, tune=100, chains=2)
    assert sampled.effects().p_benefit.isna().all()
    batch([STUDY], models=["two_arm"], priors=["weakly_informative"], out=tmp_path / "batch")
    table = read_table(tmp_path / "batch" / "effects.csv")
    assert {SIZE, "standardized_mean_difference"} <= set(table.estimand)
    assert table.p_benefit.isna().all()
    directed = fit(Study.from_claim((30, 20), "lower", outcome="il6", benefit="lower"), engine="exact")
    assert directed.effects().p_benefit.notna().any()


@pytest.mark.parametrize("direction", ["lower", "differs", "none"])
@pytest.mark.parametrize(
    ("doubt", "start"),
    [
        (0, "If the claim is true and came from an equal-variance t test: "),
        (
            0.25,
            "If the claim came from an equal-variance t test and its words carry no information with probability 0.25: ",
        ),
        (1, "If the words of the claim carry no information: "),
    ],
)
def test_a_claim_alone_is_told_with_its_condition(direction, doubt, start):
    made = fit(Study.from_claim((40, 40), direction, outcome="il6"), engine="exact", claim_doubt=doubt)
    assert made.sentence().startswith(start)
    assert f"<strong>{start}" in made._repr_html_()


def test_members_of_a_family_have_sizes_of_their_own():
    def claim(name, direction):
        words = {"text": direction, "direction": direction, "p": "P<0.05"}
        return {"id": name, "label": name, "kind": "claim_only", "benefit": "lower", "family": "marker", "claim": words}

    table = {"schema_version": 1, "id": "s", "title": "s", "outcomes": [claim("a", "lower"), claim("b", "differs")]}
    table["arms"] = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    study = parse_study(table, "")
    problem = build_problem(study, "a", load_card("outcomes"), "weakly_informative")
    draws = {EstimandId("standardized_mean_difference", place): np.array([[-1.0 - len(place)]]) for place in ("", "b")}
    found = with_sizes(problem, draws)
    assert found[EstimandId(SIZE, "b")] == 2
    assert EstimandId(SIZE) not in found
