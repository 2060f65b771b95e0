"""From a name, an address or an object to an executor."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from bayes_ivf.batches.executors.dask import Dask
from bayes_ivf.batches.executors.local import Threads
from bayes_ivf.batches.executors.processes import Processes
from bayes_ivf.batches.executors.protocol import Executor
from bayes_ivf.errors import Fault, RequestError

NAMES = ("threads", "serial", "processes")
COUNTED: dict[str, Callable[[int], Executor]] = {"threads": Threads, "processes": Processes}
"""Executors that have as many workers as asked."""
MOST = 4096


def make_executor(executor: Any, workers: int | None) -> Executor:
    """Make an executor.

    Parameters
    ----------
    executor : str or object
        ``threads``, ``serial``, ``processes``, the address of a Dask scheduler, a ``distributed.Client``, or an object with
        the methods of `Executor`.
    workers : int, optional
        All cores by default.

    Raises
    ------
    RequestError
        If there is no such executor, or it has workers of its own.
    """
    return _maker(executor, workers)()


def check_executor(executor: Any, workers: int | None) -> None:
    """Refuse what `make_executor` refuses, without making anything."""
    _maker(executor, workers)


def _maker(executor: Any, workers: int | None) -> Callable[[], Executor]:
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= MOST):
        raise RequestError(Fault("workers", repr(workers), f"a whole number from 1 to {MOST}", "correct workers"))
    if isinstance(executor, str) and executor in COUNTED:
        return partial(COUNTED[executor], workers or os.cpu_count() or 1)
    maker = _own(executor)
    if maker is None:
        allowed = f"{', '.join(NAMES)}, the address of a Dask scheduler (tcp://...) or a distributed.Client"
        raise RequestError(Fault("executor", repr(executor), allowed, "name one of these"))
    if workers is not None:
        found = f"{workers} beside {executor!r}, which has workers of its own"
        raise RequestError(Fault("workers", found, f"workers of {' or '.join(COUNTED)}", "leave out --workers"))
    return maker


def _own(executor: Any) -> Callable[[], Executor] | None:
    """Return what makes an executor that has workers of its own; None if it is none."""
    if isinstance(executor, str) and executor == "serial":
        return partial(Threads, 1)
    if is_address(executor) or (hasattr(executor, "get_executor") and hasattr(executor, "nthreads")):
        return partial(Dask, executor)
    if all(hasattr(executor, name) for name in ("submit", "died", "revive", "close", "workers")):
        return lambda: cast(Executor, executor)
    return None


def is_address(executor: Any) -> bool:
    """Whether something is the address of a Dask scheduler."""
    return isinstance(executor, str) and "://" in executor
