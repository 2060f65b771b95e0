"""One arm's rows in arrays of a given length, so that refits keep their shapes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo.likelihood import ArmLikelihood
from bayes_ivf.embryo.rows import MergedTables
from bayes_ivf.errors import Fault, RequestError

Floats = npt.NDArray[np.float64]

ROWS_LIMIT = 20_000
"""MergedTables beyond which a gradient sampler should be given a `surface.Surface` instead."""


def row_arrays(arm: ArmLikelihood, length: int | None = None) -> tuple[Floats, Floats]:
    """Constants (T,) and exponents (T, F) of an arm, filled up to `length` rows of probability zero.

    Parameters
    ----------
    arm : ArmLikelihood
        With rows.
    length : int, optional
        T. Left out: as many as there are.

    Raises
    ------
    RequestError
        If there are no rows, or more than `length`.
    """
    if arm.rows is None:
        raise RequestError(
            Fault("arm", "too many tables to list", "an arm with rows", "use a surface for this arm instead")
        )
    return pad_rows(arm.rows, len(arm.rows.constants) if length is None else length)


def pad_rows(rows: MergedTables, length: int) -> tuple[Floats, Floats]:
    """Constants and exponents of `rows`, filled up to `length` rows; see `row_arrays`."""
    found = len(rows.constants)
    if found > length:
        raise RequestError(
            Fault("rows", f"{found} rows of tables", f"at most {length}", f"compile the model for {found} rows or more")
        )
    missing = length - found
    constants = np.concatenate([rows.constants, np.full(missing, -np.inf)])
    exponents = np.concatenate([rows.exponents, np.zeros((missing, rows.exponents.shape[1]))])
    return constants, exponents
