"""Gathers what a report shows from the files of a run, and names what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.auditing import BOUND, Audit, audit, held_p
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.files import read_finished
from bayes_ivf.record import record_table
from bayes_ivf.results import Curve, EffectRow, Said, Value, larger_risk, main_row
from bayes_ivf.spreadsheet import parse_table
from bayes_ivf.study import Study, parse_study

if TYPE_CHECKING:
    import pandas as pd

READINGS = "readings.json"
"""Every reading in parts; folders of earlier versions do not have it."""


@dataclass(frozen=True, eq=False)
class Context:
    """What a report shows.

    Parameters
    ----------
    study : Study
    audit : Audit
    comparison, effects : DataFrame
        As in the files of the same name.
    curves : tuple of Curve
    manifest : mapping
    statements : tuple of (str, float)
        Compound statements under the primary prior, each with its probability.
    pooling : DataFrame or None
        As in the file of the same name.
    readings : mapping of str to tuple
        Reading of every outcome in parts, its numbers kept as values.
    """

    study: Study
    audit: Audit
    comparison: pd.DataFrame
    effects: pd.DataFrame
    curves: tuple[Curve, ...]
    manifest: Mapping[str, Any]
    statements: tuple[tuple[str, float], ...] = ()
    pooling: pd.DataFrame | None = None
    readings: Mapping[str, Said] = field(default_factory=dict)

    @cached_property
    def rows(self) -> tuple[EffectRow, ...]:
        """All rows of ``effects.csv``."""
        return _rows(self.effects)

    @cached_property
    def record(self) -> tuple[EffectRow, ...]:
        """The rows that are of record: one model and one engine for every outcome, primary prior first."""
        structures = {name: str(card.get("structure", name)) for name, card in self.manifest["models"].items()}
        words = [item.id for item in self.study.items if item.kind == "claim_only"]
        # a model of embryos speaks of women too: of record is what was fitted to the outcome itself
        fitted = {(str(fit["problem"]), str(fit["key"][1])) for fit in self.manifest["fits"]}
        pairs = zip(self.effects.problem, self.effects.outcome, strict=True)
        own = [place for place, pair in enumerate(pairs) if pair in fitted]
        return _rows(record_table(self.effects.iloc[own], structures, words))

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


def context_of(result: Any) -> Context:
    """Return what the comparison of a result shows, without reading a file.

    Parameters
    ----------
    result : Reanalysis, or a compared study of a batch
        Its study, audit, fits, comparisons and their tables.
    """
    fits = [{"problem": fit.problem.hash, "key": list(fit.problem.key)} for fit in result.fits]
    models = {fit.problem.model: {"structure": fit.problem.structure} for fit in result.fits}
    readings = {row.outcome: row.said for row in result.comparisons}
    manifest = {"models": models, "fits": fits}
    return Context(result.study, result.audit, result.comparison, result.effects, (), manifest, readings=readings)


def read_context(folder: Path, manifest: Mapping[str, Any] | None = None) -> Context:
    """Read the files of a run.

    Parameters
    ----------
    folder : Path
    manifest : mapping, optional
        Of the folder, if its files were compared with it already; else they are.

    Raises
    ------
    OutputError
        If one is missing, was changed, or is of another schema version.
    """
    manifest = read_finished(folder, "run") if manifest is None else manifest
    study = parse_study(json.loads(_read(folder, "study.json")), "study.json")
    return Context(
        study,
        audit(study),
        _table(folder, "comparison"),
        _table(folder, "effects"),
        _curves(_table(folder, "curves")),
        manifest,
        _statements(_table(folder, "statements")),
        _table(folder, "pooling"),
        _readings(folder, manifest),
    )


def _rows(effects: pd.DataFrame) -> tuple[EffectRow, ...]:
    frame = effects.astype(object).where(effects.notna(), None)
    return tuple(EffectRow(**{str(name): value for name, value in row.items()}) for row in frame.to_dict("records"))


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


def _table(folder: Path, name: str) -> pd.DataFrame:
    import pandas as pd

    frame = parse_table(_read(folder, f"{name}.csv"), keep_default_na=False, na_values={})
    numbers = {"effects": "mean median sd ci_low ci_high ci_level hdi_low hdi_high p_benefit mcid p_beyond_mcid p_in_rope "
               "r_hat ess_bulk ess_tail mcse", "comparison": "freq_effect freq_ci_low freq_ci_high freq_p bayes_effect "
               "bayes_ci_low bayes_ci_high p_benefit p_beyond_mcid p_benefit_min p_benefit_max bayes_effect_min bayes_effect_max",
               "statements": "probability",
               "pooling": "separate separate_low separate_high partial partial_low partial_high complete complete_low "
               "complete_high shrinkage",
               "curves": "sign p_benefit x prior_density posterior_density"}[name].split()  # fmt: skip
    known = [column for column in numbers if column in frame]
    return frame.assign(
        **{column: pd.to_numeric(frame[column].replace(BOUND, held_p(0.0)), errors="coerce") for column in known}
    )


def _curves(table: pd.DataFrame) -> tuple[Curve, ...]:
    curves = []
    for _, part in table.groupby(["outcome", "model", "options", "prior"], sort=False):
        first = part.iloc[0]
        p_benefit = None if first.p_benefit != first.p_benefit else float(first.p_benefit)
        names: dict[str, Any] = {
            name: str(first[name]) for name in ("outcome", "label", "model", "options", "prior", "scale")
        }
        densities = {name: part[name].to_numpy() for name in ("x", "prior_density", "posterior_density")}
        engine = str(first.get("engine", "nuts"))
        curves.append(Curve(**names, sign=int(first.sign), p_benefit=p_benefit, **densities, engine=engine))
    return tuple(curves)


def _statements(table: pd.DataFrame) -> tuple[tuple[str, float], ...]:
    """Return the statements of the funnel with its default options under the primary prior, which come first."""
    keys = ["model", "options", "prior"]
    table = table[table.model == "funnel"]
    first = table[(table[keys] == table[keys].iloc[0]).all(axis=1)] if len(table) else table
    return tuple((str(row.text), float(row.probability)) for row in first.itertuples())
