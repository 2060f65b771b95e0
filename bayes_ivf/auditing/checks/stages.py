"""Whether the stages of a pregnancy fit into each other: births among pregnancies, losses, first and all transfers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations

from bayes_ivf.auditing.arm_finding import arm_finding
from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.auditing.stage_parts import PREGNANT, WOMEN, Part, parts
from bayes_ivf.auditing.stages import later_losses_count, possible_role, role
from bayes_ivf.study import ARMS, ArmName, Study

NAME = "stages"
QUESTION = "Do losses, ongoing pregnancies and births fit into the pregnancies before them?"

_ORDER = ("positive_test", "clinical_pregnancy", "ongoing", "live_birth")
_WITHIN = (
    *combinations(_ORDER, 2),
    ("clinical_pregnancy", "multiple"),
    ("positive_test", "ectopic"),
    ("positive_test", "miscarriage"),
    ("clinical_pregnancy", "miscarriage"),
    ("live_birth", "birth_part"),
)
"""Each second stage counts women who are counted in the first."""
_OTHERS = (
    "women without a transfer, or with several, differ between the denominators; losses before the clinical stage counted as "
    "miscarriages; stillbirths or children counted"
)
_INNOCENT = "births or sacs counted instead of women (twins); different populations or denominators; a typing error"

_finding = partial(arm_finding, check=NAME, read="stages are")


def applies_to(study: Study) -> bool:
    """Whether at least two outcomes may be stages of a pregnancy."""
    return sum(role(item) is not None or possible_role(item) is not None for item in study.items) >= 2


def run(study: Study) -> tuple[Finding, ...]:
    """Return every stage that does not fit into the one before it."""
    return tuple(finding for arm in ARMS for finding in _arm(study, arm))


def _arm(study: Study, arm: ArmName) -> Iterator[Finding]:
    known = parts(study, arm)
    yield from _within(study, arm, known)
    yield from _losses(study, arm, known)
    yield from _tests(study, arm, known)
    yield from _cumulative(study, arm, known)
    yield from _asked(study, arm, known)


def _within(study: Study, arm: ArmName, known: tuple[Part, ...]) -> Iterator[Finding]:
    """A later stage holds no more women than an earlier one of the same transfers."""
    for early_stage, late_stage in _WITHIN:
        for late in (part for part in known if part.role.stage == late_stage):
            before = [p for p in known if p.role.stage == early_stage and _holds(p, late)]
            early = max(before, key=lambda part: part.most, default=None)
            if early is None or late.fewest <= early.most:
                continue
            named = late.item.label if late_stage == "birth_part" else str(late.role)
            assumption = f"every woman with {named} also had {early.role}, and each is counted once"
            severity = _severity(early, late)
            yield _finding(
                study,
                arm,
                (late, early),
                f"More women with {named} ({late.fewest}) than with {early.role} ({early.most})",
                assumption,
                severity,
                _INNOCENT if severity == "impossible" else f"{_OTHERS}; {_INNOCENT}",
            )


def _holds(whole: Part, part: Part) -> bool:
    """Whether the women of one outcome are among those of another by scope."""
    if whole.role.scope == "cumulative":
        return True
    if part.role.scope in ("cumulative", "other") or whole.role.scope == "other":
        return False
    # Births of many cycles may be several of one woman.
    return not part.repeated or whole.repeated


def _severity(whole: Part, part: Part) -> Severity:
    """Impossible where both have one unit and scope, and the wider denominators do not hold the difference."""
    loose = part.role.stage == "birth_part" or (part.role.stage, whole.role.stage) == (
        "miscarriage",
        "clinical_pregnancy",
    )
    if loose or not _same_unit(whole, part):
        # Births of one kind are often counted as children, losses with those before the clinical stage.
        return "caution"
    if whole.role.scope == "unstated" and part.role.scope == "first":
        return "caution" if not whole.role.declared else "impossible"
    if whole.role.scope == "first" and part.role.scope == "unstated":
        return "caution"
    wider = max(counts.n for counts in part.counts) - min(counts.n for counts in whole.counts)
    return "caution" if wider >= part.fewest - whole.most else "impossible"


def _losses(study: Study, arm: ArmName, known: tuple[Part, ...]) -> Iterator[Finding]:
    """Women who miscarried have neither an ongoing pregnancy nor a birth of the same transfer."""
    single = [part for part in known if part.role.scope in ("unstated", "first")]
    wholes = [part for part in single if part.role.stage == "clinical_pregnancy"]
    for later in (part for part in single if part.role.stage in ("ongoing", "live_birth")):
        for lost in (part for part in single if part.role.stage == "miscarriage"):
            tried = [(whole, _room(whole, lost)) for whole in wholes if _comparable(whole, lost, later)]
            if not tried:
                continue
            whole, room = max(tried, key=lambda pair: pair[1])
            if later.fewest <= room or later.fewest > whole.most:
                continue
            after = "no miscarriage came after the date that counts as ongoing" if later.role.stage == "ongoing" else ""
            assumption = f"a woman who miscarried has no {later.role} of the same transfer, and each is counted once"
            assumption += f"; {after}" if after else ""
            sure = _same_unit(whole, later) and lost.role.scope == whole.role.scope == later.role.scope
            if later.role.stage == "ongoing" and later_losses_count(later.item, lost.item):
                sure = False
            yield _finding(
                study,
                arm,
                (later, whole, lost),
                f"{later.fewest} women with {later.role}, more than the {room} whose {whole.role} was not lost",
                assumption,
                "impossible" if sure else "caution",
                "losses after the date that counts as ongoing; losses before the clinical stage counted as "
                f"miscarriages; one of two sacs lost; {_INNOCENT}",
            )


def _room(whole: Part, lost: Part) -> int:
    """Most women who can be left after the losses; a denominator linked to the pregnancies must be one of them."""
    pairs = [(a.events, b) for a in whole.counts for b in lost.counts]
    linked = [pair for pair in pairs if pair[0] == pair[1].n] if lost.item.denominator_of == whole.item.id else []
    return max(events - b.events for events, b in linked or pairs)


def _comparable(whole: Part, lost: Part, later: Part) -> bool:
    unit = lost.item.per.strip().lower()
    if whole.repeated != later.repeated:
        return False
    if lost.item.denominator_of is not None:
        return lost.item.denominator_of == whole.item.id
    if PREGNANT.fullmatch(unit):
        # Losses per positive test hold biochemical losses.
        return any(a.events == b.n for a in whole.counts for b in lost.counts)
    return lost.repeated == whole.repeated


def _same_unit(a: Part, b: Part) -> bool:
    return a.item.per.strip().lower() == b.item.per.strip().lower()


def _tests(study: Study, arm: ArmName, known: tuple[Part, ...]) -> Iterator[Finding]:
    """Positive tests hold clinical pregnancies and losses before that stage; a test's own name may mean either."""
    single = {
        p.role.stage: p for p in reversed(known) if p.role.scope != "cumulative" and WOMEN.fullmatch(p.item.per.lower())
    }
    clinical, whole = single.get("clinical_pregnancy"), single.get("positive_test")
    lost = single.get("biochemical_loss") or (single.get("biochemical") if whole is not None else None)
    if clinical is None:
        return
    tubal = single.get("ectopic")
    others = [part for part in (lost, tubal) if part is not None]
    total = clinical.fewest + sum(part.fewest for part in others)
    if whole is not None and others and total > whole.most >= clinical.fewest:
        alone = lost is not None and lost.fewest + clinical.fewest > whole.most
        sure = alone and lost is not None and lost.role.stage == "biochemical_loss" and _same_unit(whole, lost)
        members = (whole, clinical, *(part for part in others if not alone or part is lost))
        named, together = " and ".join(str(part.role) for part in members[1:]), sum(part.fewest for part in members[1:])
        yield _finding(
            study,
            arm,
            members,
            f"{named.capitalize()} together ({together}), more than positive tests ({whole.most})",
            "every woman with a positive test has either a clinical pregnancy, a loss before it or an ectopic pregnancy, and "
            "is counted once",
            "impossible" if sure and _same_unit(whole, clinical) else "caution",
            "biochemical pregnancies may be all positive tests instead of losses alone; ectopic pregnancies may be counted as "
            f"clinical ones too; another day or threshold of the test; {_INNOCENT}",
        )
    elif whole is not None and lost is not None and tubal is not None and total < whole.fewest:
        yield _finding(
            study,
            arm,
            (whole, clinical, lost, tubal),
            f"{whole.fewest - total} of {whole.fewest} positive tests are neither clinical pregnancies ({clinical.fewest}), "
            f"losses before that stage ({lost.fewest}) nor ectopic pregnancies ({tubal.fewest})",
            "every positive test ends as one of these",
            "info",
            f"pregnancies of unknown location; women lost to follow-up; {_INNOCENT}",
        )
    either = single.get("biochemical")
    if either is None or whole is not None or not _same_unit(either, clinical):
        return
    as_tests, n = either.most >= clinical.fewest, max(counts.n for counts in clinical.counts)
    if not as_tests and either.fewest + clinical.fewest > n:
        yield _finding(
            study,
            arm,
            (either, clinical),
            f"{either.most} biochemical and {clinical.fewest} clinical pregnancies of {n} fit neither sense of "
            "biochemical pregnancy: which is meant, every positive test or losses alone",
            "as positive tests they hold the clinical pregnancies, as losses they are other women",
            "caution",
            _INNOCENT,
        )


