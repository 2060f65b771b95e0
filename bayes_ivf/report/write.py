"""From a reanalysis to a folder of tables, posteriors and a report; all files appear at once, or none."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import files
from bayes_ivf.cards import Card
from bayes_ivf.inference import Fit, versions
from bayes_ivf.priors import PriorSet
from bayes_ivf.report.context import read_context
from bayes_ivf.report.render import render_html, render_markdown
from bayes_ivf.spreadsheet import safe_frame
from bayes_ivf.study import Study, study_table

if TYPE_CHECKING:
    from bayes_ivf.reanalysis import Reanalysis

SCHEMA_VERSION = 1


def prepare_folder(folder: Path, study: Study) -> None:
    """Check that a run of this study may be written to a folder; see `files.claim_folder`."""
    files.claim_folder(folder, "run", study.id)


def write_run(result: Reanalysis, folder: Path, cards: Sequence[Card], sets: Sequence[PriorSet]) -> None:
    """Write everything about a run to a folder that `prepare_folder` has accepted.

    Raises
    ------
    OutputError
        If the folder cannot be written; earlier files then stand as they were.
    """
    with files.staged(folder) as staging:
        _write_data(result, staging, cards, sets)
        _write_report(staging)
    _remove_stale(folder)


def write_report(result: Reanalysis, path: Path) -> Path:
    """Write the report of a reanalysis alone, as one HTML file."""
    with tempfile.TemporaryDirectory() as name:
        staging = Path(name)
        _write_tables(result, staging)
        _write_manifest(result, staging, (), ())
        page = render_html(read_context(staging))
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(path, page)
    return path


def rebuild_report(folder: Path) -> None:
    """Rebuild report.html and report.md of a finished run from its files, without sampling.

    Raises
    ------
    OutputError
        If the folder holds no finished run.
    """
    context = read_context(folder)
    files.write_text(folder / "report.html", render_html(context))
    files.write_text(folder / "report.md", render_markdown(context))


def _write_data(result: Reanalysis, staging: Path, cards: Sequence[Card], sets: Sequence[PriorSet]) -> None:
    _write_tables(result, staging)
    posteriors = staging / "posteriors"
    posteriors.mkdir()
    for fit in result.fits:
        if fit.engine == "nuts":
            save_tree(fit, posteriors / posterior_name(fit))
    _write_manifest(result, staging, cards, sets)


def _write_tables(result: Reanalysis, staging: Path) -> None:
    tables = {
        "effects": result.effects,
        "claims": result.claims,
        "findings": result.findings,
        "comparison": result.comparison,
        "evidence": result.evidence,
        "pooling": result.pooling,
        "curves": _curves(result),
        "statements": _statements(result),
    }
    for name, table in tables.items():
        safe_frame(table).to_csv(staging / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")
    files.write_text(staging / "study.json", json.dumps(study_table(result.study), indent=2, ensure_ascii=False))


def _statements(result: Reanalysis) -> Any:
    import pandas as pd

    columns = ["study", "model", "options", "prior", "text", "probability"]
    return pd.DataFrame([asdict(each) for fit in result.fits for each in fit.statements], columns=columns)


def _curves(result: Reanalysis) -> Any:
    import pandas as pd

    frames = []
    for curve in result.curves:
        frame = pd.DataFrame(
            {"x": curve.x, "prior_density": curve.prior_density, "posterior_density": curve.posterior_density}
        )
        names = ("outcome", "label", "model", "options", "prior", "scale", "sign")
        frames.append(frame.assign(**{name: getattr(curve, name) for name in names}, p_benefit=curve.p_benefit))
    columns = [
        "outcome",
        "label",
        "model",
        "options",
        "prior",
        "scale",
        "sign",
        "p_benefit",
        "x",
        "prior_density",
        "posterior_density",
    ]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def posterior_name(fit: Fit) -> str:
    """Return a file name that every file system takes."""
    _, outcome, model, options, prior = fit.problem.key
    parts = [outcome, model, *options.replace("=", "-").split(";"), prior]
    return ".".join(part for part in parts if part) + ".nc"


def save_tree(fit: Fit, path: Path) -> None:
    """Write the complete tree of a fit as netCDF."""
    fit.tree.to_netcdf(path, engine="netcdf4")


def _write_manifest(result: Reanalysis, staging: Path, cards: Sequence[Card], sets: Sequence[PriorSet]) -> None:
    from bayes_ivf.cards import bundled_cards

    written = [path for path in sorted(staging.rglob("*")) if path.is_file()]
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "kind": "run",
        "name": result.study.id,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "settings": asdict(result.settings),
        "seconds": {name: round(value, 3) for name, value in result.seconds.items()},
        "models": {
            card.id: {"label": card.label, "rationale": card.rationale, "bundled": card.id in bundled_cards()}
            for card in cards
        },
        "priors": {each.id: {"label": each.label, "sentence": each.sentence.strip()} for each in sets},
        "fits": [
            {
                "key": list(fit.problem.key),
                "engine": fit.engine,
                "verdict": str(fit.verdict),
                "seed": fit.problem.seed(result.settings.seed),
                "problem": fit.problem.hash,
                "priors": {slot: str(prior) for slot, prior in fit.problem.priors.items()},
            }
            for fit in result.fits
        ],
        "files": {
            path.relative_to(staging).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in written
        },
    }
    files.write_text(staging / files.MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False))


def _write_report(staging: Path) -> None:
    context = read_context(staging)
    files.write_text(staging / "report.html", render_html(context))
    files.write_text(staging / "report.md", render_markdown(context))


def _remove_stale(folder: Path) -> None:
    """Remove posteriors of an earlier run that this one did not write."""
    known = set(files.read_manifest(folder)["files"])
    for path in (folder / "posteriors").glob("*.nc"):
        if path.relative_to(folder).as_posix() not in known:
            path.unlink()
