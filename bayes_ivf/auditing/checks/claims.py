"""Claims that the printed numbers do not bear out: the ledger's rows that need a reader's eye."""

from __future__ import annotations

from bayes_ivf.auditing.brief import conditional_words, refused_words
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.ledger import claim_rows
from bayes_ivf.study import Study

NAME = "claims"
QUESTION = "Do the printed numbers support the printed claims?"


def applies_to(study: Study) -> bool:
    """Whether any outcome carries a claim with a P."""
    return any(item.claim is not None and (item.claim.p is not None or item.margin is not None) for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each claim that does not hold, or only conditionally."""
    findings = []
    for row in claim_rows(study):
        if row.supported not in ("no", "conditional"):
            continue
        sign = "" if row.p_text.startswith("<") else "= "
        p = f"{row.test} P {sign}{row.p_text}; " if row.p_text else ""
        shown = " against ".join(arm for arm in (row.treatment, row.control) if arm)
        arms = f"{shown}: " if shown else ""
        change = f"; least change: {row.least_change}" if row.least_change else ""
        refused = refused_words(row, "is not supported by the printed numbers")
        verdict = refused if row.supported == "no" else conditional_words(row)
        findings.append(
            Finding(
                study=study.id,
                check=NAME,
                subject=row.outcome,
                severity="caution",
                statement=f'The claim "{row.claim}" {verdict}.',
                assumption="the numbers are as printed and belong to the claim; the test is one of those named",
                evidence=f"{arms}{p}{row.note}{change}".removesuffix("; "),
                alternatives="another test, one-sided or adjusted; a comparison with baseline instead of between arms; "
                "another population or denominator than printed; a typing error",
                brief=f"the claim {conditional_words(row)}" if row.supported == "conditional" else "",
            )
        )
    return tuple(findings)
