"""Rules of few nodes for a discrete measure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_ivf.quadrature.gauss_rule import gauss_rule


@pytest.mark.parametrize("number", [1, 3, 10, 40])
def test_of_a_fine_legendre_rule_it_is_the_coarse_one(number):
    points, weights = np.polynomial.legendre.leggauss(200)
    nodes, share = gauss_rule(points, weights / 2, number)
    expected, of_two = np.polynomial.legendre.leggauss(number)
    np.testing.assert_allclose(nodes, expected, atol=1e-13)
    np.testing.assert_allclose(share, of_two / 2, atol=1e-13)


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0.01, 1)),
        min_size=1,
        max_size=30,
        unique_by=lambda pair: round(pair[0], 3),
    ),
    st.integers(1, 12),
)
def test_moments_are_kept(pairs, number):
    points, share = np.array(pairs).T
    share = share / share.sum()
    nodes, weights = gauss_rule(points, share, number)
    assert len(nodes) == min(number, len(points))
    assert (weights > 0).all()
    assert nodes.min() >= points.min() - 1e-9
    assert nodes.max() <= points.max() + 1e-9
    for degree in range(2 * len(nodes)):
        assert weights @ nodes**degree == pytest.approx(share @ points**degree, abs=1e-9)


def test_points_without_mass_do_not_count():
    nodes, weights = gauss_rule(np.array([0.1, 0.2, 0.9]), np.array([0.5, 0.5, 0.0]), 3)
    np.testing.assert_allclose(nodes, [0.1, 0.2])
    np.testing.assert_allclose(weights, [0.5, 0.5])
