"""The answer to a trial's question: for a main outcome what was printed, what the data support, and what the claim is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bayes_ivf.auditing import (
    AGAINST_MARGIN,
    ClaimRow,
    conditional_words,
    equality_words,
    refused_words,
    reproducing_tests,
    undecided_words,
)
from bayes_ivf.effects import REPORTED
from bayes_ivf.results.comparison import ComparisonRow
from bayes_ivf.results.row import EffectRow
from bayes_ivf.results.sentence import larger_risk, main_row
from bayes_ivf.results.value import Printed, Said, Value, p_of, p_words, range_of, say, unit_of, value_of

CERTAIN = ((0.99, "Almost certainly"), (0.95, "Very probably"), (0.75, "Probably"), (0.60, "Perhaps"))
"""Words for a probability, from the least one that deserves them; below, no direction is named."""
CAPPED = 0.80
"""Probability as which a direction is told at most that some priors leave open."""
SLIGHT = 0.95
"""Below this probability of a direction the size is told as "somewhat" while the interval includes no effect."""
OF_RATIO = {
    "odds_ratio": "{} odds",
    "risk_ratio": "a {} risk",
    "rate_ratio": "a {} rate",
    "ratio_of_means": "a {} mean",
}
"""What is higher or lower if a ratio is above or below one; of others it is the ratio itself."""
MEANING = {
    "hazard_ratio": {
        "higher": " (with treatment the event comes earlier, or to more)",
        "lower": " (with treatment the event comes later, or to fewer)",
    }
}
"""What a ratio's direction says of an outcome, where its name may mislead: a time to an event is longer if hazards are lower."""
OPPOSITE = ((0.90, "is well possible"), (0.99, "is possible"), (1.0, "is unlikely"))
"""How an effect of none or less is told, up to which probability of the direction."""


@dataclass(frozen=True)
class Answer:
    """Three sentences on one outcome.

    Parameters
    ----------
    outcome, label : str
    printed : tuple of str
        Of treatment and control, as printed, or the one effect of both that is printed; empty without numbers.
    claim : str
        Direction and P as reported; empty where nothing was claimed.
    certainty : str
        Direction and certainty in words, to be read before `supported`.
    supported : Said
        What the data support, and how sure one can be; empty if nothing was estimated.
    recomputed : Said
        What recomputation says of the claim.
    wrong : str
        What cannot be right about it, as printed; empty if nothing is known.
    verdict : {"yes", "no", "conditional", "undetermined", ""}
        Whether the printed conclusion holds.
    """

    outcome: str
    label: str
    printed: tuple[str, ...]
    claim: str
    certainty: str
    supported: Said
    recomputed: Said
    wrong: str
    verdict: str


def answer(
    compared: ComparisonRow,
    rows: Sequence[EffectRow],
    claim: ClaimRow | None,
    level: Value,
    *,
    wrong: str = "",
    unit: str = "",
    recomputed: Said = (),
    alone: str = "",
) -> Answer:
    """Make the answer for an outcome with numbers.

    Parameters
    ----------
    compared : ComparisonRow
    rows : sequence of EffectRow
        Of its result of record, primary prior first, with the risks of both arms where it has them.
    claim : ClaimRow or None
        Of the audit's ledger.
    level : Value
        Probability of the intervals.
    wrong : str
        What cannot be right about it, as printed, in half a sentence.
    unit : str
        Of the outcome, as printed.
    recomputed : Said
        The frequentist difference with its interval, as the comparison tells it; its first number is taken.
    alone : str
        The printed effect, named, where no numbers of the arms are: "hazard ratio 0.86 (0.53 to 1.38)".
    """
    arms = (
        (compared.reported_treatment, compared.reported_control) if claim is None else (claim.treatment, claim.control)
    )
    printed = (alone,) if alone else tuple(text for text in arms if text)
    return Answer(
        outcome=compared.outcome,
        label=compared.label,
        printed=printed,
        claim=_claimed(compared, claim),
        certainty=_certainty(rows) if rows else "",
        supported=_supported(rows, level, unit, alone) if rows else (),
        recomputed=_recomputed(compared, claim, recomputed),
        wrong=wrong,
        verdict="" if claim is None else claim.supported,
    )


def _claimed(row: ComparisonRow, claim: ClaimRow | None) -> str:
    words = {"": "", "none": equality_words("" if claim is None else claim.claim)}.get(
        row.reported_direction, row.reported_direction
    )
    return ", ".join(part for part in (words, row.reported_p) if part)


def _supported(rows: Sequence[EffectRow], level: Value, own: str, alone: str) -> Said:
    """Tell estimate, interval and probability of the first row, and what they leave open."""
    row = main_row(rows)
    risk = larger_risk(rows, row)
    center, low, high = (value_of(row, name, risk) for name in ("median", "ci_low", "ci_high"))
    assert center is not None
    assert low is not None
    assert high is not None
    unit = unit_of(row, risk).replace("percentage ", "")
    if own and row.scale == "outcome unit":
        unit = Printed(f" {own}")
    # a number without arms beside it, and any ratio, says what it is
    name = f"{REPORTED[row.estimand].label.lower()} " if alone or row.scale == "ratio" else ""
    told = say(name, center, unit, " (", level, " credible interval ", low, " to ", high, ")")
    likely = value_of(row, "p_benefit")
    if likely is None:
        return say(told, ".")
    return say(told, ", probability of benefit ", likely, _over_priors(rows, row), _but(row, likely.value), ".")


