"""Named sets of priors, read from TOML: one table of slots for each scale of effect."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from bayes_ivf.errors import Fault, PriorError
from bayes_ivf.frozen import reduced
from bayes_ivf.identifiers import identifier
from bayes_ivf.paths import models_folder, toml_files
from bayes_ivf.priors.prior import Prior, read_prior
from bayes_ivf.tables import check_table, read_toml

if TYPE_CHECKING:
    import pandas as pd

Scale = Literal["log_odds", "claims_of_counts", "means", "embryos", "hierarchy", "hierarchy_means"]
SCALES: tuple[Scale, ...] = ("log_odds", "claims_of_counts", "means", "embryos", "hierarchy", "hierarchy_means")

SLOTS: Mapping[Scale, tuple[str, ...]] = MappingProxyType(
    {
        "log_odds": ("average", "effect", "control", "treatment"),
        "claims_of_counts": ("average", "effect", "control", "treatment"),
        "means": ("average", "effect", "control", "treatment", "sigma"),
        "embryos": ("icc", "q", "lambda"),
        "hierarchy": ("mu", "tau"),
        "hierarchy_means": ("mu", "tau"),
    }
)
"""Slots that a prior set may fill, by table of its file."""


@dataclass(frozen=True)
class PriorSet:
    """Priors for every slot of every scale, with a sentence in clinical units.

    Parameters
    ----------
    id, label, sentence : str
    slots : mapping of scale to mapping of slot to Prior
    toward_benefit : mapping of scale to frozenset of str
        Slots whose location counts toward benefit: it is turned for outcomes where lower is better, and the set does
        not apply where no direction is better.
    references : tuple of str
        DOIs.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> prior_set = bi.priors.load_prior_set("optimistic_moderate")
    >>> prior_set
    PriorSet('optimistic_moderate': Optimistic, moderate)
    >>> higher, lower = (prior_set.directed("log_odds", sign, "prior")["effect"].parameters["mu"] for sign in (1, -1))
    >>> higher > 0, lower == -higher
    (True, True)
    """

    id: str
    label: str
    sentence: str
    slots: Mapping[str, Mapping[str, Prior]]
    toward_benefit: Mapping[str, frozenset[str]]
    references: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(self)

    def __repr__(self) -> str:
        return f"PriorSet({self.id!r}: {self.label})"

    def _repr_html_(self) -> str:
        return f"<p><strong>{html.escape(repr(self))}</strong></p><p>{html.escape(self.sentence)}</p>"

    def directed(self, scale: Scale, sign: int, where: str) -> dict[str, Prior]:
        """Return the slots of a scale for an outcome whose benefit has this sign.

        Parameters
        ----------
        scale : str
        sign : {1, -1, 0}
            Of benefit.
        where : str
            Named in errors.

        Raises
        ------
        PriorError
            If the set leans toward benefit and the outcome has no beneficial direction.
        """
        slots = dict(self.slots.get(scale, {}))
        for slot in self.toward_benefit.get(scale, frozenset()):
            if sign == 0:
                raise PriorError(
                    Fault(
                        where,
                        f"prior set {self.id}, which leans toward benefit, for an outcome without a beneficial direction",
                        "a prior set without a direction",
                        "choose another prior set",
                    )
                )
            prior = slots[slot]
            slots[slot] = Prior(prior.dist, {**prior.parameters, "mu": sign * prior.parameters["mu"]})
        return slots


def read_prior_set(path: Path) -> PriorSet:
    """Read a prior set from a TOML file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    PriorSet

    Raises
    ------
    PriorError
        With every fault of the file.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.priors.read_prior_set(bi.priors.bundled_prior_sets()["reference"]).id
    'reference'
    """
    from pydantic import AfterValidator, BaseModel, ConfigDict, Field

    class SetTable(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)
        schema_version: Literal[1]
        id: Annotated[str, AfterValidator(identifier)]
        label: str
        sentence: Annotated[str, Field(min_length=10)]
        references: list[str] = []
        log_odds: dict[str, dict[str, Any]] = {}
        claims_of_counts: dict[str, dict[str, Any]] = {}
        means: dict[str, dict[str, Any]] = {}
        embryos: dict[str, dict[str, Any]] = {}
        hierarchy: dict[str, dict[str, Any]] = {}
        hierarchy_means: dict[str, dict[str, Any]] = {}

    table = check_table(SetTable, read_toml(path, PriorError), path.name, PriorError)
    faults: list[Fault] = []
    slots: dict[str, dict[str, Prior]] = {}
    toward: dict[str, set[str]] = {}
    for scale in SCALES:
        slots[scale] = {}
        for slot, table_of_slot in getattr(table, scale).items():
            where = f"{path.name}: {scale}.{slot}"
            if slot not in SLOTS[scale]:
                faults.append(Fault(where, slot, ", ".join(SLOTS[scale]), "remove or rename the slot"))
                continue
            spec = dict(table_of_slot)
            direction = spec.pop("toward", None)
            try:
                prior = read_prior(spec, where)
            except PriorError as error:
                faults.extend(error.faults)
                continue
            if direction is not None:
                if direction != "benefit" or slot != "effect" or "mu" not in prior.parameters:
                    faults.append(
                        Fault(
                            f"{where}.toward", repr(direction), 'toward = "benefit", on an effect with mu', "remove it"
                        )
                    )
                    continue
                toward.setdefault(scale, set()).add(slot)
            slots[scale][slot] = prior
        faults += check_slots(slots[scale], scale, f"{path.name}: {scale}")
    if faults:
        raise PriorError(faults)
    return PriorSet(
        id=table.id,
        label=table.label,
        sentence=table.sentence,
        slots=MappingProxyType({scale: MappingProxyType(table_of_slot) for scale, table_of_slot in slots.items()}),
        toward_benefit=MappingProxyType({scale: frozenset(names) for scale, names in toward.items()}),
        references=tuple(table.references),
    )


def check_slots(slots: Mapping[str, Prior], scale: str, where: str) -> list[Fault]:
    """Return what is inconsistent among the slots of a scale.

    Parameters
    ----------
    slots : mapping of slot to Prior
    scale : str
        Key of `SLOTS`.
    where : str
        Named in the faults.

    Returns
    -------
    list of Fault

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> normal = bi.priors.make_prior("Normal", mu=0, sigma=1)
    >>> [fault.found for fault in bi.priors.check_slots({"average": normal, "control": normal}, "log_odds", "prior")]
    ['average beside control or treatment']
    """
    faults = []
    names = set(slots)
    if {"average", "control"} <= names or {"average", "treatment"} <= names:
        faults.append(
            Fault(where, "average beside control or treatment", "average with effect, or control with effect, or control "
                  "with treatment", "keep one coding")
        )  # fmt: skip
    if {"effect", "treatment"} <= names:
        faults.append(Fault(where, "effect beside treatment", "one of the two", "remove one of the slots"))
    if "treatment" in names and "control" not in names:
        faults.append(Fault(where, "treatment without control", "both arms", "add the slot control"))
    supports = {"sigma": ("positive", "interval"), "tau": ("positive", "interval")}
    unit = dict.fromkeys(("icc", "q", "lambda"), ("unit", "interval"))
    for slot, prior in slots.items():
        arms = scale != "means" and {"control", "treatment"} <= names and slot in ("control", "treatment")
        allowed = ("unit",) if arms else (supports | unit).get(slot, ("real", "interval"))
        flat_log = prior.dist == "Flat" and slot == "sigma"
        if prior.family.support not in allowed and not flat_log:
            kinds = ", ".join(sorted(name for name, family in _families().items() if family.support in allowed))
            faults.append(
                Fault(f"{where}.{slot}", str(prior), f"one of {kinds}", "choose a distribution that fits the slot")
            )
        if slot in unit and prior.family.support == "interval":
            bounds = (prior.parameters["lower"], prior.parameters["upper"])
            if not (bounds[0] >= 0 and bounds[1] <= 1):
                faults.append(Fault(f"{where}.{slot}", str(prior), "bounds within 0 and 1", "correct the bounds"))
        if slot in supports and prior.family.support == "interval" and prior.parameters["lower"] < 0:
            faults.append(Fault(f"{where}.{slot}", str(prior), "a lower bound of at least 0", "correct the bounds"))
        if prior.dist == "Flat" and (scale != "means" or slot == "effect"):
            faults.append(Fault(f"{where}.{slot}", str(prior), "a proper distribution", "choose a wide proper prior"))
    return faults


def _families() -> Mapping[str, Any]:
    from bayes_ivf.priors.families import FAMILIES

    return FAMILIES


def bundled_prior_sets() -> dict[str, Path]:
    """Return the files of the bundled prior sets, by id.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> "skeptical_moderate" in bi.priors.bundled_prior_sets()
    True
    """
    return {path.stem: path for path in toml_files(models_folder() / "priors")}


def list_prior_sets() -> pd.DataFrame:
    """Return the bundled prior sets, one row each.

    Returns
    -------
    DataFrame
        Columns ``id, label, sentence``; the sentence says in clinical units what the set believes.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> sets = bi.priors.list_prior_sets().set_index("id")
    >>> sets.label["weakly_informative"]
    'Weakly informative'
    """
    import pandas as pd

    sets = [_bundled(path) for path in bundled_prior_sets().values()]
    return pd.DataFrame(
        {"id": prior_set.id, "label": prior_set.label, "sentence": prior_set.sentence} for prior_set in sets
    )


@cache
def _bundled(path: Path) -> PriorSet:
    """Read a set of the package once: every outcome of a study asks for it."""
    return read_prior_set(path)


def load_prior_set(source: str | Path) -> PriorSet:
    """Load a prior set by id or from a file.

    Parameters
    ----------
    source : str or Path
        Id of a bundled set, or the path of a TOML file.

    Returns
    -------
    PriorSet

    Raises
    ------
    PriorError
        If there is none, or with every fault of the file.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> print(bi.priors.load_prior_set("weakly_informative").slots["log_odds"]["effect"])
    Normal(mu=0, sigma=1)
    """
    bundled = bundled_prior_sets()
    if str(source) in bundled:
        return _bundled(bundled[str(source)])
    path = Path(source)
    if path.suffix == ".toml" and path.is_file():
        return read_prior_set(path)
    raise PriorError(
        Fault(
            "prior set",
            repr(str(source)),
            f"a bundled set ({', '.join(bundled)}) or the path of a prior set (.toml)",
            "check the spelling; `bayes-ivf new prior PATH` writes a template",
        )
    )
