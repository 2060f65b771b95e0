"""Design words that exclude each other."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.study import Study

NAME = "design_words"
QUESTION = "Do the words for the design go together?"


def applies_to(study: Study) -> bool:
    """Whether any design word is recorded."""
    return bool(study.design_words)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each pair of words that exclude each other."""
    table = _table()
    words_by_group = {name: _matches(study.design_words, name, table) for name in table["groups"]}
    findings = []
    for pair in table["pairs"]:
        first, second = (words_by_group[name] for name in pair["groups"])
        if first and second:
            findings.append(
                Finding(
                    study=study.id,
                    check=NAME,
                    subject="design",
                    severity="caution",
                    statement=f'The design is called "{first[0]}" and "{second[0]}"; {pair["why"]}.',
                    assumption="both phrases describe how the same women were allocated to the two arms",
                    evidence="design words: " + "; ".join(f'"{word}"' for word in study.design_words),
                    alternatives=pair["innocent"],
                )
            )
    if words_by_group["retrospective"] and study.randomized == "yes" and not words_by_group["random"]:
        findings.append(
            Finding(
                study=study.id,
                check=NAME,
                subject="design",
                severity="caution",
                statement=f'The design is called "{words_by_group["retrospective"][0]}", the study is recorded as randomized.',
                assumption="the study file records the paper's own wording",
                evidence="design words: " + "; ".join(f'"{word}"' for word in study.design_words),
                alternatives="a retrospective analysis of a randomized trial; a slip in the study file",
            )
        )
    return tuple(findings)


def _matches(words: tuple[str, ...], name: str, table: dict[str, Any]) -> list[str]:
    """Return the design words that belong to a group; a phrase for 'not random' does not also count as random."""
    matches = []
    for word in words:
        text = word
        for pattern in table["ignore"] + (table["groups"]["not_random"] if name == "random" else []):
            text = re.sub(pattern, " ", text, flags=re.IGNORECASE)
        if any(re.search(pattern, text, flags=re.IGNORECASE) for pattern in table["groups"][name]):
            matches.append(word)
    return matches


@cache
def _table() -> dict[str, Any]:
    text = (resources.files("bayes_ivf.auditing") / "tables" / "design_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
