"""All readings of an outcome: each is its own fit, the mixture their weighted sum, and shares tell what it hangs on."""

from __future__ import annotations

import pickle
import time
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

import bayes_ivf as bi
from bayes_ivf.errors import RequestError
from bayes_ivf.reading_choices import shapley_shares

INDEX = bi.load_study("lei-2026")


def main_row(fit):
    """The row of an outcome's risk difference."""
    rows = fit.effects()
    return rows[(rows.estimand == "risk_difference") & (rows.outcome == rows.outcome[0])].iloc[0]


@pytest.fixture(scope="module")
def eir():
    return bi.readings(INDEX, "eir")


def test_a_reading_is_its_own_fit(eir):
    assert len(eir.each) == 12
    assert len(eir.possible) == 4
    assert all("at most" in each.impossible for each in eir.removed)
    for each in eir.possible[::3]:
        fit = bi.fit(INDEX, "eir", engine="exact", options=dict(each.levels))
        row = main_row(fit)
        assert each.p_benefit == pytest.approx(row["p_benefit"], abs=1e-8)
        assert_allclose(
            [each.median, each.ci_low, each.ci_high], row[["median", "ci_low", "ci_high"]].astype(float), atol=1e-8
        )


def test_the_mixture_is_the_weighted_sum(eir):
    assert_allclose([each.weight for each in eir.possible], 0.25)
    assert eir.p_benefit == pytest.approx(np.mean([each.p_benefit for each in eir.possible]), abs=1e-7)
    at = eir.probability(above=eir.ci_low, below=eir.ci_high)
    assert at == pytest.approx(0.95, abs=1e-6)
    assert eir.probability(below=eir.median) == pytest.approx(0.5, abs=1e-6)
    low, high = eir.interval(0.95, "hdi")
    assert high - low <= eir.ci_high - eir.ci_low + 1e-6
    assert eir.accurate
    (woman,) = eir.beside
    assert woman.per == "woman"
    assert 0.8 < woman.p_benefit < eir.p_benefit


def test_what_ties_embryos_together_matters_most(eir):
    assert max(eir.shares, key=eir.shares.__getitem__) == "mechanism"
    assert sum(eir.shares.values()) == pytest.approx(1)
    assert eir.shares["M"] == 0  # one level is possible
    assert "what ties embryos" in eir.sentence()
    back = pickle.loads(pickle.dumps(eir))  # noqa: S301
    assert back.possible == eir.possible
    with pytest.raises(RequestError, match="come along"):
        back.probability(above=0)
    assert len(eir.table) == 12
    assert eir._repr_html_().count("<tr") == 13
    assert repr(eir) == "Readings(lei-2026/eir: 4 readings, stated, P(benefit) 0.851)"


def test_evidence_weighs_by_what_each_reading_makes_of_the_print(eir):
    by = bi.readings(INDEX, "eir", weights="evidence")
    log = np.array([each.log_evidence for each in eir.possible])
    chance = np.exp(log - log.max())
    assert_allclose([each.weight for each in by.possible], chance / chance.sum(), rtol=1e-8)


def test_shared_label_of_three_hormones():
    """By evidence the label "sd" shared by FSH, E2 and LH has 0.004 of 0.5: a prior-driven result."""
    odds = 1.0
    for outcome in ("fsh", "e2", "lh"):
        found = bi.readings(INDEX, outcome, "evidence", choices={"spread": ["sd", "se"]})
        weight = {each.levels["spread"]: each.weight for each in found.each}
        odds *= weight["sd"] / weight["se"]
    assert odds / (1 + odds) == pytest.approx(0.004, abs=5e-4)
    stated = bi.readings(INDEX, "e2", choices={"spread": {"sd": 0.2, "se": 0.8}})
    assert [each.weight for each in stated.each] == pytest.approx([0.2, 0.8])
    assert np.isnan(stated.p_benefit)
    assert stated.shares == {"spread": pytest.approx(1.0)}  # of the median, where no direction is benefit


