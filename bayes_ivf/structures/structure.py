"""What a structure is, and where its parts lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import numpy.typing as npt

from bayes_ivf.compile_cache import settle_cache

if TYPE_CHECKING:
    import pymc as pm

    from bayes_ivf.calibration import Design
    from bayes_ivf.cards import Card
    from bayes_ivf.estimand_id import EstimandId
    from bayes_ivf.forms import Solver
    from bayes_ivf.problem import DataArray, PriorLike, Problem
    from bayes_ivf.study import Outcome, Study

Array = npt.NDArray[np.float64]


class ProblemPart(Protocol):
    """``problem.py`` of a structure: what it applies to, and the problem that it makes. No PyMC."""

    def why_not(self, study: Study, outcome: Outcome, card: Card) -> str | None:
        """Return why the structure cannot take an outcome of a kind that its card allows, in one sentence; else None."""

    def make(
        self, study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None
    ) -> Problem:
        """Make a problem."""

    def applying_options(self, study: Study, outcome: Outcome) -> tuple[str, ...] | None:
        """Return the options that can change the result of an outcome; None if all of the card's can."""

    def derived(self, problem: Problem) -> dict[str, DataArray]:
        """Return arrays that only NUTS needs, made when a model is.

        Raises
        ------
        RequestError
            If the likelihood has no form that NUTS can use.
        """

    def can_be_sampled(self, problem: Problem) -> bool:
        """Whether NUTS has a likelihood for a problem."""


class ModelPart(Protocol):
    """``model.py`` of a structure; loads PyMC."""

    def build(self, problem: Problem) -> pm.Model:
        """Build the model of a problem."""


class ContrastsPart(Protocol):
    """``contrasts.py`` of a structure: its quantities."""

    def contrasts(self, problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
        """Return the draws of every estimand, each of shape (chain, draw)."""

    def unsigned(self, problem: Problem) -> list[str]:
        """Return the places (see `EstimandId`) whose effect has a size and no sign that anything could be said of."""

    def moments(self, problem: Problem) -> Mapping[EstimandId, float]:
        """Return the order below which moments exist, of quantities that lack some; structures need not say."""


class ExactPart(Protocol):
    """``exact.py`` of a structure: what is solved by quadrature."""

    STACKED: bool
    """Whether problems of one kind are solved together."""

    def solver(self, problem: Problem) -> Solver | None:
        """Return what solves a problem; None if nothing does."""


class CalibrationPart(Protocol):
    """``calibration.py`` of a structure: what is simulated, under which priors."""

    def designs(self, card: Card) -> list[Design]:
        """Return the designs of a card."""


class DerivingPart(ProblemPart, Protocol):
    """``problem.py`` of a structure that speaks of outcomes which no paper needs to print."""

    def anchor_of(self, study: Study) -> Outcome | None:
        """Return the printed outcome that the derived ones hang on; None if there is none."""


@dataclass(frozen=True)
class Structure:
    """One way the effects relate: a folder of parts, each loaded when it is used.

    Parameters
    ----------
    name : str
        Of its folder below ``bayes_ivf.structures``; in cards, problems and their hashes.
    rank : int or None
        Place among the structures whose result may be of record for an outcome, the one that does most justice to it
        first, the base `two_arm` last; no two share one. None for those that are never of record, or speak of several
        outcomes at once.
    derives : tuple of str
        Outcomes that it speaks of and no paper needs to print.
    exact : bool
        Whether it has a part that solves problems by quadrature.
    """

    name: str
    rank: int | None = None
    derives: tuple[str, ...] = ()
    exact: bool = False

    @property
    def folder(self) -> str:
        """Where it lies; by this attribute a version knows which structure is meant."""
        return self.name

    def load_problem(self) -> ProblemPart:
        """Return the part that makes problems."""
        return cast(ProblemPart, import_module(f"bayes_ivf.structures.{self.folder}.problem"))

    def load_model(self) -> ModelPart:
        """Return the part that builds models; loads PyMC."""
        settle_cache()
        return cast(ModelPart, import_module(f"bayes_ivf.structures.{self.folder}.model"))

    def load_contrasts(self) -> ContrastsPart:
        """Return the part that makes quantities."""
        return cast(ContrastsPart, import_module(f"bayes_ivf.structures.{self.folder}.contrasts"))

    def load_exact(self) -> ExactPart | None:
        """Return the part that solves problems by quadrature; None if there is none."""
        if not self.exact:
            return None
        return cast(ExactPart, import_module(f"bayes_ivf.structures.{self.folder}.exact"))

    def load_calibration(self) -> CalibrationPart:
        """Return the part that simulates trials."""
        return cast(CalibrationPart, import_module(f"bayes_ivf.structures.{self.folder}.calibration"))

    def stated(self, study: Study, outcome: Outcome) -> dict[str, object]:
        """Return the options that a study file settles, as its most embryos do; `problem.py` may have such a function."""
        function = getattr(self.load_problem(), "stated", None)
        return {} if function is None else dict(function(study, outcome))

    def varied(self, study: Study, outcome: Outcome) -> list[dict[str, object]]:
        """Return the options that a study file asks to vary; `problem.py` may have such a function."""
        function = getattr(self.load_problem(), "varied", None)
        return [] if function is None else list(function(study, outcome))

    def hangs_on(self, study: Study, outcome: str) -> Outcome:
        """Return the printed outcome that a problem of an outcome, printed or derived, is made of."""
        if outcome in self.derives:
            found = cast(DerivingPart, self.load_problem()).anchor_of(study)
            if found is not None:
                return found
        return study.outcome(outcome)
