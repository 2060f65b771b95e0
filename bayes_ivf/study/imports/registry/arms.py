"""Arms of a registered trial: which groups of which part of its record they are, and how many women each had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.imports.chosen_arms import chosen_arms
from bayes_ivf.study.imports.registry.json_record import Piece
from bayes_ivf.study.imports.text import Arm, control_of
from bayes_ivf.study.imports.writing import CONFIRM, Side

_CONTROLS = ("PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION", "ACTIVE_COMPARATOR")
"""Types of arms that are compared with, the clearest first."""
ORDER = f"{CONFIRM} the groups are matched to the arms by their order, since titles differ"
_ALL_TOGETHER = ("total", "overall", "all participants")


@dataclass(frozen=True)
class RegisteredArm:
    """An arm: its title, and how many women started, with the path of that number (None and empty if it is not there)."""

    title: str
    n: int | None
    path: str


@dataclass(frozen=True)
class Pair:
    """The two arms of a draft.

    Parameters
    ----------
    arms : tuple of RegisteredArm
        Treatment and control.
    places : (int, int)
        Their places among all arms.
    every : int
        How many arms there are.
    sure : bool
        Whether the record or the user says which is the control arm.
    """

    arms: tuple[RegisteredArm, RegisteredArm]
    places: tuple[int, int]
    every: int
    sure: bool
    titles: Mapping[str, int] = field(default_factory=dict)

    def groups(self, groups: Piece) -> tuple[str, str] | None:
        """Return the ids by which a part of the record calls the two arms; None if it has not exactly these groups.

        Parts have their own ids. Titles tell which is which; where they differ, the order does, if there are as many
        groups as arms.
        """
        listed = [(each["id"].text, plain(each["title"].text)) for each in groups]
        listed = [each for each in listed if each[1] not in _ALL_TOGETHER]
        named = {self.titles[title]: name for name, title in listed if title in self.titles}
        if all(place in named for place in self.places):
            return named[self.places[0]], named[self.places[1]]
        if len(listed) == self.every and not named:
            return listed[self.places[0]][0], listed[self.places[1]][0]
        return None

    def by_order(self, groups: Piece) -> bool:
        """Whether the groups of a part are matched by their order, since their titles differ from those of the arms."""
        return not any(plain(each["title"].text) in self.titles for each in groups)


def plain(title: str) -> str:
    """Return a title for comparison: small letters and digits."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in title.lower()).split())


def find_pair(record: Piece, chosen: Sequence[str], where: str) -> Pair:
    """Return the treatment and the control arm.

    Parameters
    ----------
    record : Piece
    chosen : sequence of str
        Their numbers or titles, where there are more than two.
    where : str
        Named in errors.

    Raises
    ------
    StudyError
        If there are fewer than two arms, or more and none were chosen.
    """
    arms = _arms(record)
    listed = "; ".join(f"{place + 1}: {arm.title}" for place, arm in enumerate(arms)) or "none"
    if chosen:
        labels = [arm.title for arm in arms]
        treatment, control = chosen_arms(chosen, labels, lambda name, at: plain(labels[at]) == plain(name))
        sure = True
    elif len(arms) == 2:
        found = _control(record, arms)
        control, sure = 1 if found is None else found, found is not None
        treatment = 1 - control
    else:
        action = (
            "name the treatment and the control arm by number: --arms 2,1"
            if arms
            else "draft the study from its paper instead"
        )
        raise StudyError(Fault(where, f"{len(arms)} arms: {listed}", "two arms", action))
    titles = {plain(arm.title): place for place, arm in enumerate(arms)}
    return Pair((arms[treatment], arms[control]), (treatment, control), len(arms), sure, titles)


def registered_sides(record: Piece) -> tuple[list[Side], int | None]:
    """Return the arms of a record in their order, and the place of the control arm; None where it is not said."""
    arms = _arms(record)
    return [Side(place, arm.title) for place, arm in enumerate(arms)], _control(record, arms)


def _arms(record: Piece) -> list[RegisteredArm]:
    """Return the arms of the participant flow, else those of the first outcome with groups.

    In a crossover trial the flow is that of sequences, and outcomes are posted by what was received.
    """
    results = record["resultsSection"]
    flow = results["participantFlowModule"]
    started = next(
        (each for period in flow["periods"] for each in period["milestones"] if each["type"].text.upper() == "STARTED"),
        None,
    )
    if started is not None and flow["groups"] and not is_crossover(record):
        return _sized(flow["groups"], started["achievements"], "numSubjects")
    for measure in results["outcomeMeasuresModule"]["outcomeMeasures"]:
        counts = next(iter(measure["denoms"]), Piece(None))["counts"]
        if len(list(measure["groups"])) > 1:
            return _sized(measure["groups"], counts, "value")
    return []


def is_crossover(record: Piece) -> bool:
    """Whether a trial is registered as a crossover: the same women stand in several arms."""
    return record["protocolSection"]["designModule"]["designInfo"]["interventionModel"].text.upper() == "CROSSOVER"


def _sized(groups: Piece, counts: Piece, key: str) -> list[RegisteredArm]:
    sizes = {each["groupId"].text: each[key] for each in counts}
    arms = []
    for each in groups:
        title = each["title"].text[:300]
        size = sizes.get(each["id"].text, Piece(None))
        if title and plain(title) not in _ALL_TOGETHER:
            arms.append(RegisteredArm(title, size.count or None, size.path))
    return arms


def _control(record: Piece, arms: Sequence[RegisteredArm]) -> int | None:
    """Return the arm that is registered as a comparator, else the one whose title says so."""
    registered = record["protocolSection"]["armsInterventionsModule"]["armGroups"]
    types = {plain(each["label"].text): each["type"].text.upper() for each in registered}
    for kind in _CONTROLS:
        found = [place for place, arm in enumerate(arms) if types.get(plain(arm.title)) == kind]
        if len(found) == 1:
            return found[0]
        if found:
            break
    return control_of([Arm(arm.title, arm.n or 0, (0, 0), frozenset({plain(arm.title)})) for arm in arms])
