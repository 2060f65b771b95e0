"""Numerical integration of many small problems at once; it knows nothing of trials.

In: log densities as functions on arrays, and where they may vary. Out: distribution functions, quantiles, intervals and
moments with their errors. Never: data, parameters or estimands by name.
"""

from bayes_ivf.quadrature.adaptive_mesh import equidistribute, initial_points, locate_support, log_mass, with_kinks
from bayes_ivf.quadrature.chebyshev import CHEBYSHEV_ORDER, TO_CHEBYSHEV, chebyshev_nodes, equidistant_edges, resample
from bayes_ivf.quadrature.coordinates import (
    Coordinates,
    LogFactor,
    determinant,
    gaussian_approximation,
    intersection,
    prior_factor,
)
from bayes_ivf.quadrature.gauss_rule import gauss_rule
from bayes_ivf.quadrature.grid1d import Grid1D, SupportFinder1D
from bayes_ivf.quadrature.grid2d import Grid2D, log_inner_integral, tabulate_grid
from bayes_ivf.quadrature.invert import invert_rows
from bayes_ivf.quadrature.panels import ORDER, Panels, Rule, SinhMap, add_up, along, panel_nodes, peak
from bayes_ivf.quadrature.posterior import ExactPosterior
from bayes_ivf.quadrature.refinement import RULES
from bayes_ivf.quadrature.summarize import Summary, find_quantiles, tabulate_quantiles
from bayes_ivf.quadrature.support2d import SupportFinder
from bayes_ivf.quadrature.transforms import ATANH, IDENTITY, LOG, LOGIT, Transform

__all__ = [
    "ATANH",
    "CHEBYSHEV_ORDER",
    "IDENTITY",
    "LOG",
    "LOGIT",
    "ORDER",
    "RULES",
    "TO_CHEBYSHEV",
    "Coordinates",
    "ExactPosterior",
    "Grid1D",
    "Grid2D",
    "LogFactor",
    "Panels",
    "Rule",
    "SinhMap",
    "Summary",
    "SupportFinder",
    "SupportFinder1D",
    "Transform",
    "add_up",
    "along",
    "chebyshev_nodes",
    "determinant",
    "equidistant_edges",
    "equidistribute",
    "find_quantiles",
    "gauss_rule",
    "gaussian_approximation",
    "initial_points",
    "intersection",
    "invert_rows",
    "locate_support",
    "log_inner_integral",
    "log_mass",
    "panel_nodes",
    "peak",
    "prior_factor",
    "resample",
    "tabulate_grid",
    "tabulate_quantiles",
    "with_kinks",
]
