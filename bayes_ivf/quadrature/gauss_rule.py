"""Few nodes that stand for many: the Gauss rule of a discrete measure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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
    kept = share > share.max() * 1e-18
    points, share = points[kept], share[kept]
    if number >= len(points):
        return points, share / share.sum()
    # Lanczos: the polynomials orthogonal under the measure, by their values at the points times root mass
    basis = np.zeros((number, len(points)))
    basis[0] = np.sqrt(share / share.sum())
    matrix = np.zeros((number, number))
    for degree in range(number):
        following = points * basis[degree]
        matrix[degree, degree] = following @ basis[degree]
        for _ in range(2):
            following = following - (basis[: degree + 1] @ following) @ basis[: degree + 1]
        if degree + 1 < number:
            length = float(np.linalg.norm(following))
            matrix[degree, degree + 1] = matrix[degree + 1, degree] = length
            basis[degree + 1] = following / length
    nodes, vectors = np.linalg.eigh(matrix)
    return nodes, vectors[0] ** 2
