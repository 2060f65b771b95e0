"""Every form prints what its likelihood says: simulated prints against the ratio of their likelihoods at two places.

For any statistic g of a print y, the mean of g(y) p(y | there) / p(y | here) over prints made here is that of g over prints made
there. Constants of the likelihood cancel, so that counts, words and rounded numbers are compared alike; neither a simulator nor
a likelihood can be off by itself without moving some g.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import special

import bayes_ivf as bi
from bayes_ivf.embryo import ArmTotals
from bayes_ivf.forms import (
    all_forms,
    claim_counts,
    claim_only,
    counts,
    decoded_counts,
    effect_ci,
    embryo_rows,
    embryo_totals,
    mean_sd,
    nested_counts,
    nested_means,
    p_value,
    quantiles,
    rates,
    statistic_counts,
)
from bayes_ivf.priors import Prior

TRIALS = 4000
COMMON = 0.01
"""Share of trials from which on a print is counted by itself."""
LIMIT = 4.5
"""Standard errors within which all statistics of a form agree; some forty are looked at."""
BROKEN = 6.0


@dataclass(frozen=True)
class Case:
    """A form at two places.

    Parameters
    ----------
    here, there : tuple of float
        Parameters.
    simulate : callable
        From a generator and parameters to `TRIALS` prints, each a tuple of numbers.
    log_likelihood : callable
        From a print and parameters to the log of its probability or density, up to a constant of the print.
    """

    here: tuple[float, ...]
    there: tuple[float, ...]
    simulate: Callable[[np.random.Generator, tuple[float, ...]], list[tuple[float, ...]]]
    log_likelihood: Callable[[tuple[float, ...], tuple[float, ...]], float]


def disagreement(case: Case) -> float:
    """Largest distance of a statistic of weighted prints from the same of prints made there, in standard errors."""
    rng = np.random.default_rng(20261130)
    here, there = (case.simulate(rng, at) for at in (case.here, case.there))
    known = {each: case.log_likelihood(each, case.there) - case.log_likelihood(each, case.here) for each in set(here)}
    weights = np.exp([known[each] for each in here])
    common = [each for each, number in Counter(here + there).items() if number > 2 * COMMON * TRIALS]
    weighted, plain = statistics(here, common) * weights[:, None], statistics(there, common)
    error = np.sqrt((weighted.var(axis=0) + plain.var(axis=0)) / TRIALS)
    return float((np.abs(weighted.mean(axis=0) - plain.mean(axis=0)) / np.maximum(error, 1e-12)).max())


def statistics(prints: list[tuple[float, ...]], common: list[tuple[float, ...]]) -> np.ndarray:
    """One, every number and its square, and whether it is one of the common prints; shape (trial, statistic)."""
    numbers = np.array(prints)
    shares = np.array([[each == one for one in common] for each in prints]).reshape(len(prints), -1)
    return np.column_stack([np.ones(len(prints)), numbers, numbers**2, shares])


N = np.array([7, 5])
N_GROUPS = np.array([6, 5])


def print_counts(rng, at):
    return [tuple(each) for each in counts.simulate(rng, np.tile(special.expit(at), (TRIALS, 1)), N).tolist()]


def counts_likelihood(printed, at):
    return counts.log_likelihood({"events": np.array(printed), "n": N}, logit_risk=np.array(at))


MANY = (150, 130)
"""Units of which a whole percent stands for one number of events or two."""


def print_percentages(rng, at):
    found = [decoded_counts.simulate(rng, special.expit(at), MANY) for _ in range(TRIALS)]
    return [tuple(float(text.rstrip("%")) for text in each) for each in found]


def percentages_likelihood(printed, at):
    """Chance of the print: all counts that print so, with their binomial coefficients."""
    arms = [
        [k for k in range(n + 1) if np.floor(100 * k / n + 0.5) == percent]
        for percent, n in zip(printed, MANY, strict=True)
    ]
    pairs = np.array([(a, b) for a in arms[0] for b in arms[1]])
    factor = np.log(special.binom(np.array(MANY), pairs)).sum(axis=1)
    data = {"events": pairs, "n": np.tile(MANY, (len(pairs), 1)), "log_factor": factor}
    return float(decoded_counts.log_likelihood(data, logit_risk=np.array(at)))


ALIKE = np.array([2, 3])


def print_groups(rng, at):
    drawn = nested_counts.simulate(rng, np.tile(special.expit(at), (TRIALS, 1)), N_GROUPS * ALIKE, ALIKE)
    return [tuple(each) for each in drawn.tolist()]


def groups_likelihood(printed, at):
    data = {"events": np.array(printed), "n": N_GROUPS * ALIKE, "design_effect": ALIKE}
    return nested_counts.log_likelihood(data, logit_risk=np.array(at))


def print_means(rng, at):
    return [tuple(np.concatenate(mean_sd.simulate(rng, at[:2], at[2:], N))) for _ in range(TRIALS)]


def means_likelihood(printed, at):
    data = {"mean": np.array(printed[:2]), "variance": np.array(printed[2:]), "n": N}
    return mean_sd.log_likelihood(data, np.array(at[:2]), np.array(at[2:]))


TIMES = np.array([6.0, 9.0])


def events_over_time(dispersion: float) -> Case:
    variant, given = ("overdispersed", {"dispersion": np.array(dispersion)}) if dispersion > 1 else ("", {})

    def simulate(rng, at):
        expected = np.tile(np.exp(at), (TRIALS, 1))
        return [tuple(each) for each in rates.simulate(rng, expected, TIMES, dispersion).tolist()]

    def log_likelihood(printed, at):
        data = {"events": np.array(printed), "time": TIMES} | given
        return float(rates.log_likelihood(data, np.array(at), variant))

    return Case((-0.7, -0.9), (-0.4, -0.8), simulate, log_likelihood)


RANKS = np.array([2.0, 4.0, 6.0])
"""Of quartiles among seven values: whole numbers, for which the likelihood is exact."""
HALF = 0.5
"""Half a unit of the last digit: prints are rounded so coarsely that quartiles may be alike."""


def print_quantiles(rng, at):
    arms = zip(at[:2], at[2:], strict=True)
    drawn = [[quantiles.simulate(rng, mu, sigma, 7, RANKS) for _ in range(TRIALS)] for mu, sigma in arms]
    return [tuple(each) for each in np.round(np.concatenate(drawn, axis=1)).tolist()]


@cache
def quantiles_data(printed):
    data = {"n": np.array([7, 7]), "rank_treatment": RANKS, "rank_control": RANKS}
    for arm, numbers in (("treatment", printed[:3]), ("control", printed[3:])):
        data |= {f"low_{arm}": np.array(numbers) - HALF, f"high_{arm}": np.array(numbers) + HALF}
    return data


def quantiles_likelihood(printed, at):
    return float(quantiles.log_likelihood(quantiles_data(printed), np.array(at[:2]), np.array(at[2:])))


WORDS = ("lower", "no_difference", "higher")
ALPHA = 0.2


@cache
def words_data(word: str) -> dict[str, Any]:
    study = bi.Study.from_claim(tuple(N), "none" if word == "no_difference" else word, ALPHA)
    return claim_only.arrays(study, study.items[0], {"doubt": "0"})[0]


def print_words(rng, at):
    return [(WORDS.index(claim_only.simulate(rng, at[0], tuple(N), ALPHA)),) for _ in range(TRIALS)]


def words_likelihood(printed, at):
    word = WORDS[int(printed[0])]
    return claim_only.log_likelihood(words_data(word), np.array(at[0]), word)


@cache
def t_data(p: str) -> dict[str, Any]:
    df = int(N.sum()) - 2
    low, high = (p_value.t_of_p(end, df) for end in reversed(p_value.rounded_p(p)))
    return p_value.nodes_of(tuple(N), low, high)


def print_p_values(rng, at):
    found = [p_value.simulate(rng, at[0], tuple(N), 1) for _ in range(TRIALS)]
    # one decimal: a P that prints as 0.0 is a claim and stands apart
    return [(float(direction == "higher"), float(p[2:])) for direction, p, _ in found]


def p_value_likelihood(printed, at):
    side = "higher" if printed[0] else "lower"
    if printed[1] == 0:
        study = bi.Study.from_claim(tuple(N), side, p="P=0.0")
        data, word = claim_only.arrays(study, study.items[0], {"doubt": "0"})
        return claim_only.log_likelihood(data, np.array(at[0]), word)
    return p_value.log_likelihood(t_data(f"P={printed[1]:.1f}"), np.array(at[0]), side)


SE = 0.3


def effects(scale: str, decimals: int) -> Case:
    def simulate(rng, at):
        read = [effect_ci.read(effect_ci.simulate(rng, at[0], SE, scale, decimals)) for _ in range(TRIALS)]
        return [(float(data["estimate"]), float(data["se"])) for data in read]

    def log_likelihood(printed, at):
        data = {"estimate": np.array(printed[0]), "se": np.array(printed[1])}
        return effect_ci.log_likelihood(data, np.array(at[0]), scale)

    return Case((0.3,), (0.6,), simulate, log_likelihood)


UNEVEN = (12, 9)


def print_claims(rng, at):
    risks = special.expit(np.array(at))
    said = [claim_counts.simulate(rng, risks, UNEVEN, 0.2) for _ in range(TRIALS)]
    return [({"higher": 1.0, "none": 0.0, "lower": -1.0}[each],) for each in said]


def claims_likelihood(printed, at):
    bounds = (0.0, 0.2) if printed[0] else (0.2, np.inf)
    data = {"n": np.array(UNEVEN), "bounds": np.array(bounds), "test": 0, "doubt": 0.0, "claimed": 1}
    data["side"] = int(printed[0])
    return claim_counts.log_likelihood(data, logit_risk=np.array(at))


def statistics_of(corrected: bool) -> Case:
    def simulate(rng, at):
        risks = special.expit(np.array(at))
        found = [statistic_counts.simulate(rng, risks, UNEVEN, corrected) for _ in range(TRIALS)]
        signs = {"higher": 1.0, "none": 0.0, "lower": -1.0}
        return [(signs[direction], float(text.rpartition(" ")[2])) for direction, text in found]

    def log_likelihood(printed, at):
        half = 0.005 * (1 + 1e-9)
        data = {"n": np.array(UNEVEN), "p": np.array((0.0, np.inf)), "doubt": 0.0, "claimed": 1}
        data |= {"span": np.array((max(printed[1] - half, 0.0), printed[1] + half)), "test": np.array([int(corrected)])}
        if printed[0]:
            return statistic_counts.log_likelihood(data | {"side": int(printed[0])}, logit_risk=np.array(at))
        # equal shares: all such prints, less those of either direction
        logs = [statistic_counts.log_likelihood(data | {"side": side}, logit_risk=np.array(at)) for side in (0, 1, -1)]
        return float(np.log(np.exp(logs[0]) - np.exp(logs[1]) - np.exp(logs[2])))

    return Case((-0.3, 0.4), (0.2, 0.1), simulate, log_likelihood)


WOMEN = {"women": 3, "embryos": 5, "max_embryos": 3}
"""Two ways of sharing out the embryos."""


def totals(mechanism: str, here: tuple[float, ...], there: tuple[float, ...]) -> Case:
    def simulate(rng, at):
        odds = (np.full(TRIALS, x) for x in at[:2])
        arms = [embryo_totals.simulate(rng, x, *at[2:], **WOMEN, mechanism=mechanism) for x in odds]
        return list(zip(*(number.tolist() for arm in arms for number in arm), strict=True))

    def log_likelihood(printed, at):
        arms = tuple(ArmTotals(WOMEN["women"], WOMEN["embryos"], *printed[place : place + 2]) for place in (0, 2))
        prepared = embryo_totals.prepare_arms(arms, str(WOMEN["max_embryos"]), "equal", mechanism)
        within, loss = np.array(at[2]), np.array(at[3]) if len(at) > 3 else 0.0
        return embryo_totals.log_likelihood(prepared, (np.array(at[0]), np.array(at[1])), within, loss)

    return Case(here, there, simulate, log_likelihood)


RECEIVED = np.array([1, 3, 3])
CELLS = [(m, k) for m in (1, 3) for k in range(m + 1)]
NODES, LOG_WEIGHTS = embryo_rows.intercept_nodes(Prior("HalfNormal", {"sigma": 1.0}), 3)


def print_rows(rng, at):
    return [one_trial(rng, at) for _ in range(TRIALS)]


def one_trial(rng, at):
    told: list[int] = []
    for x in at[:2]:
        woman, implanted = embryo_rows.simulate(rng, x, at[2], RECEIVED)
        found = Counter(zip(RECEIVED.tolist(), np.bincount(woman, implanted).astype(int).tolist(), strict=True))
        told += [found[cell] for cell in CELLS]
    return tuple(told)


def rows_likelihood(printed, at):
    data = {"received": np.array([m for m, _ in CELLS]), "implanted": np.array([k for _, k in CELLS])}
    data |= {"women": np.array(printed).reshape(2, -1), "nodes": NODES, "log_weights": LOG_WEIGHTS}
    return embryo_rows.log_likelihood(data, (np.array(at[0]), np.array(at[1])), np.array(at[2]))


def print_clusters(rng, at):
    """Pairs of wholly alike values, for which the likelihood is exact."""
    return [
        tuple(np.concatenate(nested_means.simulate(rng, at[:2], at[2:], N_GROUPS, 2, 1.0)).tolist())
        for _ in range(TRIALS)
    ]


def clusters_likelihood(printed, at):
    n = 2 * N_GROUPS
    data = {"mean": np.array(printed[:2]), "variance": np.array(printed[2:]) * (n - 1) / (n - 2), "n": N_GROUPS}
    return nested_means.log_likelihood(data | {"df": N_GROUPS - 1}, np.array(at[:2]), np.array(at[2:]))


CASES = {
    "nested_means": Case((5.0, 6.0, 1.5, 1.3), (5.2, 5.8, 1.1, 1.0), print_clusters, clusters_likelihood),
    "nested_counts": Case((-0.3, 0.4), (0.2, 0.1), print_groups, groups_likelihood),
    "counts": Case((-0.3, 0.4), (0.2, 0.1), print_counts, counts_likelihood),
    "decoded_counts": Case((-0.8, -0.6), (-0.65, -0.78), print_percentages, percentages_likelihood),
    "change": Case((5.0, 6.0, 1.5, 1.3), (5.2, 5.8, 1.1, 1.0), print_means, means_likelihood),
    "mean_sd": Case((5.0, 6.0, 1.5, 1.3), (5.2, 5.8, 1.1, 1.0), print_means, means_likelihood),
    "claim_counts": Case((-0.3, 0.4), (0.5, -0.6), print_claims, claims_likelihood),
    "statistic_counts, pearson": statistics_of(corrected=False),
    "statistic_counts, yates": statistics_of(corrected=True),
    "quantiles": Case((5.0, 6.0, 2.5, 2.3), (5.3, 5.8, 2.1, 2.0), print_quantiles, quantiles_likelihood),
    "claim_only": Case((0.2,), (0.9,), print_words, words_likelihood),
    "rates, poisson": events_over_time(1.0),
    "rates, overdispersed": events_over_time(2.5),
    "p_value": Case((0.2,), (0.9,), print_p_values, p_value_likelihood),
    "effect_ci, ratio": effects("odds_ratio", 2),
    "effect_ci, difference": effects("mean_difference", 3),
    "embryo_totals, beta_binomial": totals("beta_binomial", (-0.4, 0.1, 0.3), (0.1, 0.4, 0.4)),
    "embryo_totals, receptivity": totals("receptivity", (0.5, 0.9, 0.6), (0.9, 0.5, 0.5)),
    "embryo_totals, biochemical": totals("biochemical", (-0.4, 0.1, 0.3, 0.2), (0.1, 0.4, 0.4, 0.3)),
    "embryo_rows": Case((-0.3, 0.2, 0.7), (0.0, -0.1, 1.8), print_rows, rows_likelihood),
}
"""By file of the form."""


MIXTURES_OF_ONE_PRINT = ("unknown_spread",)
"""Forms that weigh two readings of one print: which of them a paper uses is a judgment, and no chance of the print."""


def test_every_form_has_a_case():
    known = {name.partition(",")[0] for name in CASES} | set(MIXTURES_OF_ONE_PRINT)
    assert known == {form.file for form in all_forms().values()}


@pytest.mark.parametrize("name", CASES)
def test_prints_are_distributed_as_the_likelihood_says(name):
    assert disagreement(CASES[name]) < LIMIT


@pytest.mark.parametrize("name", CASES)
def test_a_likelihood_that_is_off_is_seen(name):
    case = CASES[name]
    assert disagreement(replace(case, log_likelihood=lambda *given: 2 * case.log_likelihood(*given))) > BROKEN


@pytest.mark.parametrize("name", CASES)
def test_a_simulator_that_is_off_is_seen(name):
    case = CASES[name]

    def moved(at):
        return tuple(value + 0.8 * (place < 2) for place, value in enumerate(at))

    assert disagreement(replace(case, simulate=lambda rng, at: case.simulate(rng, moved(at)))) > BROKEN
