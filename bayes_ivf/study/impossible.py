"""What was printed, can be read to one meaning and cannot hold: said in neutral words, with innocent explanations."""

from __future__ import annotations

from math import inf

from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.data import Counts
from bayes_ivf.study.decode import cut_off, fewer, nearest
from bayes_ivf.study.facts import Claim, EffectCI, Impossible, Statistic
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.units import plural

_ONE_EACH = "an embryo implants at most once and exactly the women with an implanted embryo are pregnant"
_ONE_EVENT = "each has at most one event, and the women with events are those of whose {units} at least one had it"
_TYPING = "a typing error in one digit"


def outside_percent(arm: ArmName, printed: Printed) -> Impossible:
    """A percentage below 0 or above 100."""
    return Impossible(
        arm,
        printed.text,
        f"{printed} in the {arm} arm lies outside 0% to 100% and is no share of the units if each unit counts once.",
        f"a ratio or a change in percent instead of a share; events counted more than once; {_TYPING}",
        assumption="each unit counts once",
    )


def misfit(arm: ArmName, printed: Printed, low: int, high: int, unit: str, label: str) -> Impossible:
    """A percentage that no whole numbers give."""
    units = plural(unit)
    one = low == high
    which = f"the {low} {units}" if one else f"any number of {units} from {low} to {high}"
    why = f"{printed} for {label} in the {arm} arm is not attainable with {which} if every one of them has a value"
    if one:
        why += f" (nearest: {nearest(printed, low)})"
    sentences = [
        f"if {without(low - pair.n, unit)} no value, {pair} = {100 * pair.events / pair.n:.{printed.decimals + 2}f}%"
        for pair in (fewer(printed, low) if one else ())
    ]
    cut = cut_off(printed, low) if one else None
    if cut is not None:
        sentences.append(f"if the percentage was cut off and not rounded, {cut}")
    found = f"{printed} of {low}" if one else f"{printed} of {low} to {high}"
    other = "; ".join([*sentences, "another denominator", _TYPING])
    return Impossible(arm, found, why + ".", other, assumption="every one of them has a value")


def read_as_cut_off(arm: ArmName, printed: Printed, pair: Counts, unit: str, label: str) -> Impossible:
    """A percentage that was cut off after its last digit."""
    sentences = [
        f"if {without(pair.n - other.n, unit)} no value, {other} = "
        f"{100 * other.events / other.n:.{printed.decimals + 2}f}%"
        for other in fewer(printed, pair.n)
    ]
    return Impossible(
        arm,
        f"{printed} of {pair.n}",
        f"{printed} for {label} in the {arm} arm is read as {pair} = "
        f"{100 * pair.events / pair.n:.{printed.decimals + 2}f}%, cut off and not rounded; rounded, no whole number of "
        f"{pair.n} {plural(unit)} gives it.",
        "; ".join(["percentages may have been cut off throughout", *sentences, _TYPING]),
        "info",
    )


def other_percent(arm: ArmName, pair: Counts, printed: Printed, label: str) -> Impossible:
    """Counts whose own percentage is another than the one printed beside them."""
    value = 100 * pair.events / pair.n
    cut = cut_off(printed, pair.n) == pair
    sentences = [f"{other} would be {printed}" for other in fewer(printed, pair.n) if other.events == pair.events]
    how = "cut off and not rounded" if cut else "not what the counts give"
    return Impossible(
        arm,
        f"{pair} ({printed})",
        f"{pair} for {label} in the {arm} arm is {value:.{max(printed.decimals, 1)}f}%, printed as {printed}: {how}. The "
        "counts are used.",
        "; ".join([*sentences, "a percentage of another denominator", _TYPING]),
        "info" if cut else "caution",
    )


def other_sum(arm: ArmName, pooled: str, total: str, label: str) -> Impossible:
    """Counts printed for several arms together that are not the sum of those printed for each."""
    return Impossible(
        arm,
        pooled,
        f"{pooled} for {label} in the {arm} arm is printed for several arms together, and those of each arm add up to {total}. "
        "What is printed for them together is used.",
        f"women without a value in one of the tables; another population; {_TYPING}",
        "caution",
    )


