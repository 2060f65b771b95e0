"""Words of headings: what a column may be called, what its words mean, and which column a strange heading may be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

STUDY = ("study", "study_id", "study_name", "study_or_subgroup", "studlab", "slab", "author_year", "first_author", "author",
         "reference", "trial", "trial_id", "trial_name")  # fmt: skip
"""Names of the column of studies, best first."""
AUTHORS = ("first_author", "author")
NUMBERED = ("reference", "trial", "trial_id", "trial_name")
"""Names of studies that an author and a year tell better."""
OUTCOME = ("outcome", "outcome_id", "outcome_name", "endpoint")
BENEFIT = ("benefit", "direction_of_benefit")
QUANTITIES = {
    "events": ("events", "event", "cases", "pos", "positive", "positives", "responders"),
    "nonevents": ("neg", "negative", "negatives", "nonevents", "nonevent"),
    "n": ("n", "total", "totals", "size", "denominator"),
    "mean": ("mean", "means"),
    "sd": ("sd", "sds", "std", "stdev"),
}
ARMS = {
    "treatment": ("treatment", "treat", "treated", "trt", "tx", "t", "intervention", "int", "i", "experimental", "exp", "e",
                  "active"),
    "control": ("control", "controls", "ctrl", "ctl", "con", "comparator", "comparison", "placebo", "c"),
}  # fmt: skip
FILLERS = frozenset(
    ("of", "in", "the", "with", "group", "arm", "women", "patients", "participants", "number", "sample")
)
WITHOUT = frozenset(
    ("no", "non", "not", "without", "untreated", "unexposed", "usual", "standard", "nothing", "none", "alone")
)
"""Words that make an arm the one without the treatment that they name, or with nothing more."""
LONG = 4
"""Letters from which a word may be misspelled."""
_STEMS = {
    "study": ("study", "trial", "author", "reference"),
    "outcome": ("outcome", "endpoint"),
    "benefit": ("benefit", "direction"),
}


def meaning(name: str) -> tuple[str, str]:
    """Return quantity and arm of a column's name; an unknown arm is returned in its own words."""
    if "%" in name:
        return "", ""
    words = _words(name)
    if is_without(words):
        return "", ""
    quantities = [what for what, names in QUANTITIES.items() for word in words if word in names]
    if quantities[:1] != quantities[-1:] and set(quantities) == {"events", "n"} and "n" in words:
        words.remove("n")  # "n events" are events
        quantities.remove("n")
    if len(quantities) != 1:
        return "", ""
    rest = [word for word in words if word not in QUANTITIES[quantities[0]]]
    arms = [arm for arm, names in ARMS.items() for word in rest if word in names]
    if len(rest) == 1 and len(arms) == 1:
        return quantities[0], arms[0]
    return (quantities[0], " ".join(rest)) if rest and not arms else ("", "")


def is_without(words: Sequence[str]) -> bool:
    """Whether words name an arm by what it did not get: it is never read as the arm that got it."""
    return any(word in WITHOUT for word in words)


def suggestions(names: Sequence[str], targets: Sequence[str]) -> dict[str, list[str]]:
    """Say which columns the headings that nothing reads may be.

    Parameters
    ----------
    names : sequence of str
        Headings.
    targets : sequence of str
        Columns that the table lacks.

    Returns
    -------
    dict of str to list of str
        By heading: one column, or one for each arm where the heading does not tell which; without those that are none.
    """
    parts = {name: _parts(name) for name in names}
    found: dict[str, list[str]] = {}
    for name, (quantity, arm) in parts.items():
        others = {other for what, other in parts.values() if what == quantity and other != arm}
        if arm not in ARMS and len(others) == 1 and others <= set(ARMS):
            arm = next(each for each in ARMS if each not in others)
        options = [f"{quantity}_{each}" for each in ARMS if arm not in ARMS or each == arm] if quantity else []
        near = [] if len(options) == 1 else difflib.get_close_matches(key_of(name), targets, 1, 0.8)
        options = [each for each in near or options or _named(name) if each in targets]
        if options:
            found[name] = options
    return found


def _parts(name: str) -> tuple[str, str]:
    """Return quantity and arm that a heading may tell, misspelled or not; an unknown arm in its own words."""
    quantities: list[str] = []
    rest: list[str] = []
    for word in [] if "%" in name else _words(name):
        near = [what for what in ("events", "n", "mean", "sd") if _is_near(word, QUANTITIES[what])]
        quantities += near[:1]
        rest += [] if near else [word]
    told = [what for what in quantities if what != "n"] or quantities
    arms = [arm for arm, known in ARMS.items() if any(_is_near(word, known) for word in rest)]
    arm = "control" if is_without(rest) else arms[0] if len(arms) == 1 else " ".join(rest)
    return told[0] if told else "", arm


def _named(name: str) -> list[str]:
    """Return the column of names that a word of a heading speaks of."""
    words = _words(name)
    return [target for target, known in _STEMS.items() if any(_is_near(word, known) for word in words)][:1]


def _is_near(word: str, known: Sequence[str]) -> bool:
    """Whether a word is one of several, or one of the longer ones misspelled."""
    long = [each for each in known if len(each) >= LONG]
    return word in known or (len(word) >= LONG and bool(difflib.get_close_matches(word, long, 1, 0.8)))


def _words(name: str) -> list[str]:
    """Return the words of a heading that tell something; "no" is a number before what is counted, else a denial."""
    words = key_of(re.sub(r"(?i)\bno\.", " ", name)).split("_")
    counted = FILLERS.union(*QUANTITIES.values())
    return [
        word
        for word, after in zip(words, [*words[1:], ""], strict=True)
        if word not in FILLERS and not (word == "no" and after in counted)
    ]


def key_of(name: str) -> str:
    """Lower-case words joined by ``_``."""
    text = ""
    for before, sign in zip(" " + name, name, strict=False):
        if sign.isupper() and before.islower():
            text += " "
        text += sign.lower() if sign.isalnum() else " "
    return "_".join(text.split())
