"""The answer for a batch of problems: distribution functions, summaries, evidence, and how accurate they are.

`ExactPosterior` is what a model's solver returns. It asks `refinement` (in several processes if the batch is large, see
`process_pool`), keeps every answer, and knows the largest stated error of what was asked.

Examples
--------
Gamma densities with shapes 2 and 5, from their kernel ``x ** shape exp(-x)`` on the log scale alone:

>>> import numpy as np
>>> from dataclasses import dataclass
>>> from bayes_ivf.quadrature import LOG, RULES, Grid1D, SinhMap, SupportFinder1D
>>> @dataclass(frozen=True)
... class GammaSolution:
...     grid: Grid1D
...     @property
...     def log_total(self):
...         return self.grid.log_total
...     def log_density_at_null(self):
...         return np.full(len(self.grid.log_total), np.nan)
...     def evaluate(self, quantity, s):
...         return self.grid.marginal(s)
...     def location(self, quantity):
...         return self.grid.moments(self.grid.x)
...     def moments(self, quantity):
...         return self.grid.moments(np.exp(self.grid.x))
>>> @dataclass(frozen=True)
... class GammaBatch:
...     shape: np.ndarray
...     chunk, rules, estimands = 32, RULES, ("x",)
...     @property
...     def size(self):
...         return len(self.shape)
...     def take(self, index):
...         return GammaBatch(self.shape[index])
...     def groups(self):
...         return np.zeros(self.size, dtype=int)
...     def scale(self, quantity):
...         return LOG
...     def solve(self, rules):
...         log_kernel = lambda s: self.shape * s - np.exp(np.minimum(s, 50))
...         bracket = SinhMap(np.log(self.shape), self.shape**-0.5)
...         finder = SupportFinder1D(log_kernel, bracket, [], [], np.full(self.size, 9.0))
...         return tuple(GammaSolution(finder.grid(rule.outer)) for rule in rules)
...     def log_constants(self):
...         return np.zeros(self.size)
>>> posterior = ExactPosterior(GammaBatch(np.array([2.0, 5.0])))
>>> posterior.cdf("x", 3.0).round(6)
array([0.800852, 0.184737])
>>> posterior.summarize("x").median.round(5)
array([1.67835, 4.67091])
>>> np.exp(posterior.log_marginal_likelihood).round(5)
array([ 1., 24.])
>>> posterior.accurate
array([ True,  True])
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.quadrature.process_pool import evaluate_parallel
from bayes_ivf.quadrature.questions import SUMMARY, Answers, Batch, Questions, Threshold
from bayes_ivf.quadrature.summarize import Summary

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ExactPosterior:
    """Posterior of every problem of a batch, by quadrature. An estimand is the name of a scalar quantity of the model.

    Nothing is computed before it is asked for. Every answer is computed under two rules; where they differ by more
    than the tolerance, finer ones follow, and what still differs is marked in `accurate`. Answers do not depend on what else
    is in the batch, nor on what else was asked.

    Parameters
    ----------
    problem : Batch
        Data and priors.
    workers : int, optional
        Processes that share a large batch; all cores by default. Results do not depend on it.
    """

    problem: Batch
    workers: int | None = None
    _seen: dict[str, dict[str, Array]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Number of problems."""
        return self.problem.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """Names that `cdf` and `summarize` know."""
        return self.problem.estimands

    def cdf(self, estimand: str, t: npt.ArrayLike) -> Array:
        """Posterior probability that the estimand is at most `t`.

        Parameters
        ----------
        estimand : str
            One of `estimands`.
        t : array (B,), (B, K) or a number
            On the quantity's own scale.

        Returns
        -------
        array (B,) or (B, K)
        """
        return self.cdf_with_error(estimand, t)[0]

    def cdf_with_error(self, estimand: str, t: npt.ArrayLike) -> tuple[Array, Array]:
        """`cdf`, and the estimated error (B,) of these probabilities."""
        self._check(estimand)
        values = np.asarray(t, dtype=float)
        key = self._key(estimand, values)
        if key not in self._seen:
            self.prefetch({estimand: values})
        numbers = self._seen[key]
        return (numbers["value"][:, 0] if values.ndim < 2 else numbers["value"]), numbers["error_probability"]

    def prefetch(
        self,
        thresholds: Mapping[str, npt.ArrayLike],
        estimands: Sequence[str] = (),
        *,
        evidence: bool = False,
        ci_prob: float = CI_PROB,
    ) -> None:
        """Answer several questions in one pass, which is cheaper; asked again one by one, they are only looked up.

        Parameters
        ----------
        thresholds : mapping of str to array
            What `cdf` will be asked.
        estimands : sequence of str
            What `summaries` will be asked.
        evidence : bool
            Whether the evidence will be asked.
        ci_prob : float
            Probability of the intervals.
        """
        self._check(*thresholds, *estimands)
        thresholds_by_name = {name: np.asarray(t, dtype=float) for name, t in thresholds.items()}
        new_estimands = tuple(name for name in estimands if f"{name} {ci_prob!r}" not in self._seen)
        asked_thresholds = tuple(
            Threshold(name, name, self._points(name, values)) for name, values in thresholds_by_name.items()
        )
        questions = Questions(asked_thresholds, new_estimands, evidence, ci_prob)
        if not (asked_thresholds or new_estimands or evidence):
            return
        answers: dict[str, Answers] = {}
        for name, value in evaluate_parallel(self.problem, questions, self.workers).items():
            key, _, field_name = name.partition("\0")
            answers.setdefault(key, {})[field_name] = value
        for name, values in thresholds_by_name.items():
            self._seen[self._key(name, values)] = answers[name]
        for name in new_estimands:
            self._seen[f"{name} {ci_prob!r}"] = answers[f"{SUMMARY}{name}"]
        if evidence:
            self._seen["evidence"] = answers["evidence"]

    def summarize(self, estimand: str, ci_prob: float = CI_PROB) -> Summary:
        """Mean, median, sd, equal-tailed and highest-density interval of one estimand, each an array (B,)."""
        return self.summaries((estimand,), ci_prob)[estimand]

    def summaries(self, estimands: Sequence[str] | None = None, ci_prob: float = CI_PROB) -> dict[str, Summary]:
        """Summaries of several estimands (all by default) in one pass, cheaper than one by one.

        Raises
        ------
        RequestError
            If an estimand is unknown or `ci_prob` is outside (0, 1).
        """
        names = tuple(self.estimands if estimands is None else estimands)
        self._check(*names)
        if not 0 < ci_prob < 1:
            raise RequestError(Fault("ci_prob", repr(ci_prob), "a number between 0 and 1", "give 0.95, for example"))
        self.prefetch({}, names, ci_prob=ci_prob)
        fields = Summary.__dataclass_fields__
        return {name: Summary(**{key: self._seen[f"{name} {ci_prob!r}"][key] for key in fields}) for name in names}

    @property
    def log_marginal_likelihood(self) -> Array:
        """Log marginal likelihood (B,) of the printed data, all constants included; NaN if a prior is improper."""
        return self._evidence()["log_total"] + self.problem.log_constants()

    @property
    def log_total(self) -> Array:
        """Log integral (B,) of likelihood times prior as the model's kernel has it, without `Batch.log_constants`."""
        return self._evidence()["log_total"]

    @property
    def log_bayes_factor_null(self) -> Array:
        """Log Bayes factor (B,) for the point null against the prior; NaN if the prior at the null is improper.

        By the Savage-Dickey ratio, posterior over prior density at the null, ``log p(0 | data) - log p(0)``, or in closed form
        where the model has a usual null of its own (Beta priors). Negative values speak against the null. Flat priors on what
        both hypotheses share cancel.

        References
        ----------
        Dickey JM (1971). The weighted likelihood ratio, linear hypotheses on normal location parameters. Annals of
        Mathematical Statistics 42:204-223. doi:10.1214/aoms/1177693507
        """
        closed_form = self._usual_null()
        return closed_form if closed_form is not None else self._at_zero()

    @property
    def log_bayes_factor_other(self) -> Array:
        """Log Bayes factor (B,) by Savage and Dickey where `log_bayes_factor_null` is that of another null; else NaN."""
        closed_form = getattr(self.problem, "log_bayes_factor_usual", None)
        return (
            np.full(self.size, np.nan)
            if closed_form is None
            else np.where(np.isnan(closed_form()), np.nan, self._at_zero())
        )

    def _at_zero(self) -> Array:
        return self._evidence()["log_null"] - self.problem.log_prior_at_null()

    def _usual_null(self) -> Array | None:
        """Log Bayes factor of the model's usual null, the density at zero where it has none; None if no problem has one."""
        closed_form = getattr(self.problem, "log_bayes_factor_usual", None)
        if closed_form is None:
            return None
        log_bayes_factor = closed_form()
        return np.where(np.isnan(log_bayes_factor), self._at_zero(), log_bayes_factor)

    @property
    def error_probability(self) -> Array:
        """Estimated error (B,) of the probabilities asked so far: four times the change between the last two rules."""
        return self._error("error_probability")

    @property
    def error_quantile(self) -> Array:
        """Estimated error (B,) of the means, sds, quantiles and interval ends asked so far, in posterior sds."""
        return self._error("error_quantile")

    @property
    def accurate(self) -> npt.NDArray[np.bool_]:
        """Whether (B,) all that was asked so far is within the tolerances of `bayes_ivf.defaults`."""
        within = self.error_probability <= EXACT_PROBABILITY_TOLERANCE
        return np.asarray(within & (self.error_quantile <= EXACT_QUANTILE_TOLERANCE))

    def _error(self, name: str) -> Array:
        if not self._seen:
            self._evidence()
        return np.asarray(np.max([seen[name] for seen in self._seen.values()], axis=0))

    def _evidence(self) -> dict[str, Array]:
        if "evidence" not in self._seen:
            self.prefetch({}, evidence=True)
        return self._seen["evidence"]

    def _key(self, estimand: str, at_points: Array) -> str:
        return (
            f"cdf {estimand} {at_points.shape} {hashlib.sha256(np.ascontiguousarray(at_points).tobytes()).hexdigest()}"
        )

    def _points(self, estimand: str, at_points: Array) -> Array:
        """Coordinates (B, K) of thresholds on the quantity's own scale."""
        by_problem = np.broadcast_to(at_points, (self.size,))[:, None] if at_points.ndim < 2 else at_points
        return self.problem.scale(estimand).forward(np.broadcast_to(by_problem, (self.size, by_problem.shape[1])))

    def _check(self, *names: str) -> None:
        unknown = [name for name in names if name not in self.estimands]
        if unknown:
            raise RequestError(
                Fault("estimand", ", ".join(unknown), ", ".join(self.estimands), "ask for one of these estimands")
            )
