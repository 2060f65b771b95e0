"""Some forty problems that between them use all structures, forms of data, families of priors and both engines."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

SMALL = {"women": 15, "embryos": 30, "pregnant": 6, "implanted": 9}
OTHER = {"women": 15, "embryos": 29, "pregnant": 4, "implanted": 5}
LARGE = {"women": 150, "embryos": 310, "pregnant": 60, "implanted": 95}


def normal(mu: float, sigma: float) -> dict[str, Any]:
    return {"dist": "Normal", "mu": mu, "sigma": sigma}


EFFECTS = {
    "student": {"dist": "StudentT", "nu": 3, "mu": 0.1, "sigma": 0.6},
    "cauchy": {"dist": "Cauchy", "alpha": 0, "beta": 0.5},
    "laplace": {"dist": "Laplace", "mu": 0.1, "b": 0.5},
    "logistic": {"dist": "Logistic", "mu": 0, "s": 0.4},
    "uniform": {"dist": "Uniform", "lower": -2, "upper": 3},
}
SIGMAS = {
    "half_normal": {"dist": "HalfNormal", "sigma": 2},
    "half_t": {"dist": "HalfStudentT", "nu": 3, "sigma": 2},
    "half_cauchy": {"dist": "HalfCauchy", "beta": 2},
    "exponential": {"dist": "Exponential", "lam": 0.5},
    "log_normal": {"dist": "LogNormal", "mu": 0.3, "sigma": 0.6},
    "inverse_gamma": {"dist": "InverseGamma", "alpha": 3, "beta": 4},
    "gamma": {"dist": "Gamma", "alpha": 2, "beta": 1},
}


def make_problems() -> dict[str, Callable[[], Any]]:
    """Return makers of problems by name, of the package as it is imported now."""
    from bayes_ivf.cards import load_card
    from bayes_ivf.problem import build_problem
    from bayes_ivf.study import Study, load_study

    cards = {name: load_card(name) for name in ("two_arm", "embryo_cluster", "funnel", "outcomes", "individual")}
    found: dict[str, Callable[[], Any]] = {}

    def add(
        name: str, study: Any, card: str, prior: Any = "weakly_informative", outcome: str = "", **options: str
    ) -> None:
        found[name] = partial(build_problem, study, outcome or study.items[0].id, cards[card], prior, options)

    counts = Study.from_counts((16, 40), (12, 40), mcid=0.05)
    add("counts", counts, "two_arm")
    add("counts, none", Study.from_counts((0, 25), (4, 31), benefit="lower"), "two_arm")
    add("counts, many", Study.from_counts((900, 30000), (1010, 29000)), "two_arm", "reference")
    add("counts, skeptical", counts, "two_arm", "skeptical_strong")
    add("counts, beta arms", counts, "two_arm", "beta_jeffreys")
    add("counts, beta arms, few", Study.from_counts((2, 9), (0, 7)), "two_arm", "beta_jeffreys")
    for name, effect in EFFECTS.items():
        add(f"counts, control, {name}", counts, "two_arm", {"control": normal(-1, 1.5), "effect": effect})

    means = Study.from_means((5.1, 1.2, 31), (5.9, 1.6, 28), benefit="lower", mcid=0.3)
    add("means", means, "two_arm")
    add("means, common", means, "two_arm", variance="common")
    add("means, arms", means, "two_arm", "reference")
    for name, sigma in SIGMAS.items():
        prior = {"average": normal(5, 2), "effect": EFFECTS["student"], "sigma": sigma}
        add(f"means, {name}", means, "two_arm", prior, variance="common" if name in ("gamma", "half_t") else "separate")
    add("means, cauchy", means, "two_arm", {"effect": EFFECTS["cauchy"]})

    for direction in ("lower", "higher", "differs", "none"):
        add(f"claim, {direction}", Study.from_claim((30, 34), direction, benefit="lower"), "two_arm")
    add("claim, doubt", Study.from_claim((30, 34), "lower", benefit="lower"), "two_arm", doubt="0.25")

    odds = Study.from_effect("odds_ratio", 1.61, ci=(1.03, 2.53), benefit="higher")
    add("effect, odds ratio", odds, "two_arm")
    add("effect, odds ratio, student", odds, "two_arm", {"effect": EFFECTS["student"]})
    difference = Study.from_effect("risk_difference", "5%", ci=("-1%", "11%"), benefit="higher", mcid=0.05)
    add("effect, difference", difference, "two_arm", {"effect": normal(0, 0.1)})

    embryos = Study.from_clusters(SMALL, OTHER, max_embryos=3)
    for mechanism in ("beta_binomial", "receptivity", "biochemical"):
        add(f"embryos, {mechanism}", embryos, "embryo_cluster", mechanism=mechanism)
    for weights in ("multinomial", "least_spread"):
        add(f"embryos, {weights}", embryos, "embryo_cluster", weights=weights)
    add("embryos, many", Study.from_clusters(LARGE, {**LARGE, "implanted": 80}, max_embryos=3), "embryo_cluster")

    lei = load_study("lei-2026")
    add("funnel", lei, "funnel", outcome="mcr")
    add("funnel, receptivity", lei, "funnel", outcome="mcr", mechanism="receptivity")
    add("stages pooled", lei, "outcomes", outcome="mcr")
    families = {item.family: item.id for item in lei.items if item.family and item.family != "pregnancy"}
    for family, item in families.items():
        add(f"pooled, {family}", lei, "outcomes", outcome=item, correlation="0.3")
    add("rows of embryos", _rows(), "individual")
    for name, (study, options) in _other_prints().items():
        add(f"{OF_PRINTS}{name}", study, "two_arm", **options)
    return found


OF_PRINTS = "print, "
"""How problems of other prints are called: the ledger has them in its designs alone."""


def _other_prints() -> dict[str, tuple[Any, dict[str, str]]]:
    """Rates, P values, claims about counts, quantiles, ambiguous percentages, stated correlations, unknown spreads."""
    from dataclasses import replace

    from bayes_ivf.study import Baseline, Counts, MeanSD, Percent, Printed, StatedCorrelation, Study

    def changed(study: Any, **values: Any) -> Any:
        return replace(study, items=(replace(study.items[0], **values),))

    means, half = Study.from_means((5.1, 0.4, 31), (5.9, 0.5, 28)), StatedCorrelation(0.5, 0.5, 0.5)
    eyes = replace(Study.from_counts((16, 60), (12, 62)), sizes={"treatment": 30, "control": 31})
    decoded = Percent(Printed("20%"), (Counts(4, 20), Counts(5, 25)), (18, 26))
    before = {arm: MeanSD(Printed("5.4"), Printed("0.5"), n) for arm, n in (("treatment", 31), ("control", 28))}
    median = Study.from_quantiles(("5.1", "4.2", "6.3", 31), ("5.9", "4.8", "7.1", 28))
    return {
        "rates": (Study.from_rates((12, 300), (20, 310)), {}),
        "rates, overdispersed": (Study.from_rates((2, 30), (0, 31)), {"overdispersion": "2.5"}),
        "P": (Study.from_claim((30, 34), "lower", p="P=0.044"), {}),
        "P, doubt": (Study.from_claim((30, 34), "differs", p="P=0.044"), {"doubt": "0.25"}),
        "claim of counts": (Study.from_claim((30, 34), "none", of="counts"), {}),
        "claim of counts, differs": (Study.from_claim((12, 15), "differs", of="counts"), {"test": "pearson"}),
        "quantiles": (median, {"log_normal": "0"}),
        "quantiles, log": (median, {"log_normal": "1"}),
        "percentages": (
            changed(Study.from_counts((4, 20), (5, 25)), kind="percent", data=dict.fromkeys(before, decoded)),
            {},
        ),
        "two each": (changed(eyes, per="eye", icc=half), {}),
        "unknown spread": (changed(means, spread="unknown"), {}),
        "change": (changed(means, baseline=Baseline(before, half)), {}),
    }


def _rows() -> Any:
    import numpy as np
    import pandas as pd

    from bayes_ivf.study import Study

    rng = np.random.default_rng(5)
    rows = [
        (arm, f"{arm} {i}", int(rng.random() < chance))
        for arm, base in (("treatment", 0.45), ("control", 0.3))
        for i in range(30)
        for chance in [float(np.clip(base + rng.normal(0, 0.2), 0.02, 0.98))]
        for _ in range(rng.integers(1, 4))
    ]
    return Study.from_frame(pd.DataFrame(rows, columns=["arm", "woman", "eir"]), "eir", per="embryo")
