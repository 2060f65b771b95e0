from __future__ import annotations

import pytest

from bayes_ivf.study import Counts, Percent, Printed, Study, parse_study
from bayes_ivf.study.decode import cut_off, decode_percent, fewer


@pytest.mark.parametrize(
    ("outcome", "treatment", "control"),
    [("cpr", (16, 40), (12, 40)), ("eir", (33, 80), (19, 84)), ("mcr", (1, 16), (1, 12))],
)
def test_percentages_of_the_index_trial(lei, outcome, treatment, control):
    item = lei.outcome(outcome)
    assert item.kind == "percent"
    for arm, expected in (("treatment", treatment), ("control", control)):
        assert item.counts(arm) == Counts(*expected)
        datum = item.data[arm]
        assert datum.unique
        assert "the only whole numbers that fit" in datum.statement
        assert f"{expected[0]}/{expected[1]}" in datum.statement


def test_embryos_are_searched_from_one_to_three_for_each_woman(lei):
    # by hand: 41.25% is 33/80 alone; 22.62% is 19/84 alone among 40 to 120 embryos
    item = lei.outcome("eir")
    assert [item.data[arm].searched for arm in ("treatment", "control")] == [(40, 120), (40, 120)]


def rounds_to(k, n, decimals, text):
    """Whether k/n prints as the text if ties go up, or if they go down."""
    # in units of half a last digit, so that all is whole: |2 * 100 * 10^d * k - 2 * v * n| <= n
    scale = 10**decimals
    value = round(float(text) * scale)
    return abs(2 * 100 * scale * k - 2 * value * n) <= n


@pytest.mark.parametrize(
    ("text", "decimals", "low", "high"),
    [
        ("33.3", 1, 1, 60),
        ("50", 0, 1, 40),
        ("0", 0, 1, 300),
        ("100", 0, 150, 250),
        ("12.5", 1, 1, 90),
        ("6.25", 2, 1, 99),
    ],
)
def test_finds_every_pair_that_a_plain_search_finds(text, decimals, low, high):
    found = decode_percent(Printed(f"{text}%"), low, high, "here").candidates
    plain = [(k, n) for n in range(low, high + 1) for k in range(n + 1) if rounds_to(k, n, decimals, text)]
    assert [(pair.events, pair.n) for pair in found] == plain


@pytest.mark.parametrize("text", ["6.2%", "6.3%"])
def test_a_tie_may_have_been_rounded_either_way(text):
    # 1/16 = 6.25%: 6.3 half up, 6.2 half even
    assert decode_percent(Printed(text), 16, 16, "here").candidates == (Counts(1, 16),)


@pytest.mark.parametrize("text", ["41.26%", "41.24%"])
def test_no_counts_fit_next_to_an_exact_percentage(text):
    assert decode_percent(Printed(text), 80, 80, "eir") is None


@pytest.mark.parametrize("text", ["-1%", "100.1%", "250%"])
def test_nothing_fits_outside_0_to_100(text):
    assert decode_percent(Printed(text), 1, 100, "here") is None


def test_a_range_that_says_nothing_is_refused(faults_of):
    (fault,) = faults_of(decode_percent, Printed("44%"), 1, 100_000, "here")
    assert "from 1 to 100000" in fault.found


@pytest.mark.parametrize(
    ("text", "n", "expected"),
    [
        ("38.5%", 153, [(57, 148), (55, 143), (52, 135), (50, 130)]),
        ("56.25%", 140, [(72, 128), (63, 112)]),
        ("50.00%", 11, [(5, 10)]),
    ],
)
def test_smaller_denominators_that_fit(text, n, expected):
    assert [(pair.events, pair.n) for pair in fewer(Printed(text), n)] == expected


@pytest.mark.parametrize(("text", "n", "events"), [("66.6%", 294, 196), ("43.8%", 98, 43), ("38.5%", 153, 59)])
def test_percentages_that_were_cut_off(text, n, events):
    # by hand: 196/294 = 66.667, 43/98 = 43.878, 59/153 = 38.562
    assert cut_off(Printed(text), n) == Counts(events, n)
    assert decode_percent(Printed(text), n, n, "here") is None


def test_what_is_rounded_up_was_not_cut_off():
    assert cut_off(Printed("66.7%"), 294) is None


def test_several_pairs_are_all_kept_and_said():
    percent = decode_percent(Printed("50%"), 2, 6, "here")
    assert isinstance(percent, Percent)
    assert not percent.unique
    assert "3 pairs" in percent.statement
    assert [(pair.events, pair.n) for pair in percent.candidates] == [(1, 2), (2, 4), (3, 6)]


def cycles(**row):
    base = {"id": "x", "label": "x", "kind": "percent", "per": "cycle", "benefit": "higher"}
    arms = {"treatment": {"label": "a", "n": 30}, "control": {"label": "b", "n": 30}}
    return {"schema_version": 1, "id": "s", "title": "t", "arms": arms, "outcomes": [base | row]}


def test_a_percentage_per_cycle_asks_for_the_cycles(faults_of):
    faults = faults_of(parse_study, cycles(treatment="33%", control="30%"), "s.toml")
    assert [fault.where for fault in faults] == ["s.toml: outcome x, treatment", "s.toml: outcome x, control"]
    assert "how many cycles there were" in faults[0].allowed


def test_a_range_of_cycles_is_searched():
    n = {"treatment": "20-40", "control": 30}
    study = parse_study(cycles(treatment="33%", control="30%", n=n), "s.toml")
    assert isinstance(study, Study)
    assert study.items[0].data["treatment"].searched == (20, 40)
    assert study.items[0].counts("treatment") is None
    assert study.items[0].counts("control") == Counts(9, 30)