def test_evidence_without_a_common_unit_is_refused():
    with pytest.raises(RequestError, match="hangs on the unit"):
        bi.readings(INDEX, "fsh", "evidence", priors=True, choices={"spread": ["sd", "se"]})


def test_doubt_in_a_claim():
    found = bi.readings(INDEX, "il6")
    assert [each.levels["doubt"] for each in found.each] == ["0", "0.25", "0.5", "0.75"]
    fit = bi.fit(INDEX, "il6", engine="exact", claim_doubt=0.25)
    assert found.each[1].p_benefit == pytest.approx(fit.effects().p_benefit[0], abs=1e-8)


def test_prior_sets_are_a_choice_only_if_asked():
    assert bi.readings(INDEX, "cpr").choices == {}
    found = bi.readings(INDEX, "cpr", priors=True)
    assert len(found.each) > 8
    row = main_row(bi.fit(INDEX, "cpr", prior="reference", engine="exact"))
    (reading,) = [each for each in found.each if each.levels["prior"] == "reference"]
    assert reading.p_benefit == pytest.approx(row["p_benefit"], abs=1e-8)


def test_denominators_stand_side_by_side():
    found = bi.readings(INDEX, "mcr")
    (woman,) = found.beside
    assert (found.per, woman.per) == ("clinical_pregnancy", "woman")
    assert woman.p_benefit == pytest.approx(0.5, abs=1e-7)  # 1/40 in both arms
    assert found.p_benefit == pytest.approx(0.564, abs=5e-4)
    assert found.range_over_denominators == (woman.p_benefit, found.p_benefit)


def test_a_choice_without_meaning_is_not_applicable():
    found = bi.readings(INDEX, "eir", choices={"mechanism": {"beta_binomial": 0.5, "independent": 0.5}, "M": ["3"]})
    (alone,) = [each for each in found.possible if each.levels["mechanism"] == "independent"]
    assert alone.levels["weights"] == "not applicable"
    assert alone.stated == pytest.approx(0.5)
    naive = main_row(bi.fit(INDEX, "eir", model="two_arm", engine="exact"))
    assert alone.p_benefit == pytest.approx(naive["p_benefit"], abs=1e-8)


PERCENTS = """
schema_version = 1
id = "percents"
title = "Percentages without denominators"
[arms.treatment]
label = "a"
n = 60
[arms.control]
label = "b"
n = 60
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy"
kind = "percent"
per = "woman"
benefit = "higher"
mcid = 0.05
n = { treatment = "35-60", control = "35-60" }
treatment = "40%"
control = "30%"
"""


@pytest.fixture(scope="module")
def percents(tmp_path_factory):
    path = tmp_path_factory.mktemp("studies") / "percents.toml"
    path.write_text(PERCENTS, encoding="utf-8")
    return bi.load_study(path)


@pytest.mark.parametrize("weights", ["stated", "evidence"])
def test_decodings_are_readings_and_their_mixture_the_fit(percents, weights):
    found = bi.readings(percents, "cpr", weights)
    fit = bi.fit(percents, "cpr", engine="exact", options={"decodings": weights})
    row = main_row(fit)
    assert len(found.each) > 50
    assert found.p_benefit == pytest.approx(row["p_benefit"], abs=1e-9)
    assert_allclose(
        [found.median, found.ci_low, found.ci_high], row[["median", "ci_low", "ci_high"]].astype(float), atol=1e-9
    )
    one = found.each[7]
    (a, b) = ([int(number) for number in text.split("/")] for text in one.levels["decoding"].split(" vs "))
    alone = bi.fit(bi.Study.from_counts(tuple(a), tuple(b), outcome="cpr", benefit="higher"), engine="exact")
    assert one.p_benefit == pytest.approx(alone.effects().p_benefit[0], abs=1e-8)
    assert found.shares == {"decoding": pytest.approx(1.0)}


def test_swapped_arms_by_name(percents):
    found = bi.readings(percents, "cpr", choices={"arms": ["as printed", "swapped"]})
    assert found.p_benefit == pytest.approx(0.5, abs=1e-9)
    assert found.median == pytest.approx(0, abs=1e-9)
    assert found.shares["arms"] > 0.9


