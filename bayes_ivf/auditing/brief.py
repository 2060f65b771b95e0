"""What a finding says of an outcome in half a sentence, for a row of a table; the finding itself says the rest."""

from __future__ import annotations

from math import isnan

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.ledger import ClaimRow
from bayes_ivf.auditing.result import Audit
from bayes_ivf.auditing.stated import DEPENDS, FAILS

BRIEFS = {
    "baseline": "how far the arms differ before treatment",
    "design_words": "words for the design that do not go together",
    "effect_agrees": "a printed effect that the arms beside it do not give",
    "external_rate": "a share far from what is known of it",
    "identical_spreads": "spreads that are the same in both arms",
    "laboratory": "counts of oocytes, embryos and transfers that do not fit together",
    "multiplicity": "more significant results than expected",
    "randomized_clusters": "clusters were randomized, and no icc is stated",
    "power": "how large a difference the trial could have shown",
    "printed_values": "a number that cannot be what was printed",
    "several_arms": "comparisons that share an arm",
    "quantile_conversions": "what the usual conversions make of a median",
    "skewness": "a spread that only skewed values have",
    "spreads": "a spread too large or too small for its mean",
    "claims": "the printed numbers do not give the printed P",
    "debit": "a printed mean and spread that a variable with two values cannot have",
    "decoded_pairs": "a printed number that no counts behind its percentages give",
    "decoding": "percentages and counts that do not fit together",
    "effect_size": "a difference that is rare in trials of the field",
    "embryo_dependence": "embryos of one woman depend on each other",
    "grim": "a printed mean that whole numbers cannot give",
    "implanted_in_pregnant": "more implanted embryos than the pregnant women can have",
    "integer_moments": "a printed mean and spread that whole numbers cannot give",
    "p_of_counts": "a printed P or statistic that no counts of both arms give",
    "printed_interval": "a printed interval that usual methods do not give",
    "printed_statistic": "a printed test statistic that does not go with its P or its arms",
    "sd_or_se": "spreads that may be standard errors",
    "stages": "counts of stages that do not fit together",
    "totals": "totals that do not fit together",
    "units": "a unit that is unusual for it",
}
"""Half sentences by check; a finding with words of its own (`Finding.brief`) says those."""


def brief(finding: Finding) -> str:
    """Return half a sentence about what a finding is."""
    return finding.brief or BRIEFS.get(finding.check, f"a finding of the check {finding.check.replace('_', ' ')}")


HANGS = "holds only if "
"""How the ledger's note begins what a conditional claim hangs on."""


def claim_condition(row: ClaimRow) -> str:
    """Return what a claim that holds conditionally hangs on, in half a sentence.

    Parameters
    ----------
    row : ClaimRow
    """
    for part in row.note.split("; "):
        if part.startswith(HANGS):
            return part.removeprefix(HANGS).split(", which ")[0].split(":")[0]
    return ""


def conditional_words(row: ClaimRow) -> str:
    """Say of a claim that holds conditionally on what: by which tests, and under which assumption."""
    if row.note and (depends := [part for part in row.note.split("; ") if part.startswith(DEPENDS)]):
        return depends[0].split(" (")[0]
    condition = claim_condition(row)
    tests = next((part for part in row.note.split("; ") if part.startswith("holds under ")), "")
    if tests and condition:
        return f"{tests}, and only if {condition}"
    if tests or condition:
        return tests or f"{HANGS}{condition}"
    for part in row.note.split("; "):
        if part.endswith(" could undo it"):
            return f"holds, but {part}"
    return "holds by some usual readings and not by others"


def refused_words(row: ClaimRow, otherwise: str) -> str:
    """Say of a claim that does not hold at which stated numbers it does not; where none is stated, what stands otherwise."""
    return next((part for part in row.note.split("; ") if part.startswith(FAILS)), otherwise)


def reproducing_tests(row: ClaimRow) -> str:
    """Name the tests that give an exact P as printed; empty where none does."""
    start = "the printed P is reproduced by "
    told = next((part for part in row.note.split("; ") if part.startswith(start)), "")
    return told.removeprefix(start).partition(" (")[0]


def undecided_words(row: ClaimRow) -> str:
    """Say why a P that was recomputed decides nothing about a claim; empty where none was."""
    if row.supported != "undetermined" or isnan(row.recomputed_p):
        return ""
    # recomputed numbers stand first, and the finding tells those of the reason
    reasons = [part for part in row.note.split("; ") if not any(map(str.isdigit, part))]
    return f"does not decide: {reasons[0]}" if reasons else ""


def touching(audit: Audit, outcome: str) -> tuple[Finding, ...]:
    """Return the findings that a reader of an outcome's row must know: impossible first, then cautions."""
    return tuple(
        finding
        for finding in audit.found
        if finding.severity in ("impossible", "caution") and outcome in _subjects(finding.subject)
    )


def _subjects(subject: str) -> list[str]:
    """Outcomes that a finding names; joint findings name several."""
    return [subject, *subject.split(" + ")]


def brief_words(audit: Audit, outcome: str) -> str:
    """Return what findings say of an outcome in half a sentence, each thing once; empty if they say nothing.

    The finding that repeats the claim's verdict is left out where there are others: the row tells it already.
    """
    found = touching(audit, outcome)
    others = [finding for finding in found if finding.check != "claims"]
    return "; ".join(dict.fromkeys(brief(finding) for finding in others or found))
