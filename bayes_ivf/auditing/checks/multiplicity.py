"""How many P < 0.05 are claimed, and how many the field or an external effect would lead one to expect."""

from __future__ import annotations

from math import sqrt

from bayes_ivf.auditing.claims import parse_claim
from bayes_ivf.auditing.external import external_risk
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.power import power_of_counts
from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.reference_effects import reference_effects
from bayes_ivf.auditing.standardized import arm_means, standard_error_at_zero
from bayes_ivf.auditing.thresholds import ALPHA
from bayes_ivf.study import ARMS, Outcome, Rate, Study

NAME = "multiplicity"
QUESTION = "Are more results claimed as significant than effects of the field would give?"


def applies_to(study: Study) -> bool:
    """Whether at least two outcomes (not baseline) carry a claim about P."""
    return len(_chances(study)) >= 2


def run(study: Study) -> tuple[Finding, ...]:
    """Return one finding with the count, its expectation and bounds for dependence; nothing where none is claimed."""
    chances = _chances(study)
    claimed = sum(_claims_significance(study.outcome(name)) for name in chances)
    if not claimed:
        return ()
    values = list(chances.values())
    expected = sum(values)
    independent = at_least(values, claimed)
    low, high = dependence_bounds(values, claimed)
    listed = ", ".join(f"{study.outcome(name).label} {chance:.2f}" for name, chance in chances.items())
    return (
        Finding(
            study=study.id,
            check=NAME,
            subject="claims",
            severity="info",
            statement=f"{claimed} of the {len(values)} outcomes whose claims have a chance here are claimed with P < {ALPHA}; "
            f"if effects were as in other trials of the field, {expected:.1f} would be.",
            assumption="true effects as in the reference distribution of the field, or the external effect where the "
            "study file names one; the printed claims are taken at their word",
            evidence=f"probability of at least {claimed}: {independent:.2g} if outcomes are independent, between "
            f"{low:.2g} and {high:.2g} whatever their dependence; chances: {listed}",
            alternatives="a treatment with stronger effects than the field's; correlated outcomes, such as the domains "
            "of one questionnaire; outcomes that were measured and not reported",
        ),
    )


def _claims_significance(item: Outcome) -> bool:
    claim = parse_claim(item.claim)
    if claim is None or claim.relation == ">":
        return False
    return claim.level <= ALPHA if claim.relation == "<" else claim.level < ALPHA


def _chances(study: Study) -> dict[str, float]:
    chances: dict[str, float] = {}
    for item in study.items:
        if item.role == "outcome" and item.data is not None and parse_claim(item.claim) is not None:
            chance = _chance(study, item)
            chances |= {} if chance is None else {item.id: chance}
    return chances


def _chance(study: Study, item: Outcome) -> float | None:
    """Probability of P < alpha before the data: external effect if named, else the reference distribution.

    None where nobody says how many women there were, or what was counted over time.
    """
    counts = [arm_counts(item, arm) for arm in ARMS]
    if all(counts):
        a, b = counts[0][0], counts[1][0]
        outside = external_risk(study.external.get(item.id, {}), b.events / b.n)
        if outside is not None and outside[0] != b.events / b.n:
            return power_of_counts(outside[0], b.events / b.n, a.n, b.n).power
        pooled = (a.events + b.events + 1) / (a.n + b.n + 2)
        se = sqrt((1 / a.n + 1 / b.n) / (pooled * (1 - pooled)))
        return reference_effects("log_odds_ratio").significance(se, ALPHA)
    means = arm_means(item)
    sizes = (means[0].n, means[1].n) if means is not None else (study.sizes["treatment"], study.sizes["control"])
    if not min(sizes) or any(isinstance(each, Rate) for each in (item.data or {}).values()):
        return None
    return reference_effects("standardized_mean_difference").significance(standard_error_at_zero(*sizes), ALPHA)


def at_least(chances: list[float], k: int) -> float:
    """Probability of at least `k` of several independent events."""
    exactly = [1.0]
    for p in chances:
        exactly = [
            (exactly[i] if i < len(exactly) else 0.0) * (1 - p) + (exactly[i - 1] if i else 0.0) * p
            for i in range(len(exactly) + 1)
        ]
    return min(1.0, sum(exactly[k:]))


def dependence_bounds(chances: list[float], k: int) -> tuple[float, float]:
    """Sharp bounds for the probability of at least `k` of several events with any dependence.

    Parameters
    ----------
    chances : list of float
    k : int

    Returns
    -------
    low, high : float

    References
    ----------
    Rüger B (1978). Das maximale Signifikanzniveau des Tests "Lehne H0 ab, wenn k unter n gegebenen Tests zur Ablehnung
    führen". Metrika. doi 10.1007/BF01902197.
    """
    if k <= 0:
        return 1.0, 1.0
    ordered = sorted(chances)
    m = len(ordered)
    # Leaving out certain events can only sharpen either bound.
    high = min([1.0, *(sum(ordered[: m - j]) / (k - j) for j in range(k))])
    low = max([0.0, *((sum(ordered[j:]) - (k - 1)) / (m - j - (k - 1)) for j in range(m - k + 1))])
    return low, high
