"""The shape of a study file: which keys there are and what each may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bayes_ivf.study.facts import Spread
from bayes_ivf.study.stage import Stage

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Text = Annotated[str, Field(max_length=2000)]
PValue = Annotated[str, Field(pattern=r"^[Pp]\s*[<>=]\s*(0?\.\d+|1(\.0+)?)$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ArmTable(_Table):
    """``[arms.treatment]``, ``[arms.control]``."""

    label: Text
    n: Annotated[int, Field(ge=1, le=10_000_000)]


class ClaimTable(_Table):
    """``claim = {...}``."""

    text: Text
    direction: Literal["higher", "lower", "differs", "none"]
    p: PValue | None = None


class EffectTable(_Table):
    """``effect = {...}``: a printed estimate with its confidence interval."""

    scale: Literal["odds_ratio", "risk_ratio", "mean_difference", "risk_difference"]
    estimate: Text
    low: Text
    high: Text
    level: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    adjusted: Text = ""


class SizesTable(_Table):
    """``n = {...}``: denominators of one outcome where they are not those of the arms."""

    treatment: int | Text
    control: int | Text


class OutcomeTable(_Table):
    """``[[outcomes]]``."""

    id: Identifier
    label: Text
    kind: Literal["counts", "percent", "mean_sd", "claim_only", "effect_ci", "categories", "unavailable"]
    per: Text = "woman"
    benefit: Literal["higher", "lower", "none"]
    mcid: Annotated[float, Field(gt=0)] | None = None
    role: Literal["outcome", "baseline"] = "outcome"
    family: Literal["", "pregnancy", "marker", "quality_of_life", "hormone"] = ""
    treatment: Text | None = None
    control: Text | None = None
    n: SizesTable | None = None
    denominator: Identifier | None = None
    pregnancies: Identifier | None = None
    categories: list[Text] | None = None
    effect: EffectTable | None = None
    whole: bool = False
    items: Annotated[int, Field(ge=1, le=1000)] = 1
    minimum: Annotated[float, Field(allow_inf_nan=False)] | None = None
    maximum: Annotated[float, Field(allow_inf_nan=False)] | None = None
    unit: Text = ""
    stage: Stage | None = None
    cumulative: bool = False
    paired: bool = False
    alternative: Literal["two-sided", "one-sided"] = "two-sided"
    margin: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    spread: Spread | None = None
    of: Literal["counts", "mean"] | None = None
    claim: ClaimTable | None = None
    source: Text = ""
    note: Text = ""


class StudyTable(_Table):
    """A whole study file."""

    schema_version: Literal[1]
    id: Identifier
    title: Text
    citation: Text = ""
    doi: Text = ""
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    design_words: list[Text] = []
    randomized: Literal["yes", "no", "unclear"] = "unclear"
    max_embryos: Annotated[int, Field(ge=1, le=1000)] = 3
    arms: dict[Literal["treatment", "control"], ArmTable]
    clusters: dict[Literal["treatment", "control"], Annotated[int, Field(ge=1, le=10_000_000)]] = {}
    sources: dict[str, Text] = {}
    external: dict[Identifier, dict[str, float]] = {}
    notes: list[Text] = []
    rows: dict[Literal["arm", "woman", "value"], list[str | int | float]] = {}
    outcomes: Annotated[list[OutcomeTable], Field(min_length=1)]
