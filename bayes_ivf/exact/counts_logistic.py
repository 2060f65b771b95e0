"""Two arms of counts with a logistic link and any proper prior on the average (or control) and on the effect.

**Model** (coding "average"; with "control" the prior p_1 is on ``x_c = a - d/2``)::

    r_t ~ Bin(n_t, expit(a + d/2)),    r_c ~ Bin(n_c, expit(a - d/2)),    a ~ p_1,  d ~ p_2

**Integral.** In the plane of ``x_t = a + d/2`` and ``x_c = a - d/2`` a contrast h (difference or ratio of the risks) increases in
the inner coordinate v, so that with its level curve ``g_s(u)`` (`level_curves`)::

    P(h <= s) = int p(u | r) P(v <= g_s(u) | u, r) du

The odds ratio, its log and both risks are functions of an outer coordinate, hence marginals.

**Coordinates** (`plane`): the inner one carries most of the contrast's posterior variance, so that the conditional probability
changes slowly with u; by default u = a and v = d.

**Moments.** Of risks, difference: always. Of ratios and of d: where the tails allow, see `moments`.

Examples
--------
16 of 40 against 12 of 40, ``a ~ N(0, 1.5)``, ``d ~ N(0, 1)``, against the trapezoidal rule on a plain grid:

>>> import numpy as np
>>> from scipy import special, stats
>>> posterior = solve_counts(
...     16, 40, 12, 40,
...     first=BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.5}), effect=BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}),
... )
>>> a, d = np.meshgrid(np.linspace(-4, 3, 201), np.linspace(-5, 5, 401), indexing="ij")
>>> kernel = stats.binom.pmf(16, 40, special.expit(a + d / 2)) * stats.binom.pmf(12, 40, special.expit(a - d / 2))
>>> kernel = kernel * stats.norm.pdf(a, 0, 1.5) * stats.norm.pdf(d)
>>> by_d = kernel.sum(axis=0)
>>> plain = (by_d[:200].sum() + by_d[200] / 2) / by_d.sum()
>>> bool(abs(posterior.cdf("odds_ratio", 1.0)[0] - plain) < 1e-4)
True
>>> float(posterior.cdf("risk_difference", 0.1)[0].round(4))
0.5747

References
----------
Agresti A, Hitchcock DB (2005). Bayesian inference for categorical data analysis. Statistical Methods and Applications 14:297-330.
doi:10.1007/s10260-005-0121-y
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.estimands import ESTIMANDS as REPORTED
from bayes_ivf.exact.counts_solution import OUTER, CountsSolution
from bayes_ivf.exact.level_curves import CONTRAST_COORDINATES, CONTRASTS, contrast_coordinates
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.exact.two_by_two import TwoByTwoPosterior
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import RULES, ExactPosterior, Rule, SupportFinder, Transform

Array = npt.NDArray[np.float64]

ESTIMANDS = tuple(
    name for name, each in REPORTED.items() if each.arms == "risk" and (name in OUTER or name in CONTRASTS)
)
"""Functions of two risks that are a coordinate of `plane` or have level curves there."""
_LIGHT_RULES = (Rule(5, 5), Rule(6, 6), *RULES[2:])
_HEAVY_RULES = (Rule(7, 7), Rule(8, 8), *RULES[2:])
# Found by experiment, 150 random tables of 5 to 300 women an arm: with normal priors all tables settle under 6 panels (1%
# under 5); with a t(3) prior on the effect 95% under 6, all under 7 and 8.


_GROUPS = (2, *(len(CONTRAST_COORDINATES) for _ in CONTRASTS))
# Of a batch: rows of their own or not, and the coordinates of each contrast.


@dataclass(frozen=True)
class CountsBatch:
    """A batch of two-arm tables with logistic priors, for `ExactPosterior`."""

    table: TwoByTwoPosterior
    whole: bool = True

    chunk = 96
    # 72 x 72 nodes of so many tables are 4 MB an array under the first rule

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules from coarse to fine; a power-law prior needs more panels from the start."""
        heavy = np.isfinite(np.minimum(self.table.first.tail_index(), self.table.effect.tail_index())).any()
        return _HEAVY_RULES if heavy else _LIGHT_RULES

    @property
    def size(self) -> int:
        """Number of tables."""
        return self.table.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return ESTIMANDS

    def take(self, index: npt.NDArray[np.intp]) -> CountsBatch:
        """Return some of the tables."""
        taken = CountsBatch(self.table.take(index), self.whole)
        if "_labels" in self.__dict__:
            taken.__dict__["_labels"] = self._labels[index]
        return taken

    def groups(self) -> npt.NDArray[np.intp]:
        """Coordinates of each table's contrasts, and whether a power-law tail asks for rows of their own."""
        return self._labels

    @cached_property
    def _labels(self) -> npt.NDArray[np.intp]:
        direct = self.table.escapes_by_power_law().astype(np.intp)
        return np.asarray(np.ravel_multi_index((direct, *contrast_coordinates(self.table)), _GROUPS))

    def solve(self, rules: Sequence[Rule]) -> tuple[CountsSolution, ...]:
        """Posterior under some rules; all tables must be of one group."""
        direct, *labels = np.unravel_index(self.groups()[0], _GROUPS)
        coordinates = {name: CONTRAST_COORDINATES[label] for name, label in zip(CONTRASTS, labels, strict=True)}
        finders: dict[str, SupportFinder] = {}
        return tuple(CountsSolution(self.table, rule, coordinates, bool(direct), finders) for rule in rules)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Log binomial coefficients; effective counts have no probability, and NaN."""
        return self.table.log_coefficients() if self.whole else np.full(self.size, np.nan)

    def log_prior_at_null(self) -> Array:
        """Log prior density of a log odds ratio of zero."""
        return np.broadcast_to(self.table.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_counts(
    events_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    events_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    first: BatchedPrior,
    effect: BatchedPrior,
    coding: str = "average",
    effective: bool = False,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two-arm tables of counts under a logistic model.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array (B,)
        Whole numbers, ``0 <= events <= n``, ``n >= 1``; of `effective` ones any numbers, ``n > 0``.
    first : BatchedPrior
        Prior on the log odds midway between the arms (`coding` "average") or of the control arm ("control").
    effect : BatchedPrior
        Prior on the log odds ratio. Both slots: any proper family on the real line or an interval.
    coding : {"average", "control"}
    effective : bool
        Whether the counts are those over a design effect, which need not be whole and have no marginal likelihood.
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimands: risk_difference, risk_ratio, odds_ratio, log_odds_ratio, control_risk, treatment_risk. The log
        marginal likelihood includes the binomial coefficients. Mean and sd of a ratio are NaN where the tails make
        them infinite or leave them to events far outside the data, see `bayes_ivf.exact.moments`.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    data, faults = read_counts(events_treatment, n_treatment, events_control, n_control, whole=not effective)
    if coding not in ("average", "control"):
        faults.append(Fault("coding", repr(coding), "average, control", "name one of the two"))
    for prior, where in ((first, "first"), (effect, "effect")):
        if not prior.proper or prior.support not in ("real", "interval"):
            faults.append(
                Fault(
                    where, prior.dist, "a proper distribution on the real line or an interval", "choose another prior"
                )
            )
    if faults:
        raise RequestError(faults)
    data = broadcast_priors(data, first, effect)
    table = TwoByTwoPosterior(
        data["events_treatment"],
        data["n_treatment"] - data["events_treatment"],
        data["events_control"],
        data["n_control"] - data["events_control"],
        coding,
        first,
        effect,
    )
    everything = np.arange(table.size)
    return ExactPosterior(CountsBatch(table.take(everything), not effective), workers)


def read_counts(
    events_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    events_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    whole: bool = True,
) -> tuple[dict[str, Array], list[Fault]]:
    """Turn counts into float arrays (B,) by name, and list what is wrong with them."""
    names = ("events_treatment", "n_treatment", "events_control", "n_control")
    values = (events_treatment, n_treatment, events_control, n_control)
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in values))
    data = dict(zip(names, arrays, strict=True))
    faults = []
    for arm in ("treatment", "control"):
        events, n = data[f"events_{arm}"], data[f"n_{arm}"]
        with np.errstate(invalid="ignore"):
            invalid = ~(np.isfinite(n) & (n > 0) & (events >= 0) & (events <= n))
            if whole:
                invalid |= (n < 1) | (events % 1 != 0) | (n % 1 != 0)
        if invalid.any():
            i = int(np.argmax(invalid))
            allowed = "whole numbers with 0 <= events <= n, n >= 1" if whole else "numbers with 0 <= events <= n, n > 0"
            counts = f"{events[i]:g} of {n[i]:g} in problem {i}"
            faults.append(Fault(f"events_{arm}", counts, allowed, "correct them"))
    return data, faults
