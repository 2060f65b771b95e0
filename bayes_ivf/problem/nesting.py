"""Units that share a woman, where a model counts each by itself."""

from __future__ import annotations

from bayes_ivf.study import ARMS, Outcome, Study

PER_EMBRYO = "Embryos of one woman are taken as independent, which the paper's own totals may contradict."


def taken_as_independent(study: Study, outcome: Outcome) -> str:
    """Say which units of one woman a model of counts takes as independent; empty if each unit is one woman."""
    sizes = [(found.n, study.sizes[arm]) for arm in ARMS if (found := outcome.counts(arm)) is not None]
    more = any(n > women for n, women in sizes)
    if outcome.per == "embryo":
        single = study.max_embryos == 1 or (len(sizes) == len(ARMS) and all(n == women for n, women in sizes))
        return "" if single else PER_EMBRYO
    if not more or outcome.per in ("", "woman"):
        return ""
    unit = outcome.per.replace("_", " ")
    units = (unit[:-1] + "ies" if unit.endswith("y") else f"{unit}s").capitalize()
    return f"{units} of one woman are taken as independent; there are more of them than women."
