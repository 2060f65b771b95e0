"""What a review prints against its own numbers: each study's effect, and each analysis's overall estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Annotated

from bayes_ivf.auditing import Finding
from bayes_ivf.reviews.estimates import Estimate, Table, count_estimates, mean_estimates
from bayes_ivf.reviews.pooling import Overall, fixed, mantel_haenszel, one_step, peto, random_effects
from bayes_ivf.reviews.rows import Sorted, Used
from bayes_ivf.study import Analysis, Review, nothing_printed

POOLED = "(pooled)"
"""Study cell of what is about all studies of an analysis."""
RELATIVE = 2e-5
"""Of a number that another program computed and rounded on its way."""
LOOSE = 1e-4
"""Of an estimate that was found by iteration."""


@dataclass(frozen=True)
class PooledCheck:
    """One row of ``review.csv``: an overall estimate as printed, and computed from the same rows."""

    review: Annotated[str, "file that it came from"]
    analysis: Annotated[str, "number of the analysis"]
    outcome: Annotated[str, "id of its outcome; those of its subgroups begin with it"]
    label: Annotated[str, "name of the analysis"]
    group: Annotated[str, "name of its comparison"]
    method: Annotated[str, "MH, Peto, IV or the file's own word; empty where the file does not tell"]
    measure: Annotated[str, "effect measure"]
    model: Annotated[str, "fixed or random; empty where the file does not tell"]
    studies: Annotated[int, "rows that count in the overall estimate"]
    printed: Annotated[float | None, "overall estimate in the file"]
    printed_low: Annotated[float | None, "lower limit in the file"]
    printed_high: Annotated[float | None, "upper limit in the file"]
    recomputed: Annotated[float | None, "overall estimate from the same rows, by the same method"]
    recomputed_low: Annotated[float | None, "its lower limit"]
    recomputed_high: Annotated[float | None, "its upper limit"]
    reproduced: Annotated[str, "yes, no, or undetermined: nothing is printed, or the method is not known here"]
    note: Annotated[str, "why it is undetermined"]


@dataclass(frozen=True)
class RiskOfBias:
    """One row of ``risk_of_bias.csv``: what the reviewers judged, in their words."""

    study: Annotated[str, "name of the study"]
    domain: Annotated[str, "what was judged"]
    judgment: Annotated[str, "the judgment"]
    support: Annotated[str, "what it rests on"]
    review: Annotated[str, "file that it came from"]


def estimates_of(used: Used, analysis: Analysis) -> list[Estimate]:
    """Return a row's effect under every usual convention, the most usual first."""
    if used.kind == "events":
        events = tuple(n - a for a, n in zip(used.events, used.n, strict=True)) if analysis.swapped else used.events
        known = analysis.measure in ("odds_ratio", "peto_odds_ratio", "risk_ratio", "risk_difference")
        measure = (
            "peto_odds_ratio" if (analysis.method, analysis.measure) == ("Peto", "odds_ratio") else analysis.measure
        )
        return count_estimates(events, used.n, measure) if known else []
    if used.kind == "means":
        return mean_estimates(used.mean, used.sd, used.n, analysis.measure)
    scale, effect, se = used.effect
    ratio = "ratio" in scale
    return [Estimate(log(float(effect)) if ratio else float(effect), float(se), ratio)]


def agrees(printed: Sequence[str], shown: Sequence[float], decimals: int, relative: float = RELATIVE) -> bool:
    """Whether printed numbers are those computed, within their rounding.

    Examples
    --------
    >>> agrees(("1.33", "0.72", "2.47"), (1.3333, 0.7197, 2.4702), 2), agrees(("1.4", "0.72", "2.47"), (1.33, 0.72, 2.47), 2)
    (True, False)
    """
    half = 0.5 * 10.0**-decimals
    return all(
        abs(float(text) - value) <= half + relative * abs(value) for text, value in zip(printed, shown, strict=True)
    )


