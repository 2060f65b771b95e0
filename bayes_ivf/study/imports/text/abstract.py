"""The text of an abstract, read sentence by sentence: arms, cells, claims and effects, each with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.imports.chosen_arms import chosen_arms
from bayes_ivf.study.imports.glossary import Mention, find_outcomes
from bayes_ivf.study.imports.text.arms import find_arms
from bayes_ivf.study.imports.text.cells import Group, View, find_groups
from bayes_ivf.study.imports.text.claims import EffectFound, Words, find_words, with_p_and_effect
from bayes_ivf.study.imports.text.loose import TestFound, tests_of, word_groups
from bayes_ivf.study.imports.text.marks import Mark, find_marks, plain_signs
from bayes_ivf.study.imports.text.mentions import Arm, ArmMention, control_of, find_mentions
from bayes_ivf.study.imports.text.names import find_unsized
from bayes_ivf.study.imports.text.sentences import Sentence, find_sentences
from bayes_ivf.study.imports.text.unlisted import with_unlisted

LONGEST = 20_000
"""Characters beyond which a text is no abstract."""
MOST_NUMBERS = 600
"""Beyond which a text is no abstract, and its sentences would take long to read."""
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_POOLED = re.compile(
    r"\b(?:as a group|pooled|combined|together|all (?:the )?doses|any dose|all treated)\b", re.IGNORECASE
)
_NAMED = re.compile(
    r"\b(?:measured|assessed|evaluated|determined|compared|recorded|analy[sz]ed|outcomes?|end ?points?|in terms of|included"
    r"|levels? of)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """All that was understood of a text.

    Parameters
    ----------
    text : str
        As printed.
    arms : tuple of Arm
    pair : (int, int)
        Places of the treatment and the control arm; the treatment arm is -1 if all others are pooled.
    sure_pair : bool
        Whether the text itself says which is the control arm.
    """

    text: str
    signs: str
    arms: tuple[Arm, ...]
    pair: tuple[int, int]
    sure_pair: bool
    sentences: tuple[Sentence, ...]
    marks: tuple[Mark, ...]
    groups: tuple[Group, ...]
    effects: tuple[EffectFound, ...]
    words: tuple[Words, ...]
    named: tuple[Mention, ...]
    alpha: Mark | None
    mentions: tuple[ArmMention, ...] = field(default=())
    tests: tuple[TestFound, ...] = field(default=())
    outcomes: tuple[Mention, ...] = field(default=())


def read_abstract(text: str, chosen: Sequence[str] = ()) -> Reading:
    """Read an abstract.

    Parameters
    ----------
    text : str
    chosen : sequence of str
        Names of the treatment and the control arm, where the text has more than two.

    Raises
    ------
    StudyError
        If it is too long, names no arms with their sizes, or has more than two and none were chosen.
    """
    signs, sentences, arms = _arms_of(text)
    control = control_of(arms)
    pair = _pair(arms, control, signs, chosen)
    marks, outcomes = find_marks(text), find_outcomes(signs)
    mentions = find_mentions(signs, arms, control)
    groups: list[Group] = []
    effects: list[EffectFound] = []
    words: list[Words] = []
    tests: list[TestFound] = []
    for sentence in sentences:
        last = groups[-1].outcome if groups else None
        view = _view(signs, sentence, marks, outcomes, mentions, arms, pair)
        view = with_unlisted(view, None if last is None else last.entry)
        found, own = with_p_and_effect(view, [*find_groups(view, _last_order(groups)), *word_groups(view)])
        said = find_words(view)
        groups, effects, words = [*groups, *found], [*effects, *own], [*words, *said]
        told = [*(each.outcome for each in found), *(each.outcome for each in own), *(each.outcome for each in said)]
        tests += tests_of(view, told)
    named = [each for each in outcomes if _is_named(each, sentences, signs)]
    return Reading(
        text, signs, tuple(arms), pair, control is not None or bool(chosen), tuple(sentences), tuple(marks), tuple(groups),
        tuple(effects), tuple(words), tuple(named), next((mark for mark in marks if mark.kind == "level"), None), tuple(mentions),
        tuple(tests), tuple(outcomes),
    )  # fmt: skip


def arms_of_abstract(text: str) -> tuple[list[Arm], int | None, bool]:
    """Return the arms of a text, the place of its control arm (None if it is not told), and whether the others are pooled."""
    signs, _, arms = _arms_of(text)
    control = control_of(arms)
    return arms, control, control is not None and bool(_POOLED.search(signs))


def _arms_of(text: str) -> tuple[str, list[Sentence], list[Arm]]:
    """Return a text in plain signs, its sentences and its arms."""
    if len(text) > LONGEST:
        raise StudyError(
            Fault(
                "abstract",
                f"{len(text)} characters",
                f"at most {LONGEST}",
                "give the abstract alone, or the rows of a table",
            )
        )
    signs = plain_signs(text)
    numbers = sum(1 for _ in _NUMBERS.finditer(signs))
    if numbers > MOST_NUMBERS:
        raise StudyError(
            Fault(
                "abstract",
                f"{numbers} numbers",
                f"at most {MOST_NUMBERS}",
                "give the abstract alone, or the rows of a table",
            )
        )
    sentences = find_sentences(signs)
    arms = find_arms(text, signs, [sentence.end for sentence in sentences])
    if len(arms) < 2 or not all(arm.n for arm in arms):
        arms = find_unsized(text, signs, [arm for arm in arms if arm.n])
    return signs, sentences, arms


def _last_order(groups: Sequence[Group]) -> tuple[int, int] | None:
    """Return in which order the arms stood last."""
    pairs = [tuple(group.cells) for group in groups if len(group.cells) == 2]
    return (pairs[-1][0], pairs[-1][1]) if pairs else None


def _view(
    signs: str, sentence: Sentence, marks: Sequence[Mark], outcomes: Sequence[Mention], mentions: Sequence[ArmMention],
    arms: Sequence[Arm], pair: tuple[int, int],
) -> View:  # fmt: skip
    start, end = sentence.start, sentence.end
    return View(
        signs,
        sentence,
        tuple(each for each in marks if start <= each.start < end),
        tuple(each for each in outcomes if start <= each.start < end),
        tuple(each for each in mentions if start <= each.start < end),
        len(arms),
        pair,
    )


def _pair(arms: Sequence[Arm], control: int | None, signs: str, chosen: Sequence[str]) -> tuple[int, int]:
    if chosen:
        return chosen_arms(chosen, [arm.label for arm in arms], lambda name, at: name.lower() in arms[at].names)
    if len(arms) == 2:
        place = 1 if control is None else control
        return 1 - place, place
    if len(arms) < 2:
        raise StudyError(
            Fault(
                "abstract",
                "no arms" if not arms else f"one arm: {arms[0].label}",
                'two arms by their names, such as "the drug group" and "the placebo group"',
                "write the names into the text, with how many women each had if it is known, as (n = 40) behind the "
                "name; or type a study file: bayes-ivf new study PATH",
            )
        )
    if control is not None and _POOLED.search(signs):
        return -1, control
    listed = "; ".join(
        f"{place + 1}: {arm.label}{f' (n = {arm.n})' if arm.n else ''}" for place, arm in enumerate(arms)
    )
    raise StudyError(
        Fault(
            "abstract",
            f"{len(arms)} arms: {listed}",
            "two arms",
            "name the treatment and the control arm by number: --arms 2,1",
        )
    )


def _is_named(mention: Mention, sentences: Sequence[Sentence], signs: str) -> bool:
    """Whether a text says of an outcome that it was measured, or names it as an aim."""
    sentence = next((each for each in sentences if each.start <= mention.start < each.end), None)
    if sentence is None or sentence.section in ("results", "conclusion"):
        return False
    return bool(_NAMED.search(signs[sentence.start : sentence.end]))
