"""Numerical integration of many small posteriors at once.

The problem
-----------
A batch of B posteriors in one or two dimensions, each given by its log kernel (a density without its constant), with kinks,
power-law tails or narrow ridges; wanted are distribution functions, quantiles, intervals, moments and the normalizing constant,
each with its error, a hundred thousand problems in seconds. All arrays therefore carry the problems on the trailing axis: (B,) a
number for each, (K, B) points, (N, B) outer nodes, (M, N, B) inner nodes at each of them. **No result depends on its neighbors**
in a batch, to the last bit: sums run in a fixed order, and every stopping rule is decided problem by problem.

The method
----------
1. *Sinh map.* ``x = c + s sinh(y)``, ``f_y(y) = f(x) s cosh(y)``: power-law tails become exponential.
2. *Adaptive mesh.* Panel edges equidistribute the monitor function of the density g of y,
   ``M = g ** (1/20) (sqrt|(log g)''| + 0.08 |(log g)'| + 0.2)``: ``int_{e_p}^{e_{p+1}} M dy = (1/P) int M dy``. Kinks become
   edges.
3. *Gauss-Legendre panels.* On each the density is the polynomial through its values at 12 nodes, and the distribution function
   that polynomial's integral: ``F(y) = F(e_p) + h Q((y - m) / h)``. Two dimensions are rows of panels in v at the nodes of u, and
   ``P(v <= g(u)) = (1/Z) sum_i w_i int_{-inf}^{g(u_i)} k(u_i, v) dv``.
4. *Two rules.* Every answer comes from a rule and is compared with the next coarser one; its error is stated as
   ``4 |fine - coarse|``, and where this is too large finer rules follow, for that question and problem alone.
5. *Quantiles* by Newton's method on the distribution function, ``s <- s - (F(s) - p) / f(s)``, from a table in normal scores.
6. *Highest-density intervals* as the two ends of equal density that hold the probability: ``F(b) - F(a) = P``, ``f(a) = f(b)``.

The files, in reading order
---------------------------
======================================= ==========================================================================================
`panels`                                sinh map, panels, integrated interpolating polynomials
`adaptive_mesh`                         search for the mass of a density; monitor function; edges
`grid1d`                                a one-dimensional posterior (on the two before)
`coordinates`                           a plane of two axes: linear coordinates, ridge factors, Gaussian approximation
`support2d`                             search for the mass of a two-dimensional kernel, row by row
`grid2d`                                a two-dimensional posterior, marginal and conditional integrals
`invert`                                invert an increasing function along the rows of a grid
`chebyshev`, `gauss_rule`               two tools: piecewise Chebyshev interpolation; few nodes for a discrete measure
`transforms`                            from bounded or positive quantities to unbounded coordinates
`summarize`                             quantiles and intervals from any distribution function and its density
`questions`                             what is asked, of what; answers of two rules as numbers with errors
`refinement`                            finer rules where the errors are too large
`process_pool`                          large batches, or other tasks, in several processes
`posterior`                             `ExactPosterior`: the object that all of this is asked through
======================================= ==========================================================================================

In: log densities as functions on arrays, and where they may vary. Out: distribution functions, quantiles, intervals and
moments with their errors. Never: data, parameters or estimands by name. ("Estimand" is any scalar quantity of a model, known
here by a string alone; `Batch` and `Solution` in `questions` say what a model has to offer.)

Examples
--------
The normalizing constant and a tail probability of two Cauchy kernels ``1 / (1 + (x / scale) ** 2)``:

>>> import numpy as np
>>> scale = np.array([1.0, 3.0])
>>> finder = SupportFinder1D(
...     lambda x: -np.log1p((x / scale) ** 2), SinhMap(np.zeros(2), scale), marks=[], kinks=[], reach=np.full(2, 30.0)
... )
>>> grid = finder.grid(12)
>>> (np.exp(grid.log_total) / np.pi).round(6)
array([1., 3.])
>>> (1 - grid.marginal(np.array([[10.0, 30.0]]))[0][0]).round(6)
array([0.031726, 0.031726])
"""

from bayes_ivf.quadrature.adaptive_mesh import equidistribute, initial_points, locate_support, log_mass, with_kinks
from bayes_ivf.quadrature.chebyshev import CHEBYSHEV_ORDER, TO_CHEBYSHEV, chebyshev_nodes, equidistant_edges, resample
from bayes_ivf.quadrature.coordinates import (
    Coordinates,
    Detail,
    LogFactor,
    determinant,
    gaussian_approximation,
    intersection,
    prior_factor,
)
from bayes_ivf.quadrature.gauss_rule import gauss_rule, jacobi_matrices, rules_of
from bayes_ivf.quadrature.grid1d import Grid1D, SupportFinder1D
from bayes_ivf.quadrature.grid2d import Grid2D, Marginals, log_inner_integral, panels_at_once, tabulate_grid
from bayes_ivf.quadrature.invert import invert_rows
from bayes_ivf.quadrature.panels import ORDER, Panels, Rule, SinhMap, add_up, along, panel_nodes, peak
from bayes_ivf.quadrature.posterior import ExactPosterior
from bayes_ivf.quadrature.process_pool import work_apart
from bayes_ivf.quadrature.questions import Curves
from bayes_ivf.quadrature.refinement import RULES, split
from bayes_ivf.quadrature.summarize import Summary, find_quantiles, tabulate_quantiles
from bayes_ivf.quadrature.support2d import SupportFinder
from bayes_ivf.quadrature.transforms import ATANH, IDENTITY, LOG, LOGIT, Transform, transform_between

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
    "Curves",
    "Detail",
    "ExactPosterior",
    "Grid1D",
    "Grid2D",
    "LogFactor",
    "Marginals",
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
    "jacobi_matrices",
    "locate_support",
    "log_inner_integral",
    "log_mass",
    "panel_nodes",
    "panels_at_once",
    "peak",
    "prior_factor",
    "resample",
    "rules_of",
    "split",
    "tabulate_grid",
    "tabulate_quantiles",
    "transform_between",
    "with_kinks",
    "work_apart",
]
