"""Power of the printed comparisons for differences that matter, and for effects known from outside."""

from __future__ import annotations

from collections.abc import Iterator

from bayes_ivf.auditing.external import external_risk, external_smd
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.power import power_of_counts, power_of_means
from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.auditing.units import clustering
from bayes_ivf.study import ARMS, KINDS, Outcome, Size, Study

NAME = "power"
QUESTION = "Could the comparisons have shown a difference that matters?"


def applies_to(study: Study) -> bool:
    """Whether any outcome has an MCID or an external effect, and sizes."""
    return any(True for item in study.items for _ in _answers(study, item))


def run(study: Study) -> tuple[Finding, ...]:
    """Return one finding per outcome with the power for its MCID and its external effect."""
    findings = []
    for item in study.items:
        answers = list(_answers(study, item))
        if not answers:
            continue
        nested = clustering(study, item)
        findings.append(
            Finding(
                study=study.id,
                check=NAME,
                subject=item.id,
                severity="info",
                statement=f"{item.label}: {'; '.join(f'for {effect}, {power}' for effect, power in answers)}.",
                assumption="two-sided test at 0.05; the control arm's risk as printed for counts; the MCID is ours"
                + ("" if nested is None else f"; {nested.units} taken as independent, so power is overstated"),
                evidence="; ".join(f"{effect}: {power}" for effect, power in answers),
                alternatives="another control risk or spread changes these figures; the observed effect is not used, "
                "since power for it only restates P",
            )
        )
    return tuple(findings)


def _answers(study: Study, item: Outcome) -> Iterator[tuple[str, str]]:
    if item.role == "baseline":
        return
    external = study.external.get(item.id, {})
    counts = [arm_counts(item, arm) for arm in ARMS]
    if all(len(candidates) == 1 for candidates in counts):
        a, b = counts[0][0], counts[1][0]
        control = b.events / b.n
        effects = []
        if item.mcid is not None and item.sign and item.mcid < 1:
            risk = control + item.sign * item.mcid
            if not 0 <= risk <= 1:
                # No room on the side of benefit: the same size of difference from the other arm's side.
                risk = control - item.sign * item.mcid
            if 0 <= risk <= 1:
                effects.append((risk, f"the MCID (risk {risk:.3f} against {control:.3f})"))
        outside = external_risk(external, control)
        if outside is not None and outside[0] != control:
            effects.append((outside[0], f"the external {outside[1]}"))
        for risk, name in effects:
            yield name, str(power_of_counts(risk, control, a.n, b.n))
        return
    sizes = _sizes(item)
    if sizes is None:
        return
    smd = external_smd(external)
    for value, name in (
        (item.mcid, "the MCID (standardized difference {:g})"),
        (smd, "the external standardized difference {:g}"),
    ):
        if value is not None and abs(value) < 100 and min(sizes) >= 2:
            yield name.format(value), str(power_of_means(value, *sizes))


def _sizes(item: Outcome) -> tuple[int, int] | None:
    means = arm_means(item)
    if means is not None:
        return means[0].n, means[1].n
    data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    if (
        KINDS[item.kind].mcid == "standardized_mean_difference"
        and isinstance(data[0], Size)
        and isinstance(data[1], Size)
    ):
        return data[0].n, data[1].n
    return None
