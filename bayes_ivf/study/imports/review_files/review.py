"""A systematic review as its data are handed out: rows of studies by analysis, settings, printed estimates, risk of bias."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

DataKind = Literal["events", "means", "contrast", "o_minus_e", ""]
MEASURES = {
    "or": "odds_ratio",
    "odds ratio": "odds_ratio",
    "odds ratio (non-event)": "odds_ratio",
    "peto or": "peto_odds_ratio",
    "peto odds ratio": "peto_odds_ratio",
    "rr": "risk_ratio",
    "risk ratio": "risk_ratio",
    "relative risk": "risk_ratio",
    "rd": "risk_difference",
    "risk difference": "risk_difference",
    "md": "mean_difference",
    "mean difference": "mean_difference",
    "smd": "standardized_mean_difference",
    "std mean difference": "standardized_mean_difference",
    "std. mean difference": "standardized_mean_difference",
    "standardized mean difference": "standardized_mean_difference",
    "standardised mean difference": "standardized_mean_difference",
    "hr": "hazard_ratio",
    "hazard ratio": "hazard_ratio",
    "rate ratio": "rate_ratio",
}
METHODS = {
    "mh": "MH",
    "m-h": "MH",
    "mantel-haenszel": "MH",
    "peto": "Peto",
    "iv": "IV",
    "inverse variance": "IV",
    "exp o e var": "Peto",
    "exp[(o-e) / var]": "Peto",
    "exp[(o-e)/var]": "Peto",
}
KINDS: Mapping[str, DataKind] = {
    "dichotomous": "events",
    "continuous": "means",
    "contrast level": "contrast",
    "generic inverse variance": "contrast",
    "o-e and variance": "o_minus_e",
}
ESTIMATORS = {
    "": "DL",
    "dl": "DL",
    "dersimonian and laird": "DL",
    "dersimonian-laird": "DL",
    "reml": "REML",
    "restricted maximum-likelihood": "REML",
    "restricted maximum likelihood": "REML",
}
INTERVALS = {
    "": "Wald",
    "wald": "Wald",
    "wald-type": "Wald",
    "hksj": "HKSJ",
    "hartung-knapp-sidik-jonkman": "HKSJ",
    "hartung-knapp": "HKSJ",
}


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One study in one analysis; every number as text, treatment first, empty where none was entered.

    Parameters
    ----------
    line : int
        In its file.
    analysis : str
        Such as ``1.2``.
    subgroup, study, year, footnotes : str
    events, n, mean, sd : (str, str)
    giv, o_minus_e : (str, str)
        Effect and its standard error (logs of ratios); observed minus expected events and its variance.
    printed : (str, str, str)
        Effect with the ends of its interval, as in the forest plot.
    pooled : bool
        Whether it counts in the overall estimate.
    """

    line: int
    analysis: str
    subgroup: str
    study: str
    year: str = ""
    footnotes: str = ""
    events: tuple[str, str] = ("", "")
    n: tuple[str, str] = ("", "")
    mean: tuple[str, str] = ("", "")
    sd: tuple[str, str] = ("", "")
    giv: tuple[str, str] = ("", "")
    o_minus_e: tuple[str, str] = ("", "")
    printed: tuple[str, str, str] = ("", "", "")
    pooled: bool = True


@dataclass(frozen=True)
class Analysis:
    """One analysis of a review with its settings; what a file does not tell is empty.

    Parameters
    ----------
    id : str
        Such as ``1.2``.
    name, group : str
        Its name, and that of its comparison.
    kind : {"events", "means", "contrast", "o_minus_e", ""}
        What its rows hold.
    method : {"MH", "Peto", "IV", ""} or other text
    measure : str
        Such as ``odds_ratio``; in the file's own words where they are not known.
    random : bool or None
    estimator, interval : str
        Of the between-study variance (``DL``, ``REML``), and of the overall interval (``Wald``, ``HKSJ``).
    level, overall_level : float
        Of the intervals of studies and of the overall one.
    swapped : bool
        Whether women without the event are what is compared.
    printed : (str, str, str)
        Overall estimate with the ends of its interval; empty where none is printed.
    tau2 : str
    arms : (str, str)
        Labels of the groups.
    """

    id: str
    name: str
    group: str = ""
    kind: DataKind = ""
    method: str = ""
    measure: str = ""
    random: bool | None = None
    estimator: str = "DL"
    interval: str = "Wald"
    level: float = 0.95
    overall_level: float = 0.95
    swapped: bool = False
    printed: tuple[str, str, str] = ("", "", "")
    tau2: str = ""
    arms: tuple[str, str] = ("", "")

    @property
    def outcome(self) -> str:
        """Id of the outcome: ``a1-2`` of analysis 1.2."""
        return "a" + re.sub(r"[^0-9a-z]+", "-", self.id.lower()).strip("-")


@dataclass(frozen=True)
class Judgment:
    """What the reviewers judged of a study in one domain, and why."""

    study: str
    domain: str
    judgment: str
    support: str = ""


@dataclass(frozen=True)
class Review:
    """The data of a review.

    Parameters
    ----------
    name : str
        Of its file.
    rows : tuple of ReviewRow
    analyses : dict of str to Analysis
        By id, also of those whose settings no file tells.
    judgments : tuple of Judgment
    decimals : int
        Most decimals of a printed effect or limit: what is shorter had zeros at its end.
    notes : tuple of str
        What was not found, or is understood in one of several ways.
    """

    name: str
    rows: tuple[ReviewRow, ...]
    analyses: dict[str, Analysis]
    judgments: tuple[Judgment, ...] = ()
    decimals: int = 0
    notes: tuple[str, ...] = field(default=())


def spoken(text: str, words: Mapping[str, str]) -> str:
    """Return what a word of a file means, or the word itself where nobody knows."""
    return words.get(" ".join(text.lower().replace("_", " ").split()), text.strip())


def is_nothing(text: str) -> bool:
    """Whether a cell holds no entry: empty, or the zero that stands in exported files for one."""
    return not text.strip() or not text.strip(" 0.+-")


def nothing_printed(texts: Sequence[str]) -> bool:
    """Whether an estimate with its limits was never computed: an effect of 0 from 0 to 0 is none."""
    return all(is_nothing(text) for text in texts)


def most_decimals(rows: Sequence[ReviewRow]) -> int:
    """Return the most decimals that stand in printed effects and limits."""
    return max(
        (len(text.partition(".")[2]) for row in rows for text in row.printed if "e" not in text.lower()), default=0
    )
