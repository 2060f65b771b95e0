"""Sums over merged tables factor by factor against the same sums row by row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.factored_tables import factor
from bayes_ivf.embryo.likelihood import prepare_arm
from bayes_ivf.embryo.terms import cell_exponents, log_terms, term_groups

INDEX = ArmTotals(women=40, embryos=80, pregnant=16, implanted=33)
OTHER = ArmTotals(women=24, embryos=52, pregnant=7, implanted=11)


def rows_of(totals, max_embryos, mechanism, weights="equal"):
    return prepare_arm(totals, max_embryos, weights, mechanism).rows


def points(mechanism, max_embryos, loss=0.15):
    log_odds = np.array([-36.0, -12.0, -4.0, -1.0, 0.0, 0.7, 3.0, 12.0, 36.0])[:, None]
    within = np.array([1e-12, 1e-3, 0.2, 0.7, 0.999, 1 - 1e-12])
    return log_terms(mechanism, max_embryos, log_odds, within, loss).reshape(54, -1)


@pytest.mark.parametrize("mechanism", ["beta_binomial", "receptivity", "biochemical"])
@pytest.mark.parametrize(
    ("totals", "most"), [(INDEX, 3), (OTHER, 4), (ArmTotals(30, 60, 30, 60), 3), (ArmTotals(9, 9, 4, 4), 1)]
)
@pytest.mark.parametrize("weights", ["equal", "multinomial"])
def test_factor_by_factor_as_row_by_row(mechanism, totals, most, weights):
    rows = rows_of(totals, most, mechanism, weights)
    terms = points(mechanism, most)
    factored = factor(rows.constants, rows.exponents, rows.allocation, rows.groups)
    log_total, women = factored.add_up(terms, None, with_women=True)
    expected, expected_women = rows._by_rows(terms, True, None)
    there = ~np.isnan(log_total)
    assert there.mean() > 0.9
    assert np.abs(log_total - expected)[there].max() < 1e-11
    assert np.abs(women - expected_women)[there].max() < 1e-10
    assert women.shape == expected_women.shape
    assert women.sum(axis=-1)[there] == pytest.approx(totals.women)


@pytest.mark.parametrize("totals", [INDEX, OTHER])
def test_in_parts_by_losses(totals):
    rows = rows_of(totals, 3, "biochemical")
    without_loss = log_terms("beta_binomial", 3, np.linspace(-3, 2, 12)[:, None], np.array([0.1, 0.8]))
    exponent, log_total, women = rows.grouped(without_loss, column=-2)
    padded = np.concatenate([without_loss.reshape(24, -1), np.zeros((24, 2))], axis=1)
    expected, expected_women = rows._by_rows(padded, True, -2)
    assert exponent.tolist() == list(range(len(exponent)))
    assert np.abs(log_total.reshape(24, -1) - expected).max() < 1e-11
    assert np.abs(women.reshape(24, len(exponent), 3) - expected_women).max() < 1e-10
    # all parts together, each with its power of lambda, are the likelihood
    loss = 0.3
    together = np.logaddexp.reduce(log_total + exponent * np.log(loss) + totals.pregnant * np.log1p(-loss), axis=-1)
    terms = log_terms("biochemical", 3, np.linspace(-3, 2, 12)[:, None], np.array([0.1, 0.8]), loss)
    assert np.abs(together - rows.log_likelihood(terms)).max() < 1e-11


def test_a_sum_that_underflows_is_taken_row_by_row():
    rows = rows_of(INDEX, 3, "beta_binomial")
    # terms far beyond those of any parameters: the largest factors do not meet in one row
    terms = np.random.default_rng(1).normal(0.0, 300.0, (40, rows.exponents.shape[1]))
    terms[:, rows.groups[2]] = terms[0, rows.groups[2]]
    factored = factor(rows.constants, rows.exponents, rows.allocation, rows.groups)
    lost = np.isnan(factored.add_up(terms, None, with_women=False)[0][:, 0])
    assert 3 < lost.sum() < 37
    expected, expected_women = rows._by_rows(terms, True, None)
    assert np.array_equal(rows.log_likelihood(terms)[lost], expected[lost, 0])
    assert np.array_equal(rows.mean_allocation(terms)[lost], expected_women[lost, 0])
    assert np.abs(rows.log_likelihood(terms) - expected[:, 0]).max() < 1e-9


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_arm_at_any_point(data):
    women = data.draw(st.integers(1, 20))
    most = data.draw(st.integers(1, 4))
    embryos = data.draw(st.integers(women, most * women))
    pregnant = data.draw(st.integers(0, women))
    highest = min(most * pregnant, embryos - (women - pregnant))
    implanted = data.draw(st.integers(pregnant, max(highest, pregnant)))
    mechanism = data.draw(st.sampled_from(["beta_binomial", "receptivity", "biochemical"]))
    rows = rows_of(ArmTotals(women, embryos, pregnant, implanted), most, mechanism)
    log_odds = np.array(data.draw(st.lists(st.floats(-30, 30), min_size=1, max_size=6)))
    within = data.draw(st.floats(1e-6, 1 - 1e-6))
    terms = log_terms(mechanism, most, log_odds, within, data.draw(st.floats(1e-6, 1 - 1e-6)))
    log_total, allocation = factor(rows.constants, rows.exponents, rows.allocation, rows.groups).add_up(
        terms, None, with_women=True
    )
    expected, expected_women = rows._by_rows(terms, True, None)
    there = ~np.isnan(log_total)
    assert np.abs(log_total - expected)[there].max(initial=0.0) < 1e-10
    assert np.abs(allocation - expected_women)[there].max(initial=0.0) < 1e-9


@pytest.mark.parametrize("mechanism", ["beta_binomial", "receptivity", "biochemical"])
@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_every_term_is_in_one_group(mechanism, most):
    groups = term_groups(mechanism, most)
    columns = cell_exponents(mechanism, most).shape[1]
    assert sorted(column for group in groups for column in group) == list(range(columns))
    # and the last group hangs on the icc (or q) alone
    low, high = (log_terms(mechanism, most, x, 0.3, 0.2)[groups[2]] for x in (-2.0, 2.0))
    assert np.array_equal(low, high)
