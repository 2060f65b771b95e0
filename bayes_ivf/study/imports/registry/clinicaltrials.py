"""A record of ClinicalTrials.gov with results (JSON, version 2 of its API) as a drafted study file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.imports.glossary import entry_of
from bayes_ivf.study.imports.registry.arms import Pair, find_pair, is_crossover, plain, registered_sides
from bayes_ivf.study.imports.registry.json_record import Piece, read_record
from bayes_ivf.study.imports.registry.measures import SOURCE, measure_drafts
from bayes_ivf.study.imports.registry.safety import safety_drafts
from bayes_ivf.study.imports.writing import CONFIRM, MOST_ARMS, ArmDraft, Noted, OutcomeDraft, StudyDraft, draft_several

MOST_OUTCOMES = 400
MOST_MEASURES = 1000
"""Of outcomes, each with its classes and categories."""
LONGEST_NOTE = 1900
ALIKE = 0.6
"""Share of equal signs from which a reported title is shown as a registered one with other words."""
_CROSSED = f"{CONFIRM} a crossover trial: the same women stand in several arms, which no model of this package knows"
_KINDS = (("primaryOutcomes", "PRIMARY"), ("secondaryOutcomes", "SECONDARY"), ("otherOutcomes", "OTHER_PRE_SPECIFIED"))


def draft_record(text: str, name: str, chosen: Sequence[str], where: str) -> StudyDraft:
    """Return the draft of a study from a saved record.

    Parameters
    ----------
    text : str
        JSON of one study.
    name : str
        Id of the study.
    chosen : sequence of str
        Numbers or titles of the treatment and the control arm; else all arms are drafted.
    where : str
        Named in errors.

    Raises
    ------
    StudyError
        If the text is no such record, has no results, or more arms than a draft holds, of which none were chosen.
    """
    record = read_record(text, where)
    sides, control = registered_sides(record)
    if not chosen and 2 < len(sides) <= MOST_ARMS:

        def pair_of(pair: tuple[int, int]) -> StudyDraft:
            return _draft_pair(record, name, [str(place + 1) for place in pair], where)

        return draft_several(sides, control, pair_of)
    return _draft_pair(record, name, chosen, where)


def _draft_pair(record: Piece, name: str, chosen: Sequence[str], where: str) -> StudyDraft:
    """Return the draft of two arms."""
    protocol, results = record["protocolSection"], record["resultsSection"]
    pair = find_pair(record, chosen, where)
    reported = list(results["outcomeMeasuresModule"]["outcomeMeasures"])
    if len(reported) > MOST_MEASURES:
        raise StudyError(
            Fault(where, f"{len(reported)} outcome measures", f"at most {MOST_MEASURES}", "save the record again")
        )
    taken: set[str] = set()
    outcomes = [draft for measure in reported for draft in measure_drafts(measure, pair, "outcome", taken)]
    registered, unreported = _registered(protocol, results, taken)
    outcomes += unreported
    baseline = results["baselineCharacteristicsModule"]
    outcomes += [
        draft
        for measure in baseline["measures"]
        for draft in measure_drafts(_with_groups(measure, baseline), pair, "baseline", taken)
    ]
    events, left = safety_drafts(results["adverseEventsModule"], pair, taken)
    outcomes += events
    if not outcomes:
        raise StudyError(
            Fault(
                where,
                "no outcome, baseline or adverse event with values",
                "a record with results",
                "draft the study from its paper",
            )
        )
    kept = outcomes[:MOST_OUTCOMES]
    left += [
        f"not carried, beyond {MOST_OUTCOMES} outcomes: {each.keys['label'].value}" for each in outcomes[MOST_OUTCOMES:]
    ]
    number = protocol["identificationModule"]["nctId"].text
    keys = _keys(protocol, number, name) | {"notes": Noted([*_flow(results, pair), *registered][:200])}
    arms: dict[str, ArmDraft] = {}
    roles = ("treatment", "control")
    also = (_CROSSED,) if is_crossover(record) else ()
    for role, arm in zip(roles, pair.arms, strict=True):
        ask = "" if pair.sure else f"{CONFIRM} which arm is the treatment is not registered; the first one is taken"
        arms[role] = ArmDraft(Noted(arm.title, ask), Noted(arm.n, arm.path) if arm.n else None, also)
    head = (
        "Drafted from a record of ClinicalTrials.gov. Beside every number stands its path in the record; what a person has to "
        f'decide begins with "{CONFIRM}". A registry holds what was posted, which may differ from the paper.',
    )
    sources = {SOURCE: f"ClinicalTrials.gov {number}, results section of the saved record"}
    return StudyDraft(keys, arms, sources, tuple(kept), head, tuple(left))


def _with_groups(measure: Piece, module: Piece) -> Piece:
    """Return a baseline measure with the groups and denominators of its module."""
    shared = {
        key: module[key].value for key in ("groups", "denoms") if isinstance(measure.value, dict) and not measure[key]
    }
    return Piece({**measure.value, **shared} if isinstance(measure.value, dict) else {}, measure.path)


def _keys(protocol: Piece, number: str, name: str) -> dict[str, Noted]:
    design = protocol["designModule"]["designInfo"]
    allocation = design["allocation"].text.upper()
    masking = design["maskingInfo"]["masking"].text
    words = [
        each.text.lower().replace("_", " ") for each in (design["allocation"], design["interventionModel"]) if each.text
    ]
    words += [f"masking: {masking.lower()}"] if masking else []
    names = protocol["identificationModule"]
    title = names["officialTitle"].text or names["briefTitle"].text or "Title of the paper"
    randomized = {"RANDOMIZED": "yes", "NON_RANDOMIZED": "no"}.get(allocation, "unclear")
    return {
        "id": Noted(name),
        "title": Noted(title[:1500], names.path),
        "citation": Noted(f"ClinicalTrials.gov {number}", f"{CONFIRM} the paper, if there is one"),
        "doi": Noted(""),
        "design_words": Noted(words, design.path),
        "randomized": Noted(randomized, f"{design.path}.allocation, {allocation or 'not registered'}"),
        "max_embryos": Noted(3, f"{CONFIRM} the most embryos that one woman received"),
    }


def _flow(results: Piece, pair: Pair) -> Iterator[str]:
    """Give one sentence for each period of the participant flow."""
    flow = results["participantFlowModule"]
    groups = pair.groups(flow["groups"])
    for period in flow["periods"] if groups is not None else ():
        counted = [(each["type"].text, each["achievements"]) for each in period["milestones"]]
        counted += [(each["type"].text, each["reasons"]) for each in period["dropWithdraws"]]
        said = "; ".join(filter(None, (_both(name, counts, groups) for name, counts in counted)))
        if said:
            name = period["title"].text or "one period"
            of = " and ".join(arm.title[:80] for arm in pair.arms)
            text = f"Participant flow, {name} ({of}): {said}. Source: {period.path}."
            yield text[:LONGEST_NOTE]


def _both(name: str, counts: Piece, groups: tuple[str, str] | None) -> str:
    found = {each["groupId"].text: each["numSubjects"].text for each in counts}
    numbers = [found.get(group) for group in groups or ()]
    return f"{name.lower()} {numbers[0]} and {numbers[1]}" if numbers and all(numbers) else ""


def _registered(protocol: Piece, results: Piece, taken: set[str]) -> tuple[list[str], list[OutcomeDraft]]:
    """Compare registered with reported outcomes: sentences for the notes, and those without a result."""
    reported = list(results["outcomeMeasuresModule"]["outcomeMeasures"])
    by_title: dict[str, list[Piece]] = {}
    for each in reported:
        by_title.setdefault(plain(each["title"].text), []).append(each)
    notes: list[str] = []
    missing: list[OutcomeDraft] = []
    open_: list[tuple[Piece, str]] = []
    matched: set[str] = set()
    for key, kind in _KINDS:
        for registered in protocol["outcomesModule"][key]:
            found = by_title.get(plain(registered["measure"].text))
            if not found:
                open_.append((registered, kind))
                continue
            matched.add(found[0].path)
            notes += _differences(registered, found[0], kind)
    for registered, kind in open_:
        rest = [each for each in reported if each.path not in matched]
        near = max(rest, key=lambda each: _likeness(registered, each), default=None)
        words = f"{registered['measure'].text!r} ({_worded(kind)}, {registered.path})"
        if near is not None and _likeness(registered, near) >= ALIKE:
            matched.add(near.path)
            notes.append(
                f"Registered as {words}, reported in other words: {near['title'].text!r} ({near.path})."[:LONGEST_NOTE]
            )
            notes += _differences(registered, near, kind)
            continue
        notes.append(f"Registered without a posted result: {words}."[:LONGEST_NOTE])
        missing.append(_missing(registered, kind, taken))
    for each in reported:
        if each.path not in matched and protocol["outcomesModule"]:
            words = f"{each['title'].text!r} ({_worded(each['type'].text)}, {each.path})"
            notes.append(f"Reported and not among the registered outcomes: {words}."[:LONGEST_NOTE])
    return notes, missing


def _likeness(registered: Piece, reported: Piece) -> float:
    one, other = plain(registered["measure"].text)[:200], plain(reported["title"].text)[:200]
    entries = entry_of(one), entry_of(other)
    if entries[0] is not None and entries[0] is entries[1]:
        return 0.9
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _differences(registered: Piece, reported: Piece, kind: str) -> Iterator[str]:
    title = repr(registered["measure"].text)
    if reported["type"].text and reported["type"].text.upper() != kind:
        now = _worded(reported["type"].text)
        text = f"{title} is registered as {_worded(kind)} ({registered.path}) and reported as {now} ({reported.path})."
        yield text[:LONGEST_NOTE]
    one, other = registered["timeFrame"].text, reported["timeFrame"].text
    if one and other and plain(one) != plain(other):
        text = f"{title}: time frame {one!r} is registered ({registered.path}), {other!r} reported ({reported.path})."
        yield text[:LONGEST_NOTE]


def _worded(kind: str) -> str:
    return kind.lower().replace("_", " ")


def _missing(registered: Piece, kind: str, taken: set[str]) -> OutcomeDraft:
    number = sum(name.startswith("registered_") for name in taken) + 1
    name = f"registered_{number}"
    taken.add(name)
    frame = f" Time frame: {registered['timeFrame'].text}" if registered["timeFrame"] else ""
    keys = {
        "label": Noted(registered["measure"].text[:400] or "Outcome without a title"),
        "kind": Noted("unavailable"),
        "benefit": Noted("none", f"{CONFIRM} which direction is a benefit"),
        "source": Noted(f"{SOURCE}, {registered.path}"),
        "note": Noted(f"Registered as {_worded(kind)}; no result is posted.{frame}"[:LONGEST_NOTE]),
    }
    return OutcomeDraft(name, keys)
