"""A fit: one problem, one engine, its rows, its sentence and its verdict."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference import answers
from bayes_ivf.inference.derived_answers import WithDerived
from bayes_ivf.inference.diagnostics import Verdict
from bayes_ivf.inference.draws import Draws
from bayes_ivf.inference.naming import fit_about, fit_renamed, quantity_asked
from bayes_ivf.problem import Problem
from bayes_ivf.results import EffectRow, Statement, number_needed_sentence, sentence, statements, to_frame
from bayes_ivf.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm
    from matplotlib.figure import Figure
    from xarray import DataTree

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fit:
    """The posterior of one problem.

    Parameters
    ----------
    problem : Problem
    settings : Settings
    engine : {"nuts", "exact"}
    rows : tuple of EffectRow
        One per estimand.
    verdict : Verdict
    drawn : Draws or None
        None for the exact engine; see `draws`.
    quantities : mapping of EstimandId to array, shape (chain, draw)
        Draws; empty for the exact engine.
    evidence : mapping of str to float or str
        Log marginal likelihood and Bayes factor; empty unless the exact engine gave them.
    beside : Fit or None
        The same problem by the other engine, where both ran.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> fit = bi.fit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr"), engine="exact")
    >>> fit.sentence().partition(" under")[0]
    'cpr: risk difference +8.2 percentage points (95% credible interval -10.6 to +26.7)'
    >>> round(fit.probability("risk_difference", above=0.05), 3)  # a rise of more than 5 percentage points
    0.631
    >>> fit.ci_prob, [round(end, 2) for end in fit.interval("odds_ratio", prob=0.9, kind="hdi")]
    (0.95, [0.56, 2.59])
    >>> round(fit.quantile("odds_ratio", 0.5), 2), round(fit.row("odds_ratio").median, 2), fit.full_name("odds_ratio")
    (1.44, 1.44, 'odds_ratio')
    >>> fit.density("risk_difference", [-0.01, 0, 0.01])[1].round(1), fit.number_needed().partition(" (")[0]
    (array([2.6, 2.9, 3.1]), 'cpr: number needed to treat 12 to benefit')
    >>> fit.effects().estimand[1], round(fit.summary()["sd"].iloc[1], 2), fit.diagnostics().value[0]
    ('risk_ratio', np.float64(0.39), 'pass')
    >>> fit.methods().splitlines()[2].partition(".")[0]
    'Prior set: “Weakly informative”'
    >>> fit.about("cpr").renamed(fit.problem).told, fit.statements, fit.estimands, fit.plot().axes[0].get_xlabel()
    (Fit(study/cpr/two_arm/weakly_informative, exact, pass), (), {}, 'Odds ratio')

    The model, and draws, which a fit of quadrature gives on request; both engines side by side:

    >>> fit.model, fit.sample(draws=2000).tree, fit.sample().draws, fit.sample().agreement()  # doctest: +SKIP
    """

    problem: Problem
    settings: Settings
    engine: str
    rows: tuple[EffectRow, ...]
    verdict: Verdict
    drawn: Draws | None = None
    quantities: dict[EstimandId, Array] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    beside: Fit | None = None

    def __getstate__(self) -> dict[str, Any]:
        # what is computed on demand is computed again: a solved posterior need not travel
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}

    @property
    def draws(self) -> Draws:
        """Draws of a sampled fit.

        Raises
        ------
        RequestError
            If the fit is one of quadrature, which has none.
        """
        if self.drawn is None:
            raise RequestError(
                Fault(
                    "fit.draws, fit.tree",
                    f"{self!r}: quadrature draws nothing",
                    "a sampled fit",
                    "fit.sample().tree samples this problem and gives a fit with a verdict of its own",
                )
            )
        return self.drawn

    @cached_property
    def estimands(self) -> dict[str, Array]:
        """Draws of every quantity by its text, as in the tree; empty for the exact engine."""
        return {each.text: draws for each, draws in self.quantities.items()}

    @cached_property
    def tree(self) -> DataTree:
        """Complete xarray DataTree of a sampled fit, made at the first use; refused as `draws` are."""
        from bayes_ivf.inference.completion import complete

        return complete(self.problem, self.settings, self.draws, self.quantities, self.verdict)

    @cached_property
    def model(self) -> pm.Model:
        """The `pm.Model` of the problem, which every function of PyMC takes."""
        from bayes_ivf.structures import build_model

        return build_model(self.problem)

    def sample(
        self, draws: int | None = None, tune: int | None = None, chains: int | None = None, seed: int | None = None
    ) -> Fit:
        """Sample the same problem with NUTS; what is not given is as in this fit.

        Returns
        -------
        Fit
            With draws, a tree and a verdict of its own; an exact fit stands beside it.

        Raises
        ------
        RequestError
            If a setting is out of range, or NUTS cannot sample this problem.
        """
        from bayes_ivf.inference.other_engine import fit_sampled

        return fit_sampled(self, draws=draws, tune=tune, chains=chains, seed=seed)

    def effects(self) -> pd.DataFrame:
        """Return the rows of this engine, columns as in ``effects.csv``."""
        return to_frame(self.rows)

    def row(self, estimand: str) -> EffectRow:
        """Return the row of an estimand.

        Raises
        ------
        RequestError
            If the fit does not have it.
        """
        for row in self.rows:
            if row.estimand == estimand:
                return row
        names = ", ".join(dict.fromkeys(row.estimand for row in self.rows))
        raise RequestError(Fault("estimand", repr(estimand), names, "name one of these estimands"))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Compound statements of a joint posterior; empty for models of a single outcome, and without draws."""
        return statements(self.problem, self.quantities) if self.quantities else ()

    def about(self, outcome: str) -> Fit:
        """Return this fit with the rows of an outcome first; its sentence then tells that outcome."""
        return fit_about(self, outcome)

    def renamed(self, problem: Problem) -> Fit:
        """Return this fit under the names of a problem with the same content and options."""
        return fit_renamed(self, problem)

    @property
    def told(self) -> Fit:
        """The fit of record: that of quadrature where it ran and is accurate, since it carries no chance."""
        return self if self.beside is None or self.beside.verdict.level != "pass" else self.beside

    @property
    def ci_prob(self) -> float:
        """Probability of its intervals, unless one is asked for with another."""
        return self.rows[0].ci_level if self.rows else defaults.CI_PROB

    def sentence(self) -> str:
        """Return the result of record in one sentence."""
        return sentence(self.problem, self.told.rows)

    def number_needed(self) -> str:
        """Return the number needed to treat in one sentence; its interval has two segments where the effect may be none."""
        return number_needed_sentence(self.problem, self.told.rows)

    def methods(self) -> str:
        """Return a methods paragraph of this fit in Markdown: model, priors, engines, diagnostics, versions and sources."""
        from bayes_ivf.takehome import methods_of_fit

        return methods_of_fit(self)

    def summary(self, **kwargs: Any) -> pd.DataFrame:
        """Return the posterior of every quantity with its equal-tailed interval, of 95% unless the fit was told another.

        Parameters
        ----------
        **kwargs
            Of ``arviz.summary``; quadrature, which never samples, takes ``ci_kind`` (eti, hdi), ``ci_prob``, ``var_names``.
        """
        return answers.fit_summary(self, **{"ci_kind": defaults.CI_KIND, "ci_prob": self.ci_prob, **kwargs})

    def probability(
        self, estimand: str | EstimandId, *, above: float | None = None, below: float | None = None
    ) -> float:
        """Return the probability that a quantity lies above or below a value, or between two.

        Parameters
        ----------
        estimand : str or EstimandId
            As in `effects`; ``estimand@place`` for one of another outcome, such as ``risk_difference@woman``.
        above, below : float
            On the estimand's own scale: a risk difference of 5 points is 0.05. At least one; both: between them.

        Returns
        -------
        float
            F(below) - F(above) of the distribution function F; quadrature is right to some 1e-6.

        Raises
        ------
        RequestError
            If the fit has no such quantity, as all of these say, or no bound, or bounds that enclose nothing.
        """
        low, high = answers.check_bounds(above, below)
        asked = quantity_asked(self, estimand)
        upper = 1.0 if high is None else self._answers.below(asked, high)
        return upper - (0.0 if low is None else self._answers.below(asked, low))

    def interval(
        self, estimand: str | EstimandId, prob: float | None = None, kind: str = defaults.CI_KIND
    ) -> tuple[float, float]:
        """Return a credible interval: with equal tails (``eti``), or the shortest (``hdi``); by default that of `ci_prob`.

        With equal tails it runs from the quantile (1 - prob) / 2 to (1 + prob) / 2; the shortest is the pair a < b with
        F(b) - F(a) = prob and the least b - a, and changes with the scale. See Kruschke 2021, doi 10.1038/s41562-021-01177-7.

        Returns
        -------
        (float, float)
            On the estimand's own scale.
        """
        found = answers.check_probability(self.ci_prob if prob is None else prob, "prob"), answers.check_kind(kind)
        return self._answers.interval(quantity_asked(self, estimand), *found)

    def quantile(self, estimand: str | EstimandId, probability: float) -> float:
        """Return the value, on the estimand's own scale, with this posterior probability (between 0 and 1) below it."""
        share = answers.check_probability(probability, "probability")
        return self._answers.quantile(quantity_asked(self, estimand), share)

    def density(self, estimand: str | EstimandId, x: npt.ArrayLike | None = None) -> tuple[Array, Array]:
        """Return points and the posterior density at them.

        Parameters
        ----------
        estimand : str or EstimandId
        x : array, optional
            Ascending points; by default 401 that hold 99.9% of the probability.

        Returns
        -------
        x, density : array, shape (point,)
            Points on the estimand's own scale, and probability per unit of it (of an exact fit: mean to halfway neighbors).
        """
        asked = quantity_asked(self, estimand)
        points = answers.spanning_points(self._answers, asked) if x is None else answers.check_points(x)
        return points, self._answers.density(asked, points)

    def plot(self) -> Figure:
        """Draw prior and posterior of the effect."""
        from bayes_ivf.plots import prior_posterior

        return prior_posterior(self)

    @cached_property
    def _answers(self) -> answers.Answers:
        if self.drawn is not None:
            return WithDerived(self.problem, answers.DrawAnswers(self.quantities))
        from bayes_ivf.inference.run_exact import solve_one

        return WithDerived(self.problem, answers.ExactAnswers(solve_one(self.problem)))

    def full_name(self, estimand: str) -> str:
        """Return the full name of a quantity; a bare estimand is that of the first row that has it."""
        return str(quantity_asked(self, estimand))

    def diagnostics(self) -> pd.DataFrame:
        """Return the figures behind the verdict, one row each."""
        import pandas as pd

        figures = {"verdict": str(self.verdict), **self.verdict.figures}
        return pd.DataFrame(figures.items(), columns=["diagnostic", "value"])

    def agreement(self) -> pd.DataFrame:
        """Return both engines side by side, and their difference in Monte Carlo standard errors.

        Raises
        ------
        RequestError
            Unless both engines ran.
        """
        from bayes_ivf.inference.other_engine import agreement_table

        return agreement_table(self)

    def __repr__(self) -> str:
        study, outcome, model, options, prior = self.problem.key
        cell = "/".join(part for part in (study, outcome, model, options, prior) if part)
        return f"Fit({cell}, {self.engine}, {self.verdict.level})"

    def _repr_html_(self) -> str:
        shown = ["estimand", "scale", "mean", "median", "sd", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid"]
        table = self.told.effects()[shown].to_html(index=False, na_rep="", float_format=lambda value: f"{value:.3f}")
        return f"<p><strong>{html.escape(self.sentence())}</strong></p>{table}<p>{html.escape(repr(self.told))}</p>"