def row_findings(review: Review, found: Sorted) -> list[Finding]:
    """Return a finding for every row whose printed effect its own numbers do not give, and for impossible numbers."""
    findings = [
        Finding(
            row.study,
            "review_counts",
            outcome,
            "impossible",
            f"Analysis {row.analysis}, {row.study[:80]}: {reason}.",
            "The numbers are those of one group of women, each counted once.",
            f"{review.name}, row {row.line}: {reason}",
            "A typing error in the review; events counted more than once in a woman; numbers of another group of women.",
        )
        for row, outcome, reason in found.impossible
        if row.study.isprintable()
    ]
    for used in found.used:
        analysis, row = review.analyses[used.row.analysis], used.row
        if nothing_printed(row.printed) or not _are_numbers(row.printed):
            continue
        shown = [each.shown(analysis.level) for each in estimates_of(used, analysis)]
        if shown and not any(agrees(row.printed, each, review.decimals) for each in shown):
            findings.append(_row_finding(review, analysis, used, shown[0]))
    return findings


def _are_numbers(texts: Sequence[str]) -> bool:
    try:
        return all(abs(float(text)) < 1e300 for text in texts)
    except ValueError:
        return False


def _row_finding(review: Review, analysis: Analysis, used: Used, shown: Sequence[float]) -> Finding:
    row = used.row
    words = _words(analysis.measure)
    held = {
        "events": f"{used.events[0]}/{used.n[0]} and {used.events[1]}/{used.n[1]}",
        "means": " and ".join(f"{m:g} ± {s:g} (n = {n})" for m, s, n in zip(used.mean, used.sd, used.n, strict=True)),
    }.get(used.kind, "the effect and standard error entered")
    printed = f"{row.printed[0]} ({row.printed[1]} to {row.printed[2]})"
    return Finding(
        row.study,
        "review_row",
        used.outcome,
        "caution",
        f"Analysis {row.analysis}, {row.study[:80]}: the file has a {words} of {printed}, its own numbers give {_shown(shown)}.",
        f"Method {analysis.method or 'as usual'}, {analysis.level:.0%} interval, any usual correction of empty cells.",
        f"{review.name}, row {row.line}: {held}",
        "Numbers changed after the analysis was last computed; an adjustment or correction that the file does not name.",
    )


def _words(measure: str) -> str:
    return measure.replace("_", " ") or "effect"


def _shown(numbers: Sequence[float]) -> str:
    value, low, high = (f"{each:.4g}" for each in numbers)
    return f"{value} ({low} to {high})"


def pooled_checks(review: Review, found: Sorted) -> tuple[list[PooledCheck], list[Finding]]:
    """Compute the overall estimate of every analysis again, and say where it is not the printed one."""
    rows: dict[str, list[Used]] = {name: [] for name in review.analyses}
    for used in found.used:
        if used.row.pooled:
            rows[used.row.analysis].append(used)
    lost = {row.analysis for row, _, reason in found.left_out if row.pooled and "no numbers were entered" not in reason}
    checks, findings = [], []
    for name, analysis in review.analyses.items():
        printed = not nothing_printed(analysis.printed) and _are_numbers(analysis.printed)
        note = _unknown(analysis, printed, name in lost)
        overall = [] if note else _overall(rows[name], analysis)
        note = note or ("" if overall else "no row has an effect on this scale")
        shown = [each.estimate.shown(analysis.overall_level, each.factor) for each in overall]
        relative = LOOSE if analysis.random and analysis.estimator == "REML" else RELATIVE
        decimals = max(review.decimals, *(len(text.partition(".")[2]) for text in analysis.printed))
        same = next((each for each in shown if agrees(analysis.printed, each, decimals, relative)), None)
        reproduced = "undetermined" if note else "no" if same is None else "yes"
        numbers = same or (shown[0] if shown else (None, None, None))
        checks.append(_check(review, analysis, len(rows[name]), printed, numbers, reproduced, note))
        if reproduced == "no":
            findings.append(_pooled_finding(review, analysis, len(rows[name]), shown[0]))
    return checks, findings


