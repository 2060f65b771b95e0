"""Totals, marginals and conditional integrals of the plane against closed forms and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from bayes_ivf.quadrature import Coordinates, Rule, SupportFinder, log_inner_integral, tabulate_grid
from tests.unit.quadrature.known_densities import Product, normal_ridge

FIRST_OUTER = Coordinates(t=(1.0, 0.0), c=(0.0, 1.0), outer=(1.0, 0.0))
SUM_OUTER = Coordinates(t=(1.0, 0.5), c=(1.0, -0.5), outer=(0.5, 0.5))
DIFFERENCE_OUTER = Coordinates(t=(0.5, 1.0), c=(-0.5, 1.0), outer=(1.0, -1.0))
FLAT = normal_ridge((1.0, 0.0), 0.0, 1e4), normal_ridge((0.0, 1.0), 0.0, 1e4)


def correlated(rho, size=1):
    """Standard bivariate normal density: x1 ~ N(0, 1), x2 ~ N(rho x1, 1 - rho ** 2)."""
    return Product(
        (normal_ridge((1.0, 0.0), 0.0, 1.0), normal_ridge((-rho, 1.0), 0.0, np.sqrt(1 - rho**2)), *FLAT), size
    )


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("rho", [0.0, 0.8, 0.999, -0.999])
def test_correlated_normal(rho, direct):
    grid = tabulate_grid(SupportFinder(correlated(rho), FIRST_OUTER, direct), Rule(12, 12))
    assert grid.log_total[0] == pytest.approx(np.log(2 * np.pi * np.sqrt(1 - rho**2)), abs=1e-7)
    u = np.array([[-3.0], [-1.0], [0.5], [2.0]])
    np.testing.assert_allclose(grid.marginal(u)[0], stats.norm.cdf(u), atol=1e-7)


@pytest.mark.parametrize("rho", [0.0, 0.8, 0.999])
def test_level_curves_in_the_coordinate_that_carries_them(rho):
    """x1 and x1 + x2 at most 0.7, as thresholds on the inner mean at given difference."""
    grid = tabulate_grid(SupportFinder(correlated(rho), DIFFERENCE_OUTER), Rule(12, 12))
    for level, per_s, sd in ((0.7 - grid.u / 2, 1.0, 1.0), (0.35 + 0 * grid.u, 0.5, np.sqrt(2 * (1 + rho)))):
        below, density = grid.conditional(level[None], np.full((1, *grid.u.shape), per_s))
        assert below[0, 0] == pytest.approx(stats.norm.cdf(0.7, scale=sd), abs=1e-7)
        assert density[0, 0] == pytest.approx(stats.norm.pdf(0.7, scale=sd), abs=1e-5)


def test_total_does_not_depend_on_the_coordinates():
    totals = [
        tabulate_grid(SupportFinder(correlated(0.9), coordinates), Rule(12, 12)).log_total[0]
        for coordinates in (FIRST_OUTER, SUM_OUTER)
    ]
    assert totals[0] == pytest.approx(totals[1], abs=1e-8)


def test_row_integral():
    """Of a normal density whose x1 has its mean 1.3 beside the row at 0."""
    ridges = normal_ridge((1.0, 0.0), 1.3, 1.0), normal_ridge((-0.6, 1.0), 0.0, 0.8)
    found = log_inner_integral(SupportFinder(Product((*ridges, *FLAT), 1), FIRST_OUTER), Rule(12, 12))
    assert found[0] == pytest.approx(-0.5 * 1.3**2 + 0.5 * np.log(2 * np.pi * 0.64), abs=1e-7)


def test_lines_of_kinks():
    """A normal density on x1 and x2 times Laplace factors of their mean and their difference."""

    def laplace(combination, scale):
        return combination, lambda x: -np.abs(x) / scale, 0.0, scale, (np.zeros(1),)

    product = Product(
        (
            normal_ridge((1.0, 0.0), 1.0, 1.0),
            normal_ridge((0.0, 1.0), -0.5, 0.7),
            laplace((0.5, 0.5), 0.4),
            laplace((1.0, -1.0), 0.8),
        ),
        1,
    )

    def kernel(v, u):
        x1, x2 = u + v / 2, u - v / 2
        return np.exp(-0.5 * (x1 - 1) ** 2 - 0.5 * ((x2 + 0.5) / 0.7) ** 2 - abs(u) / 0.4 - abs(v) / 0.8)

    def over(low, high):
        options = {"epsabs": 1e-11, "epsrel": 1e-11}
        pieces = [(low, 0.0), (0.0, high)] if low < 0 < high else [(low, high)]
        return sum(
            integrate.dblquad(kernel, *piece, *inner, **options)[0] for piece in pieces for inner in ((-12, 0), (0, 12))
        )

    whole = over(-8, 8)
    grid = tabulate_grid(SupportFinder(product, SUM_OUTER), Rule(20, 20))
    assert grid.log_total[0] == pytest.approx(np.log(whole), abs=1e-7)
    assert grid.marginal(np.array([[0.3]]))[0][0, 0] == pytest.approx(over(-8, 0.3) / whole, abs=1e-7)


def test_a_problem_alone_and_among_others_is_the_same_to_the_last_bit():
    def grid(size):
        return tabulate_grid(SupportFinder(correlated(0.7, size), FIRST_OUTER), Rule(6, 6))

    one, many = grid(1), grid(5)
    for name in ("u", "values", "share", "log_total"):
        np.testing.assert_array_equal(
            np.broadcast_to(getattr(one, name), getattr(many, name).shape), getattr(many, name)
        )
