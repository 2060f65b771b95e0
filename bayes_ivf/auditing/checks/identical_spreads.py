"""How many standard deviations are printed alike in both arms, and how many chance gives."""

from __future__ import annotations

import math

from bayes_ivf.auditing.checks.multiplicity import at_least
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.least_p import format_p
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.auditing.thresholds import JOINT_RARE, RARE
from bayes_ivf.study import MeanSD, Study

NAME = "identical_spreads"
QUESTION = "Are more standard deviations identical in both arms than chance gives?"


def applies_to(study: Study) -> bool:
    """Whether means of both arms are printed for at least two variables."""
    return len(_pairs(study)) >= 2


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding if at least two sds are printed alike and so many are rare."""
    pairs = _pairs(study)
    same = [name for name, (a, b) in pairs.items() if a.sd.decimal == b.sd.decimal]
    chances = [chance_of_equal_sds(a, b) for a, b in pairs.values()]
    p = at_least(chances, len(same))
    if len(same) < 2 or p >= RARE:
        return ()
    listed = ", ".join(
        f"{study.outcome(name).label} {pairs[name][0].sd} ({chance_of_equal_sds(*pairs[name]):.2g})" for name in same
    )
    return (
        Finding(
            study=study.id,
            check=NAME,
            subject=" + ".join(same),
            severity="caution" if p < JOINT_RARE else "info",
            statement=f"{len(same)} of {len(pairs)} standard deviations are printed alike in both arms; at least so many "
            f"have probability {format_p(p, 2)}.",
            assumption="independent arms with equal population sds, which makes equal prints likeliest; independent "
            "variables, nearly normal",
            evidence=f"equal sds, with the chance of each: {listed}; expected number {sum(chances):.2f}",
            alternatives="one pooled sd printed for both arms; adjusted means of one model; variables that depend on each "
            "other, or one in several units; a column copied in typesetting; chance",
        ),
    )


def chance_of_equal_sds(a: MeanSD, b: MeanSD) -> float:
    """Return the probability that two sample sds print alike if the population sds are equal.

    Their difference is taken as normal around 0 with variance sd^2 (1/(2(n1-1)) + 1/(2(n2-1))), its place on the grid of
    printed values as uniform.
    """
    unit = 10.0 ** -max(a.sd.decimals, b.sd.decimals)
    sd = math.sqrt((float(a.sd) ** 2 + float(b.sd) ** 2) / 2)
    z = unit / (sd * math.sqrt(1 / (2 * (a.n - 1)) + 1 / (2 * (b.n - 1))))
    if z < 1e-4:
        return z / math.sqrt(2 * math.pi)
    return math.erf(z / math.sqrt(2)) - math.sqrt(2 / math.pi) / z * -math.expm1(-z * z / 2)


def _pairs(study: Study) -> dict[str, tuple[MeanSD, MeanSD]]:
    means_by_outcome = {item.id: arm_means(item) for item in study.items if item.spread != "range"}
    return {name: pair for name, pair in means_by_outcome.items() if pair is not None}
