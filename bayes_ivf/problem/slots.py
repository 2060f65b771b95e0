"""From a prior set, or slots that a user wrote, to the priors of one problem and its coding."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bayes_ivf import defaults
from bayes_ivf.errors import Fault, PriorError
from bayes_ivf.priors import SLOTS, Prior, PriorSet, Scale, check_slots, load_prior_set, read_prior

FLAT_SET = "reference"
"""The bundled set that is flat on means, and applies to every difference."""
PriorLike = str | Path | PriorSet | Mapping[str, Any]


def resolve(
    prior: PriorLike, scale: Scale, allowed: tuple[str, ...], sign: int, where: str, own: Scale | None = None
) -> tuple[str, dict[str, Prior]]:
    """Return the name of the set and the priors that a problem needs.

    Parameters
    ----------
    prior : str, Path, PriorSet or mapping
        A set, or slots as written in TOML. Slots not given come from `weakly_informative`.
    scale : str
        Table of the set.
    allowed : tuple of str
        Slots that the structure can use.
    sign : {1, -1, 0}
        Of benefit.
    where : str
        Named in errors.
    own : str, optional
        Table that is taken instead where a set has it.

    Raises
    ------
    PriorError
        If a slot is unknown, unused or inconsistent with another.
    """
    base = load_prior_set(defaults.PRIMARY_PRIOR).directed(scale, sign, where)
    if isinstance(prior, str | Path | PriorSet):
        chosen = prior if isinstance(prior, PriorSet) else load_prior_set(prior)
        name, given = chosen.id, chosen.directed(own if own and chosen.slots.get(own) else scale, sign, where)
        # a prior on one of two independent arms means nothing beside an effect
        split = "treatment" in given and "treatment" not in allowed
        given = {slot: value for slot, value in given.items() if slot in allowed and not split}
        if not given and scale != "embryos":
            raise PriorError(
                Fault(
                    where, f"prior set {name}", f"a set that fills {' or '.join(allowed)}", "choose another prior set"
                )
            )
    elif isinstance(prior, Mapping):
        name, given = "custom", _read_slots(prior, scale, allowed, where)
    else:
        raise PriorError(
            Fault(
                where,
                repr(prior),
                "the name of a prior set, or a mapping of slots",
                "write the prior in one of these ways",
            )
        )
    return name, _complete(given, base, allowed)


def resolve_difference(prior: PriorLike, unit: float | None, sign: int, where: str) -> tuple[str, dict[str, Prior]]:
    """Return the name of the set and the prior on a difference in its own unit, of which no table of the sets speaks.

    Parameters
    ----------
    prior : str, Path, PriorSet or mapping
        A set; or slots, whose effect is in the unit of the difference.
    unit : float or None
        Standard deviation by which a set's standardized differences become such ones; None where it is not known, so that only a
        set which is flat on means says something.
    sign : {1, -1, 0}
        Of benefit.
    where : str
        Named in errors.

    Raises
    ------
    PriorError
        If the prior says nothing of such a difference.
    """
    if isinstance(prior, Mapping):
        return resolve(prior, "means", ("effect",), sign, where)
    chosen = prior if isinstance(prior, PriorSet) else load_prior_set(prior)
    means = chosen.slots.get("means", {})
    if all(
        arm in means and not means[arm].proper for arm in ("control", "treatment")
    ):  # and so flat on their difference
        return chosen.id, {"effect": Prior("Flat", {})}
    found = f"prior set {chosen.id}, which says nothing of a difference in its own unit without a standard deviation"
    if unit is not None:
        name, priors = resolve(chosen, "means", ("effect",), sign, where)
        scaled = priors["effect"].in_unit(unit)
        if scaled is not None:
            return name, {"effect": scaled}
        found = f"prior set {chosen.id}, whose {priors['effect'].dist} has no multiple among these distributions"
    allowed = f"{FLAT_SET}, which is flat on the difference, or a distribution of it"
    action = f'name {FLAT_SET}, or write {{"effect": {{"dist": "Normal", "mu": 0, "sigma": ...}}}} in its unit'
    raise PriorError(Fault(where, found, allowed, action))


def _read_slots(prior: Mapping[str, Any], scale: Scale, allowed: tuple[str, ...], where: str) -> dict[str, Prior]:
    faults: list[Fault] = []
    given: dict[str, Prior] = {}
    for slot, spec in prior.items():
        if slot not in allowed:
            known = slot in {name for names in SLOTS.values() for name in names}
            found = f"{slot}, which this model does not use" if known else f"{slot}, which is no slot"
            faults.append(Fault(f"{where}.{slot}", found, ", ".join(allowed), "remove or rename the slot"))
            continue
        try:
            given[slot] = read_prior(spec, f"{where}.{slot}")
        except PriorError as error:
            faults.extend(error.faults)
    faults += check_slots(given, scale, where)
    if faults:
        raise PriorError(faults)
    return given


def _complete(given: Mapping[str, Prior], base: Mapping[str, Prior], allowed: tuple[str, ...]) -> dict[str, Prior]:
    """Fill what is missing; what was given decides the coding, so a default never contradicts it."""
    slots = {slot: prior for slot, prior in base.items() if slot in allowed}
    if "treatment" in given:
        slots.pop("average", None)
        slots.pop("effect", None)
    elif "control" in given:
        slots.pop("average", None)
    return slots | dict(given)


def coding_of(priors: Mapping[str, Prior]) -> str:
    """Return where the nuisance prior sits: ``average``, ``control`` or ``arms``."""
    if "treatment" in priors:
        return "arms"
    return "control" if "control" in priors else "average"
