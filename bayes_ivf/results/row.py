"""One row of ``effects.csv``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any

from bayes_ivf import defaults
from bayes_ivf.effects import ESTIMANDS, Estimand
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.problem import OutcomeRef, Problem, options_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class EffectRow:
    """Summary of one estimand under one posterior; columns as in ``effects.csv``, None where empty."""

    study: Annotated[str, "id of the study"]
    outcome: Annotated[str, "id of the outcome, or of what a model derives"]
    model: Annotated[str, "id of the model card"]
    options: Annotated[str, "options that were not left at their defaults, such as M=3;weights=equal"]
    prior: Annotated[str, "id of the prior set"]
    engine: Annotated[str, "exact or nuts"]
    estimand: Annotated[str, "what is estimated"]
    scale: Annotated[str, "what its numbers are on"]
    mean: Annotated[float | None, "posterior mean; empty where none exists"]
    median: Annotated[float, "posterior median"]
    sd: Annotated[float | None, "posterior standard deviation; empty where none exists"]
    ci_low: Annotated[float, "lower end of the credible interval"]
    ci_high: Annotated[float, "upper end of the credible interval"]
    ci_level: Annotated[float, "probability of the intervals"]
    ci_kind: Annotated[str, "eti: equal tails"]
    hdi_low: Annotated[float | None, "lower end of the shortest interval; empty where none exists"]
    hdi_high: Annotated[float | None, "upper end of the shortest interval; empty where none exists"]
    p_benefit: Annotated[float | None, "probability that treatment helps; empty where no direction is benefit"]
    mcid: Annotated[float | None, "smallest difference that matters, on its own scale only"]
    p_beyond_mcid: Annotated[float | None, "probability of a benefit of at least the MCID"]
    p_in_rope: Annotated[float | None, "probability of a difference smaller than the MCID, either way"]
    r_hat: Annotated[float | None, "rank-normalized split R-hat; empty for quadrature"]
    ess_bulk: Annotated[float | None, "effective draws of the bulk; empty for quadrature"]
    ess_tail: Annotated[float | None, "effective draws of the tails; empty for quadrature"]
    mcse: Annotated[float | None, "Monte Carlo standard error of the mean; empty for quadrature"]
    verdict: Annotated[str, "pass, warn or fail"]
    problem: Annotated[str, "content hash of the problem"]

    @property
    def p_outside_rope(self) -> float | None:
        """Probability of a difference of at least the MCID, either way."""
        return None if self.p_in_rope is None else 1 - self.p_in_rope


COLUMNS = tuple(field.name for field in fields(EffectRow))


@dataclass(frozen=True)
class Quantity:
    """What an `EstimandId` stands for in a problem: an estimand, and the outcome that it speaks of.

    Parameters
    ----------
    estimand : Estimand
    about : OutcomeRef
    """

    estimand: Estimand
    about: OutcomeRef

    @property
    def directed(self) -> bool:
        """Whether a probability of benefit exists."""
        return self.estimand.null is not None and self.about.sign != 0

    @property
    def mcid(self) -> float | None:
        """The MCID, if it is on this estimand's scale."""
        return self.about.mcid if self.estimand.mcid else None


def quantity(problem: Problem, asked: EstimandId) -> Quantity:
    """Return what is meant in a problem."""
    return Quantity(ESTIMANDS[asked.estimand], problem.place(asked.place))


def estimand_id(problem: Problem, row: EffectRow) -> EstimandId:
    """Return which quantity of its problem a row is about; the reverse of `head`."""
    for place in ("", *problem.places):
        about = problem.place(place)
        if (about.outcome, options_text(dict(problem.options) | dict(about.options))) == (row.outcome, row.options):
            return EstimandId(row.estimand, place)
    raise KeyError(row.estimand)


def head(problem: Problem, engine: str, of: Quantity) -> dict[str, Any]:
    """Return the key and the names of a row."""
    return {
        "study": problem.study,
        "outcome": of.about.outcome,
        "model": problem.model,
        "options": options_text(dict(problem.options) | dict(of.about.options)),
        "prior": problem.prior_set,
        "engine": engine,
        "estimand": of.estimand.name,
        "scale": of.estimand.scale,
        "ci_kind": defaults.CI_KIND,
        "problem": problem.hash,
    }


def to_frame(rows: Iterable[EffectRow]) -> pd.DataFrame:
    """Return rows as a DataFrame with the columns of ``effects.csv``; what is empty is missing."""
    import pandas as pd

    table = {name: [getattr(row, name) for row in rows] for name in COLUMNS} if (rows := tuple(rows)) else {}
    frame = pd.DataFrame(table, columns=list(COLUMNS))
    text = {
        "study",
        "outcome",
        "model",
        "options",
        "prior",
        "engine",
        "estimand",
        "scale",
        "ci_kind",
        "verdict",
        "problem",
    }
    numbers = [name for name in COLUMNS if name not in text]
    return frame.astype(dict.fromkeys(numbers, float))
