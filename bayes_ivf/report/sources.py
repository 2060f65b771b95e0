"""Model cards and prior sets as the tables that they were read from, and back, so that a page can be checked without files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from bayes_ivf.cards import STRUCTURES, Card, Option
from bayes_ivf.errors import CardError, Fault, PriorError
from bayes_ivf.priors import SLOTS, Prior, PriorSet, Scale, check_slots, read_prior
from bayes_ivf.tables import check_table

Text = Annotated[str, Field(max_length=20_000)]
Texts = Annotated[list[Text], Field(max_length=1_000)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _OptionTable(_Strict):
    allowed: Texts = []
    span: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    default: Text
    meaning: Text


class _CardTable(_Strict):
    schema_version: Literal[1]
    id: Text
    label: Text
    structure: Literal[STRUCTURES]  # type: ignore[valid-type]
    kinds: Texts
    per: Texts = []
    rationale: Text
    formulas: Texts = []
    references: Texts = []
    options: Annotated[dict[Text, _OptionTable], Field(max_length=50)] = {}
    variants: Annotated[list[dict[Text, Text]], Field(max_length=50)] = []
    run_priors: Literal["all", "primary", "none"] = "all"


_Slots = Annotated[dict[Text, dict[Text, Text | Number]], Field(max_length=20)]


class _SetTable(_Strict):
    schema_version: Literal[1]
    id: Text
    label: Text
    sentence: Text
    references: Texts = []
    log_odds: _Slots = {}
    claims_of_counts: _Slots = {}
    means: _Slots = {}
    embryos: _Slots = {}
    hierarchy: _Slots = {}
    hierarchy_means: _Slots = {}


def card_table(card: Card) -> dict[str, Any]:
    """Return the table of a model card, as its file has it."""
    return {
        "schema_version": 1,
        "id": card.id,
        "label": card.label,
        "structure": card.structure,
        "kinds": list(card.kinds),
        "per": list(card.per),
        "rationale": card.rationale,
        "references": list(card.references),
        "options": {name: _option_table(option) for name, option in card.options.items()},
        "variants": [dict(variant) for variant in card.variants],
        "run_priors": card.run_priors,
        "formulas": list(card.formulas),
    }


def card_from(table: Mapping[str, Any], where: str) -> Card:
    """Return the model card of a table that `card_table` gave.

    Raises
    ------
    CardError
        With every fault of the table.
    """
    read = check_table(_CardTable, dict(table), where, CardError)
    options = {
        name: Option(each.default, each.meaning, tuple(each.allowed), None if each.span is None else _pair(each.span))
        for name, each in read.options.items()
    }
    faults = [
        Fault(f"{where}: options.{name}.default", repr(each.default), each.text, "correct the default")
        for name, each in options.items()
        if each.canonical(each.default) is None
    ]
    if faults:
        raise CardError(faults)
    card = Card(
        read.id,
        read.label,
        read.structure,
        tuple(read.kinds),
        tuple(read.per),
        MappingProxyType(options),
        read.rationale,
        tuple(read.references),
        tuple(MappingProxyType(variant) for variant in read.variants),
        read.run_priors,
        tuple(read.formulas),
    )
    for variant in card.variants:
        card.choose(variant)
    return card


def set_table(prior_set: PriorSet) -> dict[str, Any]:
    """Return the table of a prior set, as its file has it."""
    slots = {
        scale: {
            slot: {"dist": prior.dist, **prior.parameters}
            | ({"toward": "benefit"} if slot in prior_set.toward_benefit.get(scale, ()) else {})
            for slot, prior in given.items()
        }
        for scale, given in prior_set.slots.items()
        if given
    }
    words = {"id": prior_set.id, "label": prior_set.label, "sentence": prior_set.sentence}
    return {"schema_version": 1, **words, "references": list(prior_set.references), **slots}


def set_from(table: Mapping[str, Any], where: str) -> PriorSet:
    """Return the prior set of a table that `set_table` gave.

    Raises
    ------
    PriorError
        With the first fault of each slot.
    """
    read = check_table(_SetTable, dict(table), where, PriorError)
    faults: list[Fault] = []
    slots: dict[str, Mapping[str, Prior]] = {}
    toward: dict[str, frozenset[str]] = {}
    for scale, known in SLOTS.items():
        given = getattr(read, scale)
        unknown = [slot for slot in given if slot not in known]
        faults += [Fault(f"{where}: {scale}", slot, ", ".join(known), "remove the slot") for slot in unknown]
        slots[scale], toward[scale] = _slots(given, scale, f"{where}: {scale}", faults)
    if faults:
        raise PriorError(faults)
    leaning = {scale: names for scale, names in toward.items() if names}
    return PriorSet(
        read.id, read.label, read.sentence, MappingProxyType(slots), MappingProxyType(leaning), tuple(read.references)
    )


def _slots(
    given: Mapping[str, Mapping[str, Any]], scale: Scale, where: str, faults: list[Fault]
) -> tuple[Mapping[str, Prior], frozenset[str]]:
    """Read the priors of a scale, and which of them lean toward benefit; what is wrong joins the faults."""
    priors, toward = {}, set()
    for slot, table in given.items():
        spec = dict(table)
        direction = spec.pop("toward", None)
        try:
            priors[slot] = read_prior(spec, f"{where}.{slot}")
        except PriorError as error:
            faults.extend(error.faults)
            continue
        if direction is not None and (direction != "benefit" or "mu" not in priors[slot].parameters):
            allowed = 'toward = "benefit", on a prior with mu'
            faults.append(Fault(f"{where}.{slot}.toward", repr(direction), allowed, "remove it"))
        elif direction is not None:
            toward.add(slot)
    faults += check_slots(priors, scale, where)
    return MappingProxyType(priors), frozenset(toward)


def _option_table(option: Option) -> dict[str, Any]:
    words = {"default": option.default, "meaning": option.meaning}
    return words | ({"allowed": list(option.allowed)} if option.span is None else {"span": list(option.span)})


def _pair(span: list[float]) -> tuple[float, float]:
    return cast(tuple[float, float], tuple(span))