def _cumulative(study: Study, arm: ArmName, known: tuple[Part, ...]) -> Iterator[Finding]:
    """What is counted over several transfers includes the first."""
    for whole in (part for part in known if part.role.scope == "cumulative"):
        for part in (p for p in known if p.role.stage == whole.role.stage and p.role.scope != "cumulative"):
            if part.fewest <= whole.most or (part.repeated and not whole.repeated):
                continue
            stated = part.role.scope == "first" or part.role.declared
            yield _finding(
                study,
                arm,
                (whole, part),
                f"Fewer women with {whole.role} ({whole.most}) than with {part.role} ({part.fewest})",
                f"{whole.role} counts the women of the first transfer as well, and each is counted once",
                "impossible" if stated and _severity(whole, part) == "impossible" else "caution",
                f"cumulative counts of later transfers alone; births before a cut-off date; {_INNOCENT}",
            )


def _asked(study: Study, arm: ArmName, known: tuple[Part, ...]) -> Iterator[Finding]:
    """Ask for the stage of an outcome that would not fit if a word of its label were its stage."""
    for late in parts(study, arm, asked=True):
        early_stages = [early for early, stage in _WITHIN if stage == late.role.stage]
        before = [p for p in known if p.role.stage in early_stages and _holds(p, late)]
        if any(late.fewest > part.most for part in before):
            early = min(before, key=lambda part: part.most)
            yield _finding(
                study,
                arm,
                (late, early),
                f'{late.item.label} is not compared with {early.role}: declare stage = "{late.role.stage}" if it is one '
                f"({late.fewest} against {early.most})",
                "a word in a label makes no stage",
                "info",
                "it counts something else, such as children, all transfers or another group of women",
            )
