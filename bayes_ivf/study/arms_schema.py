"""The shape of a study file with any number of arms; a file of two is read by `schema` alone, which has the same keys."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bayes_ivf.study import schema
from bayes_ivf.study.schema import MOST_OUTCOMES, MOST_WOMEN, ArmTable, ClaimTable, EffectTable, Identifier, Key, Text

MOST_ARMS = 20


class OutcomeTable(schema.OutcomeTable):
    """``[[outcomes]]``, with a cell for each arm."""

    cells: dict[Identifier, Text] = Field(default_factory=dict)
    claims: dict[Key, ClaimTable] = Field(default_factory=dict)
    effects: dict[Key, EffectTable] = Field(default_factory=dict)
    n: dict[Identifier, int | Text] | None = None  # type: ignore[assignment]


class StudyTable(schema.StudyTable):
    """A whole study file, of two arms or more."""

    arms: Annotated[dict[Identifier, ArmTable], Field(max_length=MOST_ARMS)]  # type: ignore[assignment]
    compare: Annotated[list[list[Key]], Field(min_length=1, max_length=MOST_OUTCOMES)] | None = None
    pool: list[Key] | dict[Identifier, list[Key]] | None = None
    clusters: dict[Identifier, Annotated[int, Field(ge=1, le=MOST_WOMEN)]] = Field(default_factory=dict)  # type: ignore[assignment]
    outcomes: Annotated[list[OutcomeTable], Field(min_length=1, max_length=MOST_OUTCOMES)]  # type: ignore[assignment]


def has_many_arms(values: dict[str, Any]) -> bool:
    """Whether a file has other arms than treatment and control, or says something that only such a file does."""
    if "compare" in values or "pool" in values:
        return True
    arms, outcomes = values.get("arms"), values.get("outcomes")
    rows = [row for row in outcomes if isinstance(row, dict)] if isinstance(outcomes, list) else []
    if any(key in row for row in rows for key in ("cells", "claims", "effects")):
        return True
    return isinstance(arms, dict) and (len(arms) > 2 or any(_of_its_own(str(arm)) for arm in arms))


def _of_its_own(arm: str) -> bool:
    """Whether an arm's name is none of the two usual ones, and no slip of the pen for one."""
    from difflib import get_close_matches

    from bayes_ivf.study.arms import ARMS

    return not get_close_matches(arm.lower(), ARMS, 1, 0.7)