def _unknown(analysis: Analysis, printed: bool, lost: bool) -> str:
    """Say why an overall estimate cannot be compared; empty where it can."""
    if not printed:
        return "no overall estimate is printed"
    if lost:
        return "a row that counts in it cannot be read"
    if analysis.method not in ("MH", "Peto", "IV") or analysis.random is None:
        return f"the method {analysis.method!r} is not computed here" if analysis.method else "the method is not told"
    if analysis.random and analysis.estimator not in ("DL", "REML"):
        return f"the estimator {analysis.estimator!r} is not computed here"
    if analysis.random and analysis.interval not in ("Wald", "HKSJ"):
        return f"the interval {analysis.interval!r} is not computed here"
    return ""


def _overall(rows: Sequence[Used], analysis: Analysis) -> list[Overall]:
    """Return the overall estimate under every usual convention; none where no row has one."""
    level = analysis.overall_level
    tables = [_table(used, analysis.swapped) for used in rows if used.kind == "events"]
    if analysis.method == "Peto":
        parts = [_parts(used) for used in rows if used.kind == "o_minus_e"]
        found = one_step(parts, level) if parts else peto(tables, level)
        return [] if found is None else [found]
    center: list[float | None] = [None]
    if analysis.method == "MH":
        common = mantel_haenszel(tables, analysis.measure, level)
        if not analysis.random:
            return common
        center = [*(each.estimate.value for each in common), None]
    made = [estimates for used in rows if (estimates := estimates_of(used, analysis))]
    if not made:
        return []
    found_all = []
    for convention in range(max(map(len, made))):
        own = [each[min(convention, len(each) - 1)] for each in made]
        if analysis.random:
            for middle in center:
                found_all += random_effects(own, level, analysis.estimator, analysis.interval, middle)
        else:
            found_all.append(fixed(own, level))
    return found_all


def _table(used: Used, swapped: bool) -> Table:
    (a, c), (n, m) = used.events, used.n
    return (n - a, a, m - c, c) if swapped else (a, n - a, c, m - c)


def _parts(used: Used) -> tuple[float, float]:
    return float(used.row.o_minus_e[0] or 0), float(used.row.o_minus_e[1])


def _check(
    review: Review,
    analysis: Analysis,
    studies: int,
    printed: bool,
    numbers: Sequence[float | None],
    reproduced: str,
    note: str,
) -> PooledCheck:
    told = [float(text) for text in analysis.printed] if printed else [None] * 3
    model = "" if analysis.random is None else "random" if analysis.random else "fixed"
    return PooledCheck(
        review=review.name,
        analysis=analysis.id,
        outcome=analysis.outcome,
        label=analysis.name,
        group=analysis.group,
        method=analysis.method,
        measure=analysis.measure,
        model=model,
        studies=studies,
        printed=told[0],
        printed_low=told[1],
        printed_high=told[2],
        recomputed=numbers[0],
        recomputed_low=numbers[1],
        recomputed_high=numbers[2],
        reproduced=reproduced,
        note=note,
    )


def _pooled_finding(review: Review, analysis: Analysis, studies: int, shown: Sequence[float]) -> Finding:
    printed = f"{analysis.printed[0]} ({analysis.printed[1]} to {analysis.printed[2]})"
    model = "random" if analysis.random else "fixed"
    return Finding(
        POOLED,
        "review_pooled",
        analysis.outcome,
        "caution",
        f"Analysis {analysis.id}: the file has an overall {_words(analysis.measure)} of {printed}, "
        f"its rows give {_shown(shown)}.",
        f"Method {analysis.method}, {model} effects, {analysis.overall_level:.0%} interval, of all rows that count in it.",
        f"{review.name}: {studies} rows",
        "Numbers changed after the analysis was last computed; rows that were excluded by a setting that the file does not name.",
    )


def bias_rows(review: Review) -> list[RiskOfBias]:
    """Return the risk of bias as rows of its table."""
    return [RiskOfBias(each.study, each.domain, each.judgment, each.support, review.name) for each in review.judgments]
