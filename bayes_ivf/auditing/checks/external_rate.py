"""Whether a share that is known from outside, such as that of girls among newborns, comes out near it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.thresholds import JOINT_RARE, RARE
from bayes_ivf.study import ARMS, Outcome, Study

NAME = "external_rate"
QUESTION = "Do shares that are known from outside come out near what is known?"

_DROPPED = re.compile(
    r"\((%|n|rate|n ?\(%\))\)|[,;:]? ?\b(n|no\.?) ?\(%\)|%|^(number|share|rate|percentage|no\.) of | rates?$"
)


def applies_to(study: Study) -> bool:
    """Whether any outcome with counts has a rate from outside."""
    return any(True for _ in _known(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each share that is far from the known one."""
    return tuple(finding for row in _known(study) for finding in _finding(study, *row))


def _known(study: Study) -> Iterator[tuple[Outcome, int, int, float, str, str]]:
    """Yield outcomes with their total counts, the rate, its name and its source; the study file goes before our table."""
    for item in study.items:
        counts = [arm_counts(item, arm) for arm in ARMS]
        if any(len(each) != 1 for each in counts):
            continue
        events, n = sum(each[0].events for each in counts), sum(each[0].n for each in counts)
        given = study.external.get(item.id, {}).get("rate")
        if given is not None and 0 < given < 1:
            yield item, events, n, given, item.label, "the study file"
            continue
        label = re.sub(r"\s+", " ", _DROPPED.sub(" ", item.label.strip().lower())).strip(" ,;:.()")
        for row in _table():
            if re.fullmatch(row["pattern"], label) and re.search(row["needs"], f"{label} {item.per.lower()}"):
                yield item, events, n, float(row["rate"]), row["name"], row["source"]
                break


def _finding(
    study: Study, item: Outcome, events: int, n: int, rate: float, name: str, source: str
) -> Iterator[Finding]:
    from scipy.special import betainc

    # Both tails as incomplete beta functions, which no size of n makes slow.
    below = float(betainc(n - events, events + 1, 1 - rate)) if events < n else 1.0
    above = float(betainc(events, n - events + 1, rate)) if events else 1.0
    p = min(1.0, 2 * min(below, above))
    if p >= RARE:
        return
    expected = rate * n
    yield Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution" if p < JOINT_RARE else "info",
        statement=f"{item.label}: {events} of {n} in both arms together ({100 * events / n:.1f}%), where an external rate of "
        f"{rate:g} gives {expected:.0f}; a count as far away has probability {p:.1e}.",
        assumption=f"each of the {n} is counted once and independently, with a probability of {rate:g} for {name}",
        evidence=f"{events}/{n} against {rate:g}: binomial P {p:.2e}, twice the smaller tail; source of the rate: {source}",
        alternatives="a group in which the rate differs, such as transfers after genetic testing; another denominator, or "
        "siblings counted together; the label may stand for the opposite; a treatment effect on it; a typing error; chance",
    )


@cache
def _table() -> tuple[dict[str, Any], ...]:
    text = (resources.files("bayes_ivf.auditing") / "tables" / "rates.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["rates"])
