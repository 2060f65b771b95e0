"""Small tables and a solver-free part."""

import numpy as np
import pytest

HEADER = "study,outcome,benefit,events_treatment,n_treatment,events_control,n_control"


@pytest.fixture
def table(tmp_path):
    """Write a table of trials and return its path."""

    def write(*rows, header=HEADER, name="trials.csv"):
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def some(table):
    """A table of some trials, with a duplicate of content and all directions."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(12):
        n, m = rng.integers(20, 60, 2)
        direction = ["higher", "lower", "none"][i % 3]
        rows.append(f"s{i // 4},o{i % 4},{direction},{rng.integers(1, n)},{n},{rng.integers(1, m)},{m}")
    return table(*rows, "copy,o0," + rows[0].split(",", 2)[2])
