"""All readings of an outcome as rows of a table: their mixture, and how much each choice matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bayes_ivf.defaults import CI_KIND
from bayes_ivf.effects import ESTIMANDS
from bayes_ivf.results.row import EffectRow

READINGS = "readings"
"""Option under which numbers of a mixture stand in keys."""


@dataclass(frozen=True)
class MixedReading:
    """One choice that a paper leaves open of an outcome, beside the mixture over all readings; None where empty."""

    study: Annotated[str, "id of the study"]
    outcome: Annotated[str, "id of the outcome"]
    model: Annotated[str, "id of the model card of its readings"]
    prior: Annotated[str, "id of the prior set"]
    per: Annotated[str, "unit of the denominator; other denominators are another estimand"]
    choice: Annotated[str, "what is left open: decoding, spread, or an option of the card"]
    about: Annotated[str, "the same in words"]
    levels: Annotated[int, "levels of the choice that could have been printed"]
    share: Annotated[float | None, "Shapley share of the variance over readings; empty where nothing varies"]
    estimand: Annotated[str, "estimand of the mixture"]
    weights: Annotated[str, "by what readings are weighed: stated or evidence"]
    readings: Annotated[int, "readings that could have been printed"]
    impossible: Annotated[int, "readings that could not"]
    median: Annotated[float, "median of the mixture"]
    ci_low: Annotated[float, "lower end of its credible interval"]
    ci_high: Annotated[float, "upper end of its credible interval"]
    ci_level: Annotated[float, "probability of the interval"]
    p_benefit: Annotated[float | None, "probability of benefit under the mixture"]
    p_benefit_min: Annotated[float | None, "smallest probability of benefit over readings"]
    p_benefit_max: Annotated[float | None, "largest probability of benefit over readings"]
    verdict: Annotated[str, "pass, or warn where quadrature is not within its tolerances"]

    @property
    def row(self) -> EffectRow:
        """The mixture as a row of effects, whose numbers are written as those of other rows are."""
        return EffectRow(
            study=self.study,
            outcome=self.outcome,
            model=self.model,
            options=f"{READINGS}={self.weights};per={self.per}",
            prior=self.prior,
            engine="exact",
            estimand=self.estimand,
            scale=ESTIMANDS[self.estimand].scale,
            mean=None,
            median=self.median,
            sd=None,
            ci_low=self.ci_low,
            ci_high=self.ci_high,
            ci_level=self.ci_level,
            ci_kind=CI_KIND,
            hdi_low=None,
            hdi_high=None,
            p_benefit=self.p_benefit,
            mcid=None,
            p_beyond_mcid=None,
            p_in_rope=None,
            r_hat=None,
            ess_bulk=None,
            ess_tail=None,
            mcse=None,
            verdict=self.verdict,
            problem="",
        )
