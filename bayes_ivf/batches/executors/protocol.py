"""What a batch asks of an executor."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from bayes_ivf.batches.part import Part
from bayes_ivf.batches.work import Work


class Executor(Protocol):
    """Runs jobs; results do not depend on which one or how many workers it has."""

    @property
    def workers(self) -> int:
        """Jobs that run at a time."""

    def submit(self, work: Work) -> Future[Part]:
        """Start a job."""

    def died(self, error: BaseException) -> bool:
        """Whether an error means that a worker died, rather than that the job is at fault."""

    def revive(self) -> bool:
        """Make the executor usable again after a worker died; return whether all other jobs that were out are lost too."""

    def close(self, *, cancel: bool) -> None:
        """Let go of the workers; `cancel` drops jobs that have not started."""
