"""The page of a study of a batch: that of a run, of what the batch kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from bayes_ivf.auditing import Audit, ClaimRow
from bayes_ivf.batches.comparison import Compared
from bayes_ivf.batches.index_page import prior_words
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.inference import Fit

if TYPE_CHECKING:
    from bayes_ivf.report import Context

OF_THE_BATCH = ("settings", "versions", "ci_prob", "status")
"""Entries of a batch's manifest that hold for each of its studies."""


class Unclaimed(Audit):
    """The audit of a study that claims nothing: its exact tests would take longer than all else of its page."""

    @cached_property
    def ledger(self) -> tuple[ClaimRow, ...]:
        """No row, since nothing was claimed."""
        return ()


def study_context(compared: Compared, manifest: Mapping[str, Any]) -> Context:
    """Return what the page of a study shows, with a manifest as its own run would have.

    Parameters
    ----------
    compared : Compared
    manifest : mapping
        Of the batch.
    """
    from bayes_ivf.report import context_of

    context = context_of(compared)
    used = dict.fromkeys(fit.problem.prior_set for fit in compared.fits)
    asked = [name for name in manifest.get("priors", ()) if name in used]
    own = {
        "written_at": manifest["written_at"][:10],
        "models": {fit.problem.model: _model(fit.problem.model, fit.problem.structure) for fit in compared.fits},
        "priors": {name: prior_words(name) for name in dict.fromkeys([*asked, *used])},
        "fits": [_fit(fit) for fit in compared.fits],
    }
    kept = {name: manifest[name] for name in OF_THE_BATCH if name in manifest}
    return replace(context, audit=_audit(compared), manifest={**context.manifest, **kept, **own})


def render_page(compared: Compared, context: Context, manifest: Mapping[str, Any], *, drawn: bool) -> str:
    """Return the page of a study.

    Parameters
    ----------
    compared : Compared
    context : Context
    manifest : mapping
        Of the batch.
    drawn : bool
        Whether there is anything to draw.
    """
    from markupsafe import Markup

    from bayes_ivf.report import lay_out, page_environment, render_study

    forest = Markup()
    if drawn:
        template = page_environment().get_template("forest.html")
        forest = Markup(template.render(picture=lay_out(compared)))  # noqa: S704  escaped by the template
    notes = [(item.label, item.note) for item in compared.study.items if item.note]
    return render_study(context, forest, notes=notes, command=_command(manifest))


def _audit(compared: Compared) -> Audit:
    audit = compared.audit
    if any(item.claim is not None for item in compared.study.items):
        return audit
    return Unclaimed(**{field.name: getattr(audit, field.name) for field in fields(audit)})


def _fit(fit: Fit) -> dict[str, Any]:
    return {
        "key": list(fit.problem.key),
        "engine": fit.engine,
        "verdict": str(fit.verdict),
        "problem": fit.problem.hash,
    }


@cache
def _model(model: str, structure: str) -> dict[str, Any]:
    """Return what a page says of a model; of a card that is not bundled its name stands for its label."""
    if model not in bundled_cards():
        return {"label": model.replace("_", " "), "rationale": "", "structure": structure}
    card = load_card(model)
    return {"label": card.label, "rationale": card.rationale, "formulas": list(card.formulas), "structure": structure}


def _command(manifest: Mapping[str, Any]) -> str:
    """Return the command that fits the study again, its source left open."""
    options = [f"--{kind} {name}" for kind in ("models", "priors") for name in manifest.get(kind, ())]
    seed = f"--seed {manifest['settings']['seed']}"
    return " ".join(["bayes-ivf batch SOURCE", *options, f"--engine {manifest['engine']}", seed, "--out DIR"])