def test_many_readings_in_little_time(percents):
    start = time.process_time()
    found = bi.readings(percents, "cpr", priors=True)
    assert len(found.each) > 1_500
    assert time.process_time() - start < 20
    assert set(found.shares) == {"decoding", "prior"}


def test_shares_are_those_of_shapley():
    """Against the definition by all orders of three choices, weights that are no product."""
    rng = np.random.default_rng(2)
    levels = list(product("ab", "xyz", "01"))
    values, weights = rng.normal(size=len(levels)), rng.dirichlet(np.ones(len(levels)))

    def explained(known: tuple[int, ...]) -> float:
        groups: dict[tuple[str, ...], list[int]] = {}
        for i, each in enumerate(levels):
            groups.setdefault(tuple(each[k] for k in known), []).append(i)
        mean = weights @ values
        return sum(
            weights[i].sum() * (weights[i] @ values[i] / weights[i].sum() - mean) ** 2
            for i in map(list, groups.values())
        )

    from itertools import permutations

    gained = np.zeros(3)
    for order in permutations(range(3)):
        for k, choice in enumerate(order):
            gained[choice] += explained(order[: k + 1]) - explained(order[:k])
    assert_allclose(shapley_shares(levels, values, weights), gained / 6 / explained((0, 1, 2)), atol=1e-12)


def test_what_makes_no_sense_is_refused(percents):
    for choices, words in (
        ({"tie": ["a"]}, "tie"),
        ({"decoding": ["1/2 vs 3/4"]}, "1/2 vs 3/4"),
        ({"arms": ["upside down"]}, "upside down"),
        ({"arms": {"swapped": -1}}, "-1"),
    ):
        with pytest.raises(RequestError, match=words):
            bi.readings(percents, "cpr", choices=choices)
    with pytest.raises(RequestError, match="stated, evidence"):
        bi.readings(percents, "cpr", weights="guessed")
    with pytest.raises(RequestError, match="neither"):
        bi.readings(percents, "cpr").probability()


def test_the_test_behind_a_claim_about_counts_is_a_choice():
    study = bi.Study.from_claim((40, 40), "none", 0.05, outcome="ar", benefit="lower", of="counts")
    found = bi.readings(study, choices={"test": ["fisher", "pearson"], "doubt": ["0", "0.5"]})
    assert [tuple(each.levels.values()) for each in found.each] == [
        ("0", "fisher"), ("0", "pearson"), ("0.5", "fisher"), ("0.5", "pearson"),
    ]  # fmt: skip
    fit = bi.fit(study, engine="exact", options={"test": "pearson", "doubt": "0.5"})
    assert_allclose([found.each[3].ci_low, found.each[3].ci_high], fit.interval("risk_difference"), atol=1e-8)
    assert found.p_benefit == pytest.approx(0.5, abs=1e-7)


def test_normal_and_log_normal_are_two_readings():
    quartiles = ("5.8", "4.9", "6.7", 40), ("6.4", "5.2", "7.9", 41)
    study = bi.Study.from_quantiles(*quartiles, outcome="oocytes", benefit="higher")
    found = bi.readings(study)
    assert [each.levels["log_normal"] for each in found.each] == ["0", "1"]
    assert [each.name for each in found.each] == ["normal values", "log-normal values"]
    low, high = found.range_of_benefit
    assert low < found.p_benefit < high
    assert found.p_benefit == pytest.approx((low + high) / 2, abs=1e-7)


def test_of_a_hundred_thousand_decodings_some_are_read(tmp_path):
    path = tmp_path / "wide.toml"
    path.write_text(PERCENTS.replace("35-60", "100-1500"), encoding="utf-8")
    found = bi.readings(bi.load_study(path), "cpr")
    assert 300 < len(found.each) <= 400
    fit = bi.fit(bi.load_study(path), "cpr", engine="exact")
    assert found.p_benefit == pytest.approx(main_row(fit)["p_benefit"], abs=1e-7)
