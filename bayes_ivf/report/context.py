"""What a report shows: values of a run in memory, or the same values read back from its folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.auditing import Audit, audit
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.files import read_finished
from bayes_ivf.record import record_rows
from bayes_ivf.results import (
    COMPARISON,
    CURVES,
    EFFECTS,
    EVIDENCE,
    MIXTURES,
    STATEMENTS,
    ComparisonRow,
    Curve,
    EffectRow,
    EvidenceRow,
    MixedReading,
    Said,
    Statement,
    Value,
    ci_prob_of,
    curves_from,
    larger_risk,
    main_row,
)
from bayes_ivf.study import KINDS, Study, parse_study

if TYPE_CHECKING:
    import pandas as pd

READINGS = "readings.json"
"""Every reading in parts; folders of earlier versions do not have it."""
LIVE = "live.json"
"""What a page integrates, see `live_tables`; folders of earlier versions do not have it."""


@dataclass(frozen=True, eq=False)
class Context:
    """What a report shows.

    Parameters
    ----------
    study : Study
    audit : Audit
    comparisons : tuple of ComparisonRow
        With their readings in parts, as far as these are known.
    rows : tuple of EffectRow
    curves : tuple of Curve
    statements : tuple of Statement
    manifest : mapping
    evidence : tuple of EvidenceRow
        Empty where only some pages show it.
    live : mapping, optional
        What the page needs to integrate outcomes under another prior, see `live_tables`; made of the study where it is missing.
    mixed : tuple of MixedReading
        Outcomes of which several readings are open; empty where only some pages show it.
    """

    study: Study
    audit: Audit
    comparisons: tuple[ComparisonRow, ...]
    rows: tuple[EffectRow, ...]
    curves: tuple[Curve, ...]
    statements: tuple[Statement, ...]
    manifest: Mapping[str, Any]
    evidence: tuple[EvidenceRow, ...] = ()
    live: Mapping[str, Any] | None = None
    mixed: tuple[MixedReading, ...] = ()

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """Columns as in ``comparison.csv``, for figures."""
        return COMPARISON.frame(self.comparisons)

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Columns as in ``effects.csv``, for figures."""
        return EFFECTS.frame(self.rows)

    @property
    def ci_prob(self) -> float:
        """Probability of every interval."""
        return ci_prob_of(self.manifest)

    @cached_property
    def record(self) -> tuple[EffectRow, ...]:
        """The rows that are of record: one model and one engine for every outcome, primary prior first."""
        structures = {name: str(card.get("structure", name)) for name, card in self.manifest["models"].items()}
        words = [item.id for item in self.study.items if KINDS[item.kind].words]
        # a model of embryos speaks of women too: of record is what was fitted to the outcome itself
        fitted = {(str(fit["problem"]), str(fit["key"][1])) for fit in self.manifest["fits"]}
        own = [row for row in self.rows if (row.problem, row.outcome) in fitted]
        return record_rows(own, structures, words)

    def risk(self, row: EffectRow) -> float | None:
        """The larger of the arms' risks beside a risk difference, which decides its unit."""
        return larger_risk(self.rows, row)

    def of_record(self, outcome: str) -> list[EffectRow]:
        """Rows of an outcome's result of record on the scale that it is told on: every prior set, and every doubt."""
        mine = [row for row in self.record if row.outcome == outcome]
        if not mine:
            return []
        main = main_row(mine)
        return [row for row in mine if row.estimand == main.estimand]


def context_of(result: Any, manifest: Mapping[str, Any] | None = None) -> Context:
    """Return what a report shows of a result, without reading a file.

    Parameters
    ----------
    result : Reanalysis, or a compared study of a batch
        Its study, audit, fits, comparisons and rows.
    manifest : mapping, optional
        Of its run; without it, curves and statements are left out, which only a run's own page shows.
    """
    if manifest is not None:
        curves, statements = result.curves, result.statements
        evidence = EVIDENCE.rows(result.evidence)
        told = (result.study, result.audit, result.comparisons, result.rows, curves, statements, manifest, evidence)
        return Context(*told, mixed=result.mixed)
    fits = [{"problem": fit.problem.hash, "key": list(fit.problem.key)} for fit in result.fits]
    models = {fit.problem.model: {"structure": fit.problem.structure} for fit in result.fits}
    known = {"models": models, "fits": fits, "ci_prob": result.ci_prob}
    return Context(result.study, result.audit, result.comparisons, result.rows, (), (), known)


def read_context(folder: Path, manifest: Mapping[str, Any] | None = None) -> Context:
    """Read back the values of a run.

    Parameters
    ----------
    folder : Path
    manifest : mapping, optional
        Of the folder, if its files were compared with it already; else they are.

    Raises
    ------
    OutputError
        If a file is missing, was changed, or is of another schema version.
    """
    manifest = read_finished(folder, "run") if manifest is None else manifest
    study = parse_study(json.loads(_read(folder, "study.json")), "study.json")
    readings = _readings(folder, manifest)
    comparisons = COMPARISON.rows(COMPARISON.read(folder))
    study = as_individual(study, [row.outcome for row in comparisons if not KINDS[row.kind].in_files])
    return Context(
        study,
        audit(study, ci_prob=ci_prob_of(manifest)),
        tuple(replace(row, said=readings.get(row.outcome, ())) for row in comparisons),
        EFFECTS.rows(EFFECTS.read(folder)),
        curves_from(CURVES.read(folder)),
        STATEMENTS.rows(STATEMENTS.read(folder)),
        manifest,
        EVIDENCE.rows(EVIDENCE.read(folder)) if EVIDENCE.file in manifest["files"] else (),
        json.loads(_read(folder, LIVE)) if LIVE in manifest["files"] else None,
        MIXTURES.rows(MIXTURES.read(folder)) if MIXTURES.file in manifest["files"] else (),
    )


def summed_up(study: Study) -> tuple[str, ...]:
    """Return the outcomes that were summed up from rows of women; no file says so of them."""
    return tuple(item.id for item in study.items if not KINDS[item.kind].in_files)


def as_individual(study: Study, outcomes: Iterable[str]) -> Study:
    """Return a study, as its file has it, whose outcomes of these ids are known to be summed up from rows of women."""
    (kind,) = (kind.name for kind in KINDS.values() if not kind.in_files)
    known = set(outcomes)
    return replace(study, items=tuple(replace(item, kind=kind) if item.id in known else item for item in study.items))


def _readings(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Said]:
    if READINGS not in manifest["files"]:
        return {}
    stored = json.loads(_read(folder, READINGS))
    return {
        str(outcome): tuple(Value(**part) if isinstance(part, dict) else str(part) for part in parts)
        for outcome, parts in stored.items()
    }


def _read(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise OutputError(
            Fault(str(folder / name), "no readable file", "a finished run", "run the study again")
        ) from None
