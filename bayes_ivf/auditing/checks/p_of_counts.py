"""Whether any counts of arms of the printed sizes give a P, or a chi-square or z, of events that are not printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from bayes_ivf.auditing.claim_words import claim_groups
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.printed_tables import (
    ANY,
    MOST_TABLES,
    SIDES,
    TEST_WORDS,
    Span,
    chi_square_span,
    p_span,
    printing_tables,
    tests_of_counts,
)
from bayes_ivf.auditing.table_tests import chi_square_of_tables, p_of_tables
from bayes_ivf.study import ARMS, KINDS, Outcome, Size, Study

NAME = "p_of_counts"
QUESTION = "Do some counts of both arms give each P, chi-square or z of events whose counts are not printed?"

_OF_OTHERS = frozenset(
    ("adjusted", "paired", "before_after", "from_baseline", "several_arms", "cluster", "corrected", "noninferior",
     "equivalence", "trend", "other_test", "boschloo", "mid_p")
)  # fmt: skip
"""Words for a test that is none of the usual ones of two arms of counts."""


@dataclass(frozen=True)
class _Print:
    """What was printed of one outcome."""

    sizes: tuple[int, int]
    p: Span
    statistic: Span
    side: int
    rounded: bool
    """Whether the P is an exact one."""

    def gives(self, test: str, *, p: Span | None = None, side: int | None = None) -> bool:
        """Whether some table prints so by a test, or would with another P or direction."""
        span, sign = self.p if p is None else p, self.side if side is None else side
        return bool(printing_tables(test, self.sizes, p=span, statistic=self.statistic, side=sign).any())


def applies_to(study: Study) -> bool:
    """Whether a P or a statistic of counts is printed without them."""
    return any(_print_of(item) is not None for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each print that no counts give."""
    return tuple(finding for item in study.items for finding in _of(study, item))


def _print_of(item: Outcome) -> _Print | None:
    sizes = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    kind = KINDS[item.kind]
    if not (kind.words and kind.mcid == "risk_difference") or not all(isinstance(size, Size) for size in sizes):
        return None
    treatment, control = (cast(Size, size).n for size in sizes)
    claim, statistic = item.claim, item.statistic
    span = None if statistic is None else chi_square_span(statistic)
    printed = claim is not None and claim.p is not None
    if (statistic is not None and span is None) or (span is None and not printed):
        return None
    if (treatment + 1) * (control + 1) > MOST_TABLES:
        return None
    p = p_span(claim) if claim is not None and printed else ANY
    if item.alternative == "one-sided":
        p = (2 * p[0], 2 * p[1])
    side = 0 if claim is None else SIDES.get(claim.direction, 0)
    return _Print((treatment, control), p, span or ANY, side, claim is not None and claim.relation == "=")


def _of(study: Study, item: Outcome) -> Iterator[Finding]:
    printed, groups = _print_of(item), claim_groups(study, item)
    if printed is None or groups & _OF_OTHERS:
        return
    with_statistic = printed.statistic != ANY
    tests = tests_of_counts(groups, with_statistic)
    if any(printed.gives(test) for test in tests):
        return
    # a statistic and a P that contradict each other are a finding of the check of statistics
    if with_statistic and printed.p != ANY and any(printed.gives(test, p=ANY) for test in tests):
        return
    told = "" if item.claim is None or item.claim.p is None else item.claim.p
    shown = told if item.statistic is None else f"{item.statistic}, {told}" if told else str(item.statistic)
    side = {1: ", higher in the treatment arm", -1: ", lower in the treatment arm"}.get(printed.side, "")
    first, second = printed.sizes
    yield Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f"No counts of arms of {first} and {second} give what is printed for {item.label}, {shown}{side}, by "
        f"{_listed([TEST_WORDS[test] for test in tests])}{_instead(printed, tests)}.",
        assumption=f"whole numbers of events among {first} and {second}, nobody missing; a two-sided test of the two arms; the "
        "print is rounded to its last digit",
        evidence=f"all {(first + 1) * (second + 1)} tables searched; nearest: {_nearest(printed, tests)}",
        alternatives="women without a value, so that other numbers were compared; another, adjusted or one-sided test; events "
        "that were counted per something else than the arms' women; digits cut off, or a typing error",
        brief="a printed P or statistic that no counts of both arms give",
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _instead(printed: _Print, tests: tuple[str, ...]) -> str:
    """Say what else would give the print; empty if nothing that is tried does."""
    if printed.side and any(printed.gives(test, side=-printed.side) for test in tests):
        return "; with the other direction some do"
    others = [test for test in tests_of_counts((), printed.statistic != ANY) if test not in tests]
    held = [TEST_WORDS[test] for test in others if printed.gives(test)]
    if held:
        return f"; by {_listed(held)} some do"
    low, high = printed.p
    if printed.rounded:
        middle, width = (low + high) / 2, high - low
        if any(printed.gives(test, p=(middle, middle + width)) for test in tests):
            return "; only with its last digits cut off some do"
        if any(printed.gives(test, p=(2 * low, 2 * high)) for test in tests):
            return "; as a one-sided P of twice its size some do"
    return ""


def _nearest(printed: _Print, tests: tuple[str, ...]) -> str:
    """The nearest values on either side of the print, by each test."""
    told = []
    for test in tests:
        on_side = printing_tables(test, printed.sizes, side=printed.side)
        by_p = printed.statistic == ANY
        values = (p_of_tables if by_p else chi_square_of_tables)(test, *printed.sizes)[on_side]
        low, high = printed.p if by_p else printed.statistic
        ends = [values[values < low], values[values >= high]]
        near = [float(end) for end in (ends[0].max(initial=-1.0), ends[1].min(initial=1e308)) if 0 <= end < 1e308]
        shown = " and ".join(f"{value:.4g}" for value in near)
        told.append(f"{TEST_WORDS[test]} {'P' if by_p else 'chi-square'} {shown}")
    return "; ".join(told)
