"""From ranks to an answer: uniform or not, how often intervals cover, and what so many simulations can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.calibration.bands import ecdf_band, ecdf_p_value
from bayes_ivf.calibration.constants import FAST_SIMULATIONS, INTERVALS, RANK_DRAWS
from bayes_ivf.calibration.store import Ranks
from bayes_ivf.words import counted

if TYPE_CHECKING:
    import pandas as pd
    from xarray import DataTree

ROUGH = (
    "Fewer than {many} simulations detect only gross errors: with {few}, intervals that are too narrow by a tenth would "
    "mostly pass unseen."
)


@dataclass(frozen=True)
class Judgment:
    """One quantity of one design.

    Parameters
    ----------
    design, quantity : str
    simulations : int
    p_uniform : float
        Probability that ranks of a right posterior stray as far from their expectation as these, at any point.
    inside : bool
        Whether the ranks stay within the simultaneous band, which is shared by all quantities and designs.
    coverage : tuple of float
        Share of true values within the central 50%, 80% and 95% intervals.
    """

    design: str
    quantity: str
    simulations: int
    p_uniform: float
    inside: bool
    coverage: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Ranks and what they say.

    Parameters
    ----------
    results : tuple of Ranks
        One per design.
    judgments : tuple of Judgment
    band_prob : float
        Probability that all curves stay within their bands, if all is right.
    compared : int
        Different rank curves among which this probability is shared.

    References
    ----------
    Säilynoja, Bürkner and Vehtari 2022, doi 10.1007/s11222-022-10090-6, for the simultaneous bands.

    Examples
    --------
    Ranks that are as even as ranks can be:

    >>> import numpy as np
    >>> from bayes_ivf.calibration import Ranks, judge
    >>> even = np.arange(200) % 200
    >>> result = judge([Ranks("counts", "Counts", {"effect": even}, ("pass",) * 200)], band_prob=0.99)
    >>> result
    Calibration(1 design, 1 quantity, 0 outside)
    >>> result.outside, result.failed_fits, round(result.curve_prob, 2), len(result.band(200))
    ((), {'counts': 0}, 0.99, 3)
    >>> result.table.inside_band.tolist(), result.sentence().partition(" within")[0]
    ([True], '1 rank curve of 1 design stays')
    >>> result.tree("counts").prior_sbc.sizes["sample"]  # doctest: +SKIP
    """

    results: tuple[Ranks, ...]
    judgments: tuple[Judgment, ...]
    band_prob: float
    compared: int

    @property
    def outside(self) -> tuple[Judgment, ...]:
        """Quantities whose ranks leave the band."""
        return tuple(each for each in self.judgments if not each.inside)

    @property
    def curve_prob(self) -> float:
        """Probability that a single curve stays within its band, if all is right."""
        return 1 - (1 - self.band_prob) / self.compared

    def band(self, simulations: int) -> tuple[npt.NDArray[np.float64], ...]:
        """Return the band of a design with so many simulations; see `ecdf_band`."""
        return ecdf_band(simulations, RANK_DRAWS, self.curve_prob)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per design and quantity."""
        from bayes_ivf.kept_table import KeptTable

        rows: list[dict[str, Any]] = []
        for each in self.judgments:
            row = {"design": each.design, "quantity": each.quantity, "simulations": each.simulations}
            row |= {"p_uniform": each.p_uniform, "inside_band": each.inside}
            row |= {f"coverage_{100 * p:g}": share for p, share in zip(INTERVALS, each.coverage, strict=True)}
            rows.append(row)
        return KeptTable(rows)

    @property
    def failed_fits(self) -> dict[str, int]:
        """Fits that failed their gate, by design; their ranks stay in."""
        return {result.name: result.verdicts.count("fail") for result in self.results}

    def tree(self, design: str) -> DataTree:
        """Return the ranks of a design as probabilities in the group ``prior_sbc``, which ``az.plot_ecdf_pit`` reads."""
        from bayes_ivf.calibration.tree import rank_tree

        return rank_tree(next(result for result in self.results if result.name == design))

    def sentence(self) -> str:
        """Return the answer in a few sentences."""
        fewest = min(judgment.simulations for judgment in self.judgments)
        designs, curves = len(self.results), self.compared
        failed = sum(self.failed_fits.values())
        where = ", ".join(f"{judgment.quantity} of {judgment.design}" for judgment in self.outside)
        parts = [
            f"{counted(curves, 'rank curve')} of {counted(designs, 'design')} "
            + (("leaves" if curves == 1 else "leave") if where else "stays within" if curves == 1 else "stay within")
            + f" {'its' if curves == 1 else 'their'} simultaneous {100 * self.band_prob:g}% band{'s' * (curves != 1)}"
            + (f": {where}." if where else ".")
        ]
        if failed:
            total = sum(len(result.verdicts) for result in self.results)
            parts.append(f"{failed} of {total} fits failed their gate; their ranks are counted.")
        if fewest < FAST_SIMULATIONS:
            parts.append(ROUGH.format(many=f"{FAST_SIMULATIONS:,}", few=fewest))
        return " ".join(parts)

    def __repr__(self) -> str:
        return (
            f"Calibration({counted(len(self.results), 'design')}, {counted(len(self.judgments), 'quantity')}, "
            f"{len(self.outside)} outside)"
        )

    def _repr_html_(self) -> str:
        import html

        return f"<p>{html.escape(self.sentence())}</p>{self.table.to_html(index=False, float_format='{:.3g}'.format)}"


def judge(results: Sequence[Ranks], band_prob: float) -> Calibration:
    """Judge the ranks of designs together.

    Parameters
    ----------
    results : sequence of Ranks
    band_prob : float
        Probability that not one of all curves leaves its band, if all is right. Quantities that are ranked alike, such as
        an odds ratio and its logarithm, count once.
    """
    compared = sum(len({values.tobytes() for values in result.ranks.values()}) for result in results)
    least = (1 - band_prob) / compared
    judgments = []
    for result in results:
        for name, values in result.ranks.items():
            p = ecdf_p_value(values, RANK_DRAWS)
            judgments.append(Judgment(result.name, name, len(values), p, p > least, _coverage(values)))
    return Calibration(tuple(results), tuple(judgments), band_prob, compared)


def _coverage(ranks: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Share of ranks within central intervals; with 200 possible ranks each holds a whole number of them."""
    distance = np.abs(ranks + 0.5 - (RANK_DRAWS + 1) / 2)
    return tuple(float(np.mean(distance < p * (RANK_DRAWS + 1) / 2)) for p in INTERVALS)
