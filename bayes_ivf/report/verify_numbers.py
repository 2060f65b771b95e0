"""What a page embeds, computed anew from the study, the model cards and the prior sets beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.inference import Fit, evidence_by_width, exact_key, fit_problems, solvable
from bayes_ivf.priors import bundled_prior_sets, load_prior_set
from bayes_ivf.record import of_record, record_fits
from bayes_ivf.report.context import Context
from bayes_ivf.report.rebuilt import Rebuilt
from bayes_ivf.report.verify_cause import affected, cause_of
from bayes_ivf.report.verify_mixtures import mixture_differences
from bayes_ivf.report.verify_rows import INNER, AsShown, close, row_differences, same_bits, within_errors
from bayes_ivf.report.verify_text import Difference
from bayes_ivf.results import (
    COMPARISON,
    EFFECTS,
    EVIDENCE,
    STATEMENTS,
    Curve,
    EvidenceRow,
    Value,
    compare,
    effect_curve,
)
from bayes_ivf.study import KINDS, bundled_studies, load_study, study_table

Progress = Callable[[str, int, int], None]
_KEY = ("outcome", "model", "options", "prior", "engine", "estimand")
_NOT_BY_THESE = "Not estimated by these models."
"""Why an outcome of a finished run has no numbers, where nothing else is said."""


@dataclass
class Recomputed:
    """What was computed anew, and what of it is otherwise than on the page.

    Parameters
    ----------
    exact, sampled : int
        Rows that were computed anew.
    kept : int
        Rows of draws that were not.
    women : int
        Rows of outcomes of individual women, of whom nothing is embedded.
    differences : list of Difference
    notes : list of str
        What could not be compared, and why.
    cause : str
        Why much of it is otherwise at once, in one sentence; empty if nothing is known of it.
    """

    exact: int = 0
    sampled: int = 0
    kept: int = 0
    women: int = 0
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cause: str = ""


def recompute(
    context: Context, *, sample: bool, workers: int | None, progress: Progress, same_place: bool
) -> Recomputed:
    """Compute anew what a page embeds.

    Parameters
    ----------
    context : Context
    sample : bool
        Whether draws are made again, too.
    workers : int, optional
    progress : callable
        Called with what is being done, how much is done, and how much there is.
    same_place : bool
        Whether versions and processor are those of the page, so that draws must be the same.
    """
    found = Recomputed()
    found.kept = sum(row.engine != "exact" for row in context.rows)
    if not context.manifest.get("cards") or not context.manifest.get("prior_sets"):
        found.notes.append(
            "Exact rows cannot be computed anew: the page embeds no model cards and prior sets, since its folder is of an "
            "earlier version."
        )
        return found
    progress("planning", 0, 1)
    rebuilt = Rebuilt(context)
    found.women = sum(row.outcome in rebuilt.women for row in context.rows)
    if rebuilt.women:
        found.notes.append(
            f"Rows of individual women are never embedded, so numbers of {', '.join(sorted(rebuilt.women))} are compared with "
            "the embedded table only."
        )
    found.notes += _other_than_bundled(rebuilt)
    found.cause = cause_of(rebuilt)
    problems = _problems(rebuilt)
    if found.cause:  # which says the same in one sentence
        problems = [replace(each, inner=True) for each in problems]
    found.differences += _comparison(rebuilt, found) + _words(rebuilt) + problems
    fits = _exact(rebuilt, found, workers, progress)
    found.differences += _evidence(rebuilt, fits, workers) + _curves(rebuilt, fits) + mixture_differences(rebuilt)
    if sample:
        _sampled(rebuilt, found, workers, progress, same_place)
    return found


def _other_than_bundled(rebuilt: Rebuilt) -> list[str]:
    """Name what bears the name of something in this package and is something else, as of another version or another hand."""
    study, studies = rebuilt.context.study, bundled_studies()
    known: list[tuple[str, str, bool]] = [
        *(("model card", each.id, each.id in bundled_cards() and load_card(each.id) != each) for each in rebuilt.cards),
        *(
            ("prior set", each.id, each.id in bundled_prior_sets() and load_prior_set(each.id) != each)
            for each in rebuilt.sets
        ),
        ("study", study.id, study.id in studies and study_table(load_study(study.id)) != study_table(study)),
    ]
    return [
        f"The embedded {what} {name} is not the one of that name in this package."
        for what, name, other in known
        if other
    ]


def _words(rebuilt: Rebuilt) -> list[Difference]:
    """Names and sentences of cards and prior sets, told twice."""
    manifest = rebuilt.context.manifest
    told = {(kind, name): dict(words) for kind in ("models", "priors") for name, words in manifest[kind].items()}
    right: dict[tuple[str, str], dict[str, Any]] = {
        ("models", card.id): {
            "label": card.label,
            "rationale": card.rationale,
            "formulas": list(card.formulas),
            "structure": card.structure,
        }
        for card in rebuilt.cards
    }
    right |= {("priors", each.id): {"label": each.label, "sentence": each.sentence.strip()} for each in rebuilt.sets}
    found = []
    for key in dict.fromkeys((*told, *right)):
        mine = {name: value for name, value in told.get(key, {}).items() if name != "bundled"}
        if key[0] == "models" and mine:
            mine.setdefault("formulas", [])  # pages of folders that had none
        if mine != right.get(key, {}):
            found.append(Difference(f"{key[0]}: {key[1]}", str(mine)[:300], str(right.get(key, {}))[:300]))
    return found


def _problems(rebuilt: Rebuilt) -> list[Difference]:
    """Fits whose problem, seed or priors do not follow from study, cards and prior sets."""
    found = []
    for fit, problem in rebuilt.fits():
        if rebuilt.of_women(fit):
            continue
        where = f"fit {' / '.join(part for part in fit['key'] if part)}"
        if problem is None:
            found.append(Difference(where, "a fit", "no such fit of the embedded study, model cards and prior sets"))
            continue
        right = {
            "problem": problem.hash,
            "seed": problem.seed(rebuilt.settings.seed),
            "priors": {slot: str(prior) for slot, prior in problem.priors.items()},
        }
        found += [
            Difference(f"{where}: {name}", str(fit[name]), str(value), name in INNER)
            for name, value in right.items()
            if fit[name] != value
        ]
    if rebuilt.context.manifest["status"] == "finished":
        there = {tuple(fit["key"]) for fit in rebuilt.context.manifest["fits"]}
        left = {tuple(each["key"]) for each in rebuilt.context.manifest.get("left_out", ())}
        lost = [key for key in rebuilt.problems if key not in there | left]
        found += [
            Difference(f"fit {' / '.join(filter(None, key))}", "no such fit", "a fit of the plan") for key in lost
        ]
    if rebuilt.context.manifest.get("left_out"):
        reasons = {each.key: each.reason for each in solvable(rebuilt.plan.problems)[1]}
        found += [
            Difference(
                f"left out: {' / '.join(filter(None, each['key']))}",
                each["reason"],
                reasons.get(tuple(each["key"]), "nothing"),
            )
            for each in rebuilt.context.manifest["left_out"]
            if each["reason"] != reasons.get(tuple(each["key"])) and not rebuilt.of_women(each)
        ]
    return found


def _exact(rebuilt: Rebuilt, found: Recomputed, workers: int | None, progress: Progress) -> list[Fit]:
    """Solve what quadrature solved, and compare its rows."""
    context = rebuilt.context
    shown = [row for row in context.rows if row.engine == "exact" and row.outcome not in rebuilt.women]
    if not shown:
        return []
    hashes = {row.problem for row in shown}
    whole = context.manifest["status"] == "finished"
    chosen = [each for each in rebuilt.plan.problems if exact_key(each) and (whole or each.hash in hashes)]
    fits = fit_problems(
        chosen, rebuilt.settings, "exact", workers=workers, progress=progress, ci_prob=context.ci_prob
    ) if chosen else []  # fmt: skip
    anew = tuple(dict.fromkeys(row for fit in fits for row in fit.rows))
    known = {each.hash for each in rebuilt.plan.problems}
    mine = [row for row in shown if not rebuilt.women or row.problem in known]
    found.differences += row_differences(EFFECTS, mine, anew, _KEY, AsShown(context.rows))
    found.exact = len(anew)
    return fits


def _evidence(rebuilt: Rebuilt, fits: Sequence[Fit], workers: int | None) -> list[Difference]:
    """Marginal likelihoods and Bayes factors."""
    mine = [row for row in rebuilt.context.evidence if row.outcome not in rebuilt.women]
    if not mine or not fits:
        return []
    primary = [each for each in rebuilt.plan.problems if each.prior_set == rebuilt.sets[0].id and not each.variation]
    values = [*(fit.evidence for fit in fits), *evidence_by_width(primary, workers)]
    anew = [EvidenceRow(**each) for each in values if each]
    # outcomes known from the same words share a problem, and its row is there once for each
    return row_differences(EVIDENCE, dict.fromkeys(mine), dict.fromkeys(anew), EVIDENCE.keys, close)


def _curves(rebuilt: Rebuilt, fits: Sequence[Fit]) -> list[Difference]:
    """Densities by quadrature, of which only a picture is shown."""
    solved = {fit.problem.key: fit for fit in fits}
    others = affected(rebuilt)
    drawn = {(each.outcome, each.model, each.options, each.prior): each for each in rebuilt.context.curves}
    found = []
    for item in rebuilt.study.items:
        mine = record_fits(rebuilt.as_embedded, item) if item.id not in others else []
        exact = solved.get(mine[0].problem.key) if mine and mine[0].told.engine == "exact" else None
        if item.role != "outcome" or KINDS[item.kind].words or exact is None:
            continue
        anew = effect_curve(exact)
        shown = None if anew is None else drawn.get((anew.outcome, anew.model, anew.options, anew.prior))
        if anew is not None and (shown is None or not _same_curve(shown, anew)):
            found.append(Difference(f"curve of {item.id}", "another curve, or none", "that of the embedded study"))
    return found


def _same_curve(shown: Curve, anew: Curve) -> bool:
    words = ("label", "scale", "sign", "engine")
    if any(getattr(shown, name) != getattr(anew, name) for name in words) or not close(shown, anew, "p_benefit"):
        return False
    pairs = [(getattr(shown, name), getattr(anew, name)) for name in ("x", "prior_density", "posterior_density")]
    return all(
        a.shape == b.shape
        and np.allclose(a, b, rtol=1e-5, atol=1e-6 * float(np.nanmax(np.abs(b), initial=0.0)), equal_nan=True)
        for a, b in pairs
    )


def _comparison(rebuilt: Rebuilt, found: Recomputed) -> list[Difference]:
    """The comparison and its sentences, made anew from the page's own rows, so that draws need not be made again."""
    context = rebuilt.context
    if context.manifest["status"] != "finished":
        found.notes.append("The comparison is of a run that has not finished, and was not made anew.")
        return []
    left = {each["key"][1]: f"Not estimated: {each['reason']}" for each in context.manifest.get("left_out", ())}
    reasons = left | dict(rebuilt.plan.reasons)
    shown = {row.outcome: row for row in context.comparisons}
    fits, anew, others = rebuilt.as_embedded, [], affected(rebuilt)
    differences = []
    for item in rebuilt.study.items:
        if item.id in others:
            continue
        made = of_record(fits, item)
        row = compare(context.audit, item, *made, reasons.get(item.id, _NOT_BY_THESE), context.ci_prob)
        anew.append(row)
        if item.id in shown and not _same_said(shown[item.id].said, row.said):
            differences.append(Difference(f"sentence of {item.id}", shown[item.id].reading[:300], row.reading[:300]))
    mine = [row for row in context.comparisons if row.outcome not in rebuilt.women | others]
    return differences + row_differences(COMPARISON, mine, anew, COMPARISON.keys, close)


