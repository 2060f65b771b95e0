"""The main job: audit, all applicable cards and priors, the comparison; the same path for notebook and command line."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import defaults
from bayes_ivf.auditing import Audit, audit
from bayes_ivf.cards import Card
from bayes_ivf.inference import Fit, Interrupted, LeftOut, evidence_by_width, fit_problems, solvable
from bayes_ivf.planning import load_cards, load_prior_sets, plan
from bayes_ivf.priors import PriorSet
from bayes_ivf.record import of_record, record_curves, rows_of_record
from bayes_ivf.results import (
    COMPARISON,
    EVIDENCE,
    JOINT,
    POOLING,
    ComparisonRow,
    Curve,
    EffectRow,
    EvidenceRow,
    Statement,
    compare,
    joint_effects,
    pooled_effects,
    to_frame,
)
from bayes_ivf.settings import Settings, check_level, check_workers, sampler_settings
from bayes_ivf.study import Study, load_study
from bayes_ivf.words import counted

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str, int, int], None]


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
    >>> len(result.rows), len(result.curves), len(result.pooling), len(result.joint), len(result.statements)
    (16, 1, 0, 0, 0)
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


def reanalyze(
    study: str | Path | Study = defaults.STUDY,
    out: str | Path | None = None,
    *,
    models: Sequence[str | Path | Card] | None = None,
    priors: Sequence[str | Path | PriorSet] | None = None,
    engine: str = "auto",
    ci_prob: float = defaults.CI_PROB,
    draws: int | None = None,
    tune: int | None = None,
    chains: int | None = None,
    seed: int | None = None,
    settings: Settings | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Reanalysis:
    """Reanalyze a study: audit, every applicable model and prior, and the comparison with what was printed.

    Parameters
    ----------
    study : str, Path or Study
    out : str or Path, optional
        Folder for all tables, posteriors and the report; nothing is written without it.
    models, priors : sequence, optional
        Model cards and prior sets; all that apply by default, and beside ``["joint"]``. The first prior set is the primary one.
    engine : {"auto", "exact", "nuts"}
    ci_prob : float
        Probability of all intervals, credible and recomputed, from 0.5 to 0.999; those of the paper stay as printed.
    draws, tune, chains, seed : int, optional
        Of NUTS, by default as in `bayes_ivf.defaults`; refused beside ``engine="exact"``, where nothing is drawn.
    settings : Settings, optional
        The same four as one value, in place of them.
    workers : int, optional
        Chains at a time; does not change the numbers.
    progress : callable, optional
        Called with what is being done, how much is done, and how much there is.

    Returns
    -------
    Reanalysis

    Raises
    ------
    BayesIvfError
        If something cannot be read, combined or written; nothing is half-written.
    Interrupted
        On Ctrl-C; the tables of what was finished are written to `out`, unless a finished run is there.

    Examples
    --------
    Quadrature alone, one card, one prior set:

    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05", direction="higher")
    >>> result = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    >>> row = result.comparison.iloc[0]
    >>> round(float(row.freq_p), 2), round(float(row.p_benefit), 2)
    (0.48, 0.8)
    """
    sampling = sampler_settings(engine, settings, draws=draws, tune=tune, chains=chains, seed=seed)
    check_workers(workers)
    level, loaded = check_level(ci_prob), load_study(study)
    cards, sets = load_cards(models), load_prior_sets(priors)
    if out is None:
        return _analyze(loaded, cards, sets, sampling, engine, level, workers, progress)
    from bayes_ivf.report import running, write_interrupted, write_run

    folder = Path(out)
    with running(folder, loaded):
        result = _analyze(loaded, cards, sets, sampling, engine, level, workers, progress)
        if result.interrupted:
            raise Interrupted(result.fits, write_interrupted(result, folder, cards, sets))
        if progress is not None:
            progress("writing", 0, 1)
        write_run(result, folder, cards, sets)
    return result


def _analyze(
    study: Study,
    cards: Sequence[Card],
    sets: Sequence[PriorSet],
    settings: Settings,
    engine: str,
    ci_prob: float,
    workers: int | None,
    progress: Progress | None,
) -> Reanalysis:
    report = progress or (lambda *_: None)
    clock = {"start": time.perf_counter()}
    report("audit", 0, 1)
    audited = audit(study, ci_prob=ci_prob)
    clock["audit"] = time.perf_counter()
    planned = plan(study, cards, sets)
    clock["planning"] = time.perf_counter()
    fits: tuple[Fit, ...] = ()
    widths: tuple[Mapping[str, Any], ...] = ()
    reason, interrupted = "Not estimated by these models.", False
    problems, left_out = solvable(planned.problems) if engine == "exact" else (planned.problems, ())
    reasons = {left.key[1]: f"Not estimated: {left.reason}" for left in left_out} | dict(planned.reasons)
    try:
        fits = tuple(fit_problems(problems, settings, engine, workers=workers, progress=report, ci_prob=ci_prob))
        clock["fits"] = time.perf_counter()
        primary = [fit.problem for fit in fits if fit.problem.prior_set == sets[0].id and not fit.problem.variation]
        widths = () if engine == "nuts" else tuple(evidence_by_width(primary, workers))
        clock["evidence"] = time.perf_counter()
    except KeyboardInterrupt as stopped:
        reason, interrupted = "Not estimated: the run was interrupted before.", True
        fits = stopped.fits if isinstance(stopped, Interrupted) else fits
    finished = {fit.problem.key for fit in fits}
    late = {problem.outcome for problem in problems if problem.key not in finished}
    comparisons = tuple(
        compare(audited, item, *of_record(() if item.id in late else fits, item), reasons.get(item.id, reason), ci_prob)
        for item in study.items
    )
    seconds = {name: clock[name] - clock[before] for before, name in pairwise(clock)}
    return Reanalysis(study, audited, fits, comparisons, settings, seconds, widths, interrupted, left_out, ci_prob)
