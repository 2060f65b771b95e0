"""A fit: one problem, one engine, its rows, its sentence and its verdict."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bayes_ivf import defaults
from bayes_ivf.effects import EffectRow, Statement, sentence, statements, to_frame
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.inference.diagnostics import Verdict
from bayes_ivf.inference.draws import Draws
from bayes_ivf.inference.provenance import stamp
from bayes_ivf.problem import Problem
from bayes_ivf.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from xarray import DataTree


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
    draws : Draws or None
        None for the exact engine.
    estimands : mapping of str to array, shape (chain, draw)
        Empty for the exact engine.
    evidence : mapping of str to float or str
        Log marginal likelihood and Bayes factor; empty unless the exact engine gave them.
    beside : Fit or None
        The same problem by the other engine, where both ran.
    """

    problem: Problem
    settings: Settings
    engine: str
    rows: tuple[EffectRow, ...]
    verdict: Verdict
    draws: Draws | None = None
    estimands: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    beside: Fit | None = None

    @cached_property
    def tree(self) -> DataTree:
        """Complete xarray DataTree, made at the first use; a fit of the exact engine is then sampled with NUTS."""
        if self.draws is None:
            from bayes_ivf.inference.run_nuts import fit_nuts

            return fit_nuts(self.problem, self.settings).tree
        from bayes_ivf.inference.completion import complete

        attributes = stamp(self.problem, self.settings) | {
            "verdict": str(self.verdict),
            "target_accept": self.draws.target_accept,
            "sampling_seconds": self.draws.seconds,
        }
        return complete(self.problem, self.draws, self.estimands, attributes)

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
        return statements(self.problem, self.estimands) if self.estimands else ()

    def about(self, outcome: str) -> Fit:
        """Return this fit with the rows of an outcome first; its sentence then tells that outcome."""
        rows = tuple(sorted(self.rows, key=lambda row: row.outcome != outcome))
        beside = None if self.beside is None else self.beside.about(outcome)
        return replace(self, rows=rows, beside=beside)

    def renamed(self, problem: Problem) -> Fit:
        """Return this fit under the names of a problem with the same content and options."""
        if problem.key == self.problem.key:
            return self
        places = {before.outcome: problem.place(name).outcome for name, before in self.problem.places.items()}
        places[self.problem.outcome] = problem.outcome
        rows = tuple(
            replace(
                row,
                study=problem.study,
                outcome=places[row.outcome],
                model=problem.model,
                prior=problem.prior_set,
            )
            for row in self.rows
        )
        beside = None if self.beside is None else self.beside.renamed(problem)
        return replace(self, problem=problem, rows=rows, beside=beside)

    def sentence(self) -> str:
        """Return the result in one sentence."""
        return sentence(self.problem, self.rows)

    def summary(self, **kwargs: Any) -> pd.DataFrame:
        """Return ``arviz.summary`` of the posterior with the package's interval: 95% equal-tailed."""
        import arviz as az

        settings = {"ci_kind": defaults.CI_KIND, "ci_prob": defaults.CI_PROB} | kwargs
        table: pd.DataFrame = az.summary(self.tree, **settings)
        return table

    def diagnostics(self) -> pd.DataFrame:
        """Return the figures behind the verdict, one row each."""
        import pandas as pd

        figures = {"verdict": str(self.verdict), **self.verdict.figures}
        return pd.DataFrame({"diagnostic": list(figures), "value": list(figures.values())})

    def agreement(self) -> pd.DataFrame:
        """Return both engines side by side, and their difference in Monte Carlo standard errors.

        Raises
        ------
        RequestError
            Unless both engines ran.
        """
        import pandas as pd

        if self.beside is None or self.engine != "nuts":
            raise RequestError(
                Fault(
                    "fit.agreement()",
                    f"one engine, {self.engine}",
                    "both engines",
                    'fit the primary prior with engine="auto"',
                )
            )
        other = {row.estimand: row for row in self.beside.rows}
        rows = []
        for row in self.rows:
            exact = other.get(row.estimand)
            if exact is None or exact.mean is None or row.mean is None or not row.mcse:
                continue
            rows.append(
                {
                    "estimand": row.estimand,
                    "nuts_mean": row.mean,
                    "exact_mean": exact.mean,
                    "mcse": row.mcse,
                    "difference_in_mcse": (row.mean - exact.mean) / row.mcse,
                    "nuts_p_benefit": row.p_benefit,
                    "exact_p_benefit": exact.p_benefit,
                }
            )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        study, outcome, model, options, prior = self.problem.key
        cell = "/".join(part for part in (study, outcome, model, options, prior) if part)
        return f"Fit({cell}, {self.engine}, {self.verdict.level})"

    def _repr_html_(self) -> str:
        shown = ["estimand", "scale", "mean", "median", "sd", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid"]
        table = self.effects()[shown].to_html(index=False, na_rep="", float_format=lambda value: f"{value:.3f}")
        return f"<p><strong>{html.escape(self.sentence())}</strong></p>{table}<p>{html.escape(repr(self))}</p>"
