"""Panels, mesh, transforms, interpolation and inversion, each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from bayes_ivf.quadrature import (
    ATANH,
    IDENTITY,
    LOG,
    LOGIT,
    Panels,
    add_up,
    chebyshev_nodes,
    equidistant_edges,
    equidistribute,
    initial_points,
    invert_rows,
    locate_support,
    panel_nodes,
    resample,
    with_kinks,
)


@given(st.lists(st.floats(-3, 3), min_size=12, max_size=12), st.floats(0.1, 5), st.floats(-1, 1))
def test_polynomials_of_degree_eleven_are_integrated_exactly(coefficients, width, z):
    polynomial = np.polynomial.Polynomial(np.array(coefficients) / 4.0 ** np.arange(12), domain=[-width, width])
    edges = np.linspace(-width, width, 4)[:, None]
    nodes, weights = panel_nodes(edges)
    panels = Panels.tabulate(edges, polynomial(nodes))
    integral = polynomial.integ(lbnd=-width)
    assert panels.total[0] == pytest.approx(integral(width), abs=1e-9)
    assert (polynomial(nodes) * weights).sum() == pytest.approx(integral(width), abs=1e-9)
    below, density = panels.below(np.array([[z * width]]))
    assert below[0, 0] == pytest.approx(integral(z * width), abs=1e-9)
    assert density[0, 0] == pytest.approx(polynomial(z * width), abs=1e-9)


def test_one_point_and_many_give_the_same():
    edges = np.linspace(-5, 5, 8)[:, None]
    values = stats.norm.pdf(panel_nodes(edges)[0])
    y = np.linspace(-6, 6, 30)[:, None]
    many = Panels.tabulate(edges, values).below(y)
    for k in (0, 7, 15, 29):
        one = Panels.tabulate(edges, values).below(y[k : k + 1])
        np.testing.assert_array_equal(one[0][0], many[0][k])
        np.testing.assert_array_equal(one[1][0], many[1][k])


@given(st.integers(1, 40), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_sums_of_a_column_do_not_depend_on_the_others(rows, columns, seed):
    values = np.random.default_rng(seed).normal(size=(rows, columns)) * 10.0 ** np.arange(columns)
    np.testing.assert_array_equal(add_up(values)[0], add_up(values[:, :1])[0])
    np.testing.assert_allclose(add_up(values), values.sum(axis=0), rtol=1e-9, atol=1e-9)


def test_edges_follow_the_density_and_kinks_become_edges():
    def log_density(y):
        return stats.norm.logpdf(y, [2.0, -1.0], [0.1, 1.0])

    start = np.sort(np.concatenate([initial_points(np.full(2, 15.0)), [[2.0, -1.0]]]), axis=0)
    points, logs = locate_support(log_density, start, log_density(start))
    edges = equidistribute(points, logs, 8)
    assert (np.diff(edges, axis=0) > 0).all()
    # the window of 28 nats: 7.5 sds on either side
    np.testing.assert_allclose(edges[0], [2.0 - 0.75, -1.0 - 7.5], atol=0.1)
    np.testing.assert_allclose(edges[-1], [2.0 + 0.75, -1.0 + 7.5], atol=0.1)
    joined = with_kinks(edges, [np.array([2.05, 100.0])])
    assert joined.shape == (10, 2)
    assert 2.05 in joined[:, 0]
    assert joined[-1, 1] == joined[-2, 1] == edges[-1, 1]


@pytest.mark.parametrize("transform", [IDENTITY, LOG, LOGIT, ATANH])
def test_transforms_are_inverse_and_their_slope_is_that_of_differences(transform):
    s = np.linspace(-4, 4, 33)
    np.testing.assert_allclose(transform.forward(transform.backward(s)), s, atol=1e-9)
    slope = (transform.backward(s + 1e-5) - transform.backward(s - 1e-5)) / 2e-5
    np.testing.assert_allclose(np.exp(transform.log_slope(s)), slope, rtol=1e-6)
    ends = transform.forward(np.array([transform.lower, transform.upper]))
    np.testing.assert_array_equal(ends, [-np.inf, np.inf])


def test_interpolation_between_and_straight_lines_beyond():
    edges = equidistant_edges(-8, 8)
    values = special.log_expit(chebyshev_nodes(edges))
    x = np.linspace(-8, 8, 101)
    np.testing.assert_allclose(resample(values, edges, x), special.log_expit(x), atol=1e-11)
    far = np.array([-12.0, 11.0])
    lines = special.log_expit([-8.0, 8.0]) + special.expit([8.0, -8.0]) * (far - [-8.0, 8.0])
    np.testing.assert_allclose(resample(values, edges, far), lines, atol=1e-8)


def test_inversion_row_by_row():
    rng = np.random.default_rng(3)
    nodes = np.linspace(-5, 5, 41)[:, None, None] + rng.uniform(-0.01, 0.01, (41, 3, 2))

    def function(v):
        return special.expit(v)

    s = np.array([[0.2, 0.9], [0.5, 0.0]])
    v, per_s = invert_rows(function, nodes, function(nodes), s)
    expected = np.broadcast_to(special.logit(s)[:, None], v.shape)
    np.testing.assert_allclose(v, expected, atol=1e-6)
    inside = np.isfinite(expected)
    slope = 1 / (s * (1 - s) + (s == 0))
    np.testing.assert_allclose(per_s[inside], np.broadcast_to(slope[:, None], v.shape)[inside], rtol=1e-2)
    rough, _ = invert_rows(None, nodes, function(nodes), s)
    np.testing.assert_allclose(rough[inside], expected[inside], atol=1e-3)
