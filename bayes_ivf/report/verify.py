"""A page that proves itself: made anew from what it embeds, its exact numbers computed anew, and every difference told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from bayes_ivf.errors import BayesIvfError
from bayes_ivf.inference import versions
from bayes_ivf.report.columns import damaged
from bayes_ivf.report.context import Context
from bayes_ivf.report.live import live_of_study
from bayes_ivf.report.live_tables import with_kept_tables
from bayes_ivf.report.payload import CLOSE, OPEN, context_from, payload_of, payload_text, written_with
from bayes_ivf.report.render import render_html
from bayes_ivf.report.sources import card_from, set_from
from bayes_ivf.report.verify_numbers import Progress, Recomputed, recompute
from bayes_ivf.report.verify_page import parts_of, read_page, read_payload
from bayes_ivf.report.verify_text import Difference, text_differences, without_pictures

HOSTILE = (ArithmeticError, AttributeError, AssertionError, LookupError, TemplateError, TypeError, ValueError,
           RecursionError)  # fmt: skip
"""What code raises that is given rows no run can have made."""


@dataclass(frozen=True)
class Verification:
    """What was found of a page.

    Parameters
    ----------
    study : str
        Its id.
    characters : int
        Of the page.
    text : tuple of Difference
        Where the page is another text than what it embeds gives.
    numbers : Recomputed
        What was computed anew.
    notes : tuple of str
        What could not be compared, and why.
    other_state : bool
        Whether the page was written by another version or state of this package.
    """

    study: str
    characters: int
    text: tuple[Difference, ...]
    numbers: Recomputed
    notes: tuple[str, ...]
    other_state: bool = False

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All that is otherwise than it should be; hashes, seeds and keys last."""
        return tuple(sorted((*self.text, *self.numbers.differences), key=lambda each: each.inner))

    @property
    def cause(self) -> str:
        """Why much is otherwise at once, in one sentence; empty if nothing is known of it."""
        return self.numbers.cause


def verify_page(
    path: str | Path, *, sample: bool = False, workers: int | None = None, progress: Progress | None = None
) -> Verification:
    """Compare a page with what it embeds.

    Parameters
    ----------
    path : str or Path
        A report.html, from whomever; it is read, and nothing of it is run, opened or written.
    sample : bool
        Whether rows of draws are made anew as well, with the embedded seeds.
    workers : int, optional
        Threads; does not change the numbers.
    progress : callable, optional
        Called with what is being done, how much is done, and how much there is.

    Returns
    -------
    Verification

    Raises
    ------
    OutputError, StudyError, CardError, PriorError
        If it is no page of this package, too large, or its data are damaged.
    """
    tell = progress or (lambda *_: None)
    where = str(path)
    page = read_page(Path(path))
    tell("page", 0, 1)
    before, block, after = parts_of(page, where)
    payload = read_payload(block, where)
    try:
        context, tables = _with_tables(context_from(payload, where), where)
        made, own = payload["written_with"], written_with()
        same_place = made["machine"] == own["machine"] and dict(context.manifest["versions"]) == versions()
        notes, pictures = _notes(made, own, same_place)
        text = _text(before, after, context, pictures=pictures, tolerant=not same_place)
        text += _data(block, payload, context) + tables
        numbers = recompute(context, sample=sample, workers=workers, progress=tell, same_place=same_place)
    except BayesIvfError:
        raise
    except HOSTILE as reason:
        raise damaged(where, f"data that no run can have made ({type(reason).__name__})") from reason
    return Verification(context.study.id, len(page), text, numbers, (*notes, *numbers.notes), _other_state(made, own))


def _with_tables(context: Context, where: str) -> tuple[Context, tuple[Difference, ...]]:
    """Make the tables of the section "Try another prior" anew; those of the page stay where they say the same."""
    cards, sets = (context.manifest.get(name, {}) for name in ("cards", "prior_sets"))
    if context.live is None or not cards:
        return context, ()
    read_cards = {name: card_from(table, f"{where}: cards.{name}") for name, table in cards.items()}
    read_sets = {name: set_from(table, f"{where}: prior_sets.{name}") for name, table in sets.items()}
    live, differing = with_kept_tables(live_of_study(context, read_cards, read_sets), context.live)
    wrong = (
        Difference(f"table of {name} for another prior", "other numbers", "those of the study") for name in differing
    )
    return replace(context, live=live), tuple(wrong)


def _text(before: str, after: str, context: Context, *, pictures: bool, tolerant: bool) -> tuple[Difference, ...]:
    """Compare what a reader sees; the data are compared apart."""
    try:
        right = render_html(context)
    except ValueError as reason:  # a number has two values: no page is made of such data
        return (
            Difference(
                "embedded data",
                f"data that contradict each other ({str(reason)[:300]})",
                "those of one run",
                inner=True,
            ),
        )
    head, _, rest = right.partition(OPEN)
    tail = rest.partition(CLOSE)[2]
    if not pictures:
        before, after, head, tail = (without_pictures(each) for each in (before, after, head, tail))
    # a sign that is in no page of ours stands for the data in both
    return text_differences(f"{before}\0{after}", f"{head}\0{tail}", tolerant=tolerant)


def _data(block: str, payload: Mapping[str, Any], context: Context) -> tuple[Difference, ...]:
    """Compare the data with those that a page of the same content would embed, written in the same way."""
    again = {**payload_of(context), "written_with": payload["written_with"]}
    right = payload_text(again)
    if block == right:
        return ()
    names = [name for name in again if payload_text({"": again[name]}) != payload_text({"": payload.get(name)})]
    found = f"{', '.join(names)} otherwise" if names else "the same data in other characters"
    at = next((k for k, (a, b) in enumerate(zip(block, right, strict=False)) if a != b), min(len(block), len(right)))
    return (
        Difference(
            f"embedded data ({found})", block[max(at - 40, 0) : at + 60], right[max(at - 40, 0) : at + 60], True
        ),
    )


def _other_state(made: Mapping[str, str], own: Mapping[str, str]) -> bool:
    return any(made[name] != own[name] for name in ("bayes_ivf", "code"))


def _notes(made: Mapping[str, str], own: Mapping[str, str], same_place: bool) -> tuple[list[str], bool]:
    """Say what cannot be compared to the last character here, and whether pictures can be."""
    notes = []
    version = f"bayes_ivf {made['bayes_ivf']}"
    if _other_state(made, own):
        here = f"bayes_ivf {own['bayes_ivf']}" if made["bayes_ivf"] != own["bayes_ivf"] else "another state of it"
        notes.append(
            f"The page was written by {version} and is compared by {here}: words and pictures that changed between them "
            f"are told as differences. To compare every character, verify it with the version that wrote it."
        )
    pictures = made["matplotlib"] == own["matplotlib"] and same_place
    if not pictures:
        notes.append(
            f"Figures are not compared: they were drawn with Matplotlib {made['matplotlib']} ({made['machine']}), and here are "
            f"Matplotlib {own['matplotlib']} ({own['machine']}) and {'the same' if same_place else 'other'} libraries beside it."
        )
    if not same_place:
        notes.append(
            "Hidden digits of recomputed P may differ by a billionth, since libraries or processor are others."
        )
    return notes, pictures
