"""What all readings of several outcomes together say: each outcome's own mixture, and the table of all combinations."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.frozen import reduced
from bayes_ivf.reading_choices.joint_design import JointDesign
from bayes_ivf.reading_choices.mixing import TOLD
from bayes_ivf.reading_choices.result import Readings
from bayes_ivf.reading_choices.shares import shares_of_codes
from bayes_ivf.words import counted

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class JointReadings:
    """All readings of several outcomes together: a joint reading chooses one level of every choice, for all outcomes.

    Made by ``bi.readings(study, ["cpr", "eir"])``. A combination under which one of the outcomes could not have been printed has
    no weight for any of them.

    Parameters
    ----------
    study : str
    weights : {"stated", "evidence"}
        By what readings are weighed.
    outcomes : mapping of str to Readings
        Each outcome's own readings, weighed by all joint ones that contain them.
    choices : mapping of str to str
        What each choice leaves open; a choice of one outcome alone is called ``NAME of OUTCOME``.
    shares : mapping of str to mapping of str to float
        By outcome: part of the variance of P(benefit) (of the median, where no direction is benefit) over the joint readings
        that each choice accounts for; empty where nothing varies.
    weight : array (reading,)
        Of each joint reading in the mixture; 0 where something could not have been printed.
    places : mapping of str to array (reading,)
        By outcome: which of its own readings (``outcomes[id].each``) a joint reading contains.
    """

    study: str
    weights: str
    outcomes: Mapping[str, Readings]
    choices: Mapping[str, str]
    shares: Mapping[str, Mapping[str, float]]
    weight: Array
    places: Mapping[str, npt.NDArray[np.intp]]
    levels: tuple[tuple[str, ...], ...] = field(repr=False)
    codes: npt.NDArray[np.intp] = field(repr=False)
    stated: Array = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("outcomes", "choices", "shares", "places"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(self)

    @classmethod
    def of(
        cls, study: str, weights: str, outcomes: Mapping[str, Readings], design: JointDesign, weight: Array
    ) -> JointReadings:
        """From each outcome's readings and the joint weights."""
        held = np.flatnonzero(weight > 0)
        shares = {}
        for outcome, made in outcomes.items():
            values = _column(made, "p_benefit" if made.sign else "median")[design.places[outcome][held]]
            found = shares_of_codes(list(design.codes[:, held]), values, weight[held])
            shares[outcome] = dict(zip(design.choices, found, strict=True)) if found else {}
        return cls(
            study,
            weights,
            outcomes,
            design.choices,
            shares,
            weight,
            design.places,
            design.levels,
            design.codes,
            design.stated,
        )

    def __len__(self) -> int:
        """Number of joint readings that could have been printed."""
        return int((self.weight > 0).sum())

    def __getitem__(self, outcome: str) -> Readings:
        """Readings of one outcome."""
        return self.outcomes[outcome]

    @property
    def accurate(self) -> bool:
        """Whether everything is within the tolerances of quadrature."""
        return all(each.accurate for each in self.outcomes.values())

    @property
    def table(self) -> pd.DataFrame:
        """One row per joint reading: its levels, weights, and each outcome's numbers (``p_benefit cpr``)."""
        from bayes_ivf.kept_table import KeptTable

        columns: dict[str, Any] = {"reading": np.arange(1, len(self.weight) + 1)}
        for name, levels, codes in zip(self.choices, self.levels, self.codes, strict=True):
            columns[name] = np.array(levels, dtype=object)[codes]
        columns |= {"stated": self.stated, "weight": self.weight}
        for outcome, made in self.outcomes.items():
            for name in TOLD:
                columns[f"{name} {outcome}"] = _column(made, name)[self.places[outcome]]
        return KeptTable(columns)

    def agreement(self, least: float = 0.95) -> float:
        """Weight of the readings under which the probability of benefit of every outcome with a direction is at least this.

        Parameters
        ----------
        least : float
            From 0 to 1.
        """
        together = np.ones(len(self.weight), dtype=bool)
        for outcome, made in self.outcomes.items():
            if made.sign:
                with np.errstate(invalid="ignore"):
                    together &= _column(made, "p_benefit")[self.places[outcome]] >= least
        return float(self.weight[together].sum())

    def sentence(self) -> str:
        """Say what all readings together say of each outcome, and which choice matters most for it."""
        told = f"Over {counted(len(self), 'joint reading')} of what was printed ({self.weights} weights): "
        parts = []
        for outcome, made in self.outcomes.items():
            part = f"{made.label}, {made.estimand.replace('_', ' ')} {made.median:+.3f}"
            if made.sign:
                low, high = made.range_of_benefit
                part += f", probability of benefit {made.p_benefit:.2f} ({low:.2f} to {high:.2f} by reading)"
            if self.shares[outcome]:
                name, share = max(self.shares[outcome].items(), key=lambda item: item[1])
                part += f", hangs most on {self.choices[name]} ({100 * share:.0f}% of the variation)"
            parts.append(part)
        return f"{told}{'; '.join(parts)}."

    def __repr__(self) -> str:
        told = ", ".join(f"{outcome} P(benefit) {made.p_benefit:.3f}" for outcome, made in self.outcomes.items())
        return f"JointReadings({self.study}: {counted(len(self), 'joint reading')}, {self.weights}, {told})"

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li>{html.escape(made.label)}: "
            + ", ".join(f"{html.escape(name)} {100 * share:.0f}%" for name, share in self.shares[outcome].items())
            + "</li>"
            for outcome, made in self.outcomes.items()
            if self.shares[outcome]
        )
        table: Any = self.table.head(50)
        shown = table.to_html(index=False, escape=True, na_rep="", float_format="{:.3f}".format)
        return f"<p>{html.escape(self.sentence())}</p>{f'<ul>{items}</ul>' if items else ''}{shown}"


def _column(made: Readings, name: str) -> Array:
    return np.array([getattr(each, name) for each in made.each])
