"""A study of one continuous outcome without a file: means with a standard deviation, or what is printed instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.checks import checked_mean_sd, whole
from bayes_ivf.study.data import MeanSD
from bayes_ivf.study.denominators import placed
from bayes_ivf.study.facts import ArmName, Benefit, Direction, Spread
from bayes_ivf.study.mean_interval import bad_mean, read_mean_cell
from bayes_ivf.study.one_outcome import both_arms, claim_of, plain_text, single_outcome, unpack

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study

MEAN_SPREADS: tuple[Spread, ...] = ("sd", "se", "ci95", "half_width", "range", "unknown")


def from_means(
    treatment: Sequence[float | str | Sequence[float | str]],
    control: Sequence[float | str | Sequence[float | str]],
    outcome: str = "mean",
    benefit: Benefit = "none",
    *,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    claim: str | None = None,
    direction: Direction | None = None,
    spread: Spread | None = None,
) -> Study:
    """Make a study of one continuous outcome.

    Parameters
    ----------
    treatment, control : (mean, sd, n)
        Printed mean, sample standard deviation (same unit) and number of women; text keeps trailing zeros. Both ends instead
        of the standard deviation, ``("5.8", ("5.1", "6.5"), 40)``, where `spread` is ``"ci95"`` or ``"range"``.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    mcid : float, optional
        Smallest standardized mean difference that matters, more than 0.
    label : str, optional
    claim, direction : str, optional
        As in `from_counts`.
    spread : {"sd", "se", "ci95", "half_width", "range", "unknown"}, optional
        What the second number is: standard deviation (if left out), standard error, half of a 95% interval; of two ends, the
        95% interval of the mean, or smallest and largest value.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        Unless sd > 0 and n >= 2 in both arms, and the mean lies where its interval or range would have it.

    Examples
    --------
    Text keeps the digits of the print, which the audit reads:

    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_means(("5.81", "0.76", 40), ("7.90", "0.82", 40), outcome="fsh", benefit="lower")
    >>> study.outcomes.control[0]
    '7.90 ± 0.82'

    A mean with its 95% interval:

    >>> study = bi.Study.from_means(("5.8", ("5.1", "6.5"), 40), ("7.9", ("7.0", "8.8"), 40), spread="ci95")
    >>> study.outcomes.treatment[0]
    '5.8 (5.1 to 6.5)'
    """
    faults: list[Fault] = []
    if spread not in (None, *MEAN_SPREADS):
        faults.append(Fault("spread", repr(spread), ", ".join(MEAN_SPREADS), "name one of these"))

    def read(values: object, arm: ArmName) -> MeanSD:
        mean, sd, n = unpack(values, ("mean", "sd", "n"), arm)
        if isinstance(sd, tuple | list):
            return _with_ends(mean, sd, n, spread, arm)
        return checked_mean_sd(plain_text(mean), plain_text(sd), n, arm)

    data = both_arms(treatment, control, read, faults)
    sizes = {arm: datum.n for arm, datum in data.items()}
    if spread == "range" and all(datum.limits for datum in data.values()):
        spread = "half_range"
    said = claim_of(claim, direction)
    return single_outcome(study, outcome, "mean_sd", benefit, data, sizes, mcid, label, claim=said, spread=spread)


def _with_ends(mean: object, ends: Sequence[object], n: object, spread: Spread | None, where: str) -> MeanSD:
    """Return a printed mean with its 95% interval or its range, or raise a StudyError."""
    low, high = (plain_text(end) for end in unpack(ends, ("low", "high"), f"{where}, sd"))
    text = f"{plain_text(mean)} ({low} to {high})"
    with placed(where):
        cell = read_mean_cell(text, spread)
    if cell.limits is None or spread not in ("ci95", "range"):
        raise StudyError(Fault(where, text, 'spread = "ci95" or "range"', "say what both ends are"))
    wrong = bad_mean(cell, text, "treatment", "this outcome")
    if wrong is not None or not cell.sd.decimal > 0:
        why = "they have no width" if wrong is None else wrong.alternatives
        raise StudyError(
            Fault(where, text, "low < high, and the mean where they have it", f"copy the numbers again: {why}")
        )
    if (women := whole(n) or 0) < 2:
        raise StudyError(Fault(f"{where}, n", repr(n), "a whole number of at least 2", "correct n"))
    return MeanSD(cell.mean, cell.sd, women, cell.limits)
