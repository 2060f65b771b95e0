"""Threads of this process: one compile per shape serves all, and quadrature hands large jobs on to processes of its own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from bayes_ivf.batches.part import Part
from bayes_ivf.batches.work import Work, do_work


class Threads:
    """Threads of this process; with one worker, serial.

    Parameters
    ----------
    workers : int
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="bayes-ivf")

    def submit(self, work: Work) -> Future[Part]:
        """Start a job."""
        return self._pool.submit(do_work, work, self.workers)

    def died(self, error: BaseException) -> bool:
        """Return False: a thread does not die alone."""
        return False

    def revive(self) -> bool:
        """Return False: nothing is lost."""
        return False

    def close(self, *, cancel: bool) -> None:
        """Wait for what has started, unless cancelled: then it ends by itself."""
        self._pool.shutdown(wait=not cancel, cancel_futures=cancel)
