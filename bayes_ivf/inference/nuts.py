"""The only file that knows a sampler: compile once per shape and process, swap data, sample with nutpie."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import nutpie
import pyarrow

from bayes_ivf import defaults
from bayes_ivf.inference.density import compile_model
from bayes_ivf.inference.draws import Draws
from bayes_ivf.problem import Problem
from bayes_ivf.settings import Settings
from bayes_ivf.structures import build_model, model_key, updates


@dataclass(frozen=True)
class Compiled:
    """A model compiled for a shape; its data are swapped for each problem."""

    compiled: Any
    model: Any
    """The ``pm.Model``, whose data the starting points are made from."""
    names: frozenset[str]
    """Data that the log density depends on; the rest is only carried along."""
    seconds: float
    _starting: threading.Lock = field(default_factory=threading.Lock)

    def with_problem(self, problem: Problem) -> Any:
        """Return the compiled model with the data, priors and starting points of a problem.

        nutpie swaps what the log density depends on, while its starting points stay those of the model that was
        compiled first; draws would then depend on what else was sampled in the same process.
        """
        values = {name: np.asarray(value) for name, value in updates(problem).items()}
        shapes = {
            each.name: self.compiled.shared_data[key].shape for each, key in self.compiled.shared_var_keys.items()
        }
        for name, value in values.items():
            if value.shape != shapes.get(name, value.shape):  # machine code would read beyond the array
                raise ValueError(f"{name} of shape {value.shape}, compiled for {shapes[name]}")
        swapped = self.compiled.with_data(**{name: value for name, value in values.items() if name in self.names})
        return replace(swapped, initial_point_func=self._start(values))

    def _start(self, values: Mapping[str, Any]) -> Callable[[Any], Any]:
        data = {self.model[name]: value for name, value in values.items() if name in self.model.named_vars}

        def start(seed: Any) -> Any:
            with self._starting:
                for variable, value in data.items():
                    variable.set_value(value.astype(variable.dtype))
                return self.compiled.initial_point_func(seed)

        return start


_CACHE: dict[tuple[Any, ...], Compiled] = {}
_LOCKS: dict[tuple[Any, ...], threading.Lock] = {}
_GUARD = threading.Lock()


def compile_problem(problem: Problem) -> Compiled:
    """Return the compiled model of a problem's shape, compiling it at the first call in this process.

    Threads that want the same shape wait for one compile; different shapes do not wait for each other.
    """
    key = model_key(problem)
    with _GUARD:
        lock = _LOCKS.setdefault(key, threading.Lock())
    with lock:
        if key not in _CACHE:
            start = time.perf_counter()
            built = build_model(problem)
            compiled = compile_model(built)
            names = frozenset(variable.name for variable in compiled.shared_var_keys)
            _CACHE[key] = Compiled(compiled, built, names, time.perf_counter() - start)
        return _CACHE[key]


def sample(
    problem: Problem,
    settings: Settings,
    *,
    target_accept: float = defaults.TARGET_ACCEPT,
    cores: int | None = None,
) -> Draws:
    """Draw from the posterior of a problem.

    Parameters
    ----------
    problem : Problem
    settings : Settings
        The seed is turned into the problem's own.
    target_accept : float
        Step-size target.
    cores : int, optional
        Chains at a time; does not change the draws.
    """
    model = compile_problem(problem)
    start = time.perf_counter()
    raw = nutpie.sample(
        model.with_problem(problem),
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        seed=problem.seed(settings.seed),
        cores=cores,
        target_accept=target_accept,
        save_warmup=False,
        progress_bar=False,
        return_raw_trace=True,
    )
    draws, stats = raw.get_arrow_trace()
    posterior = _stack(draws, draws[0].column_names, settings.draws)
    return Draws(posterior, _stack(stats, STATS, settings.draws), target_accept, time.perf_counter() - start)


STATS = (
    "depth",
    "diverging",
    "energy",
    "energy_error",
    "logp",
    "maxdepth_reached",
    "mean_tree_accept",
    "n_steps",
    "step_size",
)
"""Sampler statistics that are kept, as nutpie names them."""


def _stack(batches: list[Any], names: Iterable[str], draws: int) -> dict[str, Any]:
    """Stack one Arrow batch per chain into arrays of shape (chain, draw, ...); the last draws are the kept ones."""
    arrays: dict[str, Any] = {}
    for name in names:
        columns = []
        for batch in batches:
            column = batch.column(name)
            shape = (column.field.metadata or {}).get(b"shape", b"")
            sizes = [int(size) for size in shape.decode().split(",") if size]
            kept = pyarrow.array(column.slice(batch.num_rows - draws, draws))
            values = kept.flatten() if sizes else kept
            columns.append(values.to_numpy(zero_copy_only=False).reshape(draws, *sizes))
        arrays[name] = np.stack(columns)
    return arrays
