"""Both engines answer the same questions, as their rows do; a sampled fit travels, and threads share its compiled model."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bayes_ivf import Study, fit
from bayes_ivf.effects import ESTIMANDS
from bayes_ivf.results import estimand_id

COUNTS = Study.from_counts((16, 40), (12, 40), outcome="cpr")
TOTALS = {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33}
STUDIES = {
    "counts": COUNTS,
    "claim": Study.from_claim((40, 40), "lower", outcome="il6", benefit="lower"),
    "claim without direction": Study.from_claim((40, 40), "differs", outcome="il6", benefit="lower"),
    "means": Study.from_means(("5.81", "0.76", 40), ("7.93", "0.82", 40), outcome="fsh", benefit="lower"),
    "embryos": Study.from_clusters(TOTALS, TOTALS | {"pregnant": 12, "implanted": 25}),
}
TAILS = (0.005, 0.5, 0.995)
DRAWS = {"draws": 2000, "tune": 500, "seed": 7}


def quantities(made):
    """Every quantity that a solver gives, once: its full text and its row."""
    return {str(estimand_id(made.problem, row)): row for row in made.rows if row.estimand in ESTIMANDS}


def check_answers(made, name, row, slack):
    """Rows, intervals, quantiles and probabilities say the same; `slack` is the weight of a single draw."""
    assert made.interval(name) == pytest.approx((row.ci_low, row.ci_high), rel=1e-9)
    assert made.interval(name, kind="hdi") == pytest.approx((row.hdi_low, row.hdi_high), rel=1e-9)
    ends = [made.quantile(name, share) for share in TAILS]
    assert ends == sorted(ends)
    assert ends[1] == pytest.approx(row.median, rel=1e-9)
    assert [made.probability(name, below=end) for end in ends] == pytest.approx(TAILS, abs=slack)
    assert [made.probability(name, above=end) for end in ends] == pytest.approx(
        [1 - share for share in TAILS], abs=slack
    )
    assert made.probability(name, above=ends[0], below=ends[2]) == pytest.approx(0.99, abs=2 * slack)
    low, high = made.interval(name, prob=0.9, kind="hdi")
    assert made.probability(name, above=low, below=high) == pytest.approx(0.9, abs=4 * slack)
    equal = made.interval(name, prob=0.9)
    assert high - low <= equal[1] - equal[0] + 1e-9
    if row.p_benefit is not None and row.scale != "ratio":
        above = made.probability(name, above=0)
        sign = made.problem.sign
        assert (above if sign > 0 else 1 - above) == pytest.approx(row.p_benefit, abs=slack)


@pytest.fixture(scope="module")
def solved():
    """Every study by quadrature, once."""
    fits = {}

    def of(study):
        if study not in fits:
            fits[study] = fit(STUDIES[study], engine="exact")
        return fits[study]

    return of


@pytest.mark.parametrize("study", [name for name in STUDIES if name not in ("means", "embryos")])
def test_quadrature_answers_as_its_rows_do(study, solved):
    made = solved(study)
    for name, row in quantities(made).items():
        check_answers(made, name, row, 1e-5)


@pytest.mark.parametrize(
    ("study", "name"),
    [("means", "standardized_mean_difference"), ("embryos", "risk_difference@woman"), ("embryos", "icc")],
)
def test_quadrature_answers_for_means_and_for_another_place(study, name, solved):
    made = solved(study)
    check_answers(made, name, quantities(made)[name], 1e-5)


@pytest.mark.parametrize("name", ["icc@woman", "risk_difference@", "@woman", "@", "", None, 3])
def test_a_quantity_that_a_fit_does_not_have_is_refused(name, faults_of, solved):
    made = solved("embryos")
    for method, arguments in (("quantile", (0.5,)), ("interval", ()), ("density", ())):
        (fault,) = faults_of(getattr(made, method), name, *arguments)
        assert (fault.where, fault.found) == ("estimand", repr(name))
        assert "risk_difference" in fault.allowed


@pytest.mark.parametrize("below", [-1e300, -3.0, 2.0, 1e300])
def test_what_lies_beyond_the_possible_has_probability_0_or_1(below, solved):
    made = solved("counts")
    assert made.probability("risk_difference", below=below) == pytest.approx(float(below > 0), abs=1e-12)
    assert made.probability("risk_difference", above=below, below=below + 1 + abs(below) / 2) == pytest.approx(
        0, abs=1e-9
    )


@pytest.fixture(scope="module")
def both():
    sampled = fit(COUNTS, engine="nuts", **DRAWS)
    return sampled, fit(COUNTS, engine="exact")


def test_draws_answer_as_their_rows_do(both):
    sampled, _ = both
    draws = sampled.settings.draws * sampled.settings.chains
    for name, row in quantities(sampled).items():
        check_answers(sampled, name, row, 1.5 / draws)


def test_engines_agree_on_every_question(both):
    sampled, exact = both
    assert set(quantities(sampled)) == set(quantities(exact))
    for name, row in quantities(exact).items():
        least = min(other.ess_tail for other in sampled.rows)
        error = 5 * row.sd / np.sqrt(least)
        for share in (0.05, 0.5, 0.95):
            density = float(
                exact.density(name, exact.quantile(name, share) + row.sd * np.array([-0.01, 0, 0.01]))[1][1]
            )
            spread = 5 * np.sqrt(share * (1 - share) / least) / density
            assert sampled.quantile(name, share) == pytest.approx(exact.quantile(name, share), abs=spread), (
                name,
                share,
            )
        for kind in ("eti", "hdi"):
            ends = zip(sampled.interval(name, 0.9, kind), exact.interval(name, 0.9, kind), strict=True)
            assert max(abs(one - other) for one, other in ends) < 4 * error, (name, kind)
        middle = row.median
        assert sampled.probability(name, above=middle) == pytest.approx(0.5, abs=2.5 / np.sqrt(least))
        points, density = exact.density(name)
        assert np.max(np.abs(sampled.density(name, points)[1] - density)) < 0.12 * density.max(), name


def test_a_sampled_fit_is_drawn_and_told(both):
    sampled, exact = both
    assert sampled.plot().axes
    assert set(sampled.summary().index) >= {"risk_difference", "odds_ratio"}
    assert sampled.model.named_vars.keys() == exact.model.named_vars.keys()
    assert sampled.row("odds_ratio").median == pytest.approx(exact.row("odds_ratio").median, rel=0.1)


def test_an_exact_fit_is_sampled_on_request(both):
    sampled, exact = both
    again = exact.sample(**DRAWS)
    assert again.told.effects().equals(exact.effects())
    np.testing.assert_array_equal(again.estimands["risk_difference"], sampled.estimands["risk_difference"])


def test_a_sampled_fit_travels(both):
    sampled, _ = both
    for again in (pickle.loads(pickle.dumps(sampled)), copy.deepcopy(sampled)):  # noqa: S301
        assert again.effects().equals(sampled.effects())
        assert (repr(again), again.verdict, again.settings) == (repr(sampled), sampled.verdict, sampled.settings)
        assert again.problem.hash == sampled.problem.hash
        assert again.interval("odds_ratio", 0.8, "hdi") == sampled.interval("odds_ratio", 0.8, "hdi")
        assert again.tree.posterior.sizes == sampled.tree.posterior.sizes


def test_threads_share_a_compiled_model_and_give_the_same_draws(both):
    sampled, _ = both
    other = Study.from_counts((9, 40), (14, 40), outcome="cpr")

    def draw(study):
        return fit(study, engine="nuts", **DRAWS).estimands["risk_difference"]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(draw, [COUNTS, other])
    np.testing.assert_array_equal(first, sampled.estimands["risk_difference"])
    np.testing.assert_array_equal(second, draw(other))
