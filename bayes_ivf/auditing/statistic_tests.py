"""The P of a printed test statistic, with what its rounding leaves open.

With ``f(x)`` the P of a statistic of size x, a statistic printed as 2.20 stands for every value from 2.195 to 2.205; one
printed as "< 1" for every value from 0 to 1. This is how the program statcheck compares the two (Nuijten 2016,
doi 10.3758/s13428-015-0664-2); a one-sided P is tried where it is declared, and named where only it fits.
"""

from __future__ import annotations

import math

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.reading import Reading, Readings
from bayes_ivf.study import ARMS, Outcome, Size, Statistic


def statistic_df(statistic: Statistic, item: Outcome) -> tuple[float, ...]:
    """Return degrees of freedom as printed; of t and r, where none are, those of all women of both arms."""
    if statistic.df:
        return tuple(float(each) for each in statistic.df)
    if statistic.name == "r" and statistic.n is not None:
        return (float(statistic.n - 2),)
    women = women_of(item)
    return (float(women - 2),) if statistic.name in ("t", "r") and women is not None and women > 2 else ()


def women_of(item: Outcome) -> int | None:
    """Return the women of both arms; None where that is not known."""
    data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    sizes = [datum.n if isinstance(datum, Size) else getattr(datum, "n", None) for datum in data]
    counts = [item.counts(arm) for arm in ARMS]
    found = [size if counted is None else counted.n for size, counted in zip(sizes, counts, strict=True)]
    known = [size for size in found if size is not None]
    return sum(known) if len(known) == len(ARMS) else None


def statistic_p(name: str, value: float, df: tuple[float, ...]) -> float:
    """Return the P of a statistic: two-sided of t, r and z, the upper tail of F, chi-square and Q.

    Parameters
    ----------
    name : str
        As in `Statistic`.
    value : float
        Its sign does not matter.
    df : tuple of float
        Two of F, none of z, one of the others.
    """
    from scipy import special

    size = abs(value)
    if name == "t":
        return float(2 * special.stdtr(df[0], -size))
    if name == "r":
        at = size * math.sqrt(df[0] / (1 - size * size)) if size < 1 else math.inf
        return float(2 * special.stdtr(df[0], -at))
    if name == "z":
        return float(2 * special.ndtr(-size))
    if name == "F":
        return float(special.fdtrc(df[0], df[1], size))
    return float(special.chdtrc(df[0], size))


def statistic_sizes(statistic: Statistic) -> tuple[float, float, float]:
    """Return the printed size of a statistic, and the least and largest that it may stand for."""
    value = abs(float(statistic.value))
    relation = statistic.relation
    if float(statistic.value) < 0 and relation != "=":
        relation = "<" if relation == ">" else ">"
    most = 1.0 if statistic.name == "r" else math.inf
    if relation == "<":
        return value, 0.0, value
    if relation == ">":
        return value, value, most
    half = float(statistic.value.interval[1] - statistic.value.interval[0]) / 2
    return value, max(0.0, value - half), min(most, value + half)


def statistic_readings(item: Outcome) -> Readings | None:
    """Recompute the P of a printed statistic, as printed first and then at the ends of what it may stand for.

    Parameters
    ----------
    item : Outcome

    Returns
    -------
    Readings or None
        None where no statistic is printed, or it cannot hold; without readings where its P does not follow.
    """
    statistic = item.statistic
    if statistic is None or statistic.cannot_be:
        return None
    df = statistic_df(statistic, item)
    if not df and statistic.name in ("t", "r"):
        return Readings((), why=f"{statistic} was printed without degrees of freedom; no P follows")
    if df and df[-1] <= 0:
        return Readings((), why=f"{statistic} has no degrees of freedom left; no P follows")
    shown = head_of(statistic, df)
    each = []
    for size in dict.fromkeys(statistic_sizes(statistic)):
        p = statistic_p(statistic.name, size, df)
        each.append(Reading(None, {shown: p}, str(statistic), halves=statistic.two_sided))
    why = "the decimals that rounding hides" if statistic.relation == "=" else f"values that {statistic} allows"
    return Readings(tuple(each), why=why)


def head_of(statistic: Statistic, df: tuple[float, ...]) -> str:
    """Return name and degrees of freedom, which may be those of the arms."""
    return statistic.head if statistic.df or not df else f"{statistic.name}({df[0]:g})"


def fits_p(claim: ParsedClaim, readings: Readings) -> bool:
    """Whether some value that a statistic may stand for gives a P that prints as the claim's."""
    values = [p for reading in readings.each for p in reading.p.values()]
    if claim.relation == "=":
        return min(values) <= claim.rounded[1] and max(values) >= claim.rounded[0]
    return min(values) < claim.level if claim.relation == "<" else max(values) > claim.level
