"""Several arms as one: counts and totals are summed, means and spreads combined exactly, words never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from bayes_ivf.study.data import Categories, Clusters, Counts, Datum, MeanSD, Percent, Rate, Unusable
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.spread import sd_factor

DIGITS = 15
"""Significant digits of a combined mean and spread, which no paper prints."""


@dataclass(frozen=True)
class Pooled:
    """What several arms are together.

    Parameters
    ----------
    text : str
        As a cell of a study file; empty if they cannot be pooled.
    shown : str
        The sum, for a reader.
    n : int or None
        Denominator, where the text does not say it.
    why_not : str
    """

    text: str
    shown: str = ""
    n: int | None = None
    why_not: str = ""


def pool(data: Sequence[Datum], texts: Sequence[str], spread: str | None) -> Pooled:
    """Pool what was printed for several arms.

    Parameters
    ----------
    data : sequence of datum
        One for each arm.
    texts : sequence of str
        Each as printed.
    spread : str or None
        What is printed after ``±``; the combined one is of the same kind.

    References
    ----------
    Higgins JPT, Li T, Deeks JJ (editors). Cochrane Handbook for Systematic Reviews of Interventions, section 6.5.2.10,
    Combining groups. doi 10.1002/9781119536604.ch6.
    """
    if all(isinstance(each, Percent | Counts) for each in data):
        return _counts([_unique(each) for each in data], texts)
    if all(isinstance(each, Clusters) for each in data):
        totals = [each for each in data if isinstance(each, Clusters)]
        women, embryos, pregnant, implanted = (
            sum(getattr(each, name) for each in totals) for name in ("women", "embryos", "pregnant", "implanted")
        )
        return _summed(Clusters(women, embryos, pregnant, implanted, unit=totals[0].unit), totals)
    if all(isinstance(each, Rate) for each in data):
        rates = [each for each in data if isinstance(each, Rate)]
        time = sum((each.time.decimal for each in rates), Decimal(0))
        return _summed(Rate(sum(each.events for each in rates), Printed(format(time, "f"))), rates)
    if all(isinstance(each, Categories) for each in data):
        columns = [each for each in data if isinstance(each, Categories)]
        sums = tuple(map(sum, zip(*(each.counts for each in columns), strict=True)))
        return _summed(Categories(columns[0].labels, sums), columns)
    if all(isinstance(each, MeanSD) for each in data):
        return _means([each for each in data if isinstance(each, MeanSD)], spread)
    wrong = next((each.why.rstrip(".") for each in data if isinstance(each, Unusable)), "")
    return Pooled("", why_not=wrong or "medians, or cells of several kinds, have no sum")


def _unique(datum: Datum) -> Counts | None:
    if isinstance(datum, Percent):
        return datum.candidates[0] if datum.unique else None
    return datum if isinstance(datum, Counts) else None


def _counts(data: Sequence[Counts | None], texts: Sequence[str]) -> Pooled:
    known = [each for each in data if each is not None]
    if len(known) < len(data):
        unclear = ", ".join(text for text, each in zip(texts, data, strict=True) if each is None)
        return Pooled(
            "", why_not=f"percentages can be pooled only once each is one count, and each of {unclear} is several"
        )
    return _summed(Counts(sum(each.events for each in known), sum(each.n for each in known)), known)


def _summed(total: Counts | Clusters | Categories | Rate, parts: Sequence[Datum]) -> Pooled:
    return Pooled(str(total), f"{' + '.join(map(str, parts))} = {total}")


def _means(data: Sequence[MeanSD], spread: str | None) -> Pooled:
    """Combine means and sds with the part between the arms, as if the values of all women had been averaged at once."""
    if spread in ("range", "unknown") or any(float(each.sd) == 0 for each in data):
        return Pooled(
            "", why_not="means can be pooled only with standard deviations, and none follow from what is printed"
        )
    n = sum(each.n for each in data)
    means = [Fraction(each.mean.decimal) for each in data]
    sds = [Fraction(each.sd.decimal) * Fraction(sd_factor(spread, each.n) or 1.0) for each in data]
    mean = sum((each.n * m for each, m in zip(data, means, strict=True)), Fraction(0)) / n
    within = sum(((each.n - 1) * sd**2 for each, sd in zip(data, sds, strict=True)), Fraction(0))
    between = sum((each.n * (m - mean) ** 2 for each, m in zip(data, means, strict=True)), Fraction(0))
    variance = (within + between) / (n - 1) / Fraction(sd_factor(spread, n) or 1.0) ** 2
    with localcontext() as context:
        context.prec = 40
        exact = _decimal(mean), _decimal(variance).sqrt()
    decimals = 1 + max(number.decimals for each in data for number in (each.mean, each.sd))
    rounded = " ± ".join(f"{value:.{decimals}f}" for value in exact)
    parts = " and ".join(f"{each} (n = {each.n})" for each in data)
    return Pooled(" ± ".join(_digits(value) for value in exact), f"{parts} = {rounded} (n = {n})", n)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _digits(value: Decimal) -> str:
    """Return a number with `DIGITS` significant digits, without a power of ten."""
    return format(value.normalize(), "f") if len(value.as_tuple().digits) <= DIGITS else _cut(value)


def _cut(value: Decimal) -> str:
    with localcontext() as context:
        context.prec = DIGITS
        return format(+value, "f")
