"""Oocytes and embryos of an arm: which of them an outcome counts, and how many there are in all.

As with stages of pregnancy, a label is read only as a whole; otherwise the stage is declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.stages import role
from bayes_ivf.study import ArmName, Clusters, MeanSD, Outcome, Study

WORDS = {
    "retrieved": "oocytes retrieved",
    "mature": "mature oocytes",
    "fertilized": "fertilized oocytes",
    "good": "embryos of good quality",
    "blastocyst": "blastocysts",
    "frozen": "embryos frozen",
    "transferred": "embryos transferred",
}
_EGG = r"(oocytes?|eggs?|cocs?|cumulus oocyte complexes|ova)"
_GOT = r"(retrieved|collected|aspirated|obtained|recovered)"
_FERTILE = r"(normal(ly)? )?fertili[sz]ed"
_EXACT: tuple[tuple[str, str], ...] = (
    ("retrieved", rf"{_GOT} {_EGG}|{_EGG}( {_GOT})?"),
    ("mature", rf"(mature|metaphase (ii|2)|m ?ii|m2)( {_EGG})?( {_GOT})?|{_EGG} mature|(oocyte )?maturation"),
    ("fertilized", rf"{_FERTILE} {_EGG}|{_EGG} {_FERTILE}|(2 ?pn|two pronuclear)( (zygotes|oocytes|embryos))?|zygotes"),
    ("fertilized", r"(normal )?fertili[sz]ation"),
    ("good", r"(good|top|high)( quality)? (quality|grade) (embryos|blastocysts)|good embryos"),
    ("blastocyst", r"blastocysts?( (formed|obtained|developed|formation|development))?|blastulation"),
    ("frozen", r"(frozen|cryopreserved|vitrified) embryos|embryos (frozen|cryopreserved|vitrified)"),
    ("transferred", r"embryos? transferred|transferred embryos?"),
)
_UNITS: tuple[tuple[str, str], ...] = (
    ("mature", rf"(mature|metaphase (ii|2)|m ?ii|m2|injected)( {_EGG})?"),
    ("fertilized", rf"{_FERTILE} {_EGG}|2 ?pn( (zygote|oocyte|embryo)s?)?|zygotes?"),
    ("retrieved", rf"({_GOT} )?{_EGG}( {_GOT})?"),
    ("transferred", r"transferred embryos?|embryos? transferred"),
)
_DROPPED = re.compile(
    r"\(([^()]*)\)|^(the )?(mean|average|total|median)\b|^(number|no\.?|n) of\b|\b(number|count)$|, ?n$|, ?(mean|number)\b.*$"
    r"| per (woman|patient|cycle|participant|couple|retrieval|aspiration|started cycle)$|%| rates?$"
)
_PROCESS = re.compile(r"\b(maturation|fertili[sz]ation|blastulation|formation|development)\b")
_FOLLICLES = re.compile(r"(antral |dominant )?follicles?( count)?|afc")
_EMBRYO = re.compile(r"embryos?|blastocysts?")


@dataclass(frozen=True)
class Total:
    """How many oocytes or embryos of one kind an arm has, as one outcome says.

    Parameters
    ----------
    kind : str
    item : Outcome
    low, high : float
        What rounding and decoding leave open.
    women : int or None
        Women behind a mean; None for a total that was counted.
    base : tuple of int or None
        Denominators of a numerator; None for a denominator and a mean.
    text : str
        How it was printed.
    among : int or None
        Women behind a total that was counted, if they are printed with it.
    """

    kind: str
    item: Outcome
    low: float
    high: float
    women: int | None
    base: tuple[int, int] | None
    text: str
    among: int | None = None

    @property
    def declared(self) -> bool:
        """Whether the study file says what it counts."""
        return self.item.stage is not None

    @property
    def partial(self) -> bool:
        """Whether it is a denominator, which may hold only some of its kind."""
        return self.women is None and self.base is None

    @property
    def words(self) -> str:
        """The kind in words."""
        return WORDS[self.kind]


def kind_of(item: Outcome) -> str | None:
    """Return what an outcome counts, declared or read from its whole label; None if it is neither oocytes nor embryos."""
    if item.stage is not None:
        return item.stage if item.stage in WORDS else None
    return _match(_EXACT, item.label)


def biological_count(item: Outcome) -> bool:
    """Whether an outcome counts oocytes, follicles or embryos that no protocol fixes."""
    text = _plain(item.label)
    return kind_of(item) in ("retrieved", "mature", "fertilized") or bool(_FOLLICLES.fullmatch(text))


def totals(study: Study, arm: ArmName) -> Iterator[Total]:
    """Yield every total of oocytes or embryos that an arm's outcomes tell, numerators and denominators alike."""
    for item in study.items:
        datum, kind = None if item.data is None else item.data.get(arm), kind_of(item)
        percent = item.unit.strip().lower() in ("%", "percent") or re.search(r"\brates?\b|%", item.label, re.IGNORECASE)
        if isinstance(datum, MeanSD):
            # "Fertilization" as a mean is a rate as likely as a number.
            process = item.stage is None and _PROCESS.search(item.label.lower())
            if kind is not None and not percent and not process and abs(float(datum.mean)) < 1e9:
                low, high = (float(end) * datum.n for end in datum.mean.interval)
                yield Total(kind, item, low, high, datum.n, None, f"{item.label} {datum} in {datum.n} women")
            continue
        if isinstance(datum, Clusters) and datum.unit == "embryo":
            yield Total(
                "transferred", item, datum.embryos, datum.embryos, None, None, f"{item.label}: {datum}", datum.women
            )
            continue
        counts = arm_counts(item, arm)
        unit = _match(_UNITS, item.per)
        known = role(item)
        if unit is None and _EMBRYO.fullmatch(_plain(item.per)) and known is not None:
            # What implanted or was born had been transferred.
            unit = "transferred"
        if not counts or unit is None:
            continue
        events, sizes = [c.events for c in counts], [c.n for c in counts]
        text = f"{item.label} {counts[0]} per {item.per}" + (" (and other decodings)" if len(counts) > 1 else "")
        yield Total(unit, item, min(sizes), max(sizes), None, None, text)
        if kind is not None:
            yield Total(kind, item, min(events), max(events), None, (min(sizes), max(sizes)), text)


@lru_cache(maxsize=4096)
def _match(patterns: tuple[tuple[str, str], ...], label: str) -> str | None:
    text = _plain(label)
    return next((kind for kind, pattern in patterns if re.fullmatch(pattern, text)), None)


def _plain(label: str) -> str:
    text, before = re.sub(r"[\s_‐‑–—-]+", " ", label.strip().lower()), ""
    while text != before:
        before = text
        text = re.sub(r"\s+", " ", _DROPPED.sub(" ", text)).strip(" ,;:.")
    return text
