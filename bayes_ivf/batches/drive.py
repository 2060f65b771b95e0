"""Runs jobs through an executor into a store: every result is committed as it comes, and no problem stops the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from pathlib import Path

from bayes_ivf.batches.executors import Executor
from bayes_ivf.batches.grid import JOB_SIZE, Grid, Job, split_jobs
from bayes_ivf.batches.job_sizes import JobSizes
from bayes_ivf.batches.level import retold
from bayes_ivf.batches.part import Part
from bayes_ivf.batches.store import Store
from bayes_ivf.batches.tally import Tally
from bayes_ivf.batches.trees import has_tree, write_tree
from bayes_ivf.batches.work import Work
from bayes_ivf.problem import can_be_sampled

Report = Callable[[Tally], None]
AHEAD = 2
"""Jobs per worker that are handed out at a time."""
LIVES = 2
"""Times that a worker may die of a fit that runs alone before the fit counts as failed."""


class Drive:
    """One pass over the jobs of a grid.

    Parameters
    ----------
    grid : Grid
    store : Store
    executor : Executor
    folder : Path
        For kept draws.
    report : callable
        Called with the tally after every job.
    """

    def __init__(self, grid: Grid, store: Store, executor: Executor, folder: Path, report: Report) -> None:
        self.grid, self.store, self.executor, self.folder, self.report = grid, store, executor, folder, report
        self.queue: deque[Job] = deque()
        self.suspects: deque[Job] = deque()
        """Jobs that were out when a worker died: run one at a time, so that the guilty one is found."""
        self.out: dict[Future[Part], Job] = {}
        self.sizes = JobSizes(executor.workers, JOB_SIZE["exact"])
        self.sampled: set[int] = set()
        """Cells of the exact engine that must be sampled instead."""
        self.alike: dict[bytes, list[int]] = {}
        for place, cell in enumerate(grid.cells):
            self.alike.setdefault(cell.key, []).append(place)
        self.tally = Tally(len(self.alike))

    def run(self) -> Tally:
        """Do everything that is missing; an interruption leaves what was committed."""
        for job in self.grid.jobs():
            self._enqueue(job)
        self.report(self.tally)
        finished = False
        try:
            while self.queue or self.suspects or self.out:
                self._hand_out()
                done, _ = wait(self.out, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(self.out.pop(future, None), future)
                self.report(self.tally)
            finished = True
        finally:
            self.executor.close(cancel=not finished)
            if not finished:
                self._rescue()
        return self.tally

    def _enqueue(self, job: Job) -> None:
        """Queue what is missing of a job; take note of what is kept."""
        missing = []
        for place in job.places:
            found = self.store.find(self._key(job.engine, place))
            if job.engine == "nuts":
                found = self._with_draws(place, found)
            if found is None:
                missing.append(place)
                continue
            part, index = found
            if not self._resample(job.engine, place, part.levels[index]):
                self.tally.kept += 1
                self._judge(part.levels[index])
        if missing:
            self.queue.append(replace(job, places=tuple(missing)))

    def _hand_out(self) -> None:
        if self.suspects and not self.out:
            self._submit(self.suspects.popleft())
        while self.queue and not self.suspects and len(self.out) < AHEAD * self.executor.workers:
            self._submit(self._piece(self.queue.popleft()))

    def _piece(self, job: Job) -> Job:
        """Cut off as much of an exact job as is soon done; the rest stays first in the queue."""
        size = self.sizes.of(self.grid.groups[job.places[0]]) if job.engine == "exact" else len(job.places)
        if len(job.places) > size:
            self.queue.appendleft(replace(job, places=job.places[size:]))
            job = replace(job, places=job.places[:size])
        return job

    def _submit(self, job: Job) -> None:
        problems = tuple(self.grid.problem(place) for place in job.places)
        keys = tuple(self._key(job.engine, place) for place in job.places)
        self.out[self.executor.submit(Work(job.engine, problems, keys, self.grid.recipe))] = job

    def _take(self, job: Job | None, future: Future[Part]) -> None:
        """Commit a result, or find out which fit of the job is at fault."""
        if job is None:
            return
        error = None if future.cancelled() else future.exception()
        if future.cancelled() or (error is not None and self.executor.died(error)):
            self._bury(job)
        elif error is None:
            self._commit(job, future.result())
        elif len(job.places) > 1:
            middle = len(job.places) // 2
            for places in (job.places[middle:], job.places[:middle]):
                self.queue.appendleft(replace(job, places=places))
        else:
            self._fail(job, f"{type(error).__name__}: {' '.join(str(error).split())[:500]}")

    def _bury(self, job: Job) -> None:
        """Try again, one fit at a time, whatever was out when a worker died."""
        lost = [job]
        if self.executor.revive():
            lost += self.out.values()
            self.out.clear()
        for each in lost:
            for place in each.places:
                single = Job(each.engine, (place,), each.deaths + 1)
                if len(each.places) == 1 and each.deaths >= LIVES:
                    self._fail(each, "the worker died each time it ran this fit")
                else:
                    self.suspects.append(single)

    def _commit(self, job: Job, part: Part) -> None:
        if job.engine == "exact":
            self.sizes.learn(self.grid.groups[job.places[0]], len(job.places), part.seconds)
        for index, tree in part.trees.items():
            write_tree(self.folder, self.grid.cells[job.places[index]], self.grid.recipe, tree)
        self.store.add(part)
        again: list[int] = []
        for place, level in zip(job.places, part.levels, strict=True):
            if self._resample(job.engine, place, level, queue=again):
                continue
            self.tally.fitted += 1
            self._judge(level)
        self.queue.extend(split_jobs("nuts", again))

    def _resample(self, engine: str, place: int, level: str, queue: list[int] | None = None) -> bool:
        """Whether an exact answer is too inaccurate to stand under ``auto``; the fit is then sampled."""
        if engine != "exact" or level != "fail" or self.grid.engine != "auto":
            return False
        if not can_be_sampled(self.grid.problem(place)):
            return False
        self.sampled.update(self.alike[self.grid.cells[place].key])
        if queue is None:
            self._enqueue(Job("nuts", (place,)))
        else:
            queue.append(place)
        return True

    def _fail(self, job: Job, reason: str) -> None:
        self.store.put_failure(self._key(job.engine, job.places[0]), "fit", reason)
        self.tally.failed += 1

    def _judge(self, level: str) -> None:
        self.tally.gated += level == "fail"
        self.tally.warned += level == "warn"

    def _key(self, engine: str, place: int) -> bytes:
        cell = self.grid.cells[place]
        return cell.key if cell.engine == engine else self.grid.sampled(place).key

    def _with_draws(self, place: int, found: tuple[Part, int] | None) -> tuple[Part, int] | None:
        """Return a sampled fit if it has what was asked: kept draws, which tell it at another level, too."""
        cell, recipe = self.grid.cells[place], self.grid.recipe
        if found is None and (part := retold(self.store, cell, recipe, self.folder)) is not None:
            self.store.add(part)
            found = part, 0
        return found if found is None or not recipe.keep_draws or has_tree(self.folder, cell, recipe) else None

    def _rescue(self) -> None:
        """After an interruption: commit what the workers still finished."""
        for future, job in self.out.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._commit(job, future.result())
