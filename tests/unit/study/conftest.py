from __future__ import annotations

import copy

import pytest

_VALID = {
    "schema_version": 1,
    "id": "small",
    "title": "A small trial",
    "arms": {"treatment": {"label": "drug", "n": 30}, "control": {"label": "none", "n": 32}},
    "outcomes": [
        {"id": "a", "label": "A", "kind": "counts", "benefit": "higher", "treatment": "10/30", "control": "8/32"},
        {
            "id": "b",
            "label": "B",
            "kind": "mean_sd",
            "benefit": "lower",
            "treatment": "5.8 ± 0.7",
            "control": "7.9 +/- 0.8",
        },
    ],
}


@pytest.fixture
def valid():
    """The tables of a study file without a fault."""
    return copy.deepcopy(_VALID)


@pytest.fixture
def with_outcome(valid):
    """Put one outcome into an otherwise valid study."""

    def put(**row):
        base = {"id": "x", "label": "X", "benefit": "higher"}
        return valid | {"outcomes": [base | row]}

    return put
