"""A Dask cluster: specifications travel, every worker compiles once per shape, and a dead worker's jobs move to another."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from bayes_ivf.batches.part import Part
from bayes_ivf.batches.work import Work, do_work
from bayes_ivf.errors import Fault, RequestError

PATIENCE = 10.0
"""Seconds to wait for a scheduler."""


class Dask:
    """Workers of a Dask scheduler.

    Parameters
    ----------
    scheduler : str or distributed.Client
        Address such as ``tcp://10.0.0.1:8786``, or a client that the caller closes.

    Raises
    ------
    RequestError
        If `distributed` is not installed, or no scheduler answers.
    """

    def __init__(self, scheduler: Any) -> None:
        try:
            import distributed
        except ModuleNotFoundError:
            raise RequestError(
                Fault("--scheduler", "no package distributed", "Dask", "install it: pip install 'bayes-ivf[dask]'")
            ) from None
        self._lost: tuple[type[BaseException], ...] = (distributed.scheduler.KilledWorker,)
        self._owned = isinstance(scheduler, str)
        if self._owned:
            try:
                scheduler = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
            except (OSError, ValueError) as reason:
                raise RequestError(
                    Fault(
                        "--scheduler",
                        f"{scheduler}: {str(reason).splitlines()[0]}",
                        "the address of a running Dask scheduler, such as tcp://10.0.0.1:8786",
                        "start dask scheduler and dask worker, or correct the address",
                    )
                ) from None
        self._client = scheduler
        self._executor = scheduler.get_executor(pure=False)

    @property
    def workers(self) -> int:
        """Threads of all workers that are there now; at least one, so that jobs wait for workers to come."""
        return max(1, int(sum(self._client.nthreads().values())))

    def submit(self, work: Work) -> Future[Part]:
        """Start a job."""
        future: Future[Part] = self._executor.submit(do_work, work)
        return future

    def died(self, error: BaseException) -> bool:
        """Whether the scheduler gave a job up because its workers kept dying."""
        return isinstance(error, self._lost)

    def revive(self) -> bool:
        """Return False: the scheduler looks after its workers, and other jobs go on."""
        return False

    def close(self, *, cancel: bool) -> None:
        """Let go of the cluster, and close the client if it is ours."""
        self._executor.shutdown(wait=not cancel)
        if self._owned:
            self._client.close()
