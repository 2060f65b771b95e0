"""In which ways an outcome may be printed: one entry for each kind, and no other place asks a kind for its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from bayes_ivf.study.data import Categories, Clusters, Counts, MeanSD, Percent, Quantiles, Rate, Size

_RISK, _STANDARDIZED = "risk_difference", "standardized_mean_difference"


@dataclass(frozen=True)
class Kind:
    """How an outcome was printed, and what follows from that alone.

    Parameters
    ----------
    name : str
        In study files, model cards and tables.
    data : tuple of type
        What the cell of an arm is read to; `Size` where an arm has none but may say how many women it had.
    mcid : str
        Estimand of the smallest difference that matters; empty where it is that of the printed effect, and ``none``
        where nothing is known of it.
    rests_on : {"arms", "claim", "effect", "note"}
        What must stand in the file: a cell for each arm, or this key; for a claim's P a test statistic may stand.
    fewest : int
        Women that an arm must have; 0 where nobody need know how many it had.
    events : bool
        Whether its numerators, as far as they are known, may be the denominators of another outcome.
    spread : bool
        Whether a cell has a number after ±, which may be something else than a standard deviation.
    words : bool
        Whether it is known only from words, which may be doubted.
    about : {"", "counts", "mean"}
        What its words are about.
    in_files : bool
        Whether a study file may say so.
    in_words : str
        The kind that its outcomes are where neither cell has a spread, and a P stands beside them; empty if there is none.
    why_not : str
        Why no model estimates it, with a place for its note; empty where one may.
    synonyms : tuple of str
        Other words for it, to ask whether it is meant.
    """

    name: str
    data: tuple[type, ...]
    mcid: str
    rests_on: Literal["arms", "claim", "effect", "note"] = "arms"
    fewest: int = 1
    events: bool = True
    spread: bool = False
    words: bool = False
    about: Literal["", "counts", "mean"] = ""
    in_files: bool = True
    in_words: str = ""
    why_not: str = ""
    synonyms: tuple[str, ...] = ()


_ALL = (
    Kind("counts", (Counts, Clusters), _RISK, synonyms=("binary", "dichotomous", "count", "events", "number")),
    Kind("percent", (Percent,), _RISK, synonyms=("percentage", "percents", "rate", "proportion")),
    Kind(
        "mean_sd",
        (MeanSD,),
        _STANDARDIZED,
        fewest=2,
        events=False,
        spread=True,
        in_words="claim_only",
        synonyms=("mean", "means", "continuous", "mean_se", "numeric"),
    ),
    Kind(
        "quantiles",
        (Quantiles,),
        _STANDARDIZED,
        fewest=4,
        events=False,
        synonyms=("median", "median_iqr", "iqr", "quartiles", "median_range", "five_number_summary"),
    ),
    Kind(
        "claim_only", (Size,), _STANDARDIZED, "claim", fewest=2, words=True, about="mean", synonyms=("claim", "words")
    ),
    Kind("claim_counts", (Size,), _RISK, "claim", words=True, about="counts", synonyms=("claim_of_counts",)),
    Kind(
        "p_value",
        (Size,),
        _STANDARDIZED,
        "claim",
        fewest=2,
        words=True,
        about="mean",
        synonyms=("p", "exact_p", "statistic", "test_statistic", "t_test"),
    ),
    Kind(
        "effect_ci",
        (Size,),
        "",
        "effect",
        fewest=0,
        synonyms=("effect", "odds_ratio", "estimate", "ratio"),
    ),
    Kind(
        "rates",
        (Rate,),
        "rate_difference",
        fewest=0,
        events=False,
        synonyms=("incidence", "person_time", "incidence_rate", "events_per_time", "poisson"),
    ),
    Kind(
        "categories",
        (Categories,),
        _RISK,
        events=False,
        why_not="Not estimated: categories are compared by a test only, since no single effect sums them up.",
        synonyms=("categorical", "category", "ordinal", "nominal"),
    ),
    Kind("individual", (), _RISK, in_files=False),
    Kind(
        "unavailable",
        (),
        "none",
        "note",
        fewest=0,
        why_not="Not estimable from what was visible: {note}",
        synonyms=("missing", "not_reported"),
    ),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})

if TYPE_CHECKING:
    FileKind = str
    ModeledKind = str
else:
    FileKind = Literal[tuple(kind.name for kind in _ALL if kind.in_files)]
    ModeledKind = Literal[tuple(kind.name for kind in _ALL if not kind.why_not)]


def kind_of(datum: object) -> str:
    """Return the kind of outcomes whose arms are printed so.

    Parameters
    ----------
    datum : Counts, Percent, MeanSD, Quantiles, Rate, Clusters or Categories
    """
    return next(kind.name for kind in _ALL if isinstance(datum, kind.data))


def kind_about(name: str, about: str) -> str:
    """Return the kind of words that is about counts, or about a mean, where `name` is one of them; else `name` itself.

    Examples
    --------
    >>> kind_about("claim_only", "counts"), kind_about("counts", "mean")
    ('claim_counts', 'counts')
    """
    kind = KINDS[name]
    if kind.about in ("", about):
        return name
    return next(each.name for each in _ALL if each.about == about)
