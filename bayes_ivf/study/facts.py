"""What a paper prints, as frozen values: nothing here is estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.baseline import Baseline
from bayes_ivf.study.data import (
    Categories,
    Clusters,
    Counts,
    Datum,
    MeanSD,
    Percent,
    Quantiles,
    Rate,
    Size,
    Unusable,
)
from bayes_ivf.study.effect import EffectCI, Statistic
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.measured import unmeasured_means
from bayes_ivf.study.nested import StatedCorrelation
from bayes_ivf.study.stage import Stage

__all__ = [
    "ARMS",
    "ArmName",
    "Benefit",
    "Categories",
    "Claim",
    "Clusters",
    "Counts",
    "Datum",
    "Direction",
    "EffectCI",
    "Impossible",
    "MeanSD",
    "Outcome",
    "Percent",
    "Quantiles",
    "Rate",
    "Size",
    "Spread",
    "Stage",
    "Statistic",
    "Unusable",
]

Benefit = Literal["higher", "lower", "none"]
Direction = Literal["higher", "lower", "differs", "none"]
Spread = Literal["sd", "se", "ci95", "half_width", "range", "half_range", "unknown", "quartiles", "quartiles+range"]


@dataclass(frozen=True)
class Claim:
    """A printed sentence with a P.

    Parameters
    ----------
    text : str
        The claim in short, in neutral words.
    direction : {"higher", "lower", "differs", "none"}
        Treatment against control; ``"none"`` means "no difference".
    p : str or None
        In plain signs: ``"P<0.05"``, ``"P>0.05"``, ``"P=0.03"``, ``"P≤0.05"``.
    printed : str
        The P as printed, where that is something else, such as ``"n.s."``.
    """

    text: str
    direction: Direction
    p: str | None = None
    printed: str = ""

    @property
    def relation(self) -> str | None:
        """``"<"`` (at most included), ``">"`` (at least included) or ``"="``; None without a P."""
        return None if self.p is None else {"≤": "<", "≥": ">"}.get(self.p[1], self.p[1])

    @property
    def level(self) -> float | None:
        """The number behind the relation; None without a P."""
        return None if self.p is None else float(self.p[2:])


@dataclass(frozen=True)
class Impossible:
    """Something that was printed, can be read to one meaning, and cannot hold.

    Parameters
    ----------
    arm : {"treatment", "control", ""}
        Empty if it is about the outcome as a whole.
    found : str
        As printed.
    why : str
        One neutral sentence with its assumption: why it cannot hold.
    alternatives : str
        Innocent explanations.
    severity : {"impossible", "caution", "info"}
    assumption : str
        What it rests on; if it is impossible, its words stand in `why`.
    """

    arm: ArmName | Literal[""]
    found: str
    why: str
    alternatives: str
    severity: Literal["impossible", "caution", "info"] = "impossible"
    assumption: str = "the numbers are copied as the paper prints them"


@dataclass(frozen=True)
class Outcome:
    """One outcome or baseline variable, as printed.

    Parameters
    ----------
    id, label : str
    kind : str
        How it was printed: ``counts, percent, mean_sd, quantiles, claim_only, effect_ci, categories, individual, unavailable``.
    per : str
        The unit of the denominator: ``woman``, ``transfer``, ``embryo``, ``clinical_pregnancy``, ...
    benefit : {"higher", "lower", "none"}
        Direction that helps the patient.
    mcid : float or None
        Smallest difference that matters: risk difference for counts, standardized mean difference otherwise. Ours, not
        the paper's.
    data : mapping of arm to datum, or None
        What was printed for each arm.
    claim : Claim or None
    source : str
        Page, table or figure.
    role : {"outcome", "baseline"}
    family : str
        Which outcomes may be pooled with it: ``pregnancy, marker, quality_of_life, hormone, safety``, or empty.
    denominator_of : str or None
        Outcome whose numerators are this outcome's denominators.
    pregnancies : str or None
        For outcomes per embryo: the outcome that counts the pregnant women; per cycle, eye, ...: the women with at least one
        event (``women_with_event`` of a file).
    most : int or None
        The most of its units that one woman had; None for embryos (`Study.max_embryos`), and where it is not declared.
    whole : bool
        Whether each woman's value is a whole number; with `items` > 1, the mean of that many whole numbers.
    items : int
        Whole-number items that were averaged for one woman's value.
    minimum, maximum : float or None
        Smallest and largest value that one woman can have, such as the ends of a scale.
    unit : str
        As printed.
    note : str
        Why it is unavailable, or what a reader must know.
    effect : EffectCI or None
    stage : str or None
        What is counted on the path to birth: ``implantation, positive_test, biochemical_loss, clinical_pregnancy, ectopic,
        multiple, miscarriage, ongoing, live_birth``; or in the laboratory: ``retrieved, mature, fertilized, good, blastocyst,
        frozen, transferred``; never guessed from the id.
    cumulative : bool
        Whether it is counted over several transfers or cycles of a woman.
    paired : bool
        Whether both arms hold the same women (cross-over) or matched pairs.
    alternative : {"two-sided", "one-sided"}
        How the paper declares its test.
    margin : float or None
        Non-inferiority or equivalence margin, above 0, on the outcome's scale; 0.08 is 8 points of a risk difference.
    spread : str or None
        What is printed after ``±``: ``sd, se, ci95, half_width, range, unknown``; None if it is not declared.
    of : {"counts", "mean"} or None
        What a claim without numbers is declared to be about; its kind says what it is read as.
    impossible : tuple of Impossible
        What was printed and cannot hold, or was read in a way that a reader must know; never part of what is computed.
    as_printed : mapping of arm to str
        What stood in the paper, where `data` is written in another way.
    set_aside : EffectCI or None
        A printed effect that cannot hold: shown, never computed with.
    baseline : Baseline or None
        Values before treatment, so that the effect is on the change; None if none are given.
    icc : StatedCorrelation or None
        Correlation of units that share a woman, or of women that share a cluster, as stated; None if nothing is.
    ordered : bool
        Whether categories have an order, so that a test of trend may be what gave a printed P.
    statistic : Statistic or None
        A printed test statistic, such as ``t(78) = 2.05``.
    comparison : str
        Which arms of a trial of several it compares: an id of the study's comparisons; empty in a trial of two.
    """

    id: str
    label: str
    kind: str
    per: str
    benefit: Benefit
    mcid: float | None = None
    data: Mapping[ArmName, Datum] | None = None
    claim: Claim | None = None
    source: str = ""
    role: Literal["outcome", "baseline"] = "outcome"
    family: str = ""
    denominator_of: str | None = None
    pregnancies: str | None = None
    most: int | None = None
    whole: bool = False
    unit: str = ""
    note: str = ""
    effect: EffectCI | None = None
    items: int = 1
    minimum: float | None = None
    maximum: float | None = None
    stage: Stage | None = None
    cumulative: bool = False
    paired: bool = False
    alternative: Literal["two-sided", "one-sided"] = "two-sided"
    margin: float | None = None
    spread: Spread | None = None
    of: Literal["counts", "mean"] | None = None
    impossible: tuple[Impossible, ...] = ()
    as_printed: Mapping[ArmName, str] = field(default_factory=dict)
    set_aside: EffectCI | None = None
    ordered: bool = False
    icc: StatedCorrelation | None = None
    baseline: Baseline | None = None
    statistic: Statistic | None = None
    comparison: str = ""

    def __post_init__(self) -> None:
        if self.data is not None:
            object.__setattr__(self, "data", MappingProxyType(dict(self.data)))
        object.__setattr__(self, "as_printed", MappingProxyType(dict(self.as_printed)))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["data"] = None if self.data is None else dict(self.data)
        values["as_printed"] = dict(self.as_printed)
        return _outcome, (values,)

    @property
    def alone(self) -> EffectCI | None:
        """The printed effect where it is all that is known of the arms; else None."""
        known = self.data is not None and not all(isinstance(datum, Size) for datum in self.data.values())
        return None if known else self.effect

    @property
    def effect_words(self) -> str:
        """The printed effect where it is all that is known of the arms: "odds ratio 1.61 (1.03 to 2.53)"; else empty."""
        return "" if self.alone is None else f"{self.alone.scale.replace('_', ' ')} {self.alone.told}"

    @property
    def title(self) -> str:
        """Its label, with what it is adjusted for where only an adjusted effect is known."""
        adjustment = "" if self.alone is None else self.alone.adjustment
        return f"{self.label}{adjustment}"

    @property
    def left_out(self) -> str:
        """Why nothing can be estimated from what was printed, in one sentence; empty if something can be."""
        for arm in ARMS:
            datum = None if self.data is None else self.data.get(arm)
            if isinstance(datum, Unusable):
                return datum.why
        data = () if self.data is None else tuple(self.data.get(arm) for arm in ARMS)
        means = [value.decimal for each in data if isinstance(each, MeanSD) for value in (each.mean, each.sd)]
        unmeasured = unmeasured_means(means) if len(means) == 4 else None
        if unmeasured is not None:
            return f"{unmeasured}."
        rests_on = KINDS[self.kind].rests_on
        alone = rests_on == "claim" or (rests_on == "effect" and self.set_aside is not None)
        whole = [each.why for each in self.impossible if each.severity == "impossible" and not each.arm]
        return whole[0] if alone and whole else ""

    @property
    def sign(self) -> int:
        """+1 if higher is better, -1 if lower is better, 0 if no direction is."""
        return {"higher": 1, "lower": -1, "none": 0}[self.benefit]

    def printed(self, arm: ArmName) -> str:
        """Return the text of an arm's datum; empty if nothing was visible."""
        if self.data is None or isinstance(self.data[arm], Size):
            return self.as_printed.get(arm, "")
        return self.as_printed.get(arm, str(self.data[arm]))

    def counts(self, arm: ArmName) -> Counts | None:
        """Return the counts of an arm, if they are printed or follow uniquely from a percentage."""
        datum = None if self.data is None else self.data.get(arm)
        if isinstance(datum, Counts):
            return datum
        if isinstance(datum, Percent) and datum.unique:
            return datum.candidates[0]
        if isinstance(datum, Clusters):
            return Counts(datum.implanted, datum.embryos)
        return None


def _outcome(values: dict[str, Any]) -> Outcome:
    return Outcome(**values)
