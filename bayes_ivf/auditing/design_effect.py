"""How much randomizing clusters may inflate the variance before a conclusion falls."""

from __future__ import annotations

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.reading import Reading
from bayes_ivf.study import ARMS, Study

LARGEST = 100.0
"""Design effect beyond which the exact one is of no interest."""


def crossing_design_effect(study: Study, claim: ParsedClaim, reading: Reading) -> str:
    """Say at which design effect P passes the claimed level, and which correlation that is where clusters are known."""
    from scipy.special import ndtri

    name = "Pearson" if "Pearson" in reading.p else reading.primary
    p = reading.p[name]
    if not 0 < claim.alpha < 1 or p >= claim.alpha:
        return ""
    # Variance x D divides the squared z value by D.
    effect = (float(ndtri(p / 2)) / float(ndtri(claim.alpha / 2))) ** 2 if p > 0 else LARGEST
    if effect >= LARGEST:
        return f": {name} P passes {claim.alpha:g} only beyond a design effect of {LARGEST:g}"
    told = f": {name} P passes {claim.alpha:g} at a design effect of {effect:.2f}"
    clusters = sum(study.clusters.values())
    size = sum(study.sizes[arm] for arm in ARMS) / clusters if clusters else 0.0
    if size > 1 and (effect - 1) / (size - 1) <= 1:
        told += f", an intracluster correlation of {(effect - 1) / (size - 1):.3f} with {size:.1f} women a cluster"
    return told
