"""What is told of an outcome that is known from words alone: its result at every degree of belief in them, never at one."""

from __future__ import annotations

from collections.abc import Sequence

from bayes_ivf.effects import REPORTED, SIZE
from bayes_ivf.problem import option_in
from bayes_ivf.results.row import EffectRow
from bayes_ivf.results.sentence import belief, came_from, direction, larger_risk
from bayes_ivf.results.value import Printed, Said, Value, join, say, unit_of, value_of
from bayes_ivf.study import Outcome

_LITTLE = 0.5
# A claim of no difference is called little evidence where it leaves at least half of the probability that a difference that
# matters had before.


def shown(row: EffectRow, statistic: str, risk: float | None = None) -> Value:
    """Return a number that a row has."""
    value = value_of(row, statistic, risk)
    assert value is not None
    return value


def center(row: EffectRow, risk: float | None = None) -> Said:
    """Return the median with its unit."""
    return say(shown(row, "median", risk), unit_of(row, risk))


def interval(row: EffectRow, risk: float | None = None) -> Said:
    """Return the credible interval."""
    return say(shown(row, "ci_low", risk), " to ", shown(row, "ci_high", risk))


def doubted_rows(rows: Sequence[EffectRow], primary: EffectRow) -> list[EffectRow]:
    """Return what an outcome known only from words is at every degree of belief in them; empty for any other outcome."""
    key = (primary.estimand, primary.prior)
    return [row for row in rows if (row.estimand, row.prior) == key and option_in(row.options, "doubt")]


def _difference(row: EffectRow) -> str:
    """Name the difference on which words alone are told."""
    return "standardized difference" if "standardized" in row.estimand else REPORTED[row.estimand].label.lower()


def printed_number(item: Outcome) -> str:
    """Name the number that an outcome without numbers of the arms is known from; empty where that is words alone."""
    if item.statistic is not None and not item.statistic.cannot_be and item.statistic.relation == "=":
        return "a test statistic"
    return "an exact P" if item.claim is not None and item.claim.relation == "=" and item.claim.level else ""


def told_at_doubts(
    rows: Sequence[EffectRow], doubted: Sequence[EffectRow], primary: EffectRow, printed: str = "", unit: str = ""
) -> Said:
    """Tell a claim-only result at every degree of belief in the claim, never at full belief alone.

    Parameters
    ----------
    rows : sequence of EffectRow
        Of record.
    doubted : sequence of EffectRow
        Among them the ones at every degree of belief.
    primary : EffectRow
        Under the primary prior, the claim believed.
    printed : str
        See `printed_number`.
    unit : str
        Of the outcome, for a difference in it.
    """
    own = Printed(f" {unit}") if unit and primary.scale == "outcome unit" else ""
    by_doubt = {option_in(row.options, "doubt"): row for row in reversed(doubted)}
    told = _chances([(name, by_doubt[name]) for name in sorted(by_doubt, key=float)])
    sized = primary.estimand == SIZE
    what = "size of the standardized difference " if sized else f"{_difference(primary)} "
    unsigned = f"; {direction(primary)}" if sized else ""
    low, high = (end(by_doubt, key=float) for end in (min, max))  # where a fit is missing, not 0 and 1
    believed, silent = (
        say(center(row, risk), own, " (", interval(row, risk), ")")
        for row in (by_doubt[low], by_doubt[high])
        for risk in (larger_risk(rows, row),)
    )
    start = "If" if float(low) == 0 else f"At doubt {low} that"
    if printed:
        first = f"Known only from {printed}. {start} it is that of {came_from(primary.options)} of both arms: {what}"
    else:
        first = (
            f"Known only from words, so a range stands here and no single number. {start} the claim is true and came from "
            f"{came_from(primary.options)}: {what}"
        )
    last = say(f"; {belief(float(high), printed)}: ", silent) if high != low else ""
    size = say(first, believed, last, f"{unsigned}.")
    return say(size, " Probability of benefit: ", told, ".") if told else size


def _chances(at: Sequence[tuple[str, EffectRow]]) -> Said:
    """Tell probabilities of benefit at every doubt; in one phrase where doubt does not move them."""
    known = [(name, shown(row, "p_benefit")) for name, row in at if row.p_benefit is not None]
    if len(known) > 1 and len({value.text for _, value in known}) == 1:
        return say(known[0][1], " at every doubt")
    told = join([say(value, f" at doubt {name}") for name, value in known], ", ")
    return say(told, " (1 = the prior alone)") if told else ()


def no_difference(item: Outcome, rows: Sequence[EffectRow], primary: EffectRow) -> Said:
    """Tell what a claim of no difference between counts leaves open, under every prior that was written for such claims.

    Parameters
    ----------
    item : Outcome
    rows : sequence of EffectRow
        Of record, every prior set and every doubt.
    primary : EffectRow
        Under the primary prior, the claim believed.
    """
    if item.claim is None or item.claim.direction != "none" or primary.estimand != "risk_difference":
        return ()
    # sets beside the primary one differ from it in the average alone, or say something of the effect as well
    sets = [primary.prior, *(name for name in BESIDE if any(row.prior == name for row in rows))]
    pairs = [(_at(rows, primary, name, "0"), _at(rows, primary, name, "1")) for name in sets]
    known = [(after, before) for after, before in pairs if after is not None and before is not None]
    if not known:
        return ()
    ranges = [interval(after) for after, _ in known]
    other = say(" (", ranges[1], f" under the prior {BESIDE[known[1][0].prior]})") if len(known) > 1 else ()
    left = say(" Differences from ", ranges[0], unit_of(known[0][0]), other, " remain in the interval")
    if any(row.p_outside_rope is None for pair in known for row in pair):
        return say(_verdict(item, None), left, ".")
    after, before = ([shown(row, "p_outside_rope") for row in each] for each in zip(*known, strict=True))
    return say(
        _verdict(item, after[0].value / max(before[0].value, 1e-300)),
        left,
        f", and one of {100 * (primary.mcid or 0):g} points or more has probability ",
        _first_and_other(after),
        "; before the claim ",
        _first_and_other(before),
        ".",
    )


BESIDE = {"low_average": "of a low average risk"}
"""Prior sets that a claim of no difference is told under beside the primary one, and how they are named."""


def _at(rows: Sequence[EffectRow], primary: EffectRow, prior: str, doubt: str) -> EffectRow | None:
    key = (primary.estimand, prior, doubt)
    return next((row for row in rows if (row.estimand, row.prior, option_in(row.options, "doubt")) == key), None)


def _first_and_other(values: Sequence[Value]) -> Said:
    return say(values[0], " (", values[1], ")") if len(values) > 1 else say(values[0])


def _verdict(item: Outcome, left: float | None) -> str:
    """Say how much a claim of no difference is worth; `left` is the share of the probability of a difference that it leaves."""
    of = {"lower": "of safety", "higher": "against a benefit", "none": "of no difference"}[item.benefit]
    if left is None:
        return f"“No significant difference” alone is no measure {of}."
    return f"“No significant difference” is {'little' if left > _LITTLE else 'some'} evidence {of}."
