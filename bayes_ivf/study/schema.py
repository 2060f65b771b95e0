"""The shape of a study file: which keys there are and what each may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bayes_ivf.errors import visible
from bayes_ivf.identifiers import identifier
from bayes_ivf.study.facts import Spread
from bayes_ivf.study.kinds import KINDS, FileKind
from bayes_ivf.study.stage import Stage

MOST_OUTCOMES = 500
SYNONYMS = {
    "kind": {word: kind.name for kind in KINDS.values() for word in kind.synonyms},
    "benefit": {"up": "higher", "increase": "higher", "high": "higher", "down": "lower", "decrease": "lower", "low": "lower",
                "neither": "none", "no": "none"},
    "direction": {"up": "higher", "increase": "higher", "greater": "higher", "down": "lower", "decrease": "lower",
                  "less": "lower", "different": "differs", "difference": "differs", "no_difference": "none", "no": "none",
                  "equal": "none"},
}  # fmt: skip
"""Other words for the values of a key, to ask whether they are meant."""
MOST_WOMEN = 10_000_000


def _prose(text: str) -> str:
    _legible(text.replace("\n", " ").replace("\t", " "))
    return text


def _legible(text: str) -> str:
    if visible(text) != text:
        raise PydanticCustomError("illegible", "text without control and hidden characters")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("empty", "some words")
    return text


Identifier = Annotated[str, AfterValidator(identifier)]
Text = Annotated[str, Field(max_length=2000), AfterValidator(_prose)]
Name = Annotated[str, Field(max_length=2000), AfterValidator(_legible), AfterValidator(_said)]
Answer = Annotated[str, Field(max_length=2000), AfterValidator(_prose), AfterValidator(_said)]
Key = Annotated[str, Field(max_length=300), AfterValidator(_legible), AfterValidator(_said)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ArmTable(_Table):
    """``[arms.treatment]``, ``[arms.control]``."""

    label: Name
    n: Annotated[int, Field(ge=1, le=MOST_WOMEN)] = 0
    """Left out, and then 0, only where every outcome is an effect without the numbers of the arms."""


class ClaimTable(_Table):
    """``claim = {...}``."""

    text: Text
    direction: Literal["higher", "lower", "differs", "none"]
    p: Text | None = None


class EffectTable(_Table):
    """``effect = {...}``: a printed estimate with its confidence interval, one limit of it, or its standard error."""

    scale: Literal["odds_ratio", "risk_ratio", "hazard_ratio", "mean_difference", "risk_difference"]
    estimate: Text
    low: Text | None = None
    high: Text | None = None
    se: Text | None = None
    level: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    sides: Literal[1, 2] | None = None
    adjusted: Text = ""


class SizesTable(_Table):
    """``n = {...}``: denominators of one outcome where they are not those of the arms."""

    treatment: int | Text
    control: int | Text


class CorrelationTable(_Table):
    """``correlation = {...}``: a stated correlation, and the range within which it is varied."""

    value: Annotated[float, Field(ge=0, le=1)]
    low: Annotated[float, Field(ge=0, le=1)] | None = None
    high: Annotated[float, Field(ge=0, le=1)] | None = None


class ICCTable(CorrelationTable):
    """``icc = {...}``: of what shares a woman or a cluster."""

    size: Annotated[float, Field(ge=1, le=MOST_WOMEN)] | None = None


class BaselineTable(_Table):
    """``baseline = {...}``: what was printed before treatment, and the stated correlation with the values after it."""

    treatment: Text
    control: Text
    correlation: CorrelationTable


class OutcomeTable(_Table):
    """``[[outcomes]]``."""

    id: Identifier
    label: Name
    kind: FileKind
    per: Text = "woman"
    benefit: Literal["higher", "lower", "none"]
    mcid: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    role: Literal["outcome", "baseline"] = "outcome"
    family: Literal["", "pregnancy", "marker", "quality_of_life", "hormone", "safety"] = ""
    treatment: Text | None = None
    control: Text | None = None
    n: SizesTable | None = None
    denominator: Identifier | None = None
    pregnancies: Identifier | None = None
    women_with_event: Identifier | None = None
    most: Annotated[int, Field(ge=1, le=1000)] | None = None
    categories: list[Text] | None = None
    ordered: bool = False
    effect: EffectTable | None = None
    whole: bool = False
    icc: ICCTable | None = None
    baseline: BaselineTable | None = None
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
    statistic: Text | None = None
    source: Text = ""
    note: Text = ""


class StudyTable(_Table):
    """A whole study file."""

    schema_version: Literal[1]
    id: Identifier
    title: Name
    citation: Text = ""
    doi: Text = ""
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    design_words: list[Text] = []
    randomized: Literal["yes", "no", "unclear"] = "unclear"
    max_embryos: Annotated[int, Field(ge=1, le=1000)] = 3
    arms: dict[Literal["treatment", "control"], ArmTable]
    clusters: dict[Literal["treatment", "control"], Annotated[int, Field(ge=1, le=MOST_WOMEN)]] = {}
    sources: dict[Key, Text] = {}
    external: dict[
        Identifier,
        dict[
            Literal["odds_ratio", "risk_ratio", "risk_difference", "standardized_mean_difference", "rate"],
            Annotated[float, Field(allow_inf_nan=False)],
        ],
    ] = {}
    notes: list[Text] = []
    answers: dict[Key, dict[Key, Answer]] = {}
    """By checklist and number of its item; which there are is checked by `answer_faults`."""
    rows: dict[Literal["arm", "woman", "value"], list[str | int | float]] = {}
    outcomes: Annotated[list[OutcomeTable], Field(min_length=1, max_length=MOST_OUTCOMES)]
