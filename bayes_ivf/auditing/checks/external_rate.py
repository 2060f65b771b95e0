"""Whether a share that is known from outside, such as that of girls among newborns, comes out near it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.least_p import format_p
from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.thresholds import JOINT_RARE, RARE
from bayes_ivf.study import ARMS, Counts, Outcome, Study

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


def _known(study: Study) -> Iterator[tuple[Outcome, tuple[Counts, Counts], float, str, str]]:
    """Yield outcomes with their counts, the rate, its name and its source; the study file goes before our table."""
    for item in study.items:
        counts = [arm_counts(item, arm) for arm in ARMS]
        if any(len(each) != 1 for each in counts):
            continue
        pair = counts[0][0], counts[1][0]
        rate = study.external.get(item.id, {}).get("rate")
        if rate is not None and 0 < rate < 1:
            yield item, pair, rate, item.label, "the study file"
            continue
        label = re.sub(r"\s+", " ", _DROPPED.sub(" ", item.label.strip().lower())).strip(" ,;:.()")
        for row in _table():
            if re.fullmatch(row["pattern"], label) and re.search(row["needs"], f"{label} {item.per.lower()}"):
                yield item, pair, float(row["rate"]), row["name"], row["source"]
                break


def two_sided_p(counts: Counts, rate: float) -> float:
    """Return twice the smaller tail of the binomial distribution, by incomplete beta functions, which no size makes slow."""
    from scipy.special import betainc

    events, n = counts.events, counts.n
    below = float(betainc(n - events, events + 1, 1 - rate)) if events < n else 1.0
    above = float(betainc(events, n - events + 1, rate)) if events else 1.0
    return min(1.0, 2 * min(below, above))


def _finding(
    study: Study, item: Outcome, pair: tuple[Counts, Counts], rate: float, name: str, source: str
) -> Iterator[Finding]:
    """Look at both arms together, and only if they are near the rate at each: three looks."""
    both = Counts(sum(counts.events for counts in pair), sum(counts.n for counts in pair))
    looks = {"both arms together": both, "the treatment arm": pair[0], "the control arm": pair[1]}
    each = {
        where: min(1.0, two_sided_p(counts, rate) * (1 if counts is both else 3)) for where, counts in looks.items()
    }
    where = "both arms together" if each["both arms together"] < RARE else min(each, key=lambda name: each[name])
    p, events, n = each[where], looks[where].events, looks[where].n
    if p >= RARE:
        return
    expected = rate * n
    looked = "twice the smaller tail" + ("" if looks[where] is both else ", times three looks")
    yield Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution" if p < JOINT_RARE else "info",
        statement=f"{item.label}: {events} of {n} in {where} ({100 * events / n:.1f}%), where an external rate of "
        f"{rate:g} gives {expected:.0f}; a count as far away has probability {format_p(p, 2)}.",
        assumption=f"each of the {n} is counted once and independently, with a probability of {rate:g} for {name}",
        evidence=f"{events}/{n} against {rate:g}: binomial P {format_p(p, 3)}, {looked}; source of the rate: {source}",
        alternatives="a group in which the rate differs, such as transfers after genetic testing; another denominator, or "
        "siblings counted together; the label may stand for the opposite; a treatment effect on it; a typing error; chance",
    )


@cache
def _table() -> tuple[dict[str, Any], ...]:
    text = (resources.files("bayes_ivf.auditing") / "tables" / "rates.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["rates"])
