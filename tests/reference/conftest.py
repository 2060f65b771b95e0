from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def assert_close():
    """Compare rows of a NUTS fit with an independent answer, in Monte Carlo standard errors."""
    from arviz_stats.base import array_stats

    def error(values):
        return float(array_stats.mcse(values.astype(float), method="mean", chain_axis=-2, draw_axis=-1))

    def compare(fit, estimand, answer, *, null=0.0, errors=4.0):
        draws = fit.estimands[estimand]
        row = fit.row(estimand)
        assert abs(row.mean - answer.mean) < errors * error(draws)
        # the variance is a mean too: that of the squared distance from the known mean
        squared = (draws - answer.mean) ** 2
        assert abs(squared.mean() - answer.sd**2) < errors * error(squared)
        above = draws > null
        if above.any() and not above.all():
            assert abs(above.mean() - answer.above(null)) < errors * error(above)
        else:
            assert answer.above(null) == pytest.approx(float(above.all()), abs=20 / draws.size)
        assert np.isfinite(draws).all()

    return compare
