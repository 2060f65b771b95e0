"""What a form is, and where its file lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, get_args

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from bayes_ivf.problem import Problem
    from bayes_ivf.study import Outcome, Study

Array = npt.NDArray[np.float64]
Support = Literal["two_by_two", "location", "two_rates", "effect_only", "shared"]
SUPPORTS: tuple[str, ...] = get_args(Support)
"""What a likelihood speaks of: two risks; two means; two rates; an effect alone; or arms that share a parameter."""
TWO_SIDES = "either_side"
"""Text of the arrays of two risks whose likelihood has a hump for each sign of the effect: NUTS samples the size, and `observe`
is given the other sign as well and returns the log odds of the signs."""
DOUBTED = ", doubted"
"""End of the text of arrays of a number that may be of another trial (`FormPart.is_mixed`)."""
Solver = Callable[[Sequence["Problem"], int | None], Any]
"""From problems of one kind, and a number of threads, to their posterior by quadrature."""


def side_of(variant: str) -> str:
    """Return the text of arrays without its doubt."""
    return variant.removesuffix(DOUBTED)


class FormPart(Protocol):
    """The functions of a form's file; the arguments of `observe`, `log_likelihood` and `simulate` follow from its support."""

    DIMS: Mapping[str, str]
    """Dimension of each of its arrays, whatever they are called."""
    OPTIONS: tuple[str, ...]
    """Options of a card that change the result."""
    arrays: Callable[..., tuple[dict[str, npt.NDArray[Any]], str]]
    """Arrays of a problem from a study, an outcome and options; and what of them changes a model, as text."""
    observe: Callable[..., Any]
    """Observe the datum, given parameters of the arms as tensors, in the model on the stack."""
    log_likelihood: Callable[..., Array]
    """The same in NumPy, up to a constant: parameters of shape (..., arm) or (...) give (...)."""
    simulate: Callable[..., Any]
    """Print a datum, from a generator and parameters; shares no formula with the likelihood."""

    def takes(self, outcome: Outcome) -> bool:
        """Whether an outcome is printed so, of forms that share a kind with others; others need not say."""

    def conditions(self, study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
        """Return what everything about an outcome hangs on, a sentence each (of forms that `two_arm` takes)."""

    def is_even(self, variant: str) -> bool:
        """Whether the likelihood is the same for both signs of the effect (of forms that speak of an effect only)."""

    def is_mixed(self, variant: str) -> bool:
        """Whether the datum is of another trial, with the probability ``doubt`` (of an effect only) or ``empty`` of its arrays.

        Forms need not say.
        """

    def stated(self, study: Study, outcome: Outcome) -> dict[str, object]:
        """Return the options that the words of a study file settle; forms need not say."""

    def prior_table(self, variant: str) -> Literal["log_odds", "means"] | None:
        """Return the table of prior sets whose effect is on the scale of this one; None if no table's is (effects only)."""

    def own_unit(self, study: Study, outcome: Outcome) -> float | None:
        """Return the standard deviation that turns standardized differences into this effect; None if none is known.

        Of forms of an effect only for which no table of prior sets is.
        """

    def quantities(self, effect: Array, variant: str) -> dict[str, Array]:
        """Return every quantity that an effect gives, the one on which it is told first (of forms of an effect only)."""

    def rough(self, data: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return by what a sampler finds its way, from arrays or tensors; it changes no density.

        Of forms that speak of two risks: events and units that would say about as much of them. Of two means: mean and variance.
        Each has the dimension arm.
        """

    def can_be_sampled(self, problem: Problem) -> bool:
        """Whether NUTS has a likelihood for a problem."""

    def moments(self, problem: Problem) -> Mapping[str, float]:
        """Return the order below which moments exist, of quantities that lack some; forms need not say."""

    def solver(self, problem: Problem) -> Solver | None:
        """Return what solves problems of two arms with this datum by quadrature; None if nothing does."""

    def derived(self, problem: Problem) -> dict[str, npt.NDArray[Any]]:
        """Return arrays that only NUTS needs, made when a model is."""


@dataclass(frozen=True)
class Form:
    """One way a datum is printed.

    Parameters
    ----------
    name : str
        Of its file below ``bayes_ivf.forms``; in problems, as their likelihood, and in their hashes.
    kinds : tuple of str
        Of outcomes in study files that are printed so; empty if a structure decides.
    support : {"two_by_two", "location", "two_rates", "effect_only", "shared"}
        What its likelihood speaks of.
    """

    name: str
    kinds: tuple[str, ...]
    support: Support

    @property
    def file(self) -> str:
        """Where it lies; by this attribute a version knows which form is meant."""
        return self.name

    def load_part(self) -> FormPart:
        """Return its functions."""
        return cast(FormPart, import_module(f"bayes_ivf.forms.{self.file}"))
