"""From a reanalysis to a folder of tables, posteriors and a report; all files appear at once, or none."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import files
from bayes_ivf.cards import Card
from bayes_ivf.inference import Fit, versions
from bayes_ivf.lock import locked
from bayes_ivf.priors import PriorSet
from bayes_ivf.report.context import READINGS, read_context
from bayes_ivf.report.render import render_html, render_markdown
from bayes_ivf.results import Value, written_comparison
from bayes_ivf.spreadsheet import safe_frame
from bayes_ivf.study import Study, study_table

if TYPE_CHECKING:
    from bayes_ivf.reanalysis import Reanalysis

PAGES = ("report.html", "report.md")
"""Made from the other files, so that they can be made again; the manifest leaves them out."""


@contextmanager
def running(folder: Path, study: Study) -> Iterator[None]:
    """Hold a folder for a run of this study; see `files.claim_folder` and `lock.locked`."""
    files.claim_folder(folder, "run", study.id)
    with locked(folder):
        yield


def write_run(result: Reanalysis, folder: Path, cards: Sequence[Card], sets: Sequence[PriorSet]) -> None:
    """Write everything about a run to a folder that `running` holds.

    Raises
    ------
    OutputError
        If the folder cannot be written; earlier files then stand as they were.
    """
    with files.staged(folder) as staging:
        _write_data(result, staging, cards, sets)
        _write_report(staging)
    _remove_stale(folder)


def write_interrupted(result: Reanalysis, folder: Path, cards: Sequence[Card], sets: Sequence[PriorSet]) -> str:
    """Write the tables of a run that was stopped, and return what is kept and how to go on.

    Draws and pages take longer than somebody who pressed Ctrl-C waits. An earlier run that was finished is worth more than part
    of this one, and stays.
    """
    go_on = "the same command starts again."
    if not result.fits:
        return f"Interrupted before a fit was finished; {folder} is as it was; {go_on}"
    done = f"{len(result.fits)} {'fit was' if len(result.fits) == 1 else 'fits were'} finished"
    if (folder / files.MANIFEST).exists() and files.read_manifest(folder).get("status") != "interrupted":
        return f"Interrupted: {done} and not kept, since {folder} holds an earlier run, which stays as it was; {go_on}"
    with files.staged(folder) as staging:
        _write_tables(result, staging)
        _write_manifest(result, staging, cards, sets)
    return (
        f"Interrupted: {done}; their tables are kept in {folder}, without draws. "
        f"`bayes-ivf report {folder}` makes a page of them; {go_on}"
    )


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
        If the folder holds no finished run, or one with damaged files; everything then stays as it was.
    """
    manifest = files.read_finished(folder, "run")  # before a lock leaves a trace in a foreign folder
    with locked(folder):
        same = files.read_manifest(folder) == manifest  # else another run has ended in between
        _write_report(folder, manifest if same else None)


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
        "findings": result.findings,
        "comparison": written_comparison(result.comparison),
        "evidence": result.evidence,
        "pooling": result.pooling,
        "curves": _curves(result),
        "statements": _statements(result),
    }
    for name, table in tables.items():
        safe_frame(table).to_csv(staging / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")
    # A P too small for a float is a bound here, as in the audit's own output.
    files.write_text(staging / "claims.csv", result.audit.to_csv("claims"))
    files.write_text(staging / READINGS, _readings(result))
    files.write_text(staging / "study.json", json.dumps(study_table(result.study), indent=2, ensure_ascii=False))


def _statements(result: Reanalysis) -> Any:
    import pandas as pd

    columns = ["study", "model", "options", "prior", "text", "probability"]
    return pd.DataFrame([asdict(each) for fit in result.fits for each in fit.statements], columns=columns)


def _readings(result: Reanalysis) -> str:
    """Every reading in parts, so that a page knows which number stands where."""
    parts = {
        row.outcome: [asdict(part) if isinstance(part, Value) else part for part in row.said]
        for row in result.comparisons
    }
    return json.dumps(parts, indent=1, ensure_ascii=False)


def _curves(result: Reanalysis) -> Any:
    import pandas as pd

    frames = []
    for curve in result.curves:
        frame = pd.DataFrame(
            {"x": curve.x, "prior_density": curve.prior_density, "posterior_density": curve.posterior_density}
        )
        names = ("outcome", "label", "model", "options", "prior", "scale", "sign")
        frame = frame.assign(**{name: getattr(curve, name) for name in names}, p_benefit=curve.p_benefit)
        frames.append(frame.assign(engine=curve.engine))
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
        "engine",
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

    manifest = {
        "schema_version": files.SCHEMA_VERSION,
        "kind": "run",
        "name": result.study.id,
        "status": "interrupted" if result.interrupted else "finished",
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "settings": asdict(result.settings),
        "seconds": {name: round(value, 3) for name, value in result.seconds.items()},
        "models": {
            card.id: {
                "label": card.label,
                "rationale": card.rationale,
                "structure": card.structure,
                "bundled": card.id in bundled_cards(),
            }
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
        "left_out": [{"key": list(each.key), "reason": each.reason} for each in result.left_out],
        "files": files.checksums(staging),
    }
    files.write_manifest(staging, manifest)


def _write_report(folder: Path, manifest: Mapping[str, Any] | None = None) -> None:
    context = read_context(folder, manifest)
    for name, render in zip(PAGES, (render_html, render_markdown), strict=True):
        files.write_text(folder / name, render(context))


def _remove_stale(folder: Path) -> None:
    """Remove posteriors of an earlier run that this one did not write."""
    known = set(files.read_manifest(folder)["files"])
    for path in (folder / "posteriors").glob("*.nc"):
        if path.relative_to(folder).as_posix() not in known:
            path.unlink()
