"""Fits of an earlier run, taken again where the same problem meets the same code: numbers of quadrature, and kept draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference.diagnostics import Verdict
from bayes_ivf.inference.draws import SAMPLER_NAMES, Draws
from bayes_ivf.inference.fit import Fit
from bayes_ivf.problem import Problem
from bayes_ivf.results import (
    estimand_id,
    evidence_row,
    figures_from_rows,
    rows_from_figures,
    with_derived,
    without_derived,
    without_sign,
)
from bayes_ivf.settings import Settings

_EVIDENCE = ("log_marginal_likelihood", "log_bayes_factor_null", "log_bayes_factor_other")
"""Columns of ``evidence.csv`` from which the others follow."""


def exact_numbers(fit: Fit) -> dict[str, Any]:
    """Return what a fit of quadrature is made of, as plain values."""
    rows = without_derived(fit.problem, fit.rows)
    return {
        "ids": [estimand_id(fit.problem, row).text for row in rows],
        "figures": figures_from_rows(rows).tolist(),
        "verdict": [fit.verdict.level, list(fit.verdict.reasons), dict(fit.verdict.figures)],
        "evidence": [fit.evidence.get(name) for name in _EVIDENCE],
    }


def exact_fit(problem: Problem, settings: Settings, numbers: Mapping[str, Any], ci_prob: float) -> Fit:
    """Return the fit of quadrature that `exact_numbers` were taken from, under the names of a problem with the same content.

    Raises
    ------
    KeyError, TypeError, ValueError
        If they are no such numbers.
    """
    level, reasons, figures = numbers["verdict"]
    ids = [EstimandId.parse(str(text)) for text in numbers["ids"]]
    rows = rows_from_figures(problem, "exact", ids, np.array(numbers["figures"], dtype=float), level, ci_prob)
    evidence = np.array(numbers["evidence"], dtype=float)
    verdict = Verdict(level, tuple(reasons), figures)
    return Fit(
        problem, settings, "exact", with_derived(problem, rows), verdict, evidence=evidence_row(problem, evidence)
    )


def sampled_fit(problem: Problem, settings: Settings, draws: Draws, ci_prob: float) -> Fit:
    """Return the fit of kept draws: named, diagnosed and judged as when they were drawn."""
    from bayes_ivf.inference.run_nuts import fit_of, judged

    fit = fit_of(problem, settings, judged(problem, draws), ci_prob)
    return replace(fit, rows=with_derived(problem, without_sign(fit.rows)))


def read_draws(path: Path, variables: Sequence[str]) -> Draws:
    """Return the draws that a tree was made of; `variables` are those that the sampler gave, in its order.

    Raises
    ------
    OSError, KeyError, TypeError, ValueError
        If the file is no such tree.
    """
    import xarray

    with xarray.open_datatree(path, engine="netcdf4") as tree:
        posterior = {name: tree["posterior"][name].to_numpy() for name in variables}
        stats = {
            SAMPLER_NAMES.get(str(name), str(name)): tree["sample_stats"][name].to_numpy()
            for name in tree["sample_stats"].data_vars
        }
        return Draws(posterior, stats, float(tree.attrs["target_accept"]), float(tree.attrs["sampling_seconds"]))


def _no_file(entry: Mapping[str, Any]) -> Path | None:
    """Return None: no draws were kept."""
    return None


@dataclass(frozen=True, eq=False)
class Earlier:
    """Fits of an earlier run by the same code, asked for one by one; what cannot be read is not there.

    Parameters
    ----------
    settings : Settings
    ci_prob : float
        Probability of the intervals.
    numbers : mapping of str to mapping
        Of quadrature, by the hash of a problem.
    trees : mapping of str to mapping
        ``variables`` and ``key`` of kept draws, by the hash of a problem.
    tree_of : callable
        Gives the file of an entry of `trees` if it is whole.
    taken : set of (str, str)
        Engine and hash of what was used.
    """

    settings: Settings
    ci_prob: float
    numbers: Mapping[str, Any] = field(default_factory=dict)
    trees: Mapping[str, Any] = field(default_factory=dict)
    tree_of: Callable[[Mapping[str, Any]], Path | None] = _no_file
    taken: set[tuple[str, str]] = field(default_factory=set)

    def exact(self, problem: Problem) -> Fit | None:
        """Return the fit of a problem by quadrature."""
        if problem.hash not in self.numbers:
            return None
        try:
            fit = exact_fit(problem, self.settings, self.numbers[problem.hash], self.ci_prob)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        self.taken.add(("exact", problem.hash))
        return fit

    def sampled(self, problem: Problem) -> Fit | None:
        """Return the fit of a problem by NUTS."""
        entry = self.trees.get(problem.hash)
        if entry is None:
            return None
        try:
            path = self.tree_of(entry)
            if path is None:
                return None
            fit = sampled_fit(problem, self.settings, read_draws(path, entry["variables"]), self.ci_prob)
        except (OSError, KeyError, TypeError, ValueError):
            return None
        self.taken.add(("nuts", problem.hash))
        return fit

    def tree(self, fit: Fit) -> Path | None:
        """Return the file of a fit's tree, if it was taken from there under the same names."""
        entry = self.trees.get(fit.problem.hash)
        if entry is None or ("nuts", fit.problem.hash) not in self.taken or entry["key"] != list(fit.problem.key):
            return None
        return self.tree_of(entry)

    def has_all_of(self, fit: Fit) -> bool:
        """Whether a fit, and the one beside it, were taken from the earlier run."""
        return all((each.engine, each.problem.hash) in self.taken for each in (fit, fit.beside) if each is not None)