def _same_said(shown: Iterable[str | Value], anew: Iterable[str | Value]) -> bool:
    """Whether two sentences have the same words and numbers; folders of earlier versions have none in parts."""
    here, there = tuple(shown), tuple(anew)
    if not here:
        return True
    return len(here) == len(there) and all(
        a == b
        or (
            isinstance(a, Value)
            and isinstance(b, Value)
            and a.key == b.key
            and a.text == b.text
            and close(a, b, "value")
        )
        for a, b in zip(here, there, strict=True)
    )


def _sampled(rebuilt: Rebuilt, found: Recomputed, workers: int | None, progress: Progress, same_place: bool) -> None:
    """Draw again what was drawn, with the embedded seeds, and compare rows and statements."""
    problems = [problem for fit, problem in rebuilt.fits() if fit["engine"] != "exact" and problem is not None]
    if not problems:
        return
    context, level = rebuilt.context, rebuilt.context.ci_prob
    fits = fit_problems(problems, rebuilt.settings, "nuts", workers=workers, progress=progress, ci_prob=level)
    anew = tuple(dict.fromkeys(row for fit in fits for row in fit.rows))
    hashes = {fit.problem.hash for fit in fits}
    mine = [row for row in context.rows if row.engine != "exact" and row.problem in hashes]
    same = same_bits if same_place else within_errors
    found.differences += row_differences(EFFECTS, mine, anew, _KEY, same)
    if same_place:
        models = {(fit.problem.model, fit.problem.prior_set) for fit in fits}
        said = [each for each in context.statements if (each.model, each.prior) in models]
        made = [each for fit in fits for each in fit.statements]
        found.differences += row_differences(STATEMENTS, said, made, STATEMENTS.keys, same_bits)
    else:
        found.notes.append(
            "Draws were made by other versions or another processor, and agree within 4 Monte Carlo errors."
        )
    found.sampled, found.kept = len(anew), found.kept - len(mine)
