"""From the distributions of the exact engine to the numbers of rows, for many problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.effects.fields import FIELDS
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.estimands import ESTIMANDS
from bayes_ivf.problem import Problem

Array = npt.NDArray[np.float64]


class Posterior(Protocol):
    """What the exact engine answers, for B problems; quantities are asked for by the text of their `EstimandId`."""

    @property
    def estimands(self) -> tuple[str, ...]:
        """Texts of all quantities."""

    def cdf(self, estimand: str, t: Any) -> Array:
        """Probability of a value at most `t`."""

    def summaries(self, estimands: Sequence[str] | None = None, ci_prob: float = ...) -> Mapping[str, Any]:
        """Mean, median, sd and intervals."""


def thresholds(problems: Sequence[Problem], ids: Sequence[EstimandId]) -> dict[EstimandId, Array]:
    """Return where the distribution functions are needed: at no effect, and at both sides of the MCID.

    Returns
    -------
    dict of EstimandId to array, shape (B, 1), (B, 2) or (B, 3)
        No effect in the first column, then minus and plus the MCID (0 where a problem has none), as far as asked.
    """
    asked: dict[EstimandId, dict[str, Array]] = {}
    for each in ids:
        estimand = ESTIMANDS[each.estimand]
        if estimand.null is None:
            continue
        source = _source(each, ids)
        null = float(ESTIMANDS[source.estimand].null or 0.0)
        asked.setdefault(source, {})["null"] = np.full((len(problems), 1), null)
        _, mcid = _directions(problems, each.place)
        if estimand.mcid and np.isfinite(mcid).any():
            size = np.where(np.isfinite(mcid), mcid, 0.0)
            asked.setdefault(each, {})["mcid"] = np.stack([-size, size], axis=1)
    return {
        each: np.concatenate([columns[key] for key in ("null", "mcid") if key in columns], axis=1)
        for each, columns in asked.items()
    }


def _source(asked: EstimandId, ids: Sequence[EstimandId]) -> EstimandId:
    """Return the quantity whose probability of benefit a quantity shares; itself if that one is not asked for."""
    source = asked.of(ESTIMANDS[asked.estimand].same_sign)
    return source if source in ids else asked


def probabilities(
    problems: Sequence[Problem], posterior: Posterior, ids: Sequence[EstimandId]
) -> dict[EstimandId, dict[str, Array]]:
    """Return P(benefit), P(> MCID) and P(in ROPE) by quantity, each of shape (B,); NaN where they do not apply."""
    points = thresholds(problems, ids)
    below = {each: posterior.cdf(each.text, at) for each, at in points.items()}
    found: dict[EstimandId, dict[str, Array]] = {}
    for each in ids:
        estimand = ESTIMANDS[each.estimand]
        if estimand.null is None:
            continue
        sign, mcid = _directions(problems, each.place)
        at_null = below[_source(each, ids)][:, 0]
        found[each] = {"p_benefit": _toward(sign, at_null, at_null)}
        if estimand.mcid and np.isfinite(mcid).any():
            lower, upper = below[each][:, -2], below[each][:, -1]
            known = np.isfinite(mcid)
            found[each]["p_beyond_mcid"] = np.where(known, _toward(sign, upper, lower), np.nan)
            found[each]["p_in_rope"] = np.where(known, upper - lower, np.nan)
    return found


def _directions(problems: Sequence[Problem], place: str) -> tuple[Array, Array]:
    """Sign of benefit and MCID (NaN without one) of every problem, each of shape (B,)."""
    of = [problem.places[place] if place else problem for problem in problems]
    return np.array([float(each.sign) for each in of]), np.array([np.nan if e.mcid is None else e.mcid for e in of])


def _toward(sign: Array, below_upper: Array, below_lower: Array) -> Array:
    """Probability beyond the bound on the side of benefit; NaN without a side."""
    return np.where(sign > 0, 1 - below_upper, np.where(sign < 0, below_lower, np.nan))


def figures_from_exact(
    problems: Sequence[Problem], posterior: Posterior, *, summaries: bool = True, ci_prob: float = defaults.CI_PROB
) -> tuple[tuple[EstimandId, ...], Array]:
    """Return the numbers of all rows of solved problems.

    Parameters
    ----------
    problems : sequence of Problem
        In the order of the batch.
    posterior : Posterior
    summaries : bool
        False gives the probabilities alone, of the quantities that carry the MCID's scale.
    ci_prob : float
        Probability of the intervals.

    Returns
    -------
    ids : tuple of EstimandId
        Quantities.
    figures : array, shape (problem, quantity, field)
        In the order of `FIELDS`; NaN where empty. A quantity that does not exist for a problem is NaN
        throughout.
    """
    known = map(EstimandId.parse, posterior.estimands)
    ids = tuple(each for each in known if summaries or ESTIMANDS[each.estimand].mcid)
    figures = np.full((len(problems), len(ids), len(FIELDS)), np.nan)
    prefetch = getattr(posterior, "prefetch", None)
    if prefetch is not None:  # everything in one pass
        asked = {each.text: at for each, at in thresholds(problems, ids).items()}
        prefetch(asked, tuple(each.text for each in ids) if summaries else (), evidence=summaries, ci_prob=ci_prob)
    found: Mapping[str, Any] = posterior.summaries(ci_prob=ci_prob) if summaries else {}
    chances = probabilities(problems, posterior, ids)
    for j, each in enumerate(ids):
        columns = dict(vars(found[each.text])) if summaries else {}
        exists = ~np.isnan(columns["median"]) if summaries else np.ones(len(problems), dtype=bool)
        for field, values in (columns | chances.get(each, {})).items():
            figures[exists, j, FIELDS.index(field)] = np.asarray(values)[exists]
    return ids, figures
