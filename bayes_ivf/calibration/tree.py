"""Ranks in the layout that ``az.plot_ecdf_pit`` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayes_ivf.calibration.constants import RANK_DRAWS
from bayes_ivf.calibration.store import Ranks

if TYPE_CHECKING:
    from xarray import DataTree


def rank_tree(result: Ranks) -> DataTree:
    """Return ranks as a tree.

    Parameters
    ----------
    result : Ranks

    Returns
    -------
    DataTree
        Group ``prior_sbc``: one variable per quantity, dims chain (1) and draw (simulation), the middle of each rank's
        cell within 0 to 1.
    """
    import arviz_base

    values = {name: ((ranks + 0.5) / (RANK_DRAWS + 1))[None] for name, ranks in result.ranks.items()}
    return arviz_base.from_dict(
        {"prior_sbc": values}, attrs={"prior_sbc": {"design": result.name, "label": result.label}}
    )
