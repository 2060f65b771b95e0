"""From what was read of an abstract to the outcomes of a study file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bayes_ivf.study.imports.glossary import Entry
from bayes_ivf.study.imports.text.abstract import Reading
from bayes_ivf.study.imports.text.abstract_claims import (
    DIRECTION,
    claim_of,
    claim_table,
    direction_of,
    effect_beside,
    effect_table,
    is_small,
    of_all_arms,
    p_of,
    where,
)
from bayes_ivf.study.imports.text.abstract_sizes import Denominators, denominators
from bayes_ivf.study.imports.text.cells import Group
from bayes_ivf.study.imports.text.claims import EffectFound, Words
from bayes_ivf.study.imports.text.loose import TestFound
from bayes_ivf.study.imports.text.marks import Mark
from bayes_ivf.study.imports.text.sentences import Sentence
from bayes_ivf.study.imports.text.spreads import spread_of_means, spread_unclear
from bayes_ivf.study.imports.writing import CONFIRM, Noted, OutcomeDraft, place, quoted

SOURCE = "abstract"
_KINDS = {"share": "percent", "count": "counts", "mean": "mean_sd", "quartiles": "quantiles"}
_MEDIAN = re.compile(r"\bmedians?\b", re.IGNORECASE)
_MEAN = re.compile(r"\b(?:means?|averages?)\b", re.IGNORECASE)
_NAMED_SO = f"{CONFIRM} named as the text does: which outcome it is, of what unit, and what its benefit is"
_IN_BRACKETS = (("quartiles", r"IQR|interquartile|quartiles|Q1|P25"), ("range", r"\brange\b"))


@dataclass(frozen=True)
class Gathered:
    """All that a text tells of one outcome."""

    entry: Entry
    groups: tuple[Group, ...]
    effects: tuple[EffectFound, ...]
    words: tuple[Words, ...]
    tests: tuple[TestFound, ...]


def outcome_drafts(reading: Reading) -> tuple[list[OutcomeDraft], set[Mark]]:
    """Return the outcomes in the order in which the text tells of them, and the numbers that they hold."""
    used: set[Mark] = set()
    drafts: list[OutcomeDraft] = []
    for gathered in _gathered(reading):
        drafts += _rows(reading, gathered, used)
    return drafts, used


def _gathered(reading: Reading) -> Iterator[Gathered]:
    tests = [each for each in reading.tests if len(reading.arms) == 2 and is_small(p_of(each.p)) is not None]
    found = [group.outcome for group in reading.groups] + [each.outcome for each in reading.effects]
    found += [words.outcome for words in reading.words] + [each.outcome for each in tests]
    entries = {each.entry.id: each.entry for each in sorted(filter(None, found), key=lambda each: each.start)}
    entries |= {each.entry.id: each.entry for each in reading.named if each.entry.id not in entries}
    for name, entry in entries.items():
        yield Gathered(
            entry,
            tuple(each for each in reading.groups if each.outcome is not None and each.outcome.entry.id == name),
            tuple(each for each in reading.effects if each.outcome.entry.id == name),
            tuple(each for each in reading.words if each.outcome.entry.id == name),
            tuple(each for each in tests if each.outcome.entry.id == name),
        )


def _rows(reading: Reading, gathered: Gathered, used: set[Mark]) -> Iterator[OutcomeDraft]:
    pairs = _pairs(reading, gathered.groups)
    entry = gathered.entry
    for number, pair in enumerate(pairs):
        name = entry.id if number == 0 else f"{entry.id}_{number + 1}"
        yield _with_cells(reading, replace(entry, id=name), pair, gathered.words if number == 0 else (), used)
    for number, effect in enumerate(gathered.effects):
        adjusted = "_adjusted" if effect.mark.parts["adjusted"] else "_effect"
        yield _effect_alone(reading, entry, f"{entry.id}{adjusted}{number + 1 if number else ''}", effect, used)
    if pairs or gathered.effects:
        return
    if gathered.groups:
        yield _one_armed(reading, gathered)
        return
    if gathered.tests and not gathered.words:
        yield _test_alone(reading, entry, gathered.tests[0], used)
        return
    if gathered.words and not (entry.umbrella and entry.role != "outcome"):
        yield _words_alone(reading, entry, gathered.words, used)
    elif not entry.umbrella:
        yield _only_named(reading, entry)


def _pairs(reading: Reading, groups: Sequence[Group]) -> list[Group]:
    """Return groups that have both arms; numbers of one arm each are joined if there is one of each."""
    treatment, control = reading.pair
    whole = [group for group in groups if treatment in group.cells and control in group.cells]
    single = [group for group in groups if len(group.cells) == 1]
    of = {arm: [group for group in single if arm in group.cells] for arm in reading.pair}
    if len(of[treatment]) == len(of[control]) == 1:
        one, other = sorted((of[treatment][0], of[control][0]), key=lambda group: group.start)
        remarks = (*one.remarks, *other.remarks)
        joined = replace(
            other, cells={**one.cells, **other.cells}, remarks=tuple(dict.fromkeys(remarks)), p=other.p or one.p
        )
        whole.append(joined)
    return sorted(whole, key=lambda group: group.start)


def _head(entry: Entry, kind: str) -> dict[str, Noted]:
    usual = (
        f"{CONFIRM} the usual direction of benefit"
        if entry.benefit != "none"
        else f"{CONFIRM} no direction is known as benefit"
    )
    keys = {"label": Noted(entry.label), "kind": Noted(kind), "benefit": Noted(entry.benefit, usual)}
    optional = {"role": entry.role if entry.role != "outcome" else "", "family": entry.family}
    return keys | {name: Noted(value) for name, value in optional.items() if value}


def _with_cells(reading: Reading, entry: Entry, group: Group, words: Sequence[Words], used: set[Mark]) -> OutcomeDraft:
    treatment, control = (group.cells[arm] for arm in reading.pair)
    used |= {treatment, control}
    kinds = {treatment.kind, control.kind}
    kind = _KINDS.get(treatment.kind if len(kinds) == 1 else "share", "")
    sentence = reading.text[group.sentence.start : group.sentence.end]
    remarks = [f"{SOURCE}, {place(reading.text, group.sentence.start, group.sentence.end)}: {quoted(sentence)}"]
    remarks += [f"{CONFIRM} {remark}" for remark in group.remarks]
    if not entry.listed:
        remarks.append(_NAMED_SO)
    if entry.id[-1:].isdigit() and "_" in entry.id:
        remarks.append(f"{CONFIRM} further numbers of this outcome: of a subgroup, or at another time?")
    spread = _spread_of(sentence, treatment, control) if "quartiles" in kinds else ""
    if not kind or (not spread and "quartiles" in kinds):
        return _unreadable(reading, entry, (treatment, control), remarks)
    keys = _head(entry, kind)
    if kinds == {"mean"}:
        keys |= _mean_cells(reading, treatment, control) | spread_of_means(reading, group, (treatment, control))
        remarks += [f"{CONFIRM} {each}" for each in spread_unclear(reading, group, (treatment, control))]
    elif spread:
        for arm, mark in (("treatment", treatment), ("control", control)):
            keys[arm] = Noted(" ".join(mark.text.split()), where(reading, mark))
        keys["spread"] = Noted(spread, "as the text says")
        if not _MEDIAN.search(sentence):
            remarks.append(f"{CONFIRM} the text does not say that the numbers before the brackets are medians")
    else:
        found = denominators(reading, entry, group)
        keys |= _count_cells(reading, entry, (treatment, control), found)
        remarks += [f"{CONFIRM} {remark}" for remark in found.remarks]
        if treatment.parts.get("bare"):  # of the women of the arms, whatever the usual denominator is
            keys["label"] = Noted(entry.label.partition(" per ")[0])
    if len(group.cells) > 2:
        remarks.append(
            f"{CONFIRM} P and effects of the sentence may be of all {len(group.cells)} arms: they are left out"
        )
        group, words = replace(group, p=None, effect=None), ()
    effect, aside = effect_beside(reading, group, used)
    claim = claim_of(reading, group, words, used)
    keys |= claim | effect | {"source": Noted(SOURCE)}
    return OutcomeDraft(entry.id, keys, tuple(remarks), tuple(aside))


def _spread_of(sentence: str, *marks: Mark) -> str:
    """Return what stands in brackets behind a median; empty if the sentence speaks of no median, or does not say."""
    said = " ".join(mark.parts["what"] for mark in marks if mark.kind == "quartiles")
    if not _MEDIAN.search(sentence) and (not said.strip() or _MEAN.search(sentence)):
        return ""
    return next(
        (name for name, words in _IN_BRACKETS if re.search(words, said if said.strip() else sentence, re.IGNORECASE)),
        "",
    )


def _mean_cells(reading: Reading, treatment: Mark, control: Mark) -> dict[str, Noted]:
    units = [mark.parts["unit"] for mark in (treatment, control)]
    one = len(set(filter(None, units))) == 1
    keys = {}
    for arm, mark in (("treatment", treatment), ("control", control)):
        text = " ".join(mark.text.replace(mark.parts["spread"] or "\n\n", "", 1).split())
        keys[arm] = Noted(text.removesuffix(mark.parts["unit"]).strip() if one else text, where(reading, mark))
    return keys | ({"unit": Noted(next(filter(None, units)))} if one else {})


def _count_cells(reading: Reading, entry: Entry, cells: tuple[Mark, Mark], found: Denominators) -> dict[str, Noted]:
    keys = {"per": Noted(found.per)} if found.per != "woman" else {}
    if entry.stage:
        keys["stage"] = Noted(entry.stage)
    if found.denominator:
        keys["denominator"] = Noted(found.denominator, f"{CONFIRM} the denominators are the events of this outcome")
    for arm, mark, n in zip(("treatment", "control"), cells, found.sizes, strict=True):
        keys[arm] = Noted(_cell(mark, n), where(reading, mark))
    if found.stated:
        keys["n"] = Noted({"treatment": found.sizes[0], "control": found.sizes[1]}, found.comment)
    return keys


def _cell(mark: Mark, n: int) -> str:
    """Return a cell as the reader of study files takes it: events/n with the percentage, or what was printed."""
    parts = mark.parts
    if not parts.get("events"):
        return f"{parts['percent']}%" if parts.get("percent") else "".join(mark.text.split())
    share = f" ({parts['percent']}%)" if parts.get("percent") else ""
    total = parts.get("n") or (str(n) if n else "")
    return f"{parts['events']}/{total}{share}" if total else f"{parts['events']}{share}"


def _unreadable(reading: Reading, entry: Entry, cells: Sequence[Mark], remarks: Sequence[str]) -> OutcomeDraft:
    keys = _head(entry, "unavailable") | {
        "source": Noted(SOURCE),
        "note": Noted("Printed in a form that a study file cannot hold; see the comments in this file."),
    }
    names = ("treatment", "control")
    aside = [
        f'{arm} = "{" ".join(mark.text.split())}"  ({where(reading, mark)})'
        for arm, mark in zip(names, cells, strict=True)
    ]
    return OutcomeDraft(entry.id, keys, tuple(remarks), tuple(aside))


def _effect_alone(reading: Reading, entry: Entry, name: str, found: EffectFound, used: set[Mark]) -> OutcomeDraft:
    used |= {found.mark} | ({found.p} if found.p is not None else set())
    keys = _head(replace(entry, id=name), "effect_ci")
    adjusted = ", adjusted" if found.mark.parts["adjusted"] else ", printed effect"
    keys["label"] = Noted(entry.label + adjusted)
    keys["effect"] = effect_table(reading, found.mark)
    small = is_small(p_of(found.p))
    if found.p is not None and small is not None:
        center = 1 if "ratio" in found.mark.parts["scale"] else 0
        above = Decimal(found.mark.parts["estimate"].rstrip("%").replace(",", "").replace("·", ".")) > center
        direction = ("higher" if above else "lower") if small else "none"
        comment = f"{where(reading, found.p)}; {CONFIRM} the direction is that of the estimate"
        keys["claim"] = claim_table(reading, direction, DIRECTION[direction], found.p, None, [comment])
    keys["source"] = Noted(SOURCE)
    return OutcomeDraft(name, keys, (f"{CONFIRM} the effect is treatment over control, or minus it",))


def _test_alone(reading: Reading, entry: Entry, test: TestFound, used: set[Mark]) -> OutcomeDraft:
    """Return an outcome of which only a P, and perhaps its statistic, was read: that there is a difference, or none."""
    p, test_of_means = p_of(test.p), test.statistic is not None and test.statistic.text[:1] in "tF"
    direction = "differs" if is_small(p) else "none"
    used |= {test.p} | ({test.statistic} if test.statistic is not None else set())
    comments = [where(reading, test.p), f"{CONFIRM} which arm had more was not read: see the sentence"]
    exact = p is not None and p.relation == "=" and (test_of_means or entry.of == "mean")
    keys = _head(entry, "p_value" if exact else "claim_only")
    if not exact:
        keys["of"] = Noted("mean" if test_of_means else entry.of, f"{CONFIRM} counts of events, or means")
    keys["claim"] = claim_table(reading, direction, DIRECTION[direction], test.p, None, comments)
    if test.statistic is not None:
        keys["statistic"] = Noted(" ".join(test.statistic.text.split()), where(reading, test.statistic))
    remarks = [_sentence_of(reading, test.sentence), *([] if entry.listed else [_NAMED_SO])]
    return OutcomeDraft(entry.id, keys | {"source": Noted(SOURCE)}, tuple(remarks))


def unread_outcomes(reading: Reading) -> list[OutcomeDraft]:
    """Return every outcome that a text names, as unavailable, with the sentence that names it."""
    found: dict[str, OutcomeDraft] = {}
    for sentence in reading.sentences:
        for each in reading.outcomes:
            if sentence.start <= each.start < sentence.end and each.entry.role == "outcome" and not each.entry.umbrella:
                note = Noted("Named in the text, and no number of it was understood; see the comments in this file.")
                keys = _head(each.entry, "unavailable") | {"source": Noted(SOURCE), "note": note}
                draft = OutcomeDraft(each.entry.id, keys, (_sentence_of(reading, sentence),))
                found.setdefault(each.entry.id, draft)
    return list(found.values())


def _sentence_of(reading: Reading, sentence: Sentence) -> str:
    stands = place(reading.text, sentence.start, sentence.end)
    return f"{SOURCE}, {stands}: {quoted(reading.text[sentence.start : sentence.end])}"


def _words_alone(reading: Reading, entry: Entry, words: Sequence[Words], used: set[Mark]) -> OutcomeDraft:
    """Return an outcome known only from words: as a claim if it has a P, else as unavailable."""
    said = next((each for each in words if each.p is not None and direction_of(reading, each)), None)
    said = said or next((each for each in words if direction_of(reading, each)), words[0])
    direction = direction_of(reading, said)
    sentence = reading.text[said.sentence.start : said.sentence.end]
    stands = place(reading.text, said.sentence.start, said.sentence.end)
    remarks = [f"{SOURCE}, {stands}: {quoted(sentence)}", *(f"{CONFIRM} {remark}" for remark in said.remarks)]
    small = is_small(p_of(said.p))
    of_all = of_all_arms(reading, said)
    fits = direction and small is not None and small != (direction == "none") and not of_all
    comments = [] if said.p is None else [where(reading, said.p)]
    claim = claim_table(
        reading, direction or "differs", said.text, said.p if fits else None, None if of_all else said, comments
    )
    if fits or "p" in claim.value:
        used |= {said.p} if said.p is not None else set()
        of = Noted(entry.of, f"{CONFIRM} counts of events, or means")
        keys = _head(entry, "claim_only") | {"of": of, "claim": claim, "source": Noted(SOURCE)}
        return OutcomeDraft(entry.id, keys, tuple(remarks))
    if of_all:
        remarks.append(f"{CONFIRM} the words are about all {len(reading.arms)} arms, not about the two of this file")
    keys = _head(entry, "unavailable") | {
        "source": Noted(SOURCE),
        "note": Noted("Words without numbers; see the comments in this file."),
    }
    return OutcomeDraft(
        entry.id, keys, tuple(remarks), () if of_all else (f"claim: {direction or 'not clear'}, {quoted(said.text)}",)
    )


def _one_armed(reading: Reading, gathered: Gathered) -> OutcomeDraft:
    """Return an outcome whose numbers are not those of both arms: they stand as comments."""
    group = gathered.groups[0]
    stands = place(reading.text, group.sentence.start, group.sentence.end)
    remarks = [f"{SOURCE}, {stands}: {quoted(reading.text[group.sentence.start : group.sentence.end])}"]
    note = Noted("Numbers were found, but not clearly one for each arm; see the comments in this file.")
    keys = _head(gathered.entry, "unavailable") | {"source": Noted(SOURCE), "note": note}
    aside = [f"{CONFIRM} which arm and outcome? {quoted(mark.text)} ({where(reading, mark)})" for each in gathered.groups
             for mark in each.cells.values()]  # fmt: skip
    return OutcomeDraft(gathered.entry.id, keys, tuple(remarks), tuple(aside))


def _only_named(reading: Reading, entry: Entry) -> OutcomeDraft:
    mention = next(each for each in reading.named if each.entry.id == entry.id)
    note = "Named as measured or as an aim; no number, direction or P was found in the text."
    keys = _head(entry, "unavailable") | {
        "source": Noted(SOURCE, place(reading.text, mention.start, mention.end)),
        "note": Noted(note),
    }
    return OutcomeDraft(entry.id, keys)
