"""Coordinates of the plane of two log odds, ``x_t = logit p_t`` and ``x_c = logit p_c``.

=========== =================== =================== ==================================================
name        outer u             inner v             used for
=========== =================== =================== ==================================================
control     x_c                 x_t                 the control risk; contrasts that x_t carries
treatment   x_t                 x_c                 the treatment risk; contrasts that x_c carries
effect      x_t - x_c           (x_t + x_c) / 2     the log odds ratio and the odds ratio; evidence
average     (x_t + x_c) / 2     x_t - x_c           contrasts, by default
=========== =================== =================== ==================================================

Examples
--------
>>> average = COORDINATES["average"]
>>> average.of((1.0, 0.0)), average.of((0.0, 1.0))
((1.0, 0.5), (1.0, -0.5))
"""

from __future__ import annotations

from bayes_ivf.quadrature import Coordinates

COORDINATES = {
    "control": Coordinates((0.0, 1.0), (1.0, 0.0), (0.0, 1.0)),
    "treatment": Coordinates((1.0, 0.0), (0.0, 1.0), (1.0, 0.0)),
    "effect": Coordinates((0.5, 1.0), (-0.5, 1.0), (1.0, -1.0)),
    "average": Coordinates((1.0, 0.5), (1.0, -0.5), (0.5, 0.5)),
}
"""By outer coordinate: a log odds of one arm, their difference, their average."""
