"""A study file as far as a source tells it: every value with the comment that stands beside it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from textwrap import wrap
from typing import Any

from bayes_ivf.errors import Fault, StudyError, visible
from bayes_ivf.study.reader import parse_study
from bayes_ivf.study.toml_writer import toml_key, toml_value

CONFIRM = "confirm:"
"""How a comment begins that asks for a decision."""
WIDTH = 120
LONGEST_QUOTE = 600
_SIZE_OF_ARM = re.compile(r"arms\.([a-z0-9_-]+)\.n$")
_OUTCOME = re.compile(r"outcomes? ([a-z0-9][a-z0-9_-]*)")
NO_SIZE = f"# n =   # {CONFIRM} how many women this arm had, which the source does not say"
_NEEDS = re.compile(r"as ([a-z0-9][a-z0-9_-]*) needs it")


@dataclass(frozen=True)
class Noted:
    """A value of a study file, and what stands behind it as a comment."""

    value: Any
    comment: str = ""


@dataclass(frozen=True)
class OutcomeDraft:
    """One outcome.

    Parameters
    ----------
    id : str
    keys : mapping of str to Noted
        In the order of the file, without the id.
    remarks : tuple of str
        Comments before it.
    aside : tuple of str
        Lines of the study file that are not understood well enough to stand in it, and stand behind it as comments.
    gone : bool
        Whether everything was set aside.
    """

    id: str
    keys: Mapping[str, Noted]
    remarks: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    gone: bool = False

    def table(self) -> dict[str, Any]:
        """Return its table as a study file would be read."""
        return {"id": self.id, **{name: noted.value for name, noted in self.keys.items()}}


@dataclass(frozen=True)
class ArmDraft:
    """What an arm received and how many women it had, if the source says so; `also` are comments."""

    label: Noted
    n: Noted | None = None
    also: tuple[str, ...] = ()

    def table(self) -> dict[str, Any]:
        """Return its table."""
        return {"label": self.label.value} | ({} if self.n is None else {"n": self.n.value})


@dataclass(frozen=True)
class StudyDraft:
    """A whole study file.

    Parameters
    ----------
    keys : mapping of str to Noted
        Those before the arms.
    arms : mapping of str to ArmDraft
        By ``treatment`` and ``control``, or by the ids of several arms, of which the key `compare` says which are compared.
    sources : mapping of str to str
    outcomes : tuple of OutcomeDraft
    head, left : tuple of str
        Comments before everything, and of what was not understood.
    """

    keys: Mapping[str, Noted]
    arms: Mapping[str, ArmDraft]
    sources: Mapping[str, str]
    outcomes: tuple[OutcomeDraft, ...]
    head: tuple[str, ...] = ()
    left: tuple[str, ...] = field(default=())

    def table(self) -> dict[str, Any]:
        """Return the tables of the study file."""
        return {
            "schema_version": 1,
            **{name: noted.value for name, noted in self.keys.items()},
            "arms": {name: arm.table() for name, arm in self.arms.items()},
            "sources": dict(self.sources),
            "outcomes": [outcome.table() for outcome in self.outcomes],
        }


def draft_toml(draft: StudyDraft) -> str:
    """Return the text of a study file that passes ``bayes-ivf check``, once the sizes of arms that it asks for are filled in.

    An outcome that would not pass is listed as unavailable, with its keys as comments behind the reason.

    Parameters
    ----------
    draft : StudyDraft

    Raises
    ------
    StudyError
        If the study as a whole would not pass, whatever its outcomes are.
    """
    passing = _passing(draft)
    lines = ["#:schema ./study.schema.json", *_comments(passing.head), "schema_version = 1"]
    lines += [_line(name, noted) for name, noted in passing.keys.items()]
    for arm, found in passing.arms.items():
        lines += ["", f"[arms.{arm}]", _line("label", found.label)]
        lines += [NO_SIZE] if found.n is None else [_line("n", found.n)]
        lines += _comments(found.also)
    lines += ["", "[sources]", *(f"{toml_key(name)} = {toml_value(text)}" for name, text in passing.sources.items())]
    for outcome in passing.outcomes:
        lines += ["", *_comments(outcome.remarks), "[[outcomes]]", f"id = {toml_value(outcome.id)}"]
        lines += [_line(name, noted) for name, noted in outcome.keys.items()]
        lines += [f"# {visible(line)}" for line in outcome.aside]
    if passing.left:
        lines += [
            "",
            "# What follows was not understood, or not used: read it in the source.",
            *_comments(passing.left),
        ]
    text = "\n".join(lines) + "\n"
    try:
        parse_study(tomllib.loads(text), "draft")
    except StudyError as error:
        if not _of_sizes_only(error, draft):
            raise
    return text


def lacks_sizes(toml: str) -> bool:
    """Whether a drafted file asks for the size of an arm."""
    return f"\n{NO_SIZE}" in toml


def _of_sizes_only(error: StudyError, draft: StudyDraft) -> bool:
    """Whether nothing but sizes of arms is wrong, which the source does not tell and the file asks for."""
    return all(_asked_size(fault, draft) for fault in error.faults)


def _asked_size(fault: Fault, draft: StudyDraft) -> bool:
    found = _SIZE_OF_ARM.search(fault.where)
    arm = None if found is None else draft.arms.get(found.group(1))
    return arm is not None and arm.n is None


def place(source: str, start: int, end: int) -> str:
    """Return where a piece of a text stands: line, column and characters, counted from 1 and from 0."""
    line = source.count("\n", 0, start) + 1
    column = start - (source.rfind("\n", 0, start) + 1) + 1
    return f"line {line}, column {column}, characters {start}-{end}"


def quoted(text: str) -> str:
    """Return a piece of a source for a comment: in one line, without hidden characters, not too long."""
    plain = " ".join(text.split())
    plain = plain if len(plain) <= LONGEST_QUOTE else f"{plain[:LONGEST_QUOTE]} ..."
    return f'"{visible(plain)}"'


def _passing(draft: StudyDraft) -> StudyDraft:
    """Set aside what does not pass, until the rest does."""
    for _ in range(3 * len(draft.outcomes) + 2):
        try:
            parse_study(draft.table(), "draft")
            return draft
        except StudyError as error:
            if _of_sizes_only(error, draft):
                return draft
            reasons: dict[str, list[str]] = {}
            parts: dict[str, set[str]] = {}
            for fault in error.faults:
                if _asked_size(fault, draft):
                    continue
                found = _OUTCOME.search(fault.where) or _NEEDS.search(fault.action)
                named = "" if found is None else found.group(1).partition("--")[0]
                reasons.setdefault(named, []).append(f"{fault.found}; allowed: {fault.allowed}")
                parts.setdefault(named, set()).add(next((each for each in _BESIDE if f".{each}" in fault.where), ""))
            settled = {each.id for each in draft.outcomes if not each.gone}
            if not set(reasons) & settled:
                raise
            outcomes = tuple(
                _set_aside(each, reasons[each.id], parts[each.id])
                if each.id in reasons and each.id in settled
                else each
                for each in draft.outcomes
            )
            draft = replace(draft, outcomes=outcomes)
    return draft


_GONE = "unavailable"
_KEPT = ("label", "benefit", "role", "family", "source")
_BESIDE = ("effect", "claim", "statistic")
"""Keys beside the numbers of the arms, without which those still stand."""


def _set_aside(outcome: OutcomeDraft, reasons: Sequence[str], parts: Set[str]) -> OutcomeDraft:
    """Return an outcome without the keys that do not pass, or of which nothing is claimed; what was found stands as comments."""
    rests_on = {"treatment", "cells"} if parts != {"statistic"} else {"treatment", "cells", "claim"}
    if "" not in parts and parts <= outcome.keys.keys() and not outcome.keys.keys().isdisjoint(rests_on):
        lines = [line for part in sorted(parts) for line in _line(part, outcome.keys[part]).splitlines()]
        rest = {name: noted for name, noted in outcome.keys.items() if name not in parts}
        told = [f"{CONFIRM} {reason}" for reason in dict.fromkeys(reasons)]
        return replace(outcome, keys=rest, aside=(*outcome.aside, *told, *lines))
    kept = {name: outcome.keys[name] for name in _KEPT if name in outcome.keys}
    note = Noted("Numbers were found, but cannot be carried as they stand; see the comments in this file.")
    aside = [f"{CONFIRM} {reason}" for reason in dict.fromkeys(reasons)]
    for name, noted in outcome.keys.items():
        aside += _line(name, noted).splitlines() if name not in _KEPT else []
    keys = {"label": kept.pop("label"), "kind": Noted(_GONE), **kept, "note": note}
    return replace(outcome, keys=keys, aside=(*outcome.aside, *aside), gone=True)


def _line(name: str, noted: Noted) -> str:
    """Return a key with its value, and its comment behind it or, if it is long, before it."""
    plain = f"{toml_key(name)} = {_laid_out(noted.value)}"
    if not noted.comment:
        return plain
    comment = visible(" ".join(noted.comment.split()))
    both = f"{plain}  # {comment}"
    return both if len(both) <= WIDTH + 30 else "\n".join([*_comments((comment,)), plain])


def _laid_out(value: Any) -> str:
    """Return a value in one line, or a long list with one line for each text."""
    plain = toml_value(value)
    if not isinstance(value, list) or len(plain) <= WIDTH:
        return plain
    return "\n".join(["[", *(f"  {toml_value(each)}," for each in value), "]"])


def _comments(texts: Sequence[str]) -> list[str]:
    lines = []
    for text in texts:
        plain = visible(" ".join(text.split()))
        lines += [f"# {line}" for line in wrap(plain, WIDTH, break_on_hyphens=False)] or ["#"]
    return lines
