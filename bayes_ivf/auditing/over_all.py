"""A P over all arms of a trial: recomputed from what was printed for every arm, and judged as any other P is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

from bayes_ivf.auditing.claims import parse_claim
from bayes_ivf.auditing.conclusion import judge_conclusion
from bayes_ivf.auditing.count_tests import chi_square_table_p
from bayes_ivf.auditing.freeman_halton import freeman_halton_p
from bayes_ivf.auditing.judgement import Judged
from bayes_ivf.auditing.reading import Reading, Readings, mean_corners, spread_sd
from bayes_ivf.auditing.reproduced import judge_p
from bayes_ivf.auditing.standardized import usable
from bayes_ivf.study import Counts, Datum, MeanSD, OverAll, Percent

MOST_CORNERS = 4_096
"""Combinations of what rounding hides that are all tried; beyond, none is."""


def judge_over_all(claim: OverAll) -> Judged:
    """Judge a claim about all arms.

    Parameters
    ----------
    claim : OverAll
        With what was printed for each arm.

    Returns
    -------
    Judged
        Undetermined where something of an arm is not known: two arms do not decide about a P over all.
    """
    readings = read_over_all(claim)
    parsed = parse_claim(claim.claim)
    conclusion, reasons = judge_conclusion(parsed, readings)
    reproduced, words = judge_p(parsed, readings)
    if not readings.each:
        exact = parsed is not None and parsed.relation == "="
        return Judged("undetermined", "undetermined" if exact else "", (readings.why,), readings)
    said = "the P is about all arms at once, and says of no two of them that they differ"
    return Judged(conclusion, reproduced, tuple(text for text in (*reasons, words, said) if text), readings)


def read_over_all(claim: OverAll) -> Readings:
    """Recompute the P of all arms: exact and chi-square for counts, one-way analysis of variance for means.

    Parameters
    ----------
    claim : OverAll

    References
    ----------
    Freeman GH, Halton JH (1951), doi 10.1093/biomet/38.1-2.141. Fisher RA (1925). Statistical Methods for Research Workers.
    """
    if claim.missing:
        return Readings((), why=f"the P is over all arms, and nothing is known of {', '.join(claim.missing)}")
    data = list(claim.data.values())
    counts = [pair for each in data if (pair := _one_count(each)) is not None]
    if len(counts) == len(data):
        return _counts(counts, list(claim.data))
    means = [each for each in data if isinstance(each, MeanSD) and usable(each)]
    if len(means) == len(data) and claim.spread not in ("range", "unknown"):
        return _means(means, list(claim.data), claim.spread)
    return Readings((), why="the P is over all arms, and what was printed for them is not enough to recompute it")


def _one_count(datum: Datum) -> Counts | None:
    if isinstance(datum, Percent):
        return datum.candidates[0] if datum.unique else None
    return datum if isinstance(datum, Counts) else None


def _counts(counts: Sequence[Counts], labels: Sequence[str]) -> Readings:
    events, others = [each.events for each in counts], [each.n - each.events for each in counts]
    exact, error = freeman_halton_p(events, others)
    pearson = chi_square_table_p(events, others)
    text = ", ".join(f"{label} {each}" for label, each in zip(labels, counts, strict=True))
    first = Reading(None, {"Freeman-Halton": exact, "chi-square": pearson}, text)
    if not error:
        return Readings((first,))
    ends = (max(0.0, exact - 3 * error), min(1.0, exact + 3 * error))
    more = tuple(Reading(None, {"Freeman-Halton": end, "chi-square": pearson}, text) for end in ends)
    return Readings((first, *more), why=f"the errors of simulation ({error:.1g}) of the exact P")


def _means(means: Sequence[MeanSD], labels: Sequence[str], spread: str | None) -> Readings:
    n = np.array([each.n for each in means], dtype=float)
    text = ", ".join(f"{label} {each} (n={each.n})" for label, each in zip(labels, means, strict=True))

    def reading(pairs: Sequence[tuple[float, float]]) -> Reading:
        sds = [spread_sd(sd, each.n, spread) for (_, sd), each in zip(pairs, means, strict=True)]
        return Reading(None, {"analysis of variance": anova_p([mean for mean, _ in pairs], sds, n)}, text)

    printed = reading([(float(each.mean), float(each.sd)) for each in means])
    ends = [list(mean_corners(each)) for each in means]
    if math.prod(map(len, ends)) > MOST_CORNERS:
        return Readings((printed,))
    corners = [reading(pairs) for pairs in product(*ends)]
    return Readings((printed, *corners), why="the decimals that rounding hides")


def anova_p(means: Sequence[float], sds: Sequence[float], n: Sequence[float] | np.ndarray) -> float:
    """Return the P of a one-way analysis of variance from what is printed for each arm.

    Parameters
    ----------
    means, sds, n : sequence of float, length k
        Of each arm; at least two arms.

    Returns
    -------
    float

    Examples
    --------
    >>> round(anova_p([120.0, 112.0, 98.0], [30.0, 28.0, 27.0], [40, 40, 40]), 4)
    0.0028
    """
    from scipy.special import fdtrc

    size, mean, sd = (np.asarray(values, dtype=float) for values in (n, means, sds))
    k, total = len(size), size.sum()
    grand = float((size * mean).sum() / total)
    between = float((size * (mean - grand) ** 2).sum()) / (k - 1)
    within = float(((size - 1) * sd**2).sum()) / (total - k)
    return float(fdtrc(k - 1, total - k, between / within))
