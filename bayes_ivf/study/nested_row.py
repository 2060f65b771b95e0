"""How many units of an outcome one woman had at most, as its table declares or its unit implies."""

from __future__ import annotations

from collections.abc import Mapping

from bayes_ivf.errors import Fault
from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.data import Clusters, Datum
from bayes_ivf.study.schema import OutcomeTable
from bayes_ivf.study.units import IN_PAIRS, plural


def most_of_one_woman(
    row: OutcomeTable, unit: str, data: Mapping[ArmName, Datum | None], where: str
) -> tuple[int | None, list[Fault]]:
    """Return the most units that one woman had, None where it does not matter or is the study's; and what is wrong.

    Parameters
    ----------
    row : OutcomeTable
    unit : str
        Canonical unit of the denominator.
    data : mapping of arm to datum
    where : str
        Named in errors.
    """
    totals = [each for each in data.values() if isinstance(each, Clusters) and each.unit != "embryo"]
    faults = []
    if row.pregnancies is not None and row.women_with_event is not None:
        found = f"pregnancies = {row.pregnancies!r} and women_with_event = {row.women_with_event!r}"
        faults.append(Fault(where, found, "one of the two, which mean the same", "leave one out"))
    if unit in ("woman", "embryo"):
        if row.most is not None:
            found = f"{row.most} beside per = {unit!r}"
            allowed = "max_embryos of the study" if unit == "embryo" else "a unit of which a woman may have several"
            faults.append(Fault(f"{where}.most", found, allowed, "leave it out, or correct per"))
        return None, faults
    most = row.most or (2 if unit in IN_PAIRS else None)
    needed = max((-(-each.embryos // each.women) for each in totals), default=1)
    if most is None and (totals or row.women_with_event or row.pregnancies):
        allowed = f"how many {plural(unit)} one woman had at most, {needed} or more"
        faults.append(
            Fault(f"{where}.most", "nothing", allowed, f"write most = {max(needed, 2)}, or what the paper says")
        )
    elif most is not None and most < needed:
        shown = next(each for each in totals if -(-each.embryos // each.women) == needed)
        found = f"{most}, with {shown.embryos} {plural(unit)} of {shown.women} women"
        faults.append(Fault(f"{where}.most", found, f"{needed} or more", "correct it, or the totals"))
    return most, faults
