"""What a structure is, and where its parts lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from bayes_ivf.calibration import Design
    from bayes_ivf.cards import Card
    from bayes_ivf.problem import PriorLike, Problem
    from bayes_ivf.study import Outcome, Study


class ProblemPart(Protocol):
    """``problem.py`` of a structure: what it applies to, and the problem that it makes. No PyMC."""

    def why_not(self, study: Study, outcome: Outcome, card: Card) -> str | None:
        """Return why the structure cannot take an outcome of a kind that its card allows, in one sentence; else None."""

    def build(
        self, study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None
    ) -> Problem:
        """Make a problem."""

    def applying_options(self, study: Study, outcome: Outcome) -> tuple[str, ...] | None:
        """Return the options that can change the result of an outcome; None if all of the card's can."""


class CalibrationPart(Protocol):
    """``calibration.py`` of a structure: what is simulated, under which priors."""

    def designs(self, card: Card) -> list[Design]:
        """Return the designs of a card."""


class DerivingPart(ProblemPart, Protocol):
    """``problem.py`` of a structure that speaks of outcomes which no paper needs to print."""

    def anchor(self, study: Study) -> Outcome | None:
        """Return the printed outcome that the derived ones hang on; None if there is none."""


@dataclass(frozen=True)
class Structure:
    """One way the effects relate: a folder of parts, each loaded when it is used.

    Parameters
    ----------
    name : str
        As in cards, problems and their hashes.
    folder : str
        Below ``bayes_ivf.structures``.
    rank : int or None
        Place among the structures whose result may be of record for an outcome, the one that does most justice to it
        first; None for those that speak of several outcomes at once.
    derives : tuple of str
        Outcomes that it speaks of and no paper needs to print.
    """

    name: str
    folder: str
    rank: int | None = None
    derives: tuple[str, ...] = ()

    def load_problem(self) -> ProblemPart:
        """Return the part that makes problems."""
        return cast(ProblemPart, import_module(f"bayes_ivf.structures.{self.folder}.problem"))

    def load_calibration(self) -> CalibrationPart:
        """Return the part that simulates trials."""
        return cast(CalibrationPart, import_module(f"bayes_ivf.structures.{self.folder}.calibration"))

    def hangs_on(self, study: Study, outcome: str) -> Outcome:
        """Return the printed outcome that a problem of an outcome, printed or derived, is made of."""
        if outcome in self.derives:
            found = cast(DerivingPart, self.load_problem()).anchor(study)
            if found is not None:
                return found
        return study.outcome(outcome)
