"""The answer for a batch of problems: distribution functions, summaries, evidence, and how accurate they are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.quadrature.process_pool import evaluate_parallel
from bayes_ivf.quadrature.refinement import SUMMARY, Answers, Batch, Questions, Threshold
from bayes_ivf.quadrature.summarize import Summary

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ExactPosterior:
    """Posterior of every problem of a batch, by quadrature.

    Nothing is computed before it is asked for. Every answer is computed under two rules; where they differ by more
    than the tolerance, finer ones follow, and what still differs is marked in `accurate`.

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
            On the estimand's own scale.

        Returns
        -------
        array (B,) or (B, K)
        """
        return self.cdf_with_error(estimand, t)[0]

    def cdf_with_error(self, estimand: str, t: npt.ArrayLike) -> tuple[Array, Array]:
        """`cdf`, and the estimated error (B,) of these probabilities."""
        self._check(estimand)
        given = np.asarray(t, dtype=float)
        key = self._key(estimand, given)
        if key not in self._seen:
            self.prefetch({estimand: given})
        found = self._seen[key]
        return (found["value"][:, 0] if given.ndim < 2 else found["value"]), found["error_probability"]

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
        given = {name: np.asarray(t, dtype=float) for name, t in thresholds.items()}
        fresh = tuple(name for name in estimands if f"{name} {ci_prob!r}" not in self._seen)
        asked = tuple(Threshold(name, name, self._points(name, values)) for name, values in given.items())
        questions = Questions(asked, fresh, evidence, ci_prob)
        if not (asked or fresh or evidence):
            return
        found: dict[str, Answers] = {}
        for name, value in evaluate_parallel(self.problem, questions, self.workers).items():
            key, _, field_name = name.partition("\0")
            found.setdefault(key, {})[field_name] = value
        for name, values in given.items():
            self._seen[self._key(name, values)] = found[name]
        for name in fresh:
            self._seen[f"{name} {ci_prob!r}"] = found[f"{SUMMARY}{name}"]
        if evidence:
            self._seen["evidence"] = found["evidence"]

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
    def log_bayes_factor_null(self) -> Array:
        """Log Bayes factor (B,) for no effect against the prior; NaN if the prior on the effect is improper.

        By Savage and Dickey, posterior over prior density of the effect at zero, or in closed form where the model has a
        usual null of its own (Beta priors). Negative values speak for an effect. Flat priors on what both hypotheses share
        cancel.
        """
        usual = self._usual_null()
        return usual if usual is not None else self._at_zero()

    @property
    def log_bayes_factor_other(self) -> Array:
        """Log Bayes factor (B,) by Savage and Dickey where `log_bayes_factor_null` is that of another null; else NaN."""
        usual = getattr(self.problem, "log_bayes_factor_usual", None)
        return np.full(self.size, np.nan) if usual is None else np.where(np.isnan(usual()), np.nan, self._at_zero())

    def _at_zero(self) -> Array:
        return self._evidence()["log_null"] - self.problem.log_prior_at_null()

    def _usual_null(self) -> Array | None:
        """Log Bayes factor of the model's usual null, the density at zero where it has none; None if no problem has one."""
        usual = getattr(self.problem, "log_bayes_factor_usual", None)
        if usual is None:
            return None
        found = usual()
        return np.where(np.isnan(found), self._at_zero(), found)

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

    def _key(self, estimand: str, given: Array) -> str:
        return f"cdf {estimand} {given.shape} {hashlib.sha256(np.ascontiguousarray(given).tobytes()).hexdigest()}"

    def _points(self, estimand: str, given: Array) -> Array:
        """Coordinates (B, K) of thresholds on the estimand's own scale."""
        column = np.broadcast_to(given, (self.size,))[:, None] if given.ndim < 2 else given
        return self.problem.scale(estimand).forward(np.broadcast_to(column, (self.size, column.shape[1])))

    def _check(self, *names: str) -> None:
        unknown = [name for name in names if name not in self.estimands]
        if unknown:
            raise RequestError(
                Fault("estimand", ", ".join(unknown), ", ".join(self.estimands), "ask for one of these estimands")
            )
