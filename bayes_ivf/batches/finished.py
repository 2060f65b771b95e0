"""A finished batch: what this run did, and the tables of its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bayes_ivf.batches.output import Counts
from bayes_ivf.batches.tally import Tally
from bayes_ivf.results import TABLES
from bayes_ivf.words import counted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Batch:
    """A finished batch.

    Parameters
    ----------
    folder : Path
        With ``effects.csv, evidence.csv, comparison.csv, failures.csv, index.html`` and a page per study.
    tally : Tally
        What this run did.
    counts : Counts
        What the folder holds now.
    damaged : int
        Records of the store that were found damaged; the fits that were lost with them were computed again.
    notes : tuple of str
        What tables were read otherwise than they stand.
    sampled : int
        Cells that NUTS answers: of its own, or in place of quadrature that was too inaccurate.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    >>> result = bi.batch(study, "two_arm", "weakly_informative", out="trial", engine="exact", executor="serial")
    >>> result
    Batch('trial': 1 fit, 8 rows, 0 failed, 0 gated)
    >>> result.ok, len(result.comparison), len(result.evidence), len(result.failures), len(result.joint)
    (True, 1, 1, 0, 0)
    >>> len(result.findings), len(result.review), len(result.risk_of_bias)  # of reviews
    (0, 0, 0)
    >>> result.effects[result.effects.estimand == "risk_difference"]["median"].round(2).tolist()
    [0.08]
    """

    folder: Path
    tally: Tally
    counts: Counts
    damaged: int = 0
    notes: tuple[str, ...] = ()
    sampled: int = 0

    @property
    def ok(self) -> bool:
        """Whether every fit is there and passed its gate or was only warned."""
        return not (self.counts.failed or self.counts.gated or self.counts.unfinished)

    @property
    def effects(self) -> pd.DataFrame:
        """All rows, columns as in ``effects.csv``."""
        return self._table("effects")

    @property
    def comparison(self) -> pd.DataFrame:
        """One row per outcome of every study with a page."""
        return self._table("comparison")

    @property
    def joint(self) -> pd.DataFrame:
        """Every outcome alone and in a joint model of all outcomes; empty unless such a model ran."""
        return self._table("joint", optional=True)

    @property
    def findings(self) -> pd.DataFrame:
        """What reviews print and their own numbers do not give; empty unless there was a review."""
        return self._table("findings", optional=True)

    @property
    def review(self) -> pd.DataFrame:
        """Overall estimates of reviews, as printed and computed again; empty unless there was a review."""
        return self._table("review", optional=True)

    @property
    def risk_of_bias(self) -> pd.DataFrame:
        """Judgments of reviews by study and domain; empty unless there was a review that has them."""
        return self._table("risk_of_bias", optional=True)

    @property
    def evidence(self) -> pd.DataFrame:
        """Log marginal likelihoods and Bayes factors of the exact engine."""
        return self._table("evidence")

    @property
    def failures(self) -> pd.DataFrame:
        """What failed, and why."""
        return self._table("failures")

    def _table(self, name: str, *, optional: bool = False) -> pd.DataFrame:
        from bayes_ivf.kept_table import KeptTable

        table = TABLES[name]
        empty = optional and not (self.folder / table.file).exists()
        return KeptTable(table.frame(()) if empty else table.read(self.folder))

    def __repr__(self) -> str:
        size = f"{counted(self.counts.fits, 'fit')}, {counted(self.counts.rows, 'row')}"
        return f"Batch({str(self.folder)!r}: {size}, {self.counts.failed} failed, {self.counts.gated} gated)"

    def _repr_html_(self) -> str:
        import html

        return f"<p>{html.escape(repr(self))}</p>"