def events_of_other(arm: ArmName, events: int, n: int, printed: Printed, unit: str, label: str) -> Impossible:
    """A number of events with a percentage that is not its share of the units."""
    pairs = [
        f"{pair} = {100 * pair.events / pair.n:.{printed.decimals + 1}f}%" for pair in _with_events(printed, events, n)
    ]
    return Impossible(
        arm,
        f"{events} ({printed})",
        f"{events} of the {n} {plural(unit)} for {label} in the {arm} arm is {100 * events / n:.{max(printed.decimals, 1)}f}%, "
        f"printed as {printed}; both cannot hold if every one of them has a value.",
        "; ".join([*(f"if some have no value, {pair}" for pair in pairs), "another denominator", _TYPING]),
        assumption="every one of them has a value",
    )


def too_many_events(arm: ArmName, events: int, n: int, label: str) -> Impossible:
    """More events than units."""
    return Impossible(
        arm,
        f"{events}/{n}",
        f"{events} events among {n} for {label} in the {arm} arm cannot be if each unit has at most one event.",
        "numerator and denominator exchanged; events counted more than once, such as twins; another denominator; "
        + _TYPING,
        assumption="each unit has at most one event",
    )


def nobody(arm: ArmName, label: str) -> Impossible:
    """A denominator of nothing."""
    return Impossible(
        arm, "0/0", f"{label} in the {arm} arm has a denominator of 0, so there is no share to compare.",
        "no unit of this arm came so far; a typing error", "info",
    )  # fmt: skip


def spread_below_zero(arm: ArmName, mean: Printed, sd: Printed, label: str) -> Impossible:
    """A standard deviation below 0."""
    assumption = "it is a standard deviation, which is never below 0"
    return Impossible(
        arm,
        f"{mean} ± {sd}",
        f"A spread of {sd} for {label} in the {arm} arm cannot be if {assumption}.",
        f"a change or a difference instead of a spread; {_TYPING}",
        assumption=assumption,
    )


def out_of_order(arm: ArmName, text: str, first: str, second: str, label: str) -> Impossible:
    """Quantiles of which one that must be the smaller is the larger."""
    assumption = "both describe the same women"
    return Impossible(
        arm,
        text,
        f"{text} for {label} in the {arm} arm: the {first} lies above the {second}, which cannot be if {assumption}.",
        f"two numbers exchanged; a missing minus; brackets that hold something else, such as a range or an interval; {_TYPING}",
        assumption=assumption,
    )


def off_its_ends(arm: ArmName, text: str, inside: bool, label: str) -> Impossible:
    """A mean that is not where its interval or range would have it."""
    where = "does not lie in the middle of its interval" if inside else "lies outside its own ends"
    assumption = "the interval was made around the mean, on its own scale" if inside else "both describe the same women"
    return Impossible(
        arm,
        text,
        f"{text} for {label} in the {arm} arm: the mean {where}, which cannot be if {assumption}.",
        f"a median with quartiles or a range; an interval made on the log scale or by resampling; {_TYPING}",
        assumption=assumption,
    )


def no_spread(arm: ArmName, text: str, label: str) -> Impossible:
    """A mean without a spread."""
    return Impossible(
        arm,
        text,
        f"{text} for {label} in the {arm} arm stands without a spread, so that nothing says how far values lie apart; add what "
        "is printed of it (standard deviation, standard error, 95% interval or range), or the P of the comparison as a claim.",
        "the spread stands elsewhere in the paper, in a figure or a supplement",
        "info",
        "the number is a mean",
    )


def other_way(treatment: str, control: str, direction: str, label: str) -> Impossible:
    """Two printed means that lie the other way than the claim says."""
    return Impossible(
        "",
        f"{treatment} vs {control}",
        f"{treatment} vs {control} for {label} is claimed to be {direction}: the printed means lie the other way.",
        f"arms exchanged; a change or a score that counts the other way; {_TYPING}",
        "caution",
        "claim and means speak of the same quantity",
    )


def no_width(arm: ArmName, text: str, label: str) -> Impossible:
    """Quantiles that are all one number."""
    return Impossible(
        arm,
        text,
        f"All numbers of {label} in the {arm} arm are the same, {text}: they do not say how far values lie apart, and "
        "nothing is computed from them.",
        "a quantity that is the same in most women; numbers rounded to whole ones",
        "info",
        "the numbers are copied as the paper prints them",
    )


def totals_contradict(arm: ArmName, text: str, what: str, label: str, unit: str = "embryo") -> Impossible:
    """Totals of units nested in women that contradict each other."""
    of_embryos = unit == "embryo"
    assumption = _ONE_EACH if of_embryos else _ONE_EVENT.format(units=plural(unit))
    other = (
        "implantation counted otherwise than pregnancy, for example by sacs or hearts; identical twins from one embryo"
        if of_embryos
        else "several events in one of them; women counted who had none"
    )
    return Impossible(
        arm,
        text,
        f"The totals of {label} in the {arm} arm cannot hold together: {what}; that is so if {assumption}.",
        f"{other}; a typing error in a total",
        assumption=assumption,
    )


