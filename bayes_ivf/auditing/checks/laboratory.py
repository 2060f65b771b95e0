"""Whether oocytes, embryos and transfers of an arm fit into each other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import ceil, floor

from bayes_ivf.auditing.arm_finding import arm_finding
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.laboratory import WORDS, Total, totals
from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.study import ARMS, ArmName, Study

NAME = "laboratory"
QUESTION = "Do oocytes, embryos and transfers of an arm fit into each other?"

_ORDER = ("retrieved", "mature", "fertilized")
_AFTER = ("good", "blastocyst", "transferred", "frozen")
_SURE = (("retrieved", "mature"), ("retrieved", "fertilized"))
"""Parts of a whole whatever the laboratory does; oocytes may mature, and embryos be thawed, after the count before."""
_CYCLES = "women with several cycles; embryos thawed from an earlier cycle, or donated; another group of women; a typing error"
_SLACK = 1e-9

_finding = partial(arm_finding, check=NAME, read="what is counted is")


def applies_to(study: Study) -> bool:
    """Whether oocytes or embryos are counted."""
    return any(True for arm in ARMS for _ in totals(study, arm))


def run(study: Study) -> tuple[Finding, ...]:
    """Return every total that does not fit into another one, into the women, or to the mean of its own kind."""
    findings: list[Finding] = []
    for arm in ARMS:
        known = tuple(totals(study, arm))
        findings += [
            *_within(study, arm, known),
            *_units(study, arm, known),
            *_used(study, arm, known),
            *_most(study, arm, known),
            *_means(study, arm, known),
        ]
    return tuple(findings)


def _within(study: Study, arm: ArmName, known: tuple[Total, ...]) -> Iterator[Finding]:
    """A later kind is part of an earlier one; told once for each pair of kinds, where it is plainest."""
    for i, late in enumerate((*_ORDER, *_AFTER)):
        for early in _ORDER[:i]:
            pairs = [
                (whole, part)
                for whole in known
                for part in known
                # Denominators may be some of their kind, such as the oocytes inseminated: they are parts, never wholes.
                if (whole.kind, part.kind) == (early, late) and not whole.partial and _exceeds(whole, part)
                if whole.item is not part.item
            ]
            if not pairs:
                continue
            whole, part = min(pairs, key=lambda pair: (not _alike(*pair), pair[0].high - pair[1].low))
            sure = _alike(whole, part) and (early, late) in _SURE
            shown = _show(part, part.low), _show(whole, whole.high)
            yield _finding(
                study,
                arm,
                (part, whole),
                f"More {WORDS[late]} ({shown[0]}) than {WORDS[early]} ({shown[1]})",
                f"{WORDS[late]} are among the {WORDS[early]}, and both are of the same women",
                "impossible" if sure else "caution",
                "oocytes that matured after retrieval; embryos thawed or donated; " + _CYCLES
                if not sure
                else "rows or labels exchanged; means of different women; a typing error",
            )


def _units(study: Study, arm: ArmName, known: tuple[Total, ...]) -> Iterator[Finding]:
    """Denominators of one kind hold no more than were counted of it."""
    for part in (total for total in known if total.base is None and total.women is None):
        counted = [whole for whole in known if whole.kind == part.kind and whole.base is not None]
        whole = max(counted, key=lambda total: total.high, default=None)
        if whole is None or whole.item is part.item or part.low <= whole.high:
            continue
        yield _finding(
            study,
            arm,
            (part, whole),
            f"More {WORDS[part.kind]} in a denominator ({part.low:.0f}) than were counted ({whole.high:.0f})",
            f"the denominators of {part.item.label} are {WORDS[part.kind]} of the same women",
            "caution",
            f"immature oocytes injected as well; {_CYCLES}",
        )


def _used(study: Study, arm: ArmName, known: tuple[Total, ...]) -> Iterator[Finding]:
    """Embryos are transferred or frozen, not both: together no more than were fertilized."""
    for whole in (total for total in known if total.kind == "fertilized"):
        moved, frozen = (
            next((t for t in known if t.kind == kind and _alike(whole, t)), None) for kind in ("transferred", "frozen")
        )
        if moved is None or frozen is None or max(moved.low, frozen.low) > whole.high:
            continue
        if moved.low + frozen.low > whole.high * (1 + _SLACK):
            yield _finding(
                study,
                arm,
                (whole, moved, frozen),
                f"More embryos transferred and frozen ({_show(moved, moved.low + frozen.low)}) than fertilized oocytes "
                f"({_show(whole, whole.high)})",
                "each embryo comes from one of the fertilized oocytes and is either transferred or frozen",
                "caution",
                f"embryos frozen and later transferred counted twice; {_CYCLES}",
            )


def _exceeds(whole: Total, part: Total) -> bool:
    if whole.women is not None and part.women is not None and whole.women != part.women:
        # Means of different women: what matters is more than all of them have together.
        return part.women < whole.women and part.low > whole.high * (1 + _SLACK)
    return part.low > whole.high * (1 + _SLACK)


def _alike(whole: Total, part: Total) -> bool:
    """Whether both are means of as many women, or numerators of one denominator."""
    if whole.women is not None or part.women is not None:
        return whole.women == part.women
    return whole.base is not None and whole.base == part.base


def _show(total: Total, value: float) -> str:
    if total.women is not None:
        return f"a mean of {value / total.women:.4g}"
    return f"{value:.0f}"


def _most(study: Study, arm: ArmName, known: tuple[Total, ...]) -> Iterator[Finding]:
    """Nobody received more embryos than the most of the study."""
    women, most = study.sizes[arm], study.max_embryos
    seen = set()
    for total in known:
        if total.kind != "transferred" or total.base is not None or (total.low, total.women) in seen:
            continue
        seen.add((total.low, total.women))
        held = total.women or total.among or women
        limit = most * held
        if total.low <= limit * (1 + _SLACK):
            continue
        yield _finding(
            study,
            arm,
            (total,),
            f"More embryos ({_show(total, total.low)}) than at most {most} for each of {held} women allow ({limit})",
            f"no woman received more than {most} embryos (max_embryos of the study file), in one transfer",
            "caution",
            f"some women received more; embryos cultured instead of transferred; {_CYCLES}",
        )


def _means(study: Study, arm: ArmName, known: tuple[Total, ...]) -> Iterator[Finding]:
    """Compare a mean per woman, times women, with the total of the same kind that was counted."""
    for kind in WORDS:
        means = [total for total in known if total.kind == kind and total.women is not None]
        counted = [total for total in known if total.kind == kind and total.women is None and total.base is None]
        for mean in means:
            sizes = {mean.women or 0, *(size for size in _transfers(study, arm) if size <= (mean.women or 0))}
            for total in counted:
                each = mean.low / (mean.women or 1), mean.high / (mean.women or 1)
                if any(total.high >= each[0] * n - _SLACK and total.low <= each[1] * n + _SLACK for n in sizes):
                    continue
                more = total.low > mean.high
                # Of oocytes only some may have been inseminated or scored.
                if not more and kind != "transferred":
                    continue
                fitting = f"{ceil(total.low / each[1])} to {floor(total.high / max(each[0], _SLACK))}"
                yield _finding(
                    study,
                    arm,
                    (total, mean),
                    f"{'More' if more else 'Fewer'} {WORDS[kind]} ({total.low:.0f}) than a mean of {each[0]:.4g} to "
                    f"{each[1]:.4g} gives for {mean.women} women ({ceil(mean.low)} to {floor(mean.high)})",
                    "mean and total are of the same women and of one transfer or cycle each",
                    "caution" if more else "info",
                    f"a mean over {fitting} women, such as those with a transfer; {_CYCLES}",
                )


def _transfers(study: Study, arm: ArmName) -> set[int]:
    """Return the denominators that are transfers of this arm."""
    per_transfer = [
        item for item in study.items if "transfer" in item.per.lower() and "embryos" not in item.per.lower()
    ]
    return {counts.n for item in per_transfer for counts in arm_counts(item, arm)}
