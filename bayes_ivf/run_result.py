"""What a run found about one study: fits, comparisons, and every table made of them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import defaults
from bayes_ivf.auditing import Audit
from bayes_ivf.inference import Fit, LeftOut
from bayes_ivf.problem import Problem
from bayes_ivf.record import record_curves, rows_of_record
from bayes_ivf.results import (
    COMPARISON,
    EVIDENCE,
    JOINT,
    MIXTURES,
    POOLING,
    ComparisonRow,
    Curve,
    EffectRow,
    EvidenceRow,
    MixedReading,
    Statement,
    joint_effects,
    pooled_effects,
    to_frame,
)
from bayes_ivf.settings import Settings
from bayes_ivf.study import Study
from bayes_ivf.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from bayes_ivf.cards import Card
    from bayes_ivf.priors import PriorSet


def _kept(frame: pd.DataFrame) -> pd.DataFrame:
    from bayes_ivf.kept_table import KeptTable

    return KeptTable(frame)


@dataclass(frozen=True, eq=False)
class Reanalysis:
    """Everything that a run found about one study.

    Parameters
    ----------
    study : Study
    audit : Audit
    fits : tuple of Fit
        Primary prior first for every outcome and model.
    comparisons : tuple of ComparisonRow
        One per outcome of the paper.
    seconds : mapping of str to float
        Where the time went.
    widths : tuple of mapping
        Rows of ``evidence.csv`` under narrower and wider priors on the effect.
    interrupted : bool
        Whether it was stopped before all fits were finished.
    left_out : tuple of LeftOut
        What the asked engine cannot fit.
    ci_prob : float
        Probability of every interval.
    waiting : tuple of Problem
        What is still to be sampled, while it is; quadrature has answered the rest.
    kept : int
        Fits that were taken from an earlier run in the same folder.
    cards : tuple of Card
    sets : tuple of PriorSet
        That it was asked for, the primary one first.
    mixed : tuple of MixedReading
        All readings of outcomes that have several, under the primary prior.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05", direction="higher")
    >>> result = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative", "reference"], engine="exact")
    >>> result
    Reanalysis('study': 1 outcome, 2 fits, 0 failed the gate)
    >>> result.comparison.reading[0].partition(".")[0]
    'Reported higher (P<0'
    >>> result.claims.supported[0], len(result.findings), len(result.failed), result.sampled
    ('no', 1, 0, 0)
    >>> result.effects[result.effects.estimand == "risk_difference"].p_benefit.round(2).tolist()
    [0.8, 0.83]
    >>> result.status
    'finished'
    >>> len(result.rows), len(result.curves), len(result.pooling), len(result.joint), len(result.statements)
    (16, 1, 0, 0, 0)
    >>> len(result.mixtures)
    0
    >>> round(result.evidence.bayes_factor_null[0], 1)
    np.float64(1.6)
    """

    study: Study
    audit: Audit
    fits: tuple[Fit, ...]
    comparisons: tuple[ComparisonRow, ...]
    settings: Settings
    seconds: Mapping[str, float]
    widths: tuple[Mapping[str, Any], ...] = ()
    interrupted: bool = False
    left_out: tuple[LeftOut, ...] = ()
    ci_prob: float = defaults.CI_PROB
    waiting: tuple[Problem, ...] = ()
    kept: int = 0
    cards: tuple[Card, ...] = ()
    sets: tuple[PriorSet, ...] = ()
    mixed: tuple[MixedReading, ...] = ()

    @property
    def status(self) -> str:
        """``finished``, ``sampling`` (by quadrature as far as it answers) or ``interrupted``."""
        return "interrupted" if self.interrupted else "sampling" if self.waiting else "finished"

    @property
    def rows(self) -> tuple[EffectRow, ...]:
        """Rows of every engine that ran, in the order of the fits; a joint fit that several outcomes share gives its once."""
        return tuple(dict.fromkeys(row for fit in self._engine_fits for row in fit.rows))

    @property
    def _engine_fits(self) -> list[Fit]:
        return [each for fit in self.fits for each in (fit, fit.beside) if each is not None]

    @cached_property
    def effects(self) -> pd.DataFrame:
        """All rows, columns as in ``effects.csv``."""
        return _kept(to_frame(self.rows))

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """One row per outcome of the paper, columns as in ``comparison.csv``."""
        return _kept(COMPARISON.frame(self.comparisons))

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """Marginal likelihoods and Bayes factors against no effect, columns as in ``evidence.csv``."""
        rows = [fit.evidence for fit in self._engine_fits if fit.evidence]
        return _kept(EVIDENCE.frame(EvidenceRow(**values) for values in (*rows, *self.widths)))

    @cached_property
    def pooling(self) -> pd.DataFrame:
        """Every effect without, with partial and with complete pooling, columns as in ``pooling.csv``."""
        return _kept(POOLING.frame(pooled_effects(self.rows)))

    @cached_property
    def joint(self) -> pd.DataFrame:
        """Every outcome alone and in a joint model of all, columns as in ``joint.csv``; empty unless such a model ran."""
        return _kept(JOINT.frame(joint_effects(self.rows, rows_of_record(self.fits, self.study))))

    @cached_property
    def mixtures(self) -> pd.DataFrame:
        """Mixtures over the readings of outcomes that have several, columns as in ``mixtures.csv``."""
        return _kept(MIXTURES.frame(self.mixed))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Compound statements of joint posteriors."""
        return tuple(each for fit in self.fits for each in fit.statements)

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """Prior and posterior densities of every outcome's result of record under the primary prior.

        Outcomes known only from words have none: theirs would hold at full belief in the words alone.
        """
        return record_curves(self.fits, self.study)

    @property
    def claims(self) -> pd.DataFrame:
        """The ledger of printed claims, columns as in ``claims.csv``."""
        return self.audit.claims

    @property
    def findings(self) -> pd.DataFrame:
        """Findings of the audit, columns as in ``findings.csv``."""
        return self.audit.findings

    @property
    def failed(self) -> tuple[Fit, ...]:
        """Fits whose gate failed."""
        return tuple(fit for fit in self.fits if fit.verdict.level == "fail")

    @property
    def sampled(self) -> int:
        """Fits that NUTS answered."""
        return sum(fit.engine == "nuts" for fit in self.fits)

    def report(self, path: str | Path) -> Path:
        """Write the report as one self-contained HTML file.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        OutputError
            If it cannot be written.

        Examples
        --------
        >>> result.report("report.html")  # doctest: +SKIP
        """
        from bayes_ivf.report import write_report

        return write_report(self, Path(path))

    def take_home(self, folder: str | Path) -> Path:
        """Write the comparison for a paper (HTML, LaTeX, Word), a workbook, a letter, methods and a document that reruns it.

        Parameters
        ----------
        folder : str or Path
            For these files; it is made if it is missing.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        RequestError
            If a package of the extra ``office`` is missing.
        OutputError
            If the folder cannot be written.

        Examples
        --------
        >>> result.take_home("take-home")  # doctest: +SKIP
        """
        from bayes_ivf.takehome import take_home

        return take_home(self, Path(folder))

    def __repr__(self) -> str:
        return (
            f"Reanalysis({self.study.id!r}: {counted(len(self.comparisons), 'outcome')}, {counted(len(self.fits), 'fit')}, "
            f"{len(self.failed)} failed the gate)"
        )

    def _repr_html_(self) -> str:
        shown = ["label", "reported_treatment", "reported_control", "reported_p", "freq_p", "bayes_effect", "bayes_ci_low",
                 "bayes_ci_high", "p_benefit", "p_benefit_min", "p_benefit_max", "reading"]  # fmt: skip
        bounded = COMPARISON.bounded(self.comparison)[shown]
        table = bounded.to_html(index=False, na_rep="", float_format="{:.3g}".format)
        return f"<p><strong>{html.escape(self.study.title)}</strong></p>{table}"
