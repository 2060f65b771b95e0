"""Units that share a woman, where a model counts each by itself."""

from __future__ import annotations

from bayes_ivf.study import ARMS, Outcome, Study, plural

PER_EMBRYO = "Embryos of one woman are taken as independent, which the paper's own totals may contradict."

OF_CLUSTER = (
    "Clusters were randomized, and women of one cluster are taken as independent, since no intraclass correlation is stated "
    "(icc): the interval is too narrow by the root of the design effect."
)


def taken_as_independent(study: Study, outcome: Outcome) -> str:
    """Say which units of one woman a model of counts takes as independent; empty if each is one woman, or how alike is stated."""
    if outcome.icc is not None:
        return ""
    sizes = [(found.n, study.sizes[arm]) for arm in ARMS if (found := outcome.counts(arm)) is not None]
    more = any(n > women for n, women in sizes)
    if outcome.per == "embryo":
        single = study.max_embryos == 1 or (len(sizes) == len(ARMS) and all(n == women for n, women in sizes))
        return "" if single else PER_EMBRYO
    if not more and study.clusters:
        return OF_CLUSTER
    if not more or outcome.per in ("", "woman"):
        return ""
    return (
        f"{plural(outcome.per).capitalize()} of one woman are taken as independent; there are more of them than women."
    )
