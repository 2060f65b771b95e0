"""From a name, an address or an object to an executor."""

from __future__ import annotations

import os
from typing import Any, cast

from bayes_ivf.batches.executors.dask import Dask
from bayes_ivf.batches.executors.local import Threads
from bayes_ivf.batches.executors.processes import Processes
from bayes_ivf.batches.executors.protocol import Executor
from bayes_ivf.errors import Fault, RequestError

NAMES = ("threads", "serial", "processes")
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
        If there is no such executor.
    """
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= MOST):
        raise RequestError(Fault("workers", repr(workers), f"a whole number from 1 to {MOST}", "correct workers"))
    count = workers or os.cpu_count() or 1
    if executor == "threads":
        return Threads(count)
    if executor == "serial":
        return Threads(1)
    if executor == "processes":
        return Processes(count)
    if isinstance(executor, str) and "://" in executor:
        return Dask(executor)
    if hasattr(executor, "get_executor") and hasattr(executor, "nthreads"):
        return Dask(executor)
    if all(hasattr(executor, name) for name in ("submit", "died", "revive", "close", "workers")):
        return cast(Executor, executor)
    raise RequestError(
        Fault(
            "executor",
            repr(executor),
            f"{', '.join(NAMES)}, the address of a Dask scheduler (tcp://...) or a distributed.Client",
            "name one of these",
        )
    )
