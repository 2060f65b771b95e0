"""Between which sizes the t statistic of two arms lies that a paper printed as a P, as a statistic, or as both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study import ARMS, Outcome, Size, Statistic, Study, printed_means

_OTHER = {
    "adjusted": "an adjusted analysis",
    "paired": "the same women, or matched pairs, in both arms",
    "before_after": "a comparison of before and after",
    "from_baseline": "a comparison with baseline",
    "several_arms": "a test over more arms than two",
    "cluster": "randomized clusters",
    "corrected": "a test that was corrected for several comparisons",
    "noninferior": "a test against a margin",
    "equivalence": "a test against a margin",
}
"""Words for a P that is not of an unadjusted test of two independent arms."""
_INSTEAD = "means with their spreads, or an effect with its interval or standard error, would give one"
_NEXT = "give the means with their spreads, or an effect with its interval or standard error"


@dataclass(frozen=True)
class PrintedT:
    """Sizes of t that print as the paper printed.

    Parameters
    ----------
    low, high : float
        ``0 <= low < high``; `high` is infinite where only a bound was printed.
    """

    low: float
    high: float


def is_exact(outcome: Outcome) -> bool:
    """Whether more is printed than on which side of a level P lies: an exact P above 0, or a test statistic."""
    if outcome.statistic is not None and not outcome.statistic.cannot_be:
        return outcome.statistic.relation != ">"
    claim = outcome.claim
    return claim is not None and claim.relation == "=" and rounded_p(cast(str, claim.p))[0] > 0


def rounded_p(text: str) -> tuple[float, float]:
    """Return the P values that print like ``"P=0.044"``, from least to most, within 0 to 1."""
    number = Decimal(text[2:])
    half = Decimal(5).scaleb(int(number.as_tuple().exponent) - 1)
    return float(max(Decimal(0), number - half)), float(min(Decimal(1), number + half))


def printed_t(study: Study, outcome: Outcome) -> PrintedT:
    """Return the sizes of t that fit everything that was printed.

    Parameters
    ----------
    study : Study
    outcome : Outcome
        With the women of both arms, and a P, a test statistic, or both.

    Raises
    ------
    RequestError
        If the print is not of a t test of two independent arms, or P and statistic contradict each other.
    """
    where = f"{study.id}/{outcome.id}"
    df = sum(women_of(outcome)) - 2
    _refuse_other(study, outcome, where)
    spans = []
    statistic = outcome.statistic
    if statistic is not None and not statistic.cannot_be:
        spans.append(_of_statistic(statistic, df, where))
    if outcome.claim is not None and outcome.claim.p is not None:
        spans.append(_of_p(outcome, df, where))
    low, high = max(span[0] for span in spans), min(span[1] for span in spans)
    if not low < high:
        raise RequestError(
            Fault(
                where,
                f"{statistic} with {outcome.claim.p if outcome.claim else ''}, which no t of {df} degrees of freedom gives both",
                "a statistic and a P of one two-sided t test of both arms",
                "see the audit, and leave out the one that is wrong",
            )
        )
    return PrintedT(low, high)


def women_of(outcome: Outcome) -> tuple[int, int]:
    """Return the women of both arms."""
    treatment, control = (cast(Size, (outcome.data or {})[arm]).n for arm in ARMS)
    return treatment, control


def _refuse_other(study: Study, outcome: Outcome, where: str) -> None:
    """Refuse a print that its words, or those of the design, say is of another test."""
    if outcome.of not in (None, "mean"):
        found, allowed = "a P of events, from which no difference of means follows", "a P of a comparison of means"
        raise RequestError(Fault(where, found, allowed, "give the counts of both arms"))
    if other := other_test(study, outcome):
        shown = outcome.statistic or (outcome.claim.p if outcome.claim is not None else "")
        raise RequestError(
            Fault(where, f"{shown} of {other}: a check only, from which no difference of the arms follows; {_INSTEAD}",
                  "a P or a statistic of a t test of two independent arms", _NEXT)
        )  # fmt: skip


def other_test(study: Study, outcome: Outcome) -> str:
    """Return what else a P is of, by the words of its claim and of the design; empty if it may be of two independent arms."""
    from bayes_ivf.auditing import claim_groups

    groups = claim_groups(study, outcome)
    return next((told for group, told in _OTHER.items() if group in groups), "")


def _of_statistic(statistic: Statistic, df: int, where: str) -> tuple[float, float]:
    degrees = statistic.df[-1] if statistic.df else None
    several = statistic.name == "F" and statistic.df[0] != 1
    if statistic.name not in ("t", "z", "F") or several:
        what = f"{statistic} of more than two arms" if several else f"{statistic}, which is no t of two arms"
        allowed = "t, z, or F with one degree of freedom"
        to_do = f'say of = "counts" where it compares events; else {_NEXT}' if statistic.name == "chi-square" else _NEXT
        raise RequestError(
            Fault(where, f"{what}: a check only, from which no difference of means follows; {_INSTEAD}", allowed, to_do)
        )
    if degrees is not None and degrees != df:
        found = f"{statistic} beside {df} degrees of freedom of both arms: of an adjusted model, other women or unequal variances"
        raise RequestError(Fault(where, f"{found}; a check only, and {_INSTEAD}", f"{df} degrees of freedom", _NEXT))
    low, high = sizes_of(statistic)
    return (math.sqrt(low), math.sqrt(high)) if statistic.name == "F" else (low, high)


def sizes_of(statistic: Statistic) -> tuple[float, float]:
    """Sizes between which a statistic lies; the relation is that of its size."""
    value = abs(float(statistic.value))
    relation = statistic.relation
    if float(statistic.value) < 0 and relation != "=":
        relation = "<" if relation == ">" else ">"
    if relation == "<":
        return 0.0, value
    if relation == ">":
        return value, math.inf
    half = 0.5 * 10.0**-statistic.value.decimals
    return max(0.0, value - half), value + half


def _of_p(outcome: Outcome, df: int, where: str) -> tuple[float, float]:
    claim = outcome.claim
    text = "" if claim is None or claim.p is None else claim.p
    level = float(text[2:])
    low, high = {"<": (0.0, level), ">": (level, 1.0)}.get(claim.relation or "", (0.0, 0.0)) if claim else (0.0, 1.0)
    if claim is not None and claim.relation == "=":
        low, high = rounded_p(text)
    if outcome.alternative == "one-sided":
        low, high = 2 * low, 2 * high
        if high > 1:
            allowed = "a one-sided P below 0.5, toward the declared direction"
            raise RequestError(Fault(where, f"{text}, one-sided, against the direction of the claim", allowed, _NEXT))
    return t_of_p(high, df), t_of_p(low, df)


def t_of_p(p: float, df: int) -> float:
    """Return the size of t that has a two-sided P."""
    from scipy import special

    if p <= 0:
        return math.inf
    return 0.0 if p >= 1 else float(-special.stdtrit(df, p / 2))


@dataclass(frozen=True)
class ImpliedMeans:
    """What two printed means and a t, by its P or as it is, say of their difference, in the unit of the outcome.

    Parameters
    ----------
    difference : float
        Of the means as printed.
    se : float
        Its standard error, the size of the difference over that of t.
    sd, sd_low, sd_high : float
        Standard deviation that both arms have then, se / sqrt(1 / n_t + 1 / n_c), and between what rounding leaves it.
    df : int
        Of t.
    """

    difference: float
    se: float
    sd: float
    sd_low: float
    sd_high: float
    df: int


def implied_means(study: Study, outcome: Outcome) -> ImpliedMeans | None:
    """Return what means without a spread and the P or statistic of their t test say of the difference.

    None without both, where rounding hides which mean is larger or whether t is above 0, or where they are not of such a test,
    or point the other way than the claim.

    References
    ----------
    Cochrane Handbook, section 6.5.2.3, doi 10.1002/9781119536604.ch6.
    """
    means = printed_means(outcome)
    if means is None or not is_exact(outcome):
        return None
    try:
        span = printed_t(study, outcome)
    except RequestError:
        return None
    women = women_of(outcome)
    difference = float(means[0].decimal - means[1].decimal)
    half = sum(float(high - low) / 2 for low, high in (mean.interval for mean in means))
    t = _as_printed(outcome, sum(women) - 2)
    t = t if span.low <= t <= span.high else (span.low + span.high) / 2
    size = abs(difference)
    said = {"higher": 1, "lower": -1}.get("" if outcome.claim is None else outcome.claim.direction, 0)
    if not (size > half and span.low > 0 and math.isfinite(span.high)) or said * difference < 0:
        return None
    root = math.sqrt(sum(1 / n for n in women))
    low, high = (size - half) / span.high / root, (size + half) / span.low / root
    return ImpliedMeans(difference, size / t, size / t / root, low, high, sum(women) - 2)


def _as_printed(outcome: Outcome, df: int) -> float:
    """Return the size of t at the printed digits themselves."""
    statistic = outcome.statistic
    if statistic is not None and not statistic.cannot_be:
        value = abs(float(statistic.value))
        return math.sqrt(value) if statistic.name == "F" else value
    level = outcome.claim.level if outcome.claim is not None and outcome.claim.level is not None else 1.0
    return t_of_p(2 * level if outcome.alternative == "one-sided" else level, df)


def p_of_t(t: float, df: int) -> float:
    """Return the two-sided P of a size of t."""
    from scipy import special

    return float(2 * special.stdtr(df, -t))
