"""A printed claim as something that recomputed numbers can fulfil or not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bayes_ivf.study import Claim

_P = re.compile(r"\s*[Pp]?\s*(?P<relation><=|>=|[<>=≤≥])\s*(?P<level>\d*\.?\d+)\s*")


@dataclass(frozen=True)
class ParsedClaim:
    """A direction and a P.

    Parameters
    ----------
    direction : {"higher", "lower", "differs", "none"}
        Treatment against control.
    relation : {"<", ">", "="}
    level : float
        The number behind the relation.
    decimals : int
        Digits after the point that were printed.
    """

    direction: str
    relation: Literal["<", ">", "="]
    level: float
    decimals: int

    def direction_holds(self, difference: float | None) -> bool:
        """Whether a difference (treatment minus control) points the way that is claimed."""
        if difference is None or self.direction in ("none", "differs"):
            return True
        return difference > 0 if self.direction == "higher" else difference < 0

    def holds(self, difference: float | None, p: float) -> bool:
        """Whether a difference and its P fulfil the claim, its direction included."""
        if not self.direction_holds(difference):
            return False
        if self.relation == "=":
            return self.matches(p)
        return p < self.level if self.relation == "<" else p >= self.level

    def matches(self, p: float) -> bool:
        """Whether a P rounds to the printed one, ties either way."""
        return abs(p - self.level) <= 0.5 * 10.0**-self.decimals * (1 + 1e-9)


def parse_claim(claim: Claim | None) -> ParsedClaim | None:
    """Read the P of a claim; None if it is no relation and number between 0 and 1."""
    match = None if claim is None or claim.p is None else _P.fullmatch(claim.p)
    if claim is None or match is None or not 0 <= float(match["level"]) <= 1:
        return None
    relation = {"<": "<", "<=": "<", "≤": "<", ">": ">", ">=": ">", "≥": ">", "=": "="}[match["relation"]]
    decimals = len(match["level"].partition(".")[2])
    return ParsedClaim(claim.direction, relation, float(match["level"]), decimals)  # type: ignore[arg-type]
