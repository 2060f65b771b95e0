"""Processes that share large batches: the same numbers, whatever happens to them."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_ivf.exact.behrens_fisher import solve_means_reference
from bayes_ivf.exact.claim import solve_claim
from bayes_ivf.exact.counts_beta import solve_beta_arms
from bayes_ivf.exact.counts_logistic import solve_counts
from bayes_ivf.exact.means_with_effect_prior import solve_means
from bayes_ivf.priors.batched import BatchedPrior
from bayes_ivf.quadrature import process_pool

SIZE = 7
RNG = np.random.default_rng(8)
N = RNG.integers(5, 60, (2, SIZE))
EVENTS = RNG.binomial(N, 0.4)
MEANS, SDS = RNG.normal(5, 1, (2, SIZE)), RNG.uniform(0.5, 2, (2, SIZE))
COUNTS = EVENTS[0], N[0], EVENTS[1], N[1]
PRINTED = MEANS[0], SDS[0], N[0], MEANS[1], SDS[1], N[1]


def normal(sigma):
    return BatchedPrior("Normal", {"mu": 0.0, "sigma": sigma})


MAKE = {
    "counts": lambda workers: solve_counts(
        *COUNTS, first=normal(1.5), effect=normal(np.linspace(0.2, 3, SIZE)), workers=workers
    ),
    "beta arms": lambda workers: solve_beta_arms(
        *COUNTS,
        control=BatchedPrior("Beta", {"alpha": 1.0, "beta": 2.0}),
        treatment=BatchedPrior("Beta", {"alpha": 1.0, "beta": np.linspace(1, 4, SIZE)}),
        workers=workers,
    ),
    "claims": lambda workers: solve_claim("lower", N[0], N[1], effect=normal(1.0), doubt=0.25, workers=workers),
    "means": lambda workers: solve_means(*PRINTED, effect=normal(1.0), workers=workers),
    "reference": lambda workers: solve_means_reference(*PRINTED, workers=workers),
}


@pytest.fixture(autouse=True)
def all_batches_are_large(monkeypatch):
    """Pieces of one problem or two, so that the smallest batch is shared."""
    monkeypatch.setattr(process_pool, "LARGE", 0)
    for make in MAKE.values():
        monkeypatch.setattr(type(make(1).problem), "chunk", 2)
        monkeypatch.setattr(type(make(1).problem), "chunks", None, raising=False)
    monkeypatch.setattr(process_pool, "_POOLS", {})
    yield
    for each in process_pool._POOLS.values():
        each.close()


def numbers(posterior):
    name = posterior.estimands[0]
    posterior.prefetch({name: np.array([[-0.1, 0.1]] * SIZE)}, posterior.estimands[:2], evidence=True)
    return {f"{key} {field}": value for key, each in posterior._seen.items() for field, value in each.items()}


@pytest.mark.parametrize("kind", MAKE)
def test_processes_give_the_same_digits(kind):
    alone, shared = numbers(MAKE[kind](1)), numbers(MAKE[kind](2))
    assert len(process_pool._POOLS[2]._started) == 2
    assert set(alone) == set(shared)
    for key, value in alone.items():
        assert np.array_equal(value, shared[key], equal_nan=True), key


@pytest.mark.parametrize("kind", MAKE)
def test_what_travels_arrives_as_it_was(kind):
    problem = MAKE[kind](1).problem
    back = process_pool.unpack(process_pool.pack((problem, "text", 0.1, None, True)))
    assert process_pool.pack(back) == process_pool.pack((problem, "text", 0.1, None, True))
    assert type(back[0]) is type(problem)


@pytest.mark.parametrize("value", [object(), [1], {"a": b"x"}, np.add, (1, lambda: 0), np.array([object()])])
def test_nothing_else_travels(value):
    with pytest.raises(TypeError, match="does not travel"):
        process_pool.pack(value)


def test_a_dead_worker_costs_nothing():
    first = numbers(MAKE["counts"](2))
    for worker in process_pool._POOLS[2]._started:
        worker.kill()
    again = numbers(MAKE["counts"](2))
    assert all(np.array_equal(first[key], again[key], equal_nan=True) for key in first)
    # and is replaced
    assert sum(worker.poll() is None for worker in process_pool._POOLS[2]._started) >= 1


def test_workers_that_cannot_start_cost_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(process_pool.sys, "executable", str(tmp_path / "no python"))
    assert numbers(MAKE["claims"](2)).keys() == numbers(MAKE["claims"](1)).keys()


def test_workers_end_with_their_caller():
    numbers(MAKE["claims"](2))
    workers = list(process_pool._POOLS[2]._started)
    process_pool._POOLS[2].close()
    assert [worker.returncode for worker in workers] == [0] * len(workers)


def test_a_worker_does_not_see_the_caller_s_folder(monkeypatch, tmp_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    numbers(MAKE["claims"](2))
    assert all(worker.poll() is None for worker in process_pool._POOLS[2]._started)
