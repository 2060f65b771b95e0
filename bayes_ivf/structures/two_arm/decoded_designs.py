"""The design of percentages that stand for several counts, weighed by how probable each makes the print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf import defaults
from bayes_ivf.calibration import Design, Simulated, draw_truth
from bayes_ivf.cards import Card
from bayes_ivf.forms import decoded_counts
from bayes_ivf.problem import Problem, array, build_problem
from bayes_ivf.structures.arms import arm_log_odds
from bayes_ivf.study import ARMS, Counts, Percent, Printed, Study

Array = npt.NDArray[np.float64]

WOMEN = (150, 150)
"""So many that a whole percent is one count or two, and no count lies halfway between two percents."""


def percentages(card: Card) -> Design:
    """Return the design of whole percents of many women.

    Equal weights, the default of the form, are a judgment and no probability of the print, so that only ``evidence`` has ranks
    that must be uniform.
    """
    data = {arm: _printed(text, n) for arm, text, n in zip(ARMS, ("33%", "27%"), WOMEN, strict=True)}
    study = Study.from_counts((50, WOMEN[0]), (40, WOMEN[1]))
    study = replace(study, items=(replace(study.items[0], kind="percent", data=data),))
    base = build_problem(study, "events", card, defaults.PRIMARY_PRIOR, {"decodings": "evidence"})
    return Design(
        f"{card.id}-percent-evidence",
        f"whole percents of {WOMEN[0]} and {WOMEN[1]} women, each of one count or two",
        partial(_simulate_percentages, base),
        _percentages_log_likelihood,
        base,
    )


def _simulate_percentages(base: Problem, rng: np.random.Generator) -> Simulated:
    truth = draw_truth(base, rng)
    texts = decoded_counts.simulate(rng, special.expit(_log_odds(base, truth))[0, 0], WOMEN)
    pairs = list(product(*(_printed(text, n).candidates for text, n in zip(texts, WOMEN, strict=True))))
    data = {
        "events": array([[arm.events for arm in pair] for pair in pairs], np.int64),
        "n": array([[arm.n for arm in pair] for pair in pairs], np.int64),
        "weight": array(np.full(len(pairs), 1 / len(pairs)), np.float64),
    }
    return Simulated(truth, replace(base, data=data))


def _printed(text: str, n: int) -> Percent:
    """Return a percentage with every count that prints so."""
    fit = [events for events in range(n + 1) if decoded_counts.as_percent(events, n) == text]
    return Percent(Printed(text), tuple(Counts(events, n) for events in fit), (n, n))


def _percentages_log_likelihood(problem: Problem, posterior: Mapping[str, Array]) -> Array:
    """Log probability of the printed percentages, up to a constant."""
    data = dict(problem.data) | decoded_counts.derived(problem)
    return decoded_counts.log_likelihood(data, logit_risk=_log_odds(problem, posterior))


def _log_odds(problem: Problem, posterior: Mapping[str, Array]) -> Array:
    return np.stack(arm_log_odds(problem, posterior), axis=-1)
