"""A study of one outcome of which medians with quartiles or ranges were printed, without a file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.checks import read_number, whole
from bayes_ivf.study.data import Quantiles
from bayes_ivf.study.facts import ArmName, Benefit, Direction
from bayes_ivf.study.kinds import kind_of
from bayes_ivf.study.one_outcome import both_arms, claim_of, plain_text, single_outcome, unpack
from bayes_ivf.study.quantile_cell import QUANTILE_WORDS

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study

_NAMES = {
    "quartiles": ("median", "q1", "q3"),
    "range": ("median", "low", "high"),
    "quartiles+range": ("median", "q1", "q3", "low", "high"),
}
_FEWEST = 4


def from_quantiles(
    treatment: Sequence[float | str],
    control: Sequence[float | str],
    outcome: str = "median",
    benefit: Benefit = "none",
    *,
    spread: Literal["quartiles", "range", "quartiles+range"] = "quartiles",
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    claim: str | None = None,
    direction: Direction | None = None,
) -> Study:
    """Make a study of one continuous outcome of which medians were printed.

    Parameters
    ----------
    treatment, control : (median, q1, q3, n)
        Printed median, lower and upper quartile (same unit) and number of women; (median, minimum, maximum, n) or
        (median, q1, q3, minimum, maximum, n) if `spread` says so. Text keeps trailing zeros, which tell the rounding.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    spread : {"quartiles", "range", "quartiles+range"}
        What stands beside the median.
    mcid : float, optional
        Smallest standardized mean difference that matters, more than 0.
    label : str, optional
    claim, direction : str, optional
        As in `from_counts`.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        Unless the numbers of each arm are in order and not all the same, and n >= 4.

    Examples
    --------
    Oocytes retrieved, median with quartiles:

    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_quantiles(("5", "3", "8", 62), ("4", "2", "7", 51), outcome="oocytes", benefit="higher")
    >>> study.outcomes.treatment[0]
    '5 (quartiles 3 to 8)'
    """
    if spread not in _NAMES:
        raise StudyError(Fault("spread", repr(spread), ", ".join(_NAMES), "name one of these"))
    data = both_arms(treatment, control, lambda values, arm: _checked(values, _NAMES[spread], arm))
    sizes = {arm: datum.n for arm, datum in data.items()}
    kind = kind_of(data["treatment"])
    return single_outcome(study, outcome, kind, benefit, data, sizes, mcid, label, claim=claim_of(claim, direction))


def _checked(values: Sequence[float | str], names: tuple[str, ...], arm: ArmName) -> Quantiles:
    """Return what was printed for one arm, or raise a StudyError unless it can hold."""
    *numbers, n = unpack(values, (*names, "n"), arm)
    read = {name: read_number(plain_text(value), f"{arm}, {name}") for name, value in zip(names, numbers, strict=True)}
    size = whole(n)
    if size is None or size < _FEWEST:
        raise StudyError(Fault(f"{arm}, n", repr(n), f"a whole number of at least {_FEWEST}", "correct n"))
    datum = Quantiles(size, **read)
    if any(number.percent for number in read.values()):
        raise StudyError(Fault(arm, str(datum), "numbers without a percent sign", "remove the percent sign"))
    ordered = list(datum.numbers.items())
    for (name, number), (other, larger) in pairwise(ordered):
        if number.decimal > larger.decimal:
            found = f"{QUANTILE_WORDS[name]} {number} above {QUANTILE_WORDS[other]} {larger}"
            raise StudyError(Fault(arm, found, "numbers in order", "correct the quantiles"))
    if ordered[0][1].decimal == ordered[-1][1].decimal:
        raise StudyError(Fault(arm, str(datum), "numbers that are not all the same", "correct the quantiles"))
    return datum
