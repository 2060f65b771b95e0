"""Numbers of a problem by either engine, through the jobs that batches do; sampling is replaced by given points."""

from __future__ import annotations

from typing import Any

import numpy as np

DRAWS, SAMPLED = 40, ("counts", "claim, differs")
"""Points of each of two chains; problems that are really sampled, a few draws each."""


def engines(problem: Any) -> list[str]:
    """Engines that take a problem."""
    from bayes_ivf.inference.run_exact import exact_key
    from bayes_ivf.problem import can_be_sampled

    return (["exact"] if exact_key(problem) is not None else []) + (["nuts"] if can_be_sampled(problem) else [])


def key(problem: Any, engine: str, version: str) -> str:
    """What a kept number is found by: the content of its problem, and the version of its engine."""
    return f"{problem.hash} {version}"


def numbers(problem: Any, engine: str, name: str) -> np.ndarray:
    """Return all numbers that a batch would keep of a problem."""
    from bayes_ivf.batches import work
    from bayes_ivf.batches.cells import Recipe
    from bayes_ivf.settings import Settings

    job = work.Work(engine, (problem,), (b"",), Recipe(Settings(DRAWS, DRAWS, 2, 3)))
    if engine == "exact":
        part = work.exact_part(job, 1)
        return np.concatenate([part.figures.ravel(), part.evidence.ravel(), [len(part.reasons[0])]])
    from bayes_ivf.inference import run_nuts

    more: list[float] = []
    real = run_nuts.sample
    if name not in SAMPLED:
        run_nuts.sample = lambda *given, **settings: _points(*given, more, **settings)
    try:
        part = work.nuts_part(job)
    finally:
        run_nuts.sample = real
    return np.concatenate([part.figures.ravel(), more, [len(part.reasons[0])]])


def _points(problem: Any, settings: Any, more: list[float], *, target_accept: float, cores: int | None) -> Any:
    """Return given points as draws, and add their log densities to `more`."""
    from bayes_ivf.inference.draws import Draws
    from bayes_ivf.structures import build_model

    model = build_model(problem)
    names = [variable.name for variable in model.unobserved_RVs]
    outs = [*model.replace_rvs_by_values(model.unobserved_RVs), model.logp(sum=True)]
    function = model.compile_fn(outs, mode="FAST_COMPILE", on_unused_input="ignore")
    rng = np.random.default_rng(settings.seed)
    start = model.initial_point(0)
    found = []
    for _ in range(2 * DRAWS):
        point = {each: value + 0.6 * rng.standard_normal(np.shape(value)) for each, value in start.items()}
        found.append(function(point))
    more += [float(each[-1]) for each in found]
    posterior = {}
    for i, each in enumerate(names):
        stacked = np.stack([draw[i] for draw in found])
        posterior[each] = stacked.reshape(2, DRAWS, *stacked.shape[1:])
    stats = {
        "diverging": np.zeros((2, DRAWS), dtype=bool),
        "energy": rng.standard_normal((2, DRAWS)),
        "maxdepth_reached": np.zeros((2, DRAWS), dtype=bool),
    }
    return Draws(posterior, stats, target_accept, 0.0)
