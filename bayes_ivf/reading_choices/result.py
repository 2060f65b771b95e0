"""What all readings of an outcome say: each by itself, their mixture, and which choices it hangs on."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.frozen import reduced
from bayes_ivf.reading_choices.choices import in_words
from bayes_ivf.words import counted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reading:
    """One way to read what was printed.

    Parameters
    ----------
    levels : mapping of str to str
        Level of every choice; "not applicable" where it has no meaning.
    stated : float
        Stated weight.
    weight : float
        Weight in the mixture; 0 for a reading that could not have been printed.
    median, ci_low, ci_high : float
        Of the quantity on its own scale, equal-tailed; NaN where the reading is impossible.
    p_benefit, p_beyond_mcid : float
        NaN without a direction of benefit, or an MCID.
    log_evidence : float
        Log probability of what was printed; NaN where a prior is improper, minus infinity where it could not have been printed.
    impossible : str
        Why it could not have been printed; empty if it could.
    """

    levels: Mapping[str, str]
    stated: float
    weight: float
    median: float = np.nan
    ci_low: float = np.nan
    ci_high: float = np.nan
    p_benefit: float = np.nan
    p_beyond_mcid: float = np.nan
    log_evidence: float = np.nan
    impossible: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", MappingProxyType(dict(self.levels)))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(self)

    @property
    def name(self) -> str:
        """Its levels in a line."""
        return "; ".join(in_words(choice, level) for choice, level in self.levels.items()) or "as printed"


@dataclass(frozen=True)
class Readings:
    """All readings of an outcome with the same estimand, and their exact mixture.

    Made by ``bi.readings``. Numbers of the mixture are `median`, `ci_low`, `ci_high`, `p_benefit`; `probability`, `interval` and
    `quantile` ask it anything else.

    Parameters
    ----------
    study, outcome, label, per : str
        Ids, name, and unit of the denominator.
    estimand : str
        On which the outcome is told.
    sign : {1, -1, 0}
        Of benefit.
    weights : {"stated", "evidence"}
        By what readings are weighed.
    choices : mapping of str to str
        What each choice leaves open.
    each : tuple of Reading
    median, ci_low, ci_high, p_benefit, p_beyond_mcid : float
        Of the mixture.
    ci_prob : float
    shares : mapping of str to float
        Part of the variance of P(benefit) (of the median, where no direction is benefit) that each choice accounts for; empty
        where nothing varies.
    accurate : bool
        Whether everything is within the tolerances of quadrature.
    beside : tuple of Readings
        The same outcome with other denominators, which are another estimand and never mixed.
    """

    study: str
    outcome: str
    label: str
    per: str
    estimand: str
    sign: int
    weights: str
    choices: Mapping[str, str]
    each: tuple[Reading, ...]
    median: float
    ci_low: float
    ci_high: float
    p_benefit: float
    p_beyond_mcid: float
    ci_prob: float
    shares: Mapping[str, float]
    accurate: bool
    posterior: Any = field(repr=False, compare=False)
    quantity: str = field(repr=False, default="")
    beside: tuple[Readings, ...] = ()

    def __post_init__(self) -> None:
        for name in ("choices", "shares"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        # all numbers travel, the posterior behind them does not
        return reduced(self if self.posterior is None else replace(self, posterior=None))

    @property
    def _asked(self) -> Any:
        if self.posterior is None:
            allowed = "readings in the process that made them"
            raise RequestError(
                Fault(
                    "readings",
                    "a posterior that did not come along: these numbers travelled",
                    allowed,
                    "call bi.readings again",
                )
            )
        return self.posterior

    @property
    def possible(self) -> tuple[Reading, ...]:
        """Readings that could have been printed."""
        return tuple(each for each in self.each if not each.impossible)

    @property
    def removed(self) -> tuple[Reading, ...]:
        """Readings that could not have been printed, and are no part of the mixture."""
        return tuple(each for each in self.each if each.impossible)

    @property
    def table(self) -> pd.DataFrame:
        """One row per reading: its levels, weights, numbers, and why it is impossible."""
        from bayes_ivf.kept_table import KeptTable

        numbers = ("stated", "weight", "median", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid", "log_evidence")
        return KeptTable(
            [
                {
                    "reading": i,
                    **each.levels,
                    **{name: getattr(each, name) for name in numbers},
                    "impossible": each.impossible,
                }
                for i, each in enumerate(self.each, 1)
            ]
        )

    @property
    def range_of_benefit(self) -> tuple[float, float]:
        """Smallest and largest P(benefit) of readings that have weight; NaN without a direction."""
        values = [each.p_benefit for each in self.possible if each.weight > 0]
        return min(values), max(values)

    @property
    def range_over_denominators(self) -> tuple[float, float]:
        """Smallest and largest P(benefit) of the mixtures with this and other denominators."""
        values = [each.p_benefit for each in (self, *self.beside) if each.p_benefit == each.p_benefit] or [np.nan]
        return min(values), max(values)

    def probability(self, *, above: float | None = None, below: float | None = None) -> float:
        """Probability under the mixture that the quantity lies above, below, or between two values.

        Raises
        ------
        RequestError
            Without a bound.
        """
        if above is None and below is None:
            raise RequestError(Fault("probability", "neither above nor below", "one of them, or both", "name a bound"))
        low = 0.0 if above is None else float(self._asked.cdf(self.quantity, above)[0])
        high = 1.0 if below is None else float(self._asked.cdf(self.quantity, below)[0])
        return max(0.0, high - low)

    def interval(self, prob: float = 0.95, kind: str = "eti") -> tuple[float, float]:
        """Equal-tailed (``eti``) or shortest (``hdi``) interval of the mixture.

        Raises
        ------
        RequestError
            If there is no such interval.
        """
        if kind not in ("eti", "hdi"):
            raise RequestError(Fault("kind", repr(kind), "eti, hdi", "name one of the two"))
        found = self._asked.summarize(self.quantity, prob)
        low, high = (found.ci_low, found.ci_high) if kind == "eti" else (found.hdi_low, found.hdi_high)
        return float(low[0]), float(high[0])

    def sentence(self) -> str:
        """Say what all readings together say, and which choice matters most."""
        number = len(self.possible)
        scale = self.estimand.replace("_", " ")
        told = (
            f"{self.label}: over {counted(number, 'reading')} of what was printed ({self.weights} weights), {scale} "
            f"{self.median:+.3f} ({100 * self.ci_prob:g}% interval {self.ci_low:+.3f} to {self.ci_high:+.3f})"
        )
        if self.p_benefit == self.p_benefit:
            told += f", probability of benefit {self.p_benefit:.2f}"
            if number > 1:
                low, high = self.range_of_benefit
                told += f" ({low:.2f} to {high:.2f} by reading)"
        if self.shares:
            name, share = max(self.shares.items(), key=lambda item: item[1])
            told += f"; the choice that matters most is {self.choices[name]} ({100 * share:.0f}% of the variation)"
        if self.removed:
            told += f". {counted(len(self.removed), 'reading')} could not have been printed"
        if self.beside:
            low, high = self.range_over_denominators
            units = " and ".join(f"per {each.per.replace('_', ' ')}" for each in (self, *self.beside))
            told += f". Side by side, {units}: probability of benefit {low:.2f} to {high:.2f}"
        return f"{told}."

    def __repr__(self) -> str:
        return (
            f"Readings({self.study}/{self.outcome}: {counted(len(self.possible), 'reading')}, {self.weights}, "
            f"P(benefit) {self.p_benefit:.3f})"
        )

    def _repr_html_(self) -> str:
        shown: Any = self.table.head(50)
        shares = "".join(
            f"<li>{html.escape(self.choices[name])} ({html.escape(name)}): {100 * share:.0f}%</li>"
            for name, share in self.shares.items()
        )
        table = shown.to_html(index=False, escape=True, na_rep="", float_format="{:.3f}".format)
        return f"<p>{html.escape(self.sentence())}</p>{f'<ul>{shares}</ul>' if shares else ''}{table}"
