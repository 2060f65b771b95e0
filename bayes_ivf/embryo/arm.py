"""What is printed of one arm, and whether any distribution of embryos over women can give it.

Of W women who received E embryos in all, at most M each, P became pregnant and S embryos implanted. A pregnant woman has at
least one implanted embryo, every other woman received at least one, so that ``P <= S <= min(M P, E - (W - P))``.

Examples
--------
>>> check_totals(ArmTotals(women=40, embryos=80, pregnant=16, implanted=33), max_embryos=3)
ArmTotals(women=40, embryos=80, pregnant=16, implanted=33)
>>> most_implanted(ArmTotals(women=40, embryos=80, pregnant=16, implanted=33), max_embryos=2)
32
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import SupportsIndex

from bayes_ivf.errors import Fault, RequestError

MECHANISMS = ("beta_binomial", "receptivity", "biochemical")
"""Dependence between embryos of one woman; see `terms.log_pmf`."""
WEIGHTS = ("equal", "multinomial", "least_spread")
"""How the unprinted numbers of embryos per woman are weighted."""


@dataclass(frozen=True)
class ArmTotals:
    """Totals of one arm.

    Parameters
    ----------
    women : int
        Women who received at least one embryo.
    embryos : int
        Embryos transferred.
    pregnant : int
        Women with a clinical pregnancy.
    implanted : int
        Embryos that implanted.
    """

    women: int
    embryos: int
    pregnant: int
    implanted: int


def check_totals(
    totals: ArmTotals,
    max_embryos: int,
    weights: str = "equal",
    mechanism: str = "beta_binomial",
    where: str = "arm",
) -> ArmTotals:
    """Return the totals as whole numbers, or say why they cannot be.

    Parameters
    ----------
    totals : ArmTotals
        As printed.
    max_embryos : int
        M, the most embryos that any woman received.
    weights : {"equal", "multinomial", "least_spread"}
        Weights of the allocations. Under ``least_spread`` only one allocation is considered, so that fewer totals
        are feasible.
    mechanism : {"beta_binomial", "receptivity", "biochemical"}
        Under ``biochemical`` a woman with an implanted embryo need not be clinically pregnant.
    where : str
        Named in errors.

    Returns
    -------
    ArmTotals
        The same numbers, as `int`.

    Raises
    ------
    RequestError
        With every fault found.
    """
    check_options(max_embryos, weights, mechanism, where)
    checked = _whole_numbers(totals, where)
    faults = _ordering_faults(checked, mechanism, where) or _capacity_faults(
        checked, index(max_embryos), weights, mechanism, where
    )
    if faults:
        raise RequestError(faults)
    return checked


def check_options(max_embryos: int, weights: str, mechanism: str, where: str = "arm") -> None:
    """Check M and the names of weights and mechanism.

    Raises
    ------
    RequestError
        If one of them is unknown or out of range.
    """
    faults = [
        Fault(f"{where}.{name}", repr(value), ", ".join(allowed), "choose one of these")
        for name, value, allowed in (("weights", weights, WEIGHTS), ("mechanism", mechanism, MECHANISMS))
        if value not in allowed
    ]
    if isinstance(max_embryos, bool) or not isinstance(max_embryos, SupportsIndex) or index(max_embryos) < 1:
        faults.append(
            Fault(f"{where}.M", repr(max_embryos), "a whole number of at least 1", "give the most embryos per woman")
        )
    if faults:
        raise RequestError(faults)


def most_implanted(totals: ArmTotals, max_embryos: int, weights: str = "equal") -> int:
    """Return the most embryos that can implant in the pregnant women.

    Parameters
    ----------
    totals : ArmTotals
        Of one arm; `implanted` is not used.
    max_embryos : int
        M.
    weights : str
        Under ``least_spread`` all women received as nearly the same number of embryos as possible.
    """
    if weights == "least_spread":
        few, more = divmod(totals.embryos, totals.women)
        return few * totals.pregnant + min(more, totals.pregnant)
    # the other women received at least one embryo each
    return min(max_embryos * totals.pregnant, totals.embryos - (totals.women - totals.pregnant))


def _whole_numbers(totals: ArmTotals, where: str) -> ArmTotals:
    values: dict[str, int] = {}
    faults = []
    for name in ("women", "embryos", "pregnant", "implanted"):
        value = getattr(totals, name)
        least = 1 if name in ("women", "embryos") else 0
        if isinstance(value, bool) or not isinstance(value, SupportsIndex) or index(value) < least:
            allowed = f"a whole number of at least {least}"
            faults.append(Fault(f"{where}.{name}", repr(value), allowed, "give the count as printed"))
        else:
            values[name] = index(value)
    if faults:
        raise RequestError(faults)
    return ArmTotals(**values)


def _ordering_faults(totals: ArmTotals, mechanism: str, where: str) -> list[Fault]:
    women, embryos, pregnant, implanted = totals.women, totals.embryos, totals.pregnant, totals.implanted
    faults = []
    if pregnant > women:
        faults.append(
            Fault(
                f"{where}.pregnant",
                f"{pregnant} pregnant of {women} women",
                f"at most {women}",
                "check whether the denominator counts women",
            )
        )
    if implanted > embryos:
        faults.append(
            Fault(
                f"{where}.implanted",
                f"{implanted} implanted of {embryos} embryos",
                f"at most {embryos}",
                "check whether the denominator counts embryos",
            )
        )
    if embryos < women:
        faults.append(
            Fault(
                f"{where}.embryos",
                f"{embryos} embryos for {women} women",
                f"at least {women}: every woman counted here received one",
                "count only women with a transfer",
            )
        )
    if implanted < pregnant:
        faults.append(
            Fault(
                f"{where}.implanted",
                f"{implanted} implanted embryos in {pregnant} pregnant women",
                f"at least {pregnant}: one for each pregnancy",
                "check whether implantation was counted per embryo",
            )
        )
    if pregnant == 0 and implanted > 0 and mechanism != "biochemical":
        faults.append(
            Fault(
                f"{where}.pregnant",
                f"no pregnant woman, but {implanted} implanted embryos",
                "at least 1, or no implanted embryo",
                "if implantation was counted by hCG, use mechanism = biochemical",
            )
        )
    return faults


def _capacity_faults(totals: ArmTotals, max_embryos: int, weights: str, mechanism: str, where: str) -> list[Fault]:
    women, embryos = totals.women, totals.embryos
    if embryos > max_embryos * women:
        least = -(-embryos // women)
        return [
            Fault(
                f"{where}.M",
                f"{embryos} embryos for {women} women with at most {max_embryos} each",
                f"at most {max_embryos * women} embryos, or M of at least {least}",
                f"raise M to {least} or more, or check the number of women",
            )
        ]
    if mechanism == "biochemical":
        return []
    most = most_implanted(totals, max_embryos, weights)
    if totals.implanted <= most:
        return []
    if weights == "least_spread" and totals.implanted <= most_implanted(totals, max_embryos):
        action = "use weights = equal or multinomial, which let women differ, or mechanism = biochemical"
    else:
        action = "raise M, or use mechanism = biochemical if implantation was counted by hCG"
    return [
        Fault(
            f"{where}.implanted",
            f"{totals.implanted} implanted embryos in {totals.pregnant} pregnant women, with {embryos} embryos "
            f"transferred to {women} women, at most {max_embryos} each, weights = {weights}",
            f"at most {most}: no distribution of the embryos over the women gives more",
            action,
        )
    ]
