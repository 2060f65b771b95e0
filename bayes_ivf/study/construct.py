"""A study without a file: constructors for a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.checks import checked_clusters, checked_counts, finite, whole
from bayes_ivf.study.facts import ARMS, ArmName, Benefit, Counts, Datum, Direction, Size
from bayes_ivf.study.kinds import kind_about
from bayes_ivf.study.one_outcome import (
    both_arms,
    claim_of,
    claim_of_level,
    direction_faults,
    plain_text,
    printed_statistic,
    single_outcome,
    unpack,
)
from bayes_ivf.study.units import IN_PAIRS, near_unit, plural, read_unit

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study


def from_counts(
    treatment: Sequence[int],
    control: Sequence[int],
    outcome: str = "events",
    benefit: Benefit = "higher",
    *,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    claim: str | None = None,
    direction: Direction | None = None,
) -> Study:
    """Make a study of one binary outcome.

    Parameters
    ----------
    treatment, control : (int, int)
        Events and denominator of each arm.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    mcid : float, optional
        Smallest risk difference that matters, more than 0.
    label : str, optional
    claim : str, optional
        The printed P, for example ``"P<0.05"``.
    direction : {"higher", "lower", "differs", "none"}, optional
        What the paper says of treatment against control. Left out, the P alone is the claim: of no difference if it is
        ``P>...`` or at least 0.05, else that the arms differ, without a direction.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        Unless both arms are whole numbers with ``0 <= events <= n`` and ``n >= 1``.

    Examples
    --------
    16 of 40 women against 12 of 40, which the paper calls higher:

    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05", direction="higher")
    >>> study
    Study('study': 40 vs 40 women, 1 outcome)
    >>> study.only_outcome().claim.text
    'higher, P<0.05'
    """

    def read(values: object, arm: ArmName) -> Counts:
        events, n = unpack(values, ("events", "n"), arm)
        return checked_counts(events, n, arm)

    data = both_arms(treatment, control, read)
    sizes = {arm: datum.n for arm, datum in data.items()}
    return single_outcome(study, outcome, "counts", benefit, data, sizes, mcid, label, claim=claim_of(claim, direction))


def from_claim(
    n: Sequence[int],
    direction: Direction | None = None,
    alpha: float = 0.05,
    outcome: str = "claim",
    benefit: Benefit = "none",
    *,
    p: str | None = None,
    statistic: str | None = None,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    of: Literal["counts", "mean"] = "mean",
) -> Study:
    """Make a study of an outcome of which only a claim was printed, an exact P or a test statistic.

    Parameters
    ----------
    n : (int, int)
        Women in the treatment and the control arm.
    direction : {"lower", "higher", "differs", "none"}
        ``"none"`` is the claim of no difference, P > alpha. It may be left out beside `p` or `statistic`, which then say no
        direction.
    alpha : float
        Level of the claim, between 0 and 1; not used beside `p` or `statistic`.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    p : str, optional
        P as printed, ``"P=0.044"``.
    statistic : str, optional
        A test statistic as printed, ``"t(78) = 2.05"``.
    mcid : float, optional
        Smallest difference that matters, more than 0: of standardized means, or of risks (0.05 is 5 points) if `of` is "counts".
    label : str, optional
    of : {"mean", "counts"}
        What the claim is about: an equal-variance t test of means, or a test of counts that were not printed.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        Unless alpha lies in (0, 1), direction and `of` are known, what is printed can be read, and each n is a whole number with
        n1 + n2 > 2.

    Examples
    --------
    "Interleukin 6 was lower (P<0.05)", and nothing else:

    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_claim((40, 40), "lower", outcome="il6", benefit="lower")
    >>> study.only_outcome().claim.p
    'P<0.05'

    An exact P says much more:

    >>> exact = bi.Study.from_claim((40, 40), "lower", p="P=0.044", outcome="il6", benefit="lower")
    >>> [round(float(bi.fit(each, engine="exact").effects().ci_low[0]), 2) for each in (study, exact)]
    [-4.78, -0.87]

    "Adverse reactions did not differ (P>0.05)":

    >>> bi.Study.from_claim((40, 40), "none", outcome="ar", benefit="lower", of="counts").only_outcome().kind
    'claim_counts'
    """
    printed = p is not None or statistic is not None
    faults = [] if printed and direction is None else direction_faults(direction)
    if of not in ("counts", "mean"):
        faults.append(Fault("of", repr(of), "counts, mean", "say what the claim is about"))
    level = finite(alpha)
    if level is None or not 0 < level < 1:
        faults.append(Fault("alpha", repr(alpha), "a number between 0 and 1", "correct the level of the claim"))
    sizes: dict[ArmName, int] = {}
    for arm, number in zip(ARMS, unpack(n, ARMS, "n"), strict=True):
        size = whole(number)
        if size is None or size < 2:
            faults.append(Fault(f"n, {arm}", repr(number), "a whole number of at least 2", "correct n"))
        else:
            sizes[arm] = size
    if faults:
        raise StudyError(faults)
    claim = claim_of(p, direction) if printed else claim_of_level(direction, plain_text(alpha))
    data: dict[ArmName, Datum] = {arm: Size(sizes[arm]) for arm in ARMS}
    kind = (
        "claim_only"
        if not printed or (statistic is None and claim is not None and claim.relation != "=")
        else "p_value"
    )
    return single_outcome(
        study,
        outcome,
        kind_about("claim_only", of) if of == "counts" else kind,
        benefit,
        data,
        sizes,
        mcid,
        label,
        claim=claim,
        statistic=None if statistic is None else printed_statistic(statistic),
    )


def from_clusters(
    treatment: Mapping[str, int],
    control: Mapping[str, int],
    outcome: str = "eir",
    benefit: Benefit = "higher",
    *,
    max_embryos: int = 3,
    per: str = "embryo",
    most: int | None = None,
    mcid: float | None = None,
    study: str = "study",
    label: str | None = None,
    claim: str | None = None,
    direction: Direction | None = None,
) -> Study:
    """Make a study of embryos nested in women, or of other units, from the totals of each arm.

    Parameters
    ----------
    treatment, control : mapping
        ``women``, ``embryos``, ``pregnant``, ``implanted``: whole numbers. Of another unit ``women``, its plural, such as
        ``cycles``, ``with_events`` (women with at least one event) and ``events``.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    max_embryos : int
        The most embryos that one woman received (M).
    per : str
        What women have several of: ``embryo``, ``cycle``, ``transfer``, ``oocyte``, ``eye``, ...
    most : int, optional
        The most of another unit that one woman had; needed unless she can have two at most, as of eyes.
    mcid : float, optional
        Smallest risk difference per embryo (or other unit) that matters, more than 0.
    label : str, optional
    claim, direction : str, optional
        As in `from_counts`.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If a total is missing or no whole number, or the totals contradict each other.

    Examples
    --------
    80 embryos in 40 women an arm; 33 implanted, in 16 women who became pregnant:

    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_clusters(
    ...     treatment={"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33},
    ...     control={"women": 40, "embryos": 80, "pregnant": 12, "implanted": 25},
    ... )
    >>> study.only_outcome().per
    'embryo'

    118 and 121 cycles of 50 women an arm, three at most, with 26 and 20 pregnancies:

    >>> cycles = bi.Study.from_clusters(
    ...     treatment={"women": 50, "cycles": 118, "with_events": 21, "events": 26},
    ...     control={"women": 50, "cycles": 121, "with_events": 17, "events": 20},
    ...     outcome="pregnancy",
    ...     per="cycle",
    ...     most=3,
    ... )
    >>> bi.fit(cycles, engine="exact").problem.model
    'unit_cluster'
    """
    unit, limit = _nested_unit(per, most, max_embryos)
    data = both_arms(treatment, control, lambda values, arm: checked_clusters(values, limit, arm, unit))
    sizes = {arm: datum.women for arm, datum in data.items()}
    printed = claim_of(claim, direction)
    return single_outcome(
        study,
        outcome,
        "counts",
        benefit,
        data,
        sizes,
        mcid,
        label,
        claim=printed,
        per=unit,
        max_embryos=max_embryos,
        most=None if unit == "embryo" else limit,
    )


def _nested_unit(per: str, most: int | None, max_embryos: int) -> tuple[str, int]:
    """Return the canonical name of what women have several of, and how many one had at most."""
    unit = read_unit(per) if isinstance(per, str) else None
    if unit is None or unit == "woman":
        near = near_unit(per) if isinstance(per, str) else ""
        hint = f"did you mean {near!r}? " if near else ""
        raise StudyError(Fault("per", repr(per), "embryo, cycle, transfer, oocyte, eye, ...", f"{hint}name the unit"))
    if unit == "embryo":
        if most is not None:
            raise StudyError(Fault("most", repr(most), "max_embryos, for embryos", "give max_embryos instead"))
        return unit, max_embryos
    limit = whole(2 if most is None and unit in IN_PAIRS else most)
    if limit is None or limit < 1:
        allowed = f"the most {plural(unit)} that one woman had"
        raise StudyError(Fault("most", "nothing" if most is None else repr(most), allowed, "give most"))
    return unit, limit
