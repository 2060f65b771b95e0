"""Which quantity of a problem is meant: an estimand, and the outcome that it speaks of.

Inside the package this is a value; as text, ``risk_difference`` or ``risk_difference@woman``, it is what users write and what
stores, trees and posteriors of the exact engine are keyed by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_AT = "@"


@dataclass(frozen=True, order=True)
class EstimandId:
    """An estimand of an outcome; hashable, and ordered as its text is.

    Parameters
    ----------
    estimand : str
        Its name, as in the column `estimand` of ``effects.csv``.
    place : str
        Which outcome of a problem it speaks of: a key of `Problem.places`, empty for the problem's own.

    Examples
    --------
    >>> of_women = EstimandId.parse("risk_difference@woman")
    >>> of_women
    EstimandId(estimand='risk_difference', place='woman')
    >>> str(of_women), str(of_women.of("odds_ratio")), str(EstimandId("odds_ratio"))
    ('risk_difference@woman', 'odds_ratio@woman', 'odds_ratio')
    """

    estimand: str
    place: str = ""

    @classmethod
    def parse(cls, text: str) -> EstimandId:
        """Return the value of a text; the reverse of `str`."""
        estimand, _, place = text.partition(_AT)
        return cls(estimand, place)

    def of(self, estimand: str) -> EstimandId:
        """Return another estimand of the same outcome."""
        return EstimandId(estimand, self.place)

    @property
    def text(self) -> str:
        """What `str` gives; by this name the version of the numerics knows that it is asked for."""
        return f"{self.estimand}{_AT}{self.place}" if self.place else self.estimand

    def __str__(self) -> str:
        return self.text


def at_place[T](values: Mapping[str, T], place: str = "") -> dict[EstimandId, T]:
    """Return values by estimand as those of an outcome.

    Examples
    --------
    >>> at_place({"risk_ratio": 1.2}, "woman")
    {EstimandId(estimand='risk_ratio', place='woman'): 1.2}
    """
    return {EstimandId(estimand, place): each for estimand, each in values.items()}
