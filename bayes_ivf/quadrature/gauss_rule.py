"""The Gauss rule of a discrete measure: n nodes whose weighted sum is exact for all polynomials of degree 2 n - 1.

The polynomials that are orthogonal under the measure obey a three-term recurrence, whose coefficients form a symmetric
tridiagonal (Jacobi) matrix J. The nodes are the eigenvalues of J, the weights the squared first components of its unit
eigenvectors. J comes from the Lanczos process, ``J = Q' diag(points) Q`` with ``Q e_1 = sqrt(share)``.

Examples
--------
Of 1,000 equal points on [0, 1] five nodes are enough for the mean of exp:

>>> import numpy as np
>>> points = (np.arange(1000) + 0.5) / 1000
>>> nodes, weights = gauss_rule(points, np.full(1000, 1e-3), 5)
>>> bool(abs(weights @ np.exp(nodes) - np.exp(points).mean()) < 1e-12)
True
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature.panels import add_up

Array = npt.NDArray[np.float64]


def gauss_rule(points: Array, share: Array, number: int) -> tuple[Array, Array]:
    """Nodes and weights that give the mean of every polynomial of degree below twice their number.

    Parameters
    ----------
    points, share : (K,) array of float
        A discrete measure of total one.
    number : int
        Nodes wanted; as many as there are points with any mass, if these are fewer.

    Returns
    -------
    nodes, weights : (N,) array of float
        Ascending, between the outermost points; the weights are positive and sum to one.

    References
    ----------
    Golub GH, Welsch JH (1969). Calculation of Gauss quadrature rules. Mathematics of Computation 23:221-230.
    doi:10.1090/S0025-5718-69-99647-1
    """
    # what has less mass than rounding has none, and would leave directions of rounding errors to the Lanczos process
    kept = share > share.max() * 1e-18
    points, share = points[kept], share[kept]
    if number >= len(points):
        return points, share / share.sum()
    # Lanczos: the polynomials orthogonal under the measure, by their values at the points times root mass
    basis = np.zeros((number, len(points)))
    basis[0] = np.sqrt(share / share.sum())
    matrix = np.zeros((number, number))
    for degree in range(number):
        residual = points * basis[degree]
        matrix[degree, degree] = residual @ basis[degree]
        # twice is enough to keep the basis orthogonal to rounding
        for _ in range(2):
            residual = residual - (basis[: degree + 1] @ residual) @ basis[: degree + 1]
        if degree + 1 < number:
            length = float(np.linalg.norm(residual))
            matrix[degree, degree + 1] = matrix[degree + 1, degree] = length
            basis[degree + 1] = residual / length
    nodes, vectors = np.linalg.eigh(matrix)
    return nodes, vectors[0] ** 2


def jacobi_matrices(points: Array, share: Array, number: int) -> Array:
    """Jacobi matrices (B, N, N) of B measures at once; the leading part of one is that of fewer nodes.

    Parameters
    ----------
    points, share : (K, B) array of float
        Discrete measures; each has more points with mass than nodes.
    number : int

    Examples
    --------
    >>> points = np.linspace(-1, 1, 1001)[:, None]
    >>> nodes, weights = rules_of(jacobi_matrices(points, np.ones((1001, 1)), 6), 4)
    >>> alone, same = gauss_rule(points[:, 0], np.full(1001, 1 / 1001), 4)
    >>> bool(np.allclose(nodes[:, 0], alone, atol=1e-12)), bool(np.allclose(weights[:, 0], same, atol=1e-12))
    (True, True)
    """
    basis = np.empty((number, *points.shape))
    basis[0] = np.sqrt(share / add_up(share))
    matrix = np.zeros((points.shape[1], number, number))
    for degree in range(number):
        residual = points * basis[degree]
        matrix[:, degree, degree] = add_up(residual * basis[degree])
        # twice is enough to keep the basis orthogonal to rounding
        for _ in range(2):
            overlap = add_up(np.moveaxis(basis[: degree + 1] * residual, 1, 0))
            residual = residual - add_up(overlap[:, None] * basis[: degree + 1])
        if degree + 1 < number:
            length = np.sqrt(add_up(residual * residual))
            matrix[:, degree, degree + 1] = matrix[:, degree + 1, degree] = length
            basis[degree + 1] = residual / length
    return matrix


def rules_of(matrix: Array, number: int) -> tuple[Array, Array]:
    """Nodes and weights (N, B) of the Gauss rules that Jacobi matrices (B, ...) stand for."""
    nodes, vectors = np.linalg.eigh(matrix[:, :number, :number])
    return nodes.T, vectors[:, 0].T ** 2
