"""The same women in both arms: what their agreement would have to be for a printed P."""

from __future__ import annotations

import math

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.reading import arm_counts, spread_sd
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import Counts, MeanSD, Outcome


def paired_note(item: Outcome, claim: ParsedClaim) -> str:
    """Say at which correlation (means) or number of discordant pairs (counts) the printed P would come out."""
    means = arm_means(item)
    if means is not None:
        return _correlation(*means, item, claim)
    counts = [arm_counts(item, arm) for arm in ("treatment", "control")]
    if all(len(each) == 1 for each in counts):
        return _discordant(counts[0][0], counts[1][0], claim)
    return ""


def _correlation(a: MeanSD, b: MeanSD, item: Outcome, claim: ParsedClaim) -> str:
    from scipy.special import stdtrit

    n = min(a.n, b.n)
    sds = [spread_sd(float(arm.sd), arm.n, item.spread) for arm in (a, b)]
    difference = float(a.mean) - float(b.mean)
    if n < 2 or not 0 < claim.level < 1:
        return ""
    t = abs(float(stdtrit(n - 1, claim.level / 2)))
    # P is the smaller the more the two measurements of one woman agree.
    r = (sds[0] ** 2 + sds[1] ** 2 - n * (difference / t) ** 2) / (2 * sds[0] * sds[1]) if t else math.inf
    if not -1 <= r <= 1:
        return f"no correlation within women gives P = {claim.level:g} (n = {n})"
    verb = "comes out" if claim.relation == "=" else "is passed"
    return f"with {n} pairs, P = {claim.level:g} {verb} at a correlation within women of {r:.2f}"


def _discordant(a: Counts, b: Counts, claim: ParsedClaim) -> str:
    from scipy.special import bdtr

    if a.n != b.n:
        return ""
    gap, most = abs(a.events - b.events), min(a.events + b.events, 2 * a.n - a.events - b.events)
    if not gap or most > 100_000:
        return ""
    # McNemar's exact test: of m pairs that differ, (m - gap) / 2 go the other way.
    sizes = range(gap, most + 1, 2)
    p = {m: min(1.0, 2 * float(bdtr((m - gap) // 2, m, 0.5))) for m in sizes}
    if claim.relation == "=":
        fits = [m for m in sizes if claim.matches(p[m])]
        told = f"{fits[0]} to {fits[-1]}" if len(fits) > 1 else f"{fits[0]}" if fits else ""
        return f"McNemar's exact P is {claim.level:g} with {told} discordant pairs of {a.n}" if told else ""
    below = [m for m in sizes if p[m] < claim.level]
    if not below:
        return f"McNemar's exact P is {claim.level:g} or more whatever the number of discordant pairs"
    return f"McNemar's exact P is below {claim.level:g} with up to {below[-1]} discordant pairs of {a.n}"
