"""Coordinates of the plane of two log odds."""

from __future__ import annotations

from bayes_ivf.quadrature import Coordinates

COORDINATES = {
    "control": Coordinates((0.0, 1.0), (1.0, 0.0), (0.0, 1.0)),
    "treatment": Coordinates((1.0, 0.0), (0.0, 1.0), (1.0, 0.0)),
    "effect": Coordinates((0.5, 1.0), (-0.5, 1.0), (1.0, -1.0)),
    "average": Coordinates((1.0, 0.5), (1.0, -0.5), (0.5, 0.5)),
}
"""By outer coordinate: a log odds of one arm, their difference, their average."""
