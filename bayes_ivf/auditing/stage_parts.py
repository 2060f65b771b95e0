"""Outcomes that count women at a stage of pregnancy, with every pair of counts that they can stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.stages import Role, possible_role, role
from bayes_ivf.study import ArmName, Counts, Outcome, Study

WOMEN = re.compile(
    r"(randomi[sz]ed |started |initiated |embryo |oocyte |first |fresh )*"
    r"(wom[ae]n|warmings?|inseminations?|patients?|participants?|couples?|transfers?|cycles?|retrievals?|aspirations?|pick-?ups?)"
)
PREGNANT = re.compile(r"((clinical|ongoing|positive)[ _])?(pregnanc(y|ies)|tests?)|live[ _]births?")


@dataclass(frozen=True)
class Part:
    """An outcome with its stage in one arm.

    Parameters
    ----------
    item : Outcome
    role : Role
    counts : tuple of Counts
        Every pair of counts that the printed numbers can stand for.
    women : int
        Women in the arm.
    """

    item: Outcome
    role: Role
    counts: tuple[Counts, ...]
    women: int

    @property
    def declared(self) -> bool:
        """Whether the study file says which stage it is."""
        return self.role.declared

    @property
    def fewest(self) -> int:
        """Fewest events that the printed numbers can stand for."""
        return min(counts.events for counts in self.counts)

    @property
    def most(self) -> int:
        """Most events that the printed numbers can stand for."""
        return max(counts.events for counts in self.counts)

    @property
    def repeated(self) -> bool:
        """Whether one woman may be counted several times."""
        return min(counts.n for counts in self.counts) > self.women

    @property
    def text(self) -> str:
        """The outcome with its counts."""
        more = f" (or {len(self.counts) - 1} other decodings)" if len(self.counts) > 1 else ""
        return f"{self.item.label} {self.counts[0]}{more} per {self.item.per}"


def parts(study: Study, arm: ArmName, *, asked: bool = False) -> tuple[Part, ...]:
    """Return the outcomes of an arm that count women at a stage; with `asked`, those that a word only hints at."""
    stage_parts = []
    for item in study.items:
        known, counts = possible_role(item) if asked else role(item), arm_counts(item, arm)
        unit = item.per.strip().lower()
        if known is not None and counts and (WOMEN.fullmatch(unit) or PREGNANT.fullmatch(unit)):
            stage_parts.append(Part(item, known, counts, study.sizes[arm]))
    return tuple(stage_parts)
