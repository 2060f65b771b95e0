"""Problems over every structure, form of data, family of priors, option and edge: four hundred, and printed effects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from typing import Any

from tests.mutations.problems import EFFECTS, LARGE, OF_PRINTS, OTHER, SIGMAS, SMALL, make_problems, normal

TABLES = (
    ((16, 40), (12, 40)), ((12, 40), (16, 40)), ((0, 25), (4, 31)), ((0, 10), (0, 12)), ((9, 9), (5, 8)), ((7, 7), (6, 6)),
    ((1, 1), (0, 1)), ((1, 1), (87, 100)), ((3, 4), (1, 5)), ((43, 98), (28, 106)), ((150, 1200), (118, 1180)),
    ((5, 5000), (15, 5000)), ((0, 12), (900, 30000)), ((50000, 100000), (49000, 100000)), ((0, 100000), (200, 400)),
    ((99990, 100000), (99950, 100000)),
)  # fmt: skip
SETS = (
    "weakly_informative", "reference", "beta_uniform", "beta_jeffreys", "cochrane_fertility", "skeptical_strong",
    "skeptical_weak", "optimistic_moderate", "pessimistic_strong",
)  # fmt: skip
OF_MEANS = ("weakly_informative", "reference", "cochrane_fertility", "skeptical_moderate", "optimistic_weak")
MEANS = (
    ((5.1, 1.2, 31), (5.9, 1.6, 28)), ((32.8, 4.1, 40), (33.1, 3.9, 40)), ((5, 1, 2), (5, 1, 2)), ((0.4, 2.5, 20), (0.1, 2.1, 3)),
    ((120.5, 30.2, 200000), (121.1, 31.0, 150000)), ((-3.2, 0.4, 12), (2.8, 0.6, 15)),
)  # fmt: skip
CLAIMS = (((30, 34), 0.05), ((3, 2), 0.05), ((100, 90), 0.001), ((40000, 60000), 0.05), ((40, 40), 1e-12))
INDEX = {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33}
TOTALS = (
    (SMALL, OTHER),
    (INDEX, {"women": 40, "embryos": 84, "pregnant": 12, "implanted": 19}),
    ({"women": 10, "embryos": 20, "pregnant": 0, "implanted": 0}, {"women": 10, "embryos": 21, "pregnant": 4, "implanted": 5}),
    ({"women": 6, "embryos": 11, "pregnant": 6, "implanted": 9}, {"women": 7, "embryos": 14, "pregnant": 3, "implanted": 3}),
    (LARGE, {**LARGE, "implanted": 80}),
)  # fmt: skip
FIRST, WHOLE = 400, 430
"""How many problems come before those of printed effects, and how many there are."""
OF_EFFECTS = "effect, "
"""How problems of printed effects are called."""
PRINTED = {
    "odds ratio": ("odds_ratio", "1.61", {"ci": ("1.03", "2.53")}),
    "odds ratio, se": ("odds_ratio", "0.35", {"se": "0.61"}),
    "odds ratio, narrow": ("odds_ratio", "1.002", {"ci": ("1.001", "1.003")}),
    "odds ratio, wide": ("odds_ratio", "12", {"ci": ("0.6", "240"), "level": 0.9}),
    "risk ratio": ("risk_ratio", "1.20", {"ci": ("0.90", "1.60")}),
    "hazard ratio": ("hazard_ratio", "0.80", {"ci": ("0.64", "1.00")}),
}
"""Measure, estimate and what else was printed."""


def ledger_problems() -> dict[str, Callable[[], Any]]:
    """Return makers of problems by name: those that mutations are tried on, every edge under every prior, effects."""
    mutated = {name: maker for name, maker in make_problems().items() if not name.startswith(OF_PRINTS)}
    found = {name: maker for name, maker in mutated.items() if not name.startswith(OF_EFFECTS)}
    for name, maker in _more():
        assert name not in found, name
        found[name] = maker
    effects = {name: maker for name, maker in mutated.items() if name.startswith(OF_EFFECTS)}
    return dict(list(found.items())[:FIRST]) | effects | dict(_effects())


def _more() -> Iterator[tuple[str, Callable[[], Any]]]:
    from bayes_ivf.cards import load_card
    from bayes_ivf.problem import build_problem
    from bayes_ivf.study import Study, load_study

    cards = {name: load_card(name) for name in ("two_arm", "embryo_cluster", "funnel", "outcomes")}

    def made(study: Any, card: str, prior: Any, outcome: str = "", **options: str) -> Callable[[], Any]:
        return partial(build_problem, study, outcome or study.items[0].id, cards[card], prior, options)

    lei = load_study("lei-2026")
    for place, (treatment, control) in enumerate(TOTALS):
        study = Study.from_clusters(treatment, control, max_embryos=3)
        for mechanism in ("beta_binomial", "receptivity", "biochemical"):
            for prior in ("weakly_informative", "skeptical_strong") if place < 4 else ("weakly_informative",):
                if (place, mechanism) != (4, "biochemical"):
                    yield (
                        f"totals {place}, {mechanism}, {prior}",
                        made(study, "embryo_cluster", prior, mechanism=mechanism),
                    )
        # the most even shares cannot give 33 implanted embryos to 16 women
        for weights in ("multinomial", "least_spread") if place not in (1, 4) else ():
            yield f"totals {place}, {weights}", made(study, "embryo_cluster", "reference", weights=weights)
    for prior in ("weakly_informative", "reference", "skeptical_moderate"):
        yield f"stages, {prior}", made(lei, "funnel", prior, "mcr")
    for pooling in ("partial", "complete"):
        yield f"stages, {pooling}", made(lei, "outcomes", "weakly_informative", "mcr", pooling=pooling)
    families = {item.family: item.id for item in lei.items if item.family and item.family != "pregnancy"}
    for family, item in families.items():
        for pooling in ("partial", "complete"):
            for correlation in ("0", "0.6"):
                yield (
                    f"family {family}, {pooling}, {correlation}",
                    made(lei, "outcomes", "weakly_informative", item, pooling=pooling, correlation=correlation),
                )
    for n, alpha in CLAIMS:
        for direction in ("lower", "higher", "differs", "none"):
            study = Study.from_claim(n, direction, alpha=alpha, benefit="lower")
            yield (
                f"claim {n}, {alpha:g}, {direction}",
                made(study, "two_arm", "weakly_informative" if n[0] < 50 else "skeptical_weak"),
            )
        study = Study.from_claim(n, "lower", alpha=alpha, benefit="lower")
        for doubt in ("0.5", "1"):
            yield f"claim {n}, {alpha:g}, doubt {doubt}", made(study, "two_arm", "weakly_informative", doubt=doubt)
    sigmas, effects = cycle(SIGMAS.items()), cycle(EFFECTS.items())
    for place, (treatment, control) in enumerate(MEANS):
        study = Study.from_means(treatment, control, benefit="lower", mcid=0.2)
        for prior in OF_MEANS:
            for variance in ("separate", "common"):
                yield f"means {place}, {prior}, {variance}", made(study, "two_arm", prior, variance=variance)
        for variance in ("separate", "common"):
            (a, sigma), (b, effect) = next(sigmas), next(effects)
            prior = {"average": normal(5, 4), "effect": effect, "sigma": sigma}
            yield f"means {place}, {a}, {b}, {variance}", made(study, "two_arm", prior, variance=variance)
    for place, (treatment, control) in enumerate(TABLES):
        study = Study.from_counts(treatment, control, benefit="lower" if place % 2 else "higher", mcid=0.05)
        for prior in SETS:
            yield f"counts {place}, {prior}", made(study, "two_arm", prior)
        for name, effect in EFFECTS.items():
            slot = "control" if place % 2 else "average"
            yield f"counts {place}, {slot}, {name}", made(study, "two_arm", {slot: normal(-1, 1.5), "effect": effect})


def _effects() -> Iterator[tuple[str, Callable[[], Any]]]:
    from bayes_ivf.cards import load_card
    from bayes_ivf.problem import build_problem
    from bayes_ivf.study import Study

    card, priors = load_card("two_arm"), {name: {"effect": effect} for name, effect in EFFECTS.items()}
    for place, (name, (measure, estimate, more)) in enumerate(PRINTED.items()):
        study = Study.from_effect(measure, estimate, benefit="lower" if place % 2 else "higher", **more)
        for prior in ("weakly_informative", "skeptical_strong", "optimistic_moderate"):
            yield f"effect, {name}, {prior}", partial(build_problem, study, "effect", card, prior)
    study = Study.from_effect("odds_ratio", "1.61", ci=("1.03", "2.53"), benefit="higher")
    yield "effect, odds ratio, cochrane_fertility", partial(build_problem, study, "effect", card, "cochrane_fertility")
    for name in [name for name in priors if name != "student"]:
        yield f"effect, odds ratio, {name}", partial(build_problem, study, "effect", card, priors[name])
    for measure, scale, numbers in (
        ("risk_difference", 0.1, ("-0.04", ("-0.11", "0.03"))),
        ("mean_difference", 2, ("0.50", ("-0.10", "1.10"))),
    ):
        study = Study.from_effect(
            measure, *numbers, benefit="lower", mcid=0.05 if measure == "risk_difference" else None
        )
        for prior in (normal(0, scale), {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": scale}):
            name = f"effect, {measure.replace('_', ' ')}, {prior['dist']}"
            yield name, partial(build_problem, study, "effect", card, {"effect": prior})
