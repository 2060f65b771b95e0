"""One fit, fully specified and free of PyMC: what is observed, under which priors, in which structure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.cards import Card
from bayes_ivf.priors import Prior
from bayes_ivf.problem.layout import Layout, Plain
from bayes_ivf.study import Outcome, Study

HASH_VERSION = 2
"""Raised when the meaning of a problem changes, so that stored results are not mistaken for new ones."""

DataArray = npt.NDArray[Any]


UNIT = "unit"
"""Array of a problem, a scalar: standard deviation that turns its standardized difference into one in the outcome's own unit."""


@dataclass(frozen=True)
class OutcomeRef:
    """An outcome that quantities of a model speak of: the problem's own, or another one.

    Parameters
    ----------
    outcome, label : str
    sign : {1, -1, 0}
        Of benefit.
    mcid : float or None
    options : mapping of str to str
        Added to the problem's options in the column of that name.
    """

    outcome: str
    label: str
    sign: int
    mcid: float | None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Problem:
    """A grid cell: study x outcome x model card x prior set x options.

    Parameters
    ----------
    study, outcome, label, per : str
        What it is about; names only, not part of the hash.
    sign : {1, -1, 0}
        Of benefit.
    mcid : float or None
        On the scale that the likelihood's MCID refers to (risk difference or SMD).
    model, structure, likelihood : str
    coding : {"average", "control", "arms"}
        Where the nuisance prior sits.
    data : mapping of str to array
        Everything observed; becomes ``pm.Data`` of the same name.
    priors : mapping of slot to Prior
    prior_set : str
        Name of the set, or ``"custom"``.
    options : mapping of str to str
        As printed in the column `options`; only those that differ between rows of one table.
    layout : Layout
        What changes the model graph, as a value of the structure.
    caveats : tuple of str
        Sentences that every reading of the result must carry.
    places : mapping of str to OutcomeRef
        Outcomes of quantities that are not about the problem's own; see `EstimandId`.
    variation : bool
        Whether its options differ from the card's defaults: such a fit shows sensitivity and is not of record.
    warnings : tuple of str
        Reasons why no fit of this problem can pass without a warning.
    assumes : str
        A sentence that every sentence of the result must end with: what is taken for granted; empty if nothing is.
    comparison : str
        Which arms of a trial of several are compared, in words; empty in a trial of two.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> problem = bi.fit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr"), engine="exact").problem
    >>> problem.key, problem.options_text, problem.proper
    (('study', 'cpr', 'two_arm', '', 'weakly_informative'), '', True)
    >>> problem.place("").outcome, problem.compile_key[:2]
    ('cpr', ('two_arm', 'counts'))
    >>> len(problem.hash), problem.seed(1) == problem.seed(1)
    (64, True)
    >>> problem.variant, problem.laid_out(type(problem.layout)) is problem.layout
    ('', True)
    """

    study: str
    outcome: str
    label: str
    per: str
    sign: int
    mcid: float | None
    model: str
    structure: str
    likelihood: str
    coding: str
    data: Mapping[str, DataArray]
    priors: Mapping[str, Prior]
    prior_set: str
    options: Mapping[str, str] = field(default_factory=dict)
    layout: Layout = field(default_factory=Plain)
    caveats: tuple[str, ...] = ()
    places: Mapping[str, OutcomeRef] = field(default_factory=dict)
    variation: bool = False
    warnings: tuple[str, ...] = ()
    assumes: str = ""
    comparison: str = ""

    def __post_init__(self) -> None:
        for array in self.data.values():
            array.setflags(write=False)
        for name in ("data", "priors", "options", "places"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return _problem, ({k: dict(v) if isinstance(v, MappingProxyType) else v for k, v in values.items()},)

    def __repr__(self) -> str:
        return f"Problem({self.study}/{self.outcome}, {self.model}, {self.prior_set}, {self.hash[:12]})"

    @cached_property
    def variant(self) -> str:
        """Text of the layout, in hash and compile key."""
        return self.layout.canonical()

    def laid_out[T](self, kind: type[T]) -> T:
        """Return the layout as the kind that its structure gives it.

        Raises
        ------
        TypeError
            If it is of another kind.
        """
        if not isinstance(self.layout, kind):
            raise TypeError(f"a layout of kind {type(self.layout).__name__}, not {kind.__name__}")
        return self.layout

    @cached_property
    def compile_key(self) -> tuple[Any, ...]:
        """What two problems must share to share a compiled model."""
        families = tuple((slot, prior.dist) for slot, prior in sorted(self.priors.items()))
        shapes = tuple((name, array.shape, array.dtype.str) for name, array in sorted(self.data.items()))
        return (self.structure, self.likelihood, self.coding, self.variant, families, shapes)

    @cached_property
    def hash(self) -> str:
        """Hexadecimal content hash of everything that determines the numbers."""
        content = {
            "version": HASH_VERSION,
            "structure": self.structure,
            "likelihood": self.likelihood,
            "coding": self.coding,
            "variant": self.variant,
            "sign": self.sign,
            "mcid": self.mcid,
            "places": {name: [place.sign, place.mcid] for name, place in self.places.items()},
            "data": {name: [array.dtype.str, array.tolist()] for name, array in self.data.items()},
            "priors": {slot: [prior.dist, dict(prior.parameters)] for slot, prior in self.priors.items()},
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def options_text(self) -> str:
        """Canonical text of the options, ``M=3;weights=equal``; empty when there are none."""
        return options_text(self.options)

    def place(self, name: str) -> OutcomeRef:
        """Return the outcome that quantities of a place speak of; the empty name is the problem's own."""
        return self.places[name] if name else OutcomeRef(self.outcome, self.label, self.sign, self.mcid)

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """Study, outcome, model, options and prior set: the readable name of the cell."""
        return (self.study, self.outcome, self.model, self.options_text, self.prior_set)

    @property
    def proper(self) -> bool:
        """Whether every prior integrates to one."""
        return all(prior.proper for prior in self.priors.values())

    def seed(self, seed: int) -> int:
        """Derive the sampler's seed from the user's: the same for a problem wherever and whenever it runs."""
        digest = hashlib.sha256(f"{seed}:{self.hash}".encode()).digest()
        return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def _problem(values: dict[str, Any]) -> Problem:
    return Problem(**values)


def options_text(options: Mapping[str, str]) -> str:
    """Return options as canonical text, sorted by name."""
    return ";".join(f"{name}={value}" for name, value in sorted(options.items()))


def option_in(text: str, name: str) -> str:
    """Return the value of an option in the canonical text of options; empty if it is not among them.

    Examples
    --------
    >>> option_in("doubt=0.25;test=fisher", "doubt"), option_in("", "doubt")
    ('0.25', '')
    """
    return dict(each.split("=", 1) for each in text.split(";") if each).get(name, "")


def make_problem(study: Study, outcome: Outcome, card: Card, **specific: Any) -> Problem:
    """Make a problem that is named after its study, outcome and card."""
    return Problem(
        study=study.id,
        outcome=outcome.id,
        label=outcome.title,
        per=outcome.per,
        sign=outcome.sign,
        mcid=outcome.mcid,
        model=card.id,
        structure=card.structure,
        **specific,
    )


def array(values: object, dtype: type) -> DataArray:
    """Make an array that a problem may hold."""
    return np.array(values, dtype=dtype)
