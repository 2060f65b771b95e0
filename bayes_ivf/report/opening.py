"""What a reader meets first: the answer for every main outcome, and what cannot be right as printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bayes_ivf.auditing import Finding, brief, touching
from bayes_ivf.report.context import Context
from bayes_ivf.report.marks import TRIAL, level_of, marked
from bayes_ivf.report.rows import Row
from bayes_ivf.results import Answer, ComparisonRow, Printed, Said, answer, say
from bayes_ivf.study import KINDS, Study

MAIN = 3
"""Outcomes that are answered first where none is a stage on the way to a birth."""


AGREED = {
    "no": ("the printed conclusion does not hold", "the printed conclusions do not hold"),
    "conditional": (
        "the printed conclusion holds only by some tests or under an assumption",
        "the printed conclusions hold only by some tests or under an assumption",
    ),
    "yes": ("the claim agrees with the printed numbers", "the claims agree with the printed numbers"),
}
"""What is said in a line of outcomes that have no answer of their own, of one and of several."""


KNOWN_FROM = {
    "tests": "an exact P or a test statistic: what is shown holds if it is of the named test",
    "words": "words: what is shown holds as far as the words are believed",
}
"""What is said of outcomes without numbers of the arms, by the part of the comparison that they stand in."""


@dataclass(frozen=True)
class Told:
    """A finding as a page tells it.

    Parameters
    ----------
    label : str
        What it is about, in the reader's words.
    severity : {"impossible", "caution", "info"}
    brief : str
        Half a sentence.
    statement, assumption, evidence, alternatives : Said
    outcomes : tuple of str
        Outcomes it speaks of; empty for the design.
    """

    label: str
    severity: str
    brief: str
    statement: Said
    assumption: Said
    evidence: Said
    alternatives: Said
    outcomes: tuple[str, ...]


def question(study: Study) -> str:
    """Return what a trial asks: whether one arm does better than another, or how several compare."""
    many = study.many
    if many is not None and len({each.control for each in study.comparisons}) > 1:
        *first, last = many.labels.values()
        return f"How do {', '.join(first)} and {last} compare?"
    return f"Does {study.arms['treatment']} do better than {study.arms['control']}?"


def answers(context: Context, printed: Mapping[str, Said] = MappingProxyType({})) -> list[Answer]:
    """Return the answers of the main outcomes: stages on the way to a birth, or the first ones with numbers."""
    told = {row.outcome: row for row in _estimated(context)}
    items = [item for item in context.study.items if item.id in told]
    stages = [item.id for item in items if item.stage is not None]
    # of others those that have a better direction come first, and events before measurements
    ranked = sorted(items, key=lambda item: (item.sign == 0, told[item.id].effect_scale != "risk_difference"))
    chosen = stages or [item.id for item in ranked[:MAIN]]
    return [_answer(context, told[outcome], printed) for outcome in chosen]


def other_answers(context: Context, main: Sequence[Answer], printed: Mapping[str, Said]) -> list[Answer]:
    """Return the answers of the other outcomes with numbers."""
    first = {each.outcome for each in main}
    return [_answer(context, row, printed) for row in _estimated(context) if row.outcome not in first]


def _estimated(context: Context) -> list[ComparisonRow]:
    """Outcomes with numbers that were estimated, in the order of the paper."""
    return [
        row
        for row in context.comparisons
        if row.role == "outcome" and row.bayes_effect is not None and not KINDS[row.kind].words
    ]


def _answer(context: Context, row: ComparisonRow, printed: Mapping[str, Said]) -> Answer:
    claim = next((each for each in context.audit.ledger if each.outcome == row.outcome), None)
    mine = [each for each in context.record if each.outcome == row.outcome]
    severe = [each for each in touching(context.audit, row.outcome) if each.severity == "impossible"]
    wrong = "; ".join(dict.fromkeys(brief(each) for each in severe))
    item = context.study.outcome(row.outcome)
    return answer(
        row,
        mine,
        claim,
        level_of(context.ci_prob),
        wrong=wrong,
        unit=item.unit,
        recomputed=printed.get(row.outcome, ()),
        alone=item.effect_words,
    )


def asides(context: Context, others: Sequence[Answer], outcomes: Mapping[str, Sequence[Row]]) -> list[Said]:
    """Say in a line each what else a reader in a hurry should know; `outcomes` are the comparison's rows by what is known."""
    lines: list[Said] = []
    for verdict, told in AGREED.items():
        mine = [each for each in others if each.verdict == verdict]
        if mine:
            severe = any(touching(context.audit, each.outcome) for each in mine)
            but = ", but see the findings on them" if severe and verdict == "yes" else ""
            lines.append(say(Printed(_named(each.label for each in mine)), f": {told[len(mine) > 1]}{but}."))
    for known, told_of in KNOWN_FROM.items():
        if mine_of := outcomes.get(known, ()):
            are = "is" if len(mine_of) == 1 and len(mine_of[0].outcomes) == 1 else "are"
            lines.append(say(Printed(_named(row.label for row in mine_of)), f" {are} known only from {told_of}."))
    unknown = outcomes.get("unavailable", ())
    if unknown:
        lines.append(say("Not estimable from what was visible: ", Printed(_named(row.label for row in unknown)), "."))
    many = context.study.many
    if many is not None and context.study.comparisons and many.shared:
        alone = "they are not independent, and nothing is adjusted for their number."
        lines.append(say("The comparisons share ", Printed(", ".join(many.shared)), f": {alone}"))
    if context.study.randomized != "yes":
        lines.append(
            say("Allocation cannot be taken as random from what was visible: these are associations, not proof.")
        )
    return lines


def _named(labels: Iterable[str]) -> str:
    """Name several outcomes in one breath."""
    names = list(labels)
    names = [names[0], *(_inside(name) for name in names[1:])]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _inside(label: str) -> str:
    """Write a label as in the middle of a sentence."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def told_findings(context: Context) -> list[Told]:
    """Return every finding as a page tells it: what cannot be right first, outcomes before baseline variables."""
    told = [_told(context, finding, place) for place, finding in enumerate(context.audit.found, start=1)]
    roles = {item.id: item.role for item in context.study.items}
    return sorted(told, key=lambda each: all(roles[outcome] != "outcome" for outcome in each.outcomes))


def _told(context: Context, finding: Finding, place: int) -> Told:
    labels = {item.id: item.title for item in context.study.items}
    subjects = [subject for subject in finding.subject.split(" + ") if subject in labels]
    label = " and ".join(labels[subject] for subject in subjects) or finding.subject.replace("_", " ").capitalize()
    outcome, about = (subjects or [TRIAL])[0], f"{finding.check}.{place}"
    said = {
        name: marked(
            getattr(finding, name).rstrip(".") if name != "statement" else finding.statement, outcome, about, name
        )
        for name in ("statement", "assumption", "evidence", "alternatives")
    }
    if finding.assumption in finding.statement:  # the sentence holds it already
        said["assumption"] = ()
    return Told(label=label, severity=finding.severity, brief=brief(finding), outcomes=tuple(subjects), **said)


def grouped(found: Sequence[Told]) -> list[tuple[str, list[Told]]]:
    """Put findings about the same thing together, in the order of their first."""
    groups: dict[str, list[Told]] = {}
    for each in found:
        groups.setdefault(each.label, []).append(each)
    return list(groups.items())
