"""Quantities that are asked for together are those that are asked for alone, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_ivf.exact.counts_logistic import ESTIMANDS, solve_counts
from bayes_ivf.priors import BatchedPrior

TABLES = [
    np.array(counts) for counts in ([16, 0, 7, 150, 1], [40, 25, 7, 1200, 1], [12, 4, 0, 118, 0], [40, 31, 6, 1180, 1])
]
EFFECTS = {
    "normal": BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}),
    "power law": BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 0.5}),
    "walls": BatchedPrior("Uniform", {"lower": -2.0, "upper": 1.0}),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_quantities_do_not_depend_on_what_else_is_asked(name):
    first = BatchedPrior("Normal", {"mu": -0.5, "sigma": 1.5})

    def solve():
        return solve_counts(*TABLES, first=first, effect=EFFECTS[name], workers=1)

    together = solve().summaries()
    assert tuple(together) == ESTIMANDS
    for estimand in ESTIMANDS:
        alone = vars(solve().summarize(estimand))
        for field, values in vars(together[estimand]).items():
            np.testing.assert_array_equal(alone[field], values, f"{estimand}, {field}")
