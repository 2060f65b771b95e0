"""What the words of a claim, and of its study's design, say about the test behind a printed P."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib import resources

from bayes_ivf.auditing.trend_tests import TREND_TESTS
from bayes_ivf.study import Outcome, Study

NEGATIONS = ("not", "non", "no", "un", "without")
OF_DESIGN = ("paired", "cluster")
"""Groups that the words for the whole study's design can put an outcome into."""
NAMED_TESTS = {
    "fisher": ("Fisher", "Freeman-Halton"),
    "pearson": ("Pearson", "Yates", "chi-square"),
    "yates": ("Yates",),
    "boschloo": ("Boschloo",),
    "mid_p": ("mid-P",),
    "student": ("Student",),
    "welch": ("Welch",),
    "trend": TREND_TESTS[:2],
    "ranked": TREND_TESTS[2:],
}
"""Tests that a named one can be; "chi-square" may be with or without a continuity correction."""


def claim_groups(study: Study, item: Outcome) -> frozenset[str]:
    """Return the groups of words that apply to the P of an outcome, declared keys included."""
    groups = set(groups_of(item.claim.text)) if item.claim is not None else set()
    design = groups_of(*study.design_words)
    groups |= {group for group in OF_DESIGN if group in design}
    declared = {
        "paired": item.paired,
        "one_sided": item.alternative == "one-sided",
        "cluster": bool(study.clusters),
        "adjusted": item.effect is not None and bool(item.effect.adjusted.strip()),
    }
    return frozenset(groups | {group for group, holds in declared.items() if holds})


def equality_words(text: str) -> str:
    """Return what a claim without a direction says: non-inferiority, equivalence, or no difference."""
    groups = groups_of(text)
    return "non-inferior" if "noninferior" in groups else "equivalent" if "equivalence" in groups else "no difference"


def named_tests(groups: frozenset[str]) -> tuple[str, ...]:
    """Return the tests that the words name; empty if they name none."""
    wanted = groups - {"pearson"} if "yates" in groups else groups
    return tuple(test for group, tests in NAMED_TESTS.items() if group in wanted for test in tests)


def groups_of(*texts: str) -> frozenset[str]:
    """Return every group of which some text holds a phrase."""
    tokens = [tokens_of(text) for text in texts]
    return frozenset(
        name for name, phrases in _groups().items() if any(_holds(words, p) for words in tokens for p in phrases)
    )


def tokens_of(text: str) -> list[str]:
    """Split a text into lower-case runs of letters and digits."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(sign if sign.isalnum() else " " for sign in plain).split()


def _holds(words: list[str], phrase: tuple[str, ...]) -> bool:
    for start in range(len(words) - len(phrase) + 1):
        if start and words[start - 1] in NEGATIONS:
            continue
        if all(_fits(word, wanted) for word, wanted in zip(words[start:], phrase, strict=False)):
            return True
    return False


def _fits(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


@cache
def _groups() -> dict[str, tuple[tuple[str, ...], ...]]:
    text = (resources.files("bayes_ivf.auditing") / "tables" / "claim_words.toml").read_text(encoding="utf-8")
    return {name: tuple(tuple(p.split()) for p in phrases) for name, phrases in tomllib.loads(text)["groups"].items()}
