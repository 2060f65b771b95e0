"""The figure of "Try another prior", and what of the section is printed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

import bayes_ivf as bi

SETS = ("weakly_informative", "cochrane_fertility", "beta_jeffreys", "beta_uniform")
POINTS = """
name => {
  const { outcomes, level } = JSON.parse(document.getElementById("live").textContent);
  return liveNumbers.solve(outcomes.cpr, outcomes.cpr.priors[name], { icc: null, doubt: 0 }, level).curve.points;
}
"""


@pytest.fixture(scope="module")
def page_of(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figure") / "run"
    made = [
        bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher"),
        bi.Study.from_means(("5.81", "0.76", 40), ("7.93", "0.82", 40), outcome="fsh"),
    ]
    study = bi.Study.combine(made, study="figure")
    units = tuple(replace(item, unit="pg/L") if item.id == "fsh" else item for item in study.items)
    bi.reanalyze(replace(study, items=units), folder, engine="exact", models=["two_arm"], priors=list(SETS))
    return folder / "report.html"


def arms(alpha, s):
    """Density of the difference of two risks, each with a prior Beta(alpha, alpha)."""
    one = stats.beta(alpha, alpha).pdf
    gap, wide = abs(s), 1 - abs(s)

    def at(v):  # ends of the range are stretched, where the densities are infinite
        t = 0.5 * (1 + np.tanh(v))
        return one(wide * t) * one(gap + wide * t) * wide * 2 * t * (1 - t)

    return integrate.quad(at, -17, 17, limit=400)[0]


@pytest.mark.parametrize(("name", "alpha"), [("beta_jeffreys", 0.5), ("beta_uniform", 1.0)])
def test_a_prior_on_two_arms_is_drawn_as_it_is(name, alpha, page_of, browser_page):
    points = browser_page(page_of).evaluate(POINTS, name)
    told = [(x, before) for x, _, before in points if abs(x) > 0.01]
    assert [before for _, before in told] == pytest.approx([arms(alpha, x) for x, _ in told], rel=2e-3)
    for side in (-1, 1):  # without spikes: it only falls away from no difference
        one = [before for _, before in sorted((abs(x), before) for x, before in told if side * x > 0)]
        assert all(nearer > farther for nearer, farther in itertools.pairwise(one))


@pytest.mark.parametrize("name", ["weakly_informative", "cochrane_fertility"])
def test_a_prior_on_an_effect_is_drawn_without_spikes(name, page_of, browser_page):
    points = browser_page(page_of).evaluate(POINTS, name)
    drawn = np.array([before for _, _, before in points])
    assert (np.diff(np.sign(np.diff(drawn))) != 0).sum() <= 1


def test_the_figure_says_where_its_axis_is_not_the_scale_of_the_text(page_of, browser_page):
    page = browser_page(page_of)
    assert page.inner_text("#live-scale") == ""
    page.select_option("#live-outcome", "fsh")
    page.wait_for_function("document.getElementById('live-scale').textContent")
    assert "in standard deviations" in page.inner_text("#live-scale")
    assert "pg/L" in page.inner_text("#live-scale")


def test_nothing_that_was_chosen_is_printed(page_of, browser_page):
    page = browser_page(page_of)
    page.select_option("#live-set", "cochrane_fertility")
    page.emulate_media(media="print")
    for hidden in ("#live-section", "#live-result", "#live-figure", "#live-outcome", ".live-record"):
        assert not page.locator(hidden).first.is_visible()
    page.emulate_media(media="screen")
    assert page.is_visible("#live-result")
