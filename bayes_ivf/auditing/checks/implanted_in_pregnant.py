"""Whether the implanted embryos fit into the pregnant women if nobody received more than M."""

from __future__ import annotations

from bayes_ivf.auditing.embryos import Allocation, allocate, arm_totals, implantation_outcome
from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.auditing.thresholds import MAX_EMBRYOS
from bayes_ivf.study import ARMS, ArmName, Clusters, Study

NAME = "implanted_in_pregnant"
QUESTION = "Can this many embryos have implanted in this many pregnant women?"

_INNOCENT = (
    "some women may have received more embryos; identical twins from one embryo (monozygotic splitting) count twice; "
    "implantation may have been counted by hCG, so that it includes biochemical pregnancies; a typing error in a total"
)


def applies_to(study: Study) -> bool:
    """Whether women, embryos, pregnancies and implantations are known in an arm."""
    return any(arm_totals(study, arm) for arm in ARMS)


def run(study: Study) -> tuple[Finding, ...]:
    """Return one finding per arm: a certificate, or the M for which there is none."""
    return tuple(_finding(study, arm, readings) for arm in ARMS if (readings := arm_totals(study, arm)))


def _finding(study: Study, arm: ArmName, readings: tuple[Clusters, ...]) -> Finding:
    # Only M that the embryo totals themselves allow say anything about implantations.
    fewest = min(-(-totals.embryos // totals.women) for totals in readings)
    fits = {most: _first(readings, most) for most in range(1, max(MAX_EMBRYOS, study.max_embryos, fewest) + 1)}
    allowed = [most for most in fits if most >= fewest]
    wrong = [most for most in allowed if fits[most] is None]
    least = next((most for most in allowed if fits[most] is not None), fewest)
    if len(readings) > 1 and len(wrong) < len(allowed):
        # With the embryo totals in doubt, a larger M is part of every decoding that fits.
        wrong = []
    shown = readings[0]
    if not wrong:
        shown = next(reading for reading in readings if allocate(reading, least) is not None)
    totals = f"{shown.implanted} implanted embryos in {shown.pregnant} pregnant women ({arm} arm)"
    assumption = (
        "an embryo implants at most once and exactly the women with an implanted embryo are clinically pregnant"
    )
    severity: Severity = "info"
    statement = f"{totals} are possible if women received up to {least} embryos (M = {least})."
    if wrong and all(reading.implanted < reading.pregnant for reading in readings):
        severity, statement = (
            "impossible",
            f"Fewer implanted embryos than pregnant women, {totals}, cannot be if {assumption}.",
        )
    elif wrong:
        severity, limit = "impossible", max(wrong)
        statement = f"{totals} cannot be if no woman received more than {limit} embryos (M = {limit}), {assumption}."
        assumption = f"no woman received more than {limit} embryos; {assumption}"
    if len(readings) > 1:
        assumption += f"; all {len(readings)} decodings of the percentages were tried"
    words = {most: "not possible" if most >= fewest else "too few for the embryos transferred" for most in fits}
    table = "; ".join(f"M = {most}: {'possible' if fit else words[most]}" for most, fit in fits.items())
    example = next((f" An example with M = {most}: {fit}." for most, fit in fits.items() if fit is not None), "")
    return Finding(
        study=study.id,
        check=NAME,
        subject=(implantation_outcome(study) or study.items[0]).id,
        severity=severity,
        statement=statement,
        assumption=assumption,
        evidence=f"{shown} ({arm} arm). {table}.{example}",
        alternatives=_INNOCENT,
        brief=_brief(shown, wrong),
    )


def _brief(totals: Clusters, wrong: list[int]) -> str:
    if not wrong or totals.implanted < totals.pregnant:
        return ""
    most = f"if no woman received more than {max(wrong)}"
    return f"{totals.implanted} implanted embryos in {totals.pregnant} pregnant women, {most}"


def _first(readings: tuple[Clusters, ...], most: int) -> Allocation | None:
    for least in (1, 0):
        for totals in readings:
            fit = allocate(totals, most, least)
            if fit is not None:
                return fit
    return None
