"""Totals of units nested in women as the outcomes of a study print them, and what they cannot be."""

from __future__ import annotations

from bayes_ivf.embryo import ArmTotals, most_implanted
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study import ARMS, Clusters, Outcome, Study, plural


def totals_of(study: Study, outcome: Outcome) -> tuple[ArmTotals, ArmTotals]:
    """Return women, embryos, pregnant women and implanted embryos of both arms.

    Raises
    ------
    RequestError
        If a total cannot be known from what was printed.
    """
    woman = pregnancies_of(study, outcome)
    totals = []
    faults = []
    for arm in ARMS:
        datum = None if outcome.data is None else outcome.data[arm]
        if isinstance(datum, Clusters):
            totals.append(ArmTotals(datum.women, datum.embryos, datum.pregnant, datum.implanted))
            continue
        embryos = outcome.counts(arm)
        pregnant = None if woman is None else woman.counts(arm)
        if embryos is None or pregnant is None:
            faults.append(_missing(f"{study.id}/{outcome.id}, {arm}", outcome.per, embryos is None))
        else:
            totals.append(ArmTotals(pregnant.n, embryos.n, pregnant.events, embryos.events))
    if faults:
        raise RequestError(faults)
    return totals[0], totals[1]


def _missing(where: str, unit: str, events: bool) -> Fault:
    if unit == "embryo":
        found = "no unique embryo counts" if events else "no unique counts of pregnant women"
        allowed = "implanted/embryos, and pregnant/women of the outcome named in `pregnancies`"
    else:
        found = f"no unique counts of {plural(unit) if events else 'women with at least one event'}"
        allowed = f"events/{plural(unit)}, and women of the outcome named in `women_with_event`"
    return Fault(where, found, allowed, "give the counts in the study file")


def pregnancies_of(study: Study, outcome: Outcome) -> Outcome | None:
    """Return the outcome that counts women with at least one event: the named one; of embryos the only clinical pregnancy too.

    A clinical pregnancy is one by its declared stage; only where no outcome declares it, `cpr` of the index trial's ids is.
    """
    if outcome.pregnancies is not None:
        return study.outcome(outcome.pregnancies)
    if outcome.per != "embryo":
        return None
    women = [item for item in study.items if item.per == "woman" and not item.cumulative]
    declared = [item for item in women if item.stage == "clinical_pregnancy"]
    found = declared or [item for item in women if item.id == "cpr" and item.stage is None]
    return found[0] if len(found) == 1 else None


def what_cannot_be(totals: tuple[ArmTotals, ArmTotals], units: str, most: int, weights: str, where: str) -> list[Fault]:
    """Return what totals of units other than embryos cannot be, in their own words."""
    faults = []
    for arm, each in zip(ARMS, totals, strict=True):
        women, number, having, events = each.women, each.embryos, each.pregnant, each.implanted
        fit = women <= number <= most * women
        limit = most_implanted(each, most, weights) if fit else 0
        if not fit:
            found, allowed = f"{number} {units} of {women} women", f"{women} to {most * women}, at most {most} each"
        elif not having <= events <= limit or having > women:
            found = f"{events} events in {having} of {women} women, who had {number} {units}, at most {most} each"
            allowed = f"{having} to {limit} events"
        else:
            continue
        faults.append(Fault(f"{where}, {arm}", found, allowed, "check the totals, or `most`"))
    return faults
