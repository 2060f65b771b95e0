"""Spawned processes: each compiles for itself, so this pays for long batches of the exact engine or of slow models."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor

from bayes_ivf.batches.part import Part
from bayes_ivf.batches.work import Work, do_work


class Processes:
    """Spawned processes, each with one thread.

    Parameters
    ----------
    workers : int
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = self._new()

    def submit(self, work: Work) -> Future[Part]:
        """Start a job."""
        try:
            return self._pool.submit(do_work, work)
        except BrokenExecutor as error:
            failed: Future[Part] = Future()
            failed.set_exception(error)
            return failed

    def died(self, error: BaseException) -> bool:
        """Whether a process ended before its job did."""
        return isinstance(error, BrokenExecutor)

    def revive(self) -> bool:
        """Start new processes; the whole pool is lost with one of them."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new()
        return True

    def close(self, *, cancel: bool) -> None:
        """Wait for what has started, unless cancelled: then it ends by itself."""
        self._pool.shutdown(wait=not cancel, cancel_futures=cancel)

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.workers, multiprocessing.get_context("spawn"), initializer=_quiet)


def _quiet() -> None:
    """Leave Ctrl-C to the process that writes the results, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
