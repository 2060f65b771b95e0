"""What a paper prints, as frozen values: nothing here is estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from bayes_ivf.study.arms import ARMS as ARMS
from bayes_ivf.study.arms import ArmName as ArmName
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.stage import Stage

Kind = Literal["counts", "percent", "mean_sd", "claim_only", "effect_ci", "categories", "individual", "unavailable"]
Benefit = Literal["higher", "lower", "none"]
Direction = Literal["higher", "lower", "differs", "none"]
Spread = Literal["sd", "se", "ci95", "half_width", "range", "unknown"]


@dataclass(frozen=True)
class Counts:
    """Events among a denominator.

    Parameters
    ----------
    events, n : int
        ``0 <= events <= n``, ``n >= 1``.
    """

    events: int
    n: int

    def __str__(self) -> str:
        return f"{self.events}/{self.n}"


@dataclass(frozen=True)
class Percent:
    """A printed percentage with the counts it can stand for.

    Parameters
    ----------
    printed : Printed
        The text, for example ``"41.25%"``.
    candidates : tuple of Counts
        Every pair of whole numbers within `searched` that rounds to the text.
    searched : tuple of int
        First and last denominator that were tried.
    """

    printed: Printed
    candidates: tuple[Counts, ...]
    searched: tuple[int, int]

    def __str__(self) -> str:
        return self.printed.text

    @property
    def unique(self) -> bool:
        """Whether a single pair of counts fits."""
        return len(self.candidates) == 1

    @property
    def statement(self) -> str:
        """What the search found, in one sentence."""
        low, high = self.searched
        where = f"a denominator of {low}" if low == high else f"denominators from {low} to {high}"
        found = ", ".join(str(c) for c in self.candidates[:6]) + (", ..." if len(self.candidates) > 6 else "")
        if self.unique:
            return f"{self.printed} is {found}: the only whole numbers that fit {where}."
        return f"{self.printed} fits {len(self.candidates)} pairs of whole numbers with {where}: {found}."


@dataclass(frozen=True)
class MeanSD:
    """A printed mean and standard deviation of n values, in the outcome's own unit."""

    mean: Printed
    sd: Printed
    n: int

    def __str__(self) -> str:
        return f"{self.mean} ± {self.sd}"


@dataclass(frozen=True)
class Clusters:
    """Embryo totals of an arm: women, embryos transferred, women clinically pregnant, embryos implanted."""

    women: int
    embryos: int
    pregnant: int
    implanted: int

    def __str__(self) -> str:
        return f"{self.women} women, {self.embryos} embryos, {self.pregnant} pregnant, {self.implanted} implanted"


@dataclass(frozen=True)
class Size:
    """Only the number of women in the arm is known."""

    n: int

    def __str__(self) -> str:
        return "not printed"


@dataclass(frozen=True)
class Categories:
    """Counts of mutually exclusive categories."""

    labels: tuple[str, ...]
    counts: tuple[int, ...]

    def __str__(self) -> str:
        return " / ".join(str(count) for count in self.counts)


Datum = Counts | Percent | MeanSD | Clusters | Size | Categories


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
        As printed: ``"P<0.05"``, ``"P>0.05"``, ``"P=0.03"``.
    """

    text: str
    direction: Direction
    p: str | None = None

    @property
    def relation(self) -> str | None:
        """``"<"``, ``">"`` or ``"="``; None without a P."""
        return None if self.p is None else self.p.replace(" ", "")[1]

    @property
    def level(self) -> float | None:
        """The number behind the relation; None without a P."""
        return None if self.p is None else float(self.p.replace(" ", "")[2:])


@dataclass(frozen=True)
class EffectCI:
    """A printed effect estimate with its confidence interval.

    Parameters
    ----------
    scale : {"odds_ratio", "risk_ratio", "mean_difference", "risk_difference"}
    estimate, low, high : Printed
        On that scale.
    level : float
        Confidence level of the interval, 0.95 unless the paper says otherwise.
    adjusted : str
        What the estimate was adjusted for, in the paper's words; empty if it was not.
    """

    scale: str
    estimate: Printed
    low: Printed
    high: Printed
    level: float = 0.95
    adjusted: str = ""


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
    """

    arm: ArmName | Literal[""]
    found: str
    why: str
    alternatives: str
    severity: Literal["impossible", "caution", "info"] = "impossible"


@dataclass(frozen=True)
class Outcome:
    """One outcome or baseline variable, as printed.

    Parameters
    ----------
    id, label : str
    kind : str
        How it was printed: ``counts, percent, mean_sd, claim_only, effect_ci, categories, individual, unavailable``.
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
        Which outcomes may be pooled with it: ``pregnancy, marker, quality_of_life, hormone``, or empty.
    denominator_of : str or None
        Outcome whose numerators are this outcome's denominators.
    pregnancies : str or None
        For outcomes per embryo: the outcome that counts the pregnant women.
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
        What a claim without numbers is about; None is read as a mean.
    impossible : tuple of Impossible
        What was printed and cannot hold; never part of what is computed.
    """

    id: str
    label: str
    kind: Kind
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

    def __post_init__(self) -> None:
        if self.data is not None:
            object.__setattr__(self, "data", MappingProxyType(dict(self.data)))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["data"] = None if self.data is None else dict(self.data)
        return _outcome, (values,)

    @property
    def sign(self) -> int:
        """+1 if higher is better, -1 if lower is better, 0 if no direction is."""
        return {"higher": 1, "lower": -1, "none": 0}[self.benefit]

    def printed(self, arm: ArmName) -> str:
        """Return the text of an arm's datum; empty if nothing was visible."""
        if self.data is None or isinstance(self.data[arm], Size):
            return ""
        return str(self.data[arm])

    def counts(self, arm: ArmName) -> Counts | None:
        """Return the counts of an arm, if they are printed or follow uniquely from a percentage."""
        datum = None if self.data is None else self.data[arm]
        if isinstance(datum, Counts):
            return datum
        if isinstance(datum, Percent) and datum.unique:
            return datum.candidates[0]
        if isinstance(datum, Clusters):
            return Counts(datum.implanted, datum.embryos)
        return None


def _outcome(values: dict[str, Any]) -> Outcome:
    return Outcome(**values)
