from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


def embryo_frame(seed=5, women=40, average=-0.2, effect=0.8, sigma=1.3, most=3):
    """Rows of embryos, simulated one by one."""
    rng = np.random.default_rng(seed)
    rows = []
    for arm, share in (("treatment", 0.5), ("control", -0.5)):
        for i in range(women):
            chance = 1 / (1 + np.exp(-(average + share * effect + sigma * rng.normal())))
            rows += [(arm, f"{arm}-patient-{i}", int(rng.random() < chance)) for _ in range(rng.integers(1, most + 1))]
    return pd.DataFrame(rows, columns=["arm", "woman", "eir"])


@pytest.fixture
def embryos():
    """Eighty women with one to three embryos each."""
    return embryo_frame()


@pytest.fixture
def women():
    """Eight women with a binary and a continuous outcome."""
    return pd.DataFrame(
        {
            "arm": ["a"] * 4 + ["b"] * 4,
            "woman": range(8),
            "cpr": [1, 1, 0, 1, 0, 1, 0, 0],
            "fsh": [5.1, 6.25, 4.9, 5.5, 7.0, 8.125, 7.5, 6.5],
        }
    )
