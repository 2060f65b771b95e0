"""Bambi on the expanded rows of 80 women: an implementation by others, with the same priors."""

from __future__ import annotations

import bambi
import numpy as np
import pandas as pd
import pytest
from arviz_stats.base import array_stats


@pytest.fixture(scope="module")
def expanded():
    events = np.concatenate([np.repeat([1, 0], [16, 24]), np.repeat([1, 0], [12, 28])])
    # half an effect above and below the average, as the package's own coding
    return pd.DataFrame({"pregnant": events, "arm": np.repeat([0.5, -0.5], 40)})


def test_clinical_pregnancy(expanded, lei, nuts):
    priors = {"Intercept": bambi.Prior("Normal", mu=0, sigma=1.5), "arm": bambi.Prior("Normal", mu=0, sigma=1)}
    model = bambi.Model("pregnant ~ arm", expanded, family="bernoulli", priors=priors, center_predictors=False)
    tree = model.fit(draws=2000, tune=1000, chains=4, random_seed=3, inference_method="nutpie", progressbar=False)
    ours = nuts(lei, "cpr")

    def error(draws):
        return float(array_stats.mcse(draws.astype(float), method="mean", chain_axis=-2, draw_axis=-1))

    pairs = {
        "effect": (tree.posterior["arm"].to_numpy(), ours.draws["effect"]),
        "average": (tree.posterior["Intercept"].to_numpy(), ours.draws["average"]),
    }
    for theirs, mine in pairs.values():
        for function in (lambda draws: draws, lambda draws: (draws - 0.3) ** 2, lambda draws: draws > 0):
            a, b = function(theirs), function(mine)
            if a.any():
                assert abs(a.mean() - b.mean()) < 4 * np.hypot(error(a), error(b)) + 1e-12
