"""Posteriors per second of the exact engine, in vectorized calls, and how cost and memory grow."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

from bayes_ivf.exact.claim import solve_claim
from bayes_ivf.exact.counts_beta import solve_beta_arms
from bayes_ivf.exact.counts_logistic import solve_counts
from bayes_ivf.priors.batched import BatchedPrior

RISK, LOG_ODDS = "risk_difference", "log_odds_ratio"


def arms(size, seed=0):
    rng = np.random.default_rng(seed)
    n = rng.integers(10, 300, (2, size))
    events = rng.binomial(n, rng.uniform(0.05, 0.8, (2, size)))
    return events[0], n[0], events[1], n[1]


def normal(size, sigma, seed=1):
    spread = np.random.default_rng(seed).uniform(0.5, 1.5, size)
    return BatchedPrior("Normal", {"mu": np.zeros(size), "sigma": sigma * spread})


def logistic(size):
    return solve_counts(*arms(size), first=normal(size, 1.5), effect=normal(size, 1.0), coding="average")


def beta(size):
    shapes = np.random.default_rng(2).uniform(0.5, 5, (4, size))
    slots = [BatchedPrior("Beta", {"alpha": shapes[i], "beta": shapes[i + 1]}) for i in (0, 2)]
    return solve_beta_arms(*arms(size), control=slots[0], treatment=slots[1])


def probabilities(posterior):
    posterior.cdf(RISK, np.array([[0.0, 0.05]] * posterior.size))


def full_rows(posterior):
    posterior.prefetch({RISK: np.array([[0.0, 0.05]] * posterior.size)}, posterior.estimands, evidence=True)


def claims(size):
    rng = np.random.default_rng(3)
    n = rng.integers(5, 200, (2, size))
    return solve_claim("lower", n[0], n[1], effect=normal(size, 1.0))


def claim_rows(posterior):
    null = {"standardized_mean_difference": np.zeros(posterior.size)}
    posterior.prefetch(null, posterior.estimands, evidence=True)


@pytest.mark.parametrize(
    ("name", "make", "ask", "size", "least"),
    [
        ("P(benefit), P(> MCID), logistic-normal", logistic, probabilities, 10_000, 5_000),
        ("P(benefit), P(> MCID), Beta arms", beta, probabilities, 50_000, 50_000),
        ("full rows, logistic-normal", logistic, full_rows, 2_000, 800),
        ("full rows, Beta arms", beta, full_rows, 2_000, 800),
        ("claims", claims, claim_rows, 3_000, 1_000),
    ],
)
def test_posteriors_per_second(name, make, ask, size, least, say):
    ask(make(200))
    best = 0.0
    for _ in range(3):
        posterior = make(size)
        start = time.perf_counter()
        ask(posterior)
        best = max(best, size / (time.perf_counter() - start))
    say(f"{name:<42}{best:>9,.0f} per second  (at least {least:,})")
    assert best >= least


GROWTH = """
import resource, sys, time
sys.path.insert(0, {folder!r})
from test_speed_exact import logistic, probabilities, full_rows
ask = {{"probabilities": probabilities, "full rows": full_rows}}[{ask!r}]
ask(logistic(10))
start = time.perf_counter()
ask(logistic({size}))
took = time.perf_counter() - start
from bayes_ivf.quadrature import process_pool
[each.close() for each in process_pool._POOLS.values()]
print(took, *(resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


@pytest.mark.parametrize("ask", ["probabilities", "full rows"])
def test_cost_grows_linearly_and_memory_stays_flat(ask, say, request):
    found = {}
    say(
        f"\n{ask}, logistic-normal\n{'problems':>10}{'seconds':>10}{'per second':>12}{'memory, MB':>12}{'of a worker':>13}"
    )
    for size in (10, 100, 1_000, 10_000):
        script = GROWTH.format(folder=str(request.path.parent), ask=ask, size=size)
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
        elapsed, memory, worker = (float(word) for word in done.stdout.split())
        found[size] = (elapsed, memory)
        say(f"{size:>10,}{elapsed:>10.2f}{size / elapsed:>12,.0f}{memory:>12,.0f}{worker:>13,.0f}")
        assert worker < 400
    assert found[10_000][0] < 20 * found[1_000][0]
    # answers themselves grow: about 100 numbers of 8 bytes for each problem
    assert found[10_000][1] < found[1_000][1] + 150


def test_means_under_a_normal_or_t_prior_need_no_panels(monkeypatch, say):
    """All rows of one printed mean, as a mixture of normal posteriors and on panels, in one run."""
    from bayes_ivf.exact import means_with_effect_prior

    def seconds():
        start = time.process_time()
        for nu in (3.0, 5.0):
            posterior = means_with_effect_prior.solve_means(
                5.81,
                0.76,
                40,
                7.93,
                0.82,
                40,
                effect=BatchedPrior("StudentT", {"nu": nu, "mu": 0.0, "sigma": 1.0}),
                workers=1,
            )
            posterior.prefetch({"mean_difference": np.zeros((1, 1))}, posterior.estimands, evidence=True)
        return time.process_time() - start

    seconds()
    mixture = min(seconds() for _ in range(3))
    monkeypatch.setattr(means_with_effect_prior, "_MIXTURE_RULES", {})
    panels = seconds()
    ratio = panels / mixture
    say(
        f"means with a t prior, all rows: {mixture / 2:.3f} s as a mixture, {panels / 2:.3f} s on panels, ratio {ratio:.0f}"
    )
    assert ratio > 4


def test_many_means_are_solved_together(monkeypatch, say):
    """All rows of 64 printed means on few nodes at once, and one after the other on equidistant ones, in one run."""
    from bayes_ivf.exact import means_with_effect_prior
    from bayes_ivf.exact.means_mixture_solution import MixtureSolution

    rng = np.random.default_rng(5)
    n, mean = rng.integers(20, 400, (2, 64)), rng.normal(5, 0.5, (2, 64))

    def seconds():
        start = time.process_time()
        effect = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})
        posterior = means_with_effect_prior.solve_means(
            mean[0], 1.1, n[0], mean[1], 1.3, n[1], effect=effect, workers=1
        )
        posterior.prefetch({"mean_difference": np.zeros((64, 1))}, posterior.estimands, evidence=True)
        return 1e3 * (time.process_time() - start) / 64

    def one_by_one(given, nodes):
        return tuple(MixtureSolution(given.mixtures(), given.mixtures(null=True), *each) for each in nodes)

    seconds()
    together = min(seconds() for _ in range(3))
    monkeypatch.setattr(means_with_effect_prior, "solve_together", one_by_one)
    before = seconds()
    say(f"means, all rows of a table: {together:.1f} ms together, {before:.1f} ms alone, ratio {before / together:.1f}")
    assert before / together > 4


def test_quantities_are_asked_for_together(monkeypatch, say):
    """All rows of one table of counts, with its quantities side by side and one after the other, in one run."""
    from bayes_ivf.quadrature import Curves

    def seconds():
        start = time.process_time()
        full_rows(logistic(1))
        return time.process_time() - start

    def alone(posterior, names):
        return [Curves(posterior, (name,)) for name in names]

    together, one_by_one = [], []
    for _ in range(30):
        together.append(seconds())
        with monkeypatch.context() as patched:
            patched.setattr(Curves, "of", alone)
            one_by_one.append(seconds())
    # the first of each warms up, and a busy moment of the machine only adds
    found, before = 1e3 * min(together), 1e3 * min(one_by_one)
    say(f"counts, all rows of a table: {found:.0f} ms together, {before:.0f} ms one by one, ratio {before / found:.2f}")
    assert before / found > 1.3