def weeks_and_days(arm: ArmName, mean: Printed, sd: Printed, label: str) -> Impossible:
    """A mean and a spread in weeks and days."""
    return Impossible(
        arm,
        f"{mean} ± {sd}",
        f"{mean} ± {sd} for {label} in the {arm} arm is read as weeks + days: {mean.decimal} ± {sd.decimal} days.",
        "a range or a sum of something else",
        "info",
        "the digit behind the plus sign is a number of days, from 0 to 6",
    )


def without(n: int, unit: str) -> str:
    """Return how many have: ``1 woman has``, ``5 women have``."""
    return f"1 {unit.replace('_', ' ')} has" if n == 1 else f"{n} {plural(unit)} have"


def bad_effect(effect: EffectCI, label: str) -> Impossible | None:
    """A printed effect that contradicts itself; None if it does not."""
    estimate, low, high = effect.bounds if effect.se is None else effect.values
    found = str(effect)
    name = effect.scale.replace("_", " ")
    if low > high:
        why, other = (
            f"has its limits in reverse order, {effect.low} to {effect.high}",
            "the limits exchanged; a missing minus",
        )
    elif not low <= estimate <= high:
        why, other = "lies outside its own interval", "an adjusted estimate beside an unadjusted interval"
    elif effect.ratio and -inf < low < 0:
        why, other = "has a limit below 0, where no ratio can be", "a difference or the logarithm of a ratio"
    elif effect.ratio and low == 0:
        why = f"has a limit printed as {effect.low}, where no ratio can be; rounded, it is above 0"
        other = "a limit too small for the decimals that were printed; no events in one arm; a one-sided interval, whose other "
        other += "limit alone is a number"
    elif effect.ratio and estimate <= 0:
        why, other = "is not above 0, where every ratio is", "a difference or the logarithm of a ratio"
    elif low == high or (estimate in (low, high) and inf in (-low, high)):
        why, other = "has an interval without any width", "limits too close for the decimals that were printed"
    elif effect.scale == "risk_difference" and (-inf < low < -1 or inf > high > 1):
        why, other = "has a limit beyond 100 points", "a risk ratio or a difference of means"
    else:
        return None
    assumption = f"all of it is on the scale of {'an' if name[0] in 'aeiou' else 'a'} {name}"
    return Impossible(
        "", found, f"The printed {name} of {label}, {found}, {why}; it cannot be if {assumption}.",
        f"{other}; {_TYPING}", assumption=assumption,
    )  # fmt: skip


def bad_p(claim: Claim, label: str) -> Impossible:
    """A P that no probability can be."""
    shown = claim.printed or str(claim.p)
    return Impossible(
        "", shown, f"The P printed for {label}, {shown}, is no probability: it cannot be if P lies between 0 and 1.",
        f"the test statistic instead of its P; a missing decimal point; {_TYPING}", assumption="P lies between 0 and 1",
    )  # fmt: skip


def bad_statistic(statistic: Statistic, label: str) -> Impossible:
    """A test statistic that none can be."""
    return Impossible(
        "", statistic.text, f"The statistic printed for {label}, {statistic.text}, cannot be if {statistic.cannot_be}.",
        f"another test than named; a missing decimal point; {_TYPING}", assumption=statistic.cannot_be,
    )  # fmt: skip


def words_for_p(claim: Claim, label: str) -> Impossible:
    """A P that was printed as words."""
    return Impossible(
        "", claim.printed, f'"{claim.printed}" for {label} is read as {claim.p}, if the usual level of 0.05 is meant.',
        "another level than 0.05", "info",
    )  # fmt: skip


def _with_events(printed: Printed, events: int, n: int) -> list[Counts]:
    """Denominators with which a number of events gives a percentage, the nearest to n first."""
    if printed.decimal <= 0:
        return []
    center = int(100 * events / printed.decimal)
    width = 2 + int(center / max(float(printed.decimal), 1e-9) / 10**printed.decimals)
    low, high = printed.interval
    around = range(max(events, center - min(width, 1000)), center + min(width, 1000) + 1)
    fits = [Counts(events, m) for m in around if m > 0 and low * m <= 100 * events <= high * m]
    return sorted(fits, key=lambda pair: abs(pair.n - n))[:4]
