"""A printed claim as something that recomputed numbers can fulfil or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bayes_ivf.auditing.thresholds import ALPHA
from bayes_ivf.errors import StudyError
from bayes_ivf.study import Claim, read_p

_RELATIONS: dict[str, Literal["<", ">", "="]] = {
    "<": "<",
    "≤": "<",
    ">": ">",
    "≥": ">",
    "=": "=",
}


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
    words : bool
        Whether anything but the P says what is concluded.
    """

    direction: str
    relation: Literal["<", ">", "="]
    level: float
    decimals: int
    words: bool = True

    @property
    def alpha(self) -> float:
        """The bound that was printed; for an exact P the usual level."""
        return ALPHA if self.relation == "=" else self.level

    @property
    def rounded(self) -> tuple[float, float]:
        """Closed interval of the P values that print like an exact one."""
        half = 0.5 * 10.0**-self.decimals * (1 + 1e-9)
        return self.level - half, self.level + half

    @property
    def below(self) -> bool | None:
        """Whether the conclusion is a P below `alpha`; None if a P that rounds to it comes without words."""
        if self.relation != "=":
            return self.relation == "<"
        if self.rounded[0] <= self.alpha <= self.rounded[1]:
            return self.direction != "none" if self.words else None
        return self.level < self.alpha

    def direction_holds(self, difference: float | None) -> bool:
        """Whether a difference (treatment minus control) points the way that is claimed."""
        if difference is None or self.direction in ("none", "differs"):
            return True
        return difference > 0 if self.direction == "higher" else difference < 0

    def holds(self, difference: float | None, p: float) -> bool:
        """Whether a difference and its P are on the side of `alpha` that is concluded, and point the claimed way."""
        return self.direction_holds(difference) and self.below is (p < self.alpha)

    def matches(self, p: float) -> bool:
        """Whether a P rounds to the printed one, ties either way."""
        return self.rounded[0] <= p <= self.rounded[1]

    def truncates(self, p: float) -> bool:
        """Whether cutting off the digits of a P leaves the printed one."""
        return self.level <= p < self.level + 10.0**-self.decimals * (1 - 1e-9)


def parse_claim(claim: Claim | None) -> ParsedClaim | None:
    """Read the P of a claim; None if it is no relation and number between 0 and 1."""
    if claim is None or claim.p is None:
        return None
    try:
        printed = read_p(claim.p)
    except StudyError:
        return None
    if not printed.possible:
        return None
    words = claim.direction in ("higher", "lower") or _words(claim.text) != _words(claim.p)
    decimals = max(0, -int(printed.number.as_tuple().exponent))
    return ParsedClaim(claim.direction, _RELATIONS[printed.relation], float(printed.number), decimals, words)


def _words(text: str) -> str:
    return "".join(text.lower().split())
