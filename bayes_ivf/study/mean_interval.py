"""A mean with two ends beside it: its 95% interval, or the smallest and the largest value; and a mean alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from bayes_ivf.study import impossible
from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.facts import Impossible, Outcome, Size, Spread
from bayes_ivf.study.forms import MEAN_SD, MeanCell, read_mean
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.scanner import Scanner, decimal_text, refusal
from bayes_ivf.study.schema import OutcomeTable

_Ends = Literal["ci95", "half_range"]
_LABELS: tuple[tuple[str, _Ends], ...] = (
    ("95% confidence interval", "ci95"),
    ("95 % confidence interval", "ci95"),
    ("95% ci", "ci95"),
    ("95 % ci", "ci95"),
    ("95%ci", "ci95"),
    ("min-max", "half_range"),
    ("min to max", "half_range"),
    ("minimum-maximum", "half_range"),
    ("range", "half_range"),
)
"""What two ends are, in lower case."""
_ENDS: dict[str | None, _Ends] = {"ci95": "ci95", "range": "half_range", "half_range": "half_range"}
"""What two ends without a word are, by what the file declares."""
SAME_ENDS: dict[str, tuple[Spread, ...]] = {"half_range": ("range",), "ci95": ("half_width",)}
"""What a file may call two ends, beside their own name."""
_SEPARATORS = ("-", ";", ",", "/")
_CLOSING = {"(": ")", "[": "]"}


def read_mean_cell(text: str, declared: Spread | None) -> MeanCell:
    """Read a mean with its spread, whether that is one number or two ends.

    Parameters
    ----------
    text : str
        As printed: ``"5.8 (5.1 to 6.5)"``, ``"5.8 (95% CI 5.1-6.5)"``, ``"5.8 [range 3.0; 9.1]"``, or as `read_mean` takes it.
    declared : str or None
        What the file says that it is.

    Raises
    ------
    StudyError
        If the text has no single meaning.
    """
    scanner = Scanner(text)
    scanner.word("mean")
    mean, unit = _number(scanner), _unit(scanner)
    if mean is not None and scanner.done:
        return MeanCell(mean, mean, unit, alone=True)
    bracket = scanner.take("(", "[", ",", ";")
    label = _label(scanner)
    scanner.take(":", "=", ",")
    low = _number(scanner)
    apart = bool(scanner.take(*_SEPARATORS) or scanner.word("to", "and"))
    high = _number(scanner) if apart else None
    if label is None:
        scanner.take(",", ";")
        label = _label(scanner)
    closing = _CLOSING.get(bracket, "")
    closed = not closing or bool(scanner.take(closing))
    unit = unit or _unit(scanner)
    if mean is None or low is None or high is None or not (bracket and closed and scanner.done):
        return read_mean(text)
    spread = label or _ENDS.get(declared)
    if spread is None:
        raise refusal(
            text,
            MEAN_SD,
            'say spread = "ci95" if it is the 95% interval of the mean, "range" if it is the smallest and the largest value; '
            'a range or quartiles are no standard deviation: use kind = "quantiles" for a median with quartiles or range',
        )
    half = Printed(format(abs(high.decimal - low.decimal) / Decimal(2), "f"))
    return MeanCell(mean, half, unit, spread, limits=(low, high))


def bare_mean(text: str | None) -> Printed | None:
    """Return the number of a cell that is a mean alone, with or without a unit; None if it is anything else."""
    if text is None:
        return None
    scanner = Scanner(text)
    scanner.word("mean")
    mean = _number(scanner)
    _unit(scanner)
    return mean if mean is not None and scanner.done else None


def known_from_words(row: OutcomeTable) -> tuple[OutcomeTable, dict[ArmName, str], list[Impossible]]:
    """Return a row of two means without spreads as what it is, a claim about means.

    With a P or a test statistic beside them they are known from that: it is data, and the means tell its direction. Without, they
    stay.

    Returns
    -------
    row : OutcomeTable
        Unchanged if it is anything else.
    cells : dict of arm to str
        The means as printed; empty if it is anything else.
    found : list of Impossible
        A claim whose direction the means contradict.
    """
    kind = KINDS[row.kind].in_words or (row.kind if KINDS[row.kind].words else "")
    if not kind or row.claim is None or (row.claim.p is None and row.statistic is None):
        return row, {}, []
    cells = {arm: getattr(row, arm) for arm in ARMS}
    means = {arm: mean for arm, text in cells.items() if (mean := bare_mean(text)) is not None}
    if len(means) < len(ARMS):
        return row, {}, []
    difference = means["treatment"].decimal - means["control"].decimal
    direction = row.claim.direction
    wrong = {"higher": difference < 0, "lower": difference > 0}.get(direction, False)
    found = [impossible.other_way(cells["treatment"], cells["control"], direction, row.label)] if wrong else []
    words = {"kind": kind, "of": row.of or "mean", "spread": None}
    return row.model_copy(update=words | dict.fromkeys(ARMS)), cells, found


def printed_means(outcome: Outcome) -> tuple[Printed, Printed] | None:
    """Return the means of treatment and control where they are all that is printed of the arms; else None."""
    found = [bare_mean(outcome.as_printed.get(arm)) for arm in ARMS]
    known = all(isinstance(datum, Size) for datum in (outcome.data or {}).values())
    treatment, control = found
    return (treatment, control) if known and treatment is not None and control is not None else None


def bad_mean(cell: MeanCell, text: str, arm: ArmName, label: str) -> Impossible | None:
    """Say what a mean with its spread cannot be; None if it can."""
    if cell.alone:
        return impossible.no_spread(arm, text, label)
    if cell.sd.decimal < 0:
        return impossible.spread_below_zero(arm, cell.mean, cell.sd, label)
    if cell.limits is None:
        return None
    low, high = cell.limits
    if low.decimal > high.decimal:
        return impossible.out_of_order(arm, text, "lower end", "upper end", label)
    inside = cell.mean.interval[1] >= low.interval[0] and cell.mean.interval[0] <= high.interval[1]
    middle = [(low.interval[i] + high.interval[i]) / 2 for i in (0, 1)]
    even = middle[0] <= cell.mean.interval[1] and cell.mean.interval[0] <= middle[1]
    if inside and (even or cell.spread != "ci95"):
        return None
    return impossible.off_its_ends(arm, text, inside, label)


def _number(scanner: Scanner) -> Printed | None:
    scanner.skip()
    start = scanner.at
    scanner.take("-", "+")
    found = scanner.number()
    if not found:
        scanner.at = start
        return None
    decimal_text(found, scanner.text)
    return Printed(scanner.text[start : scanner.at].strip())


def _unit(scanner: Scanner) -> str:
    """Take letters, digits and signs of a unit up to a space or bracket; empty if none stands here."""
    scanner.skip()
    start = end = scanner.at
    if _label(scanner):
        scanner.at = start
        return ""
    while end < len(scanner.signs) and (
        scanner.signs[end].isalpha() or (end > start and scanner.signs[end] in "/^·²³⁻¹0123456789")
    ):
        end += 1
    unit = scanner.text[start:end]
    if unit.lower() in ("to", "and"):
        return ""
    scanner.at = end
    return unit


def _label(scanner: Scanner) -> _Ends | None:
    scanner.skip()
    for word, meaning in _LABELS:
        end = scanner.at + len(word)
        if scanner.signs[scanner.at : end].lower() == word and not scanner.signs[end : end + 1].isalpha():
            scanner.at = end
            scanner.take(":", "=", ",")
            return meaning
    return None
