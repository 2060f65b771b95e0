"""From a reanalysis to a folder of tables, posteriors and a report; all files appear at once, or none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import files
from bayes_ivf.cards import Card, bundled_cards
from bayes_ivf.inference import Earlier, versions
from bayes_ivf.lock import locked
from bayes_ivf.priors import PriorSet
from bayes_ivf.report.context import LIVE, READINGS, Context, context_of, read_context
from bayes_ivf.report.kept_fits import NAME, kept_text
from bayes_ivf.report.live import live_of_fits
from bayes_ivf.report.render import render_html, render_markdown
from bayes_ivf.report.sources import card_table, set_table
from bayes_ivf.report.trees import Trees, posterior_name, trees_in
from bayes_ivf.results import (
    CLAIMS,
    COMPARISON,
    CURVES,
    EFFECTS,
    EVIDENCE,
    FINDINGS,
    JOINT,
    MIXTURES,
    POOLING,
    STATEMENTS,
    Table,
    Value,
    new_manifest,
)
from bayes_ivf.study import Study, study_table

if TYPE_CHECKING:
    import pandas as pd

    from bayes_ivf.run_result import Reanalysis

PAGES = ("report.html", "report.md")
"""Made from the other files, so that they can be made again; the manifest leaves them out."""


@contextmanager
def running(folder: Path, study: Study) -> Iterator[Trees]:
    """Hold a folder for a run of this study, with a place for its trees; see `files.claim_folder` and `lock.locked`."""
    files.claim_folder(folder, "run", study.id)
    with locked(folder), trees_in(folder) as trees:
        yield trees


def write_run(
    result: Reanalysis,
    folder: Path,
    cards: Sequence[Card],
    sets: Sequence[PriorSet],
    earlier: Earlier | None = None,
    trees: Trees | None = None,
) -> None:
    """Write everything about a run to a folder that `running` holds; trees of fits that were kept are copied.

    Raises
    ------
    OutputError
        If the folder cannot be written; earlier files then stand as they were.
    """
    with files.staged(folder) as staging:
        live = live_of_fits(result.fits, result.study)
        manifest = _write_data(result, staging, cards, sets, live, earlier, trees)
        _write_pages(replace(context_of(result, manifest), live=live), staging)
    files.remove_stale(folder, "posteriors/*.nc", JOINT.file)


def write_first(result: Reanalysis, folder: Path, cards: Sequence[Card], sets: Sequence[PriorSet]) -> bool:
    """Write what quadrature gives of a run before it samples, unless the folder holds a finished run; say whether it was."""
    if _status(folder) == "finished":
        return False
    write_run(result, folder, cards, sets)
    return True


def write_interrupted(
    result: Reanalysis, folder: Path, cards: Sequence[Card], sets: Sequence[PriorSet], *, first: bool = False
) -> str:
    """Write the tables of a run that was stopped, and return what is kept and how to go on.

    Draws and pages take longer than somebody who pressed Ctrl-C waits. An earlier run that was finished, or this one's report
    by quadrature (`first`), is worth more than part of this one, and stays.
    """
    go_on = "the same command starts again."
    if first:
        return f"Interrupted while it sampled: the report by quadrature stays in {folder}; {go_on}"
    if not result.fits:
        return f"Interrupted before a fit was finished; {folder} is as it was; {go_on}"
    done = f"{len(result.fits)} {'fit was' if len(result.fits) == 1 else 'fits were'} finished"
    if _status(folder) not in ("", "interrupted"):
        return f"Interrupted: {done} and not kept, since {folder} holds an earlier run, which stays as it was; {go_on}"
    with files.staged(folder) as staging:
        _write_data(result, staging, cards, sets, live_of_fits(result.fits, result.study))
    return (
        f"Interrupted: {done}; their tables are kept in {folder}, without draws. "
        f"`bayes-ivf report {folder}` makes a page of them; {go_on}"
    )


def _status(folder: Path) -> str:
    """Return the status of the run that a folder holds; nothing where there is none."""
    return str(files.read_manifest(folder).get("status")) if (folder / files.MANIFEST).exists() else ""


def write_report(result: Reanalysis, path: Path) -> Path:
    """Write the report of a reanalysis alone, as one HTML file."""
    page = render_html(context_in_memory(result))
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(path, page)
    return path


def context_in_memory(result: Reanalysis) -> Context:
    """Return what a result that lies in no folder shows."""
    known = context_of(result, _manifest(result, result.cards, result.sets))
    return replace(known, live=live_of_fits(result.fits, result.study))


def rebuild_report(folder: Path) -> str:
    """Rebuild report.html and report.md of a run from its files, without sampling; return the run's status.

    Returns
    -------
    str
        ``finished``, ``interrupted``, or ``stopped``: by quadrature alone, since the run ended while it sampled.

    Raises
    ------
    OutputError
        If the folder holds no finished run, or one with damaged files; everything then stays as it was.
    """
    manifest = files.read_finished(folder, "run")  # before a lock leaves a trace in a foreign folder
    with locked(folder):
        same = files.read_manifest(folder) == manifest  # else another run has ended in between
        context = read_context(folder, manifest if same else None)
        if context.manifest["status"] == "sampling":  # nobody samples while the lock is held here
            context = replace(context, manifest={**context.manifest, "status": "stopped"})
        _write_pages(context, folder)
    return str(context.manifest["status"])


def _write_data(
    result: Reanalysis,
    staging: Path,
    cards: Sequence[Card],
    sets: Sequence[PriorSet],
    live: Mapping[str, Any],
    earlier: Earlier | None = None,
    trees: Trees | None = None,
) -> dict[str, Any]:
    """Write tables, draws and manifest; return the manifest."""
    drawn = trees or Trees(staging)
    frames: dict[Table[Any], pd.DataFrame] = {
        EFFECTS: result.effects,
        EVIDENCE: result.evidence,
        CLAIMS: result.claims,
        FINDINGS: result.findings,
        COMPARISON: result.comparison,
        POOLING: result.pooling,
        CURVES: CURVES.frame(result.curves),
        STATEMENTS: STATEMENTS.frame(result.statements),
    }
    if len(result.joint):
        frames[JOINT] = result.joint
    if len(result.mixtures):
        frames[MIXTURES] = result.mixtures
    for table, frame in frames.items():
        table.write(frame, staging)
    files.write_text(staging / READINGS, _readings(result))
    files.write_text(staging / LIVE, json.dumps(live, separators=(",", ":")))
    files.write_text(staging / "study.json", json.dumps(study_table(result.study), indent=2, ensure_ascii=False))
    # draws take longer than somebody who pressed Ctrl-C waits
    tree_files = {}
    for fit in () if result.interrupted else result.fits:
        if fit.engine == "nuts":
            path = staging / "posteriors" / posterior_name(fit)
            path.parent.mkdir(exist_ok=True)
            kept = None if earlier is None else earlier.tree(fit)
            if kept is None:
                drawn.move(fit, path)
            else:
                shutil.copyfile(kept, path)
            tree_files[fit.problem.hash] = path.relative_to(staging).as_posix()
    files.write_text(staging / NAME, kept_text(result.fits, result.settings, result.ci_prob, tree_files))
    manifest = _manifest(result, cards, sets) | {"files": files.checksums(staging)}
    files.write_manifest(staging, manifest)
    return manifest


def _readings(result: Reanalysis) -> str:
    """Every reading in parts, so that a page knows which number stands where."""
    parts = {
        row.outcome: [asdict(part) if isinstance(part, Value) else part for part in row.said]
        for row in result.comparisons
    }
    return json.dumps(parts, indent=1, ensure_ascii=False)


def _manifest(result: Reanalysis, cards: Sequence[Card], sets: Sequence[PriorSet]) -> dict[str, Any]:
    bundled = bundled_cards()
    return new_manifest(
        "run",
        result.study.id,
        result.status,
        result.settings,
        result.ci_prob,
        versions(),
        seconds={name: round(value, 3) for name, value in result.seconds.items()},
        models={
            card.id: {
                "label": card.label,
                "rationale": card.rationale,
                "formulas": list(card.formulas),
                "structure": card.structure,
                "bundled": card.id in bundled,
            }
            for card in cards
        },
        priors={each.id: {"label": each.label, "sentence": each.sentence.strip()} for each in sets},
        fits=[
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
        left_out=[{"key": list(each.key), "reason": each.reason} for each in result.left_out],
        cards={card.id: card_table(card) for card in cards},
        prior_sets={each.id: set_table(each) for each in sets},
        **_waiting(result),
    )


def _waiting(result: Reanalysis) -> dict[str, Any]:
    """Tell what is still to be sampled, and whether quadrature has answered it meanwhile."""
    answered = {fit.problem.key for fit in result.fits}
    waiting = [
        {
            "key": list(problem.key),
            "answered": problem.key in answered,
            "about": list(dict.fromkeys([problem.label, *(place.label for place in problem.places.values())])),
        }
        for problem in result.waiting
    ]
    return {"waiting": waiting} if waiting else {}


def _write_pages(context: Context, folder: Path) -> None:
    for name, render in zip(PAGES, (render_html, render_markdown), strict=True):
        files.write_text(folder / name, render(context))
