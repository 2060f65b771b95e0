"""Model cards: which structure, for which outcomes, with which options. A card chooses; it holds no expressions."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from bayes_ivf.errors import CardError, Fault
from bayes_ivf.frozen import reduced
from bayes_ivf.identifiers import identifier
from bayes_ivf.paths import models_folder, toml_files
from bayes_ivf.tables import check_table, read_toml

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STRUCTURES", "Card", "Option", "bundled_cards", "list_cards", "load_card", "read_card"]

STRUCTURES = ("two_arm", "embryo_cluster", "funnel", "individual", "outcomes", "joint")
"""Structures that exist in code: a list, so that a card is read without loading them; a new one is added here."""


@dataclass(frozen=True)
class Option:
    """A choice that a card offers: a list of values, or a range of numbers.

    Parameters
    ----------
    default, meaning : str
    allowed : tuple of str
        Values; empty if `span` is given.
    span : (float, float) or None
        Smallest and largest number.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> option = bi.cards.load_card("two_arm").options["doubt"]
    >>> option.default, option.text
    ('0', 'a number from 0 to 1')
    >>> option.canonical(0.50), option.canonical(2)
    ('0.5', None)
    """

    default: str
    meaning: str
    allowed: tuple[str, ...] = ()
    span: tuple[float, float] | None = None

    @property
    def text(self) -> str:
        """What is allowed, in words."""
        return ", ".join(self.allowed) if self.span is None else f"a number from {self.span[0]:g} to {self.span[1]:g}"

    def canonical(self, value: object) -> str | None:
        """Return the value as printed in the column `options`, or None if it is not allowed."""
        if self.span is None:
            return str(value) if str(value) in self.allowed else None
        try:
            number = float(str(value))
        except ValueError:
            return None
        return f"{number:.15g}" if self.span[0] <= number <= self.span[1] else None


@dataclass(frozen=True)
class Card:
    """A model card.

    Parameters
    ----------
    id, label : str
    structure : str
        Name of a module in ``structures``.
    kinds, per : tuple of str
        Outcomes it applies to; empty `per` means every unit.
    options : mapping of str to Option
    rationale : str
    references, formulas : tuple of str
        DOIs; the model in formulas, for readers of a report.
    variants : tuple of mapping
        Option settings that `run` reports beside the default.
    run_priors : {"all", "primary", "none"}
        Prior sets that `run` fits unless told otherwise; with none the card runs only by name, under the primary one.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> card = bi.cards.load_card("two_arm")
    >>> card
    Card('two_arm': Two arms, each outcome by itself)
    >>> card.choose({"variance": "common"})["variance"]
    'common'
    """

    id: str
    label: str
    structure: str
    kinds: tuple[str, ...]
    per: tuple[str, ...]
    options: Mapping[str, Option]
    rationale: str
    references: tuple[str, ...] = ()
    variants: tuple[Mapping[str, str], ...] = ()
    run_priors: str = "all"
    formulas: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(self)

    def __repr__(self) -> str:
        return f"Card({self.id!r}: {self.label})"

    def _repr_html_(self) -> str:
        return f"<p><strong>{html.escape(repr(self))}</strong></p><p>{html.escape(self.rationale)}</p>"

    def choose(self, given: Mapping[str, object] | None) -> dict[str, str]:
        """Return the value of every option; what is not given keeps its default.

        Parameters
        ----------
        given : mapping of str to object, optional
            Values by option.

        Returns
        -------
        dict of str to str
            As printed in the column `options`.

        Raises
        ------
        CardError
            If an option or its value is unknown.
        """
        given = dict(given or {})
        faults = [
            Fault(
                f"option {name}",
                repr(given[name]),
                f"options of {self.id}: {', '.join(self.options) or 'none'}",
                "remove it",
            )
            for name in given
            if name not in self.options
        ]
        chosen = {}
        for name, option in self.options.items():
            value = given.get(name, option.default)
            text = option.canonical(value)
            if text is None:
                faults.append(Fault(f"option {name}", repr(value), option.text, "choose one of these"))
            else:
                chosen[name] = text
        if faults:
            raise CardError(faults)
        return chosen


def read_card(path: Path) -> Card:
    """Read a model card.

    Parameters
    ----------
    path : Path
        Of a TOML file.

    Returns
    -------
    Card

    Raises
    ------
    CardError
        With every fault of the file.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.cards.read_card(bi.cards.bundled_cards()["funnel"]).structure
    'funnel'
    """
    from pydantic import AfterValidator, BaseModel, ConfigDict, Field

    from bayes_ivf.study import ModeledKind

    class OptionTable(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)
        allowed: list[str] = []
        span: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
        default: str
        meaning: str

    class CardTable(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)
        schema_version: Literal[1]
        id: Annotated[str, AfterValidator(identifier)]
        label: str
        structure: str
        kinds: Annotated[list[ModeledKind], Field(min_length=1)]
        per: list[str] = []
        rationale: Annotated[str, Field(min_length=20)]
        references: list[str] = []
        options: dict[str, OptionTable] = {}
        variants: list[dict[str, str]] = []
        run_priors: Literal["all", "primary", "none"] = "all"
        formulas: list[str] = []

    table = check_table(CardTable, read_toml(path, CardError), path.name, CardError)
    options = {
        name: Option(o.default, o.meaning, tuple(o.allowed), None if o.span is None else (o.span[0], o.span[1]))
        for name, o in table.options.items()
    }
    faults = []
    if table.structure not in STRUCTURES:
        allowed = ", ".join(STRUCTURES)
        faults.append(Fault(f"{path.name}: structure", repr(table.structure), allowed, "name one of these structures"))
    faults += [
        Fault(f"{path.name}: options.{name}.default", repr(option.default), option.text, "correct the default")
        for name, option in options.items()
        if option.canonical(option.default) is None
    ]
    if faults:
        raise CardError(faults)
    card = Card(
        id=table.id,
        label=table.label,
        structure=table.structure,
        kinds=tuple(table.kinds),
        per=tuple(table.per),
        options=MappingProxyType(options),
        rationale=table.rationale,
        references=tuple(table.references),
        variants=tuple(MappingProxyType(variant) for variant in table.variants),
        run_priors=table.run_priors,
        formulas=tuple(table.formulas),
    )
    for variant in card.variants:
        card.choose(variant)
    return card


def bundled_cards() -> dict[str, Path]:
    """Return the files of the bundled model cards, by id.

    Examples
    --------
    >>> sorted(bundled_cards())
    ['embryo_cluster', 'funnel', 'individual', 'joint', 'outcomes', 'two_arm', 'unit_cluster']
    """
    return {path.stem: path for path in toml_files(models_folder())}


def list_cards() -> pd.DataFrame:
    """Return the bundled model cards, one row each.

    Returns
    -------
    DataFrame
        Columns ``id, label, structure, kinds, options, rationale``; `kinds` and `options` are names, joined by commas.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.cards.list_cards().loc[:, ["id", "structure"]].to_string(index=False).splitlines()[-1].split()
    ['unit_cluster', 'embryo_cluster']
    """
    import pandas as pd

    cards = [_bundled(path) for path in bundled_cards().values()]
    return pd.DataFrame(
        {
            "id": card.id,
            "label": card.label,
            "structure": card.structure,
            "kinds": ", ".join(card.kinds),
            "options": ", ".join(card.options),
            "rationale": " ".join(card.rationale.split()),
        }
        for card in cards
    )


@cache
def _bundled(path: Path) -> Card:
    """Read a card of the package once: every fit asks for it."""
    return read_card(path)


def load_card(source: str | Path) -> Card:
    """Load a model card by id or from a file.

    Parameters
    ----------
    source : str or Path
        Id of a bundled card, or the path of a TOML file.

    Returns
    -------
    Card

    Raises
    ------
    CardError
        If there is none, or with every fault of the file.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.cards.load_card("two_arm").kinds
    ('counts', 'percent', 'mean_sd', 'quantiles', 'claim_only', 'p_value', 'claim_counts', 'effect_ci', 'rates')
    """
    bundled = bundled_cards()
    if str(source) in bundled:
        return _bundled(bundled[str(source)])
    path = Path(source)
    if path.suffix == ".toml" and path.is_file():
        return read_card(path)
    raise CardError(
        Fault(
            "model",
            repr(str(source)),
            f"a bundled card ({', '.join(bundled)}) or the path of a model card (.toml)",
            "check the spelling; `bayes-ivf new model PATH` writes a template",
        )
    )
