"""A table of trials as columns: 100,000 rows are a few arrays, not 100,000 studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

COUNTS = ("events_treatment", "n_treatment", "events_control", "n_control")
MEANS = ("mean_treatment", "sd_treatment", "n_treatment", "mean_control", "sd_control", "n_control")
NAMES = ("study", "outcome", "benefit")
OPTIONAL = ("per", "label", "mcid")
SIGNS: Mapping[str, int] = {"higher": 1, "lower": -1, "none": 0}


@dataclass(frozen=True, eq=False)
class TrialTable:
    """Rows of trials, one per study and outcome.

    Parameters
    ----------
    name : str
        Where it came from.
    study, outcome, label, per : list of str
    sign : array of int, shape (row,)
        Of benefit.
    mcid : array, shape (row,)
        Risk difference for counts, standardized mean difference for means; NaN without one.
    counts : array of bool, shape (row,)
        Whether the row holds counts; else means.
    n : array of int, shape (row, arm)
        Treatment first.
    events : array of int, shape (row, arm)
        0 where the row holds means.
    mean, sd : tuple of lists of str, treatment first
        As written, so that decimals survive; empty texts where the row holds counts.
    labels : mapping of str to list of str
        Every other column.
    notes : tuple of str
        What was read otherwise than it stands: columns by synonyms, marks that part thousands, values given for all rows.
    """

    name: str
    study: list[str]
    outcome: list[str]
    label: list[str]
    per: list[str]
    sign: npt.NDArray[np.int64]
    mcid: npt.NDArray[np.float64]
    counts: npt.NDArray[np.bool_]
    n: npt.NDArray[np.int64]
    events: npt.NDArray[np.int64]
    mean: tuple[list[str], list[str]]
    sd: tuple[list[str], list[str]]
    labels: Mapping[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.study)

    def __repr__(self) -> str:
        return f"TrialTable({self.name!r}: {len(self)} rows, {len(set(self.study))} studies)"