def _over_priors(rows: Sequence[EffectRow], row: EffectRow) -> Said:
    """Tell the range of a probability over all priors that apply."""
    found = range_of([each for each in rows if each.estimand == row.estimand], "p_benefit")
    if found is None or found[0].text == found[1].text:
        return ()
    return say(" (", found[0], " to ", found[1], " over priors)")


def _certainty(rows: Sequence[EffectRow]) -> str:
    """Say in a clinician's words which way an effect goes, with as much certainty as its probability deserves."""
    row = main_row(rows)
    if row.p_benefit is None:
        return _undirected(row)
    chances = [each.p_benefit for each in rows if each.estimand == row.estimand and each.p_benefit is not None]
    return _directed(row, row.p_benefit, min(chances) if row.p_benefit >= 0.5 else 1 - max(chances))


def _directed(row: EffectRow, likely: float, least_sure: float) -> str:
    sure = max(likely, 1 - likely)
    if least_sure < CERTAIN[-1][0]:  # to some of the priors the direction itself is open
        sure = min(sure, CAPPED)
    words = next((words for least, words in CERTAIN if sure >= least), "")
    if not words:
        return "The data do not tell which arm does better"
    slight = "somewhat " if sure < SLIGHT and _includes(row) else ""
    return f"{words} {_which_way(row, slight)}"


def _undirected(row: EffectRow) -> str:
    if REPORTED[row.estimand].null is None:
        return "Estimate"
    if _includes(row):
        return "The data do not tell whether higher or lower"
    way = _which_way(row)
    return f"{way[0].upper()}{way[1:]} with treatment, taking the numbers as printed"


def _but(row: EffectRow, likely: float) -> str:
    sure = max(likely, 1 - likely)
    if not _includes(row) or sure < CERTAIN[-1][0]:
        return ""
    other = "lower" if _side(row) == "higher" else "higher"
    return f"; no difference, or {other}, {next(words for most, words in OPPOSITE if sure <= most)}"


def _which_way(row: EffectRow, slight: str = "") -> str:
    """Say which way an effect goes; of a ratio, since "lower" of what it is named after may be another thing."""
    if row.scale != "ratio":
        return f"{slight}{_side(row)}"
    what = OF_RATIO.get(row.estimand, f"a {{}} {REPORTED[row.estimand].label.lower()}")
    return what.format(f"{slight}{_side(row)}") + MEANING.get(row.estimand, {}).get(_side(row), "")


def _side(row: EffectRow) -> str:
    return "higher" if row.median >= _null(row) else "lower"


def _null(row: EffectRow) -> float:
    return REPORTED[row.estimand].null or 0.0


def _includes(row: EffectRow) -> bool:
    return row.ci_low <= _null(row) <= row.ci_high


def _recomputed(row: ComparisonRow, claim: ClaimRow | None, found: Said) -> Said:
    """Say what recomputation gives for the claim."""
    p = None if claim is None else p_of(row.outcome, claim.test, claim.recomputed_p)
    if claim is None or claim.supported not in ("yes", "no", "conditional"):
        if claim is not None and p is not None and (undecided := undecided_words(claim)):
            return say(f"{claim.test} ", p_words(p), f" {undecided}.")
        return () if not row.reported_p else say(f"{row.reported_p} cannot be recomputed from what was visible.")
    by: Said = () if len(found) < 2 else say(found[0], str(found[1]).removesuffix(" ("), " as printed, ")
    test: Said = () if p is None else say(" (", by, f"{claim.test} ", p_words(p), ")")
    if claim.test.endswith(AGAINST_MARGIN):
        against = {"yes": "Holds", "no": "Does not hold", "conditional": "Holds by some tests and levels"}[
            claim.supported
        ]
        return say(f"{against}: compared with the declared margin", test, ".")
    printed = row.reported_p
    if claim.supported == "no":
        return say(f"{printed} {refused_words(claim, 'is not what these numbers give')}", test, ".")
    if claim.supported == "conditional":
        return say(f"{printed} {conditional_words(claim)}", test, ".")
    right = "The printed side of significance is right"
    equal = ", which is no evidence that there is no difference" if row.reported_direction == "none" else ""
    said = {
        "no": f"{right}{equal}; {printed} itself is that of no usual test",
        "conditional": f"{right}{equal}; {printed} itself is reproduced only under a condition",
        "yes": f"{printed} is that of {_usual(claim)}{equal}",
    }
    return say(said.get(claim.p_reproduced, f"{printed} is what the printed numbers give{equal}"), test, ".")


def _usual(claim: ClaimRow) -> str:
    """Name the tests that give the printed P, if the one that stands beside is none of them."""
    tests = reproducing_tests(claim)
    return tests.replace(", ", " or ") if tests and claim.test not in tests.split(", ") else "a usual test"
