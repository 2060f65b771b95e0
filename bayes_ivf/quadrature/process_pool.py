"""Pieces of work shared among processes, since threads of one interpreter wait for each other more than they gain.

A worker is this package in a fresh interpreter. Tasks and answers travel through its standard input and output as JSON and
arrays; nothing of the caller's program is imported there. Whatever goes wrong with a worker, the caller answers by itself.

**Why not** `concurrent.futures.ProcessPoolExecutor`. With the start method "spawn" each worker first runs the caller's main
module again, so that a plain script without ``if __name__ == "__main__":`` starts workers from within workers and ends in a
`BrokenProcessPool`; "fork" copies a process that may hold threads and locks of a sampler. Both send pickles. Here a plain script
works, and nothing is unpickled.

Examples
--------
What travels is arrays and plain values in dataclasses of this package:

>>> import numpy as np
>>> from bayes_ivf.quadrature import Rule
>>> rule, x = unpack(pack((Rule(6, 7), np.array([1.0, 2.5]))))
>>> rule, x
(Rule(outer=6, inner=7), array([1. , 2.5]))
"""

from __future__ import annotations

import atexit
import json
import os
import pkgutil
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

import bayes_ivf
from bayes_ivf.quadrature.questions import Answers, Batch, Questions
from bayes_ivf.quadrature.refinement import chunk_of, refine, split

LARGE = 4
"""Smallest number of chunks for which worker processes are used: a worker takes about half a second to start, once, which smaller
batches do not gain back."""
_ALONE = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # Freed memory is kept for the next array of the same size: a fifth of the time is page faults otherwise.
    **{f"MALLOC_{name}_": str(2**28) for name in ("TOP_PAD", "TRIM_THRESHOLD", "MMAP_THRESHOLD")},
}
"""Environment of a worker: one thread, and memory of its own (glibc; other systems ignore it)."""
_PACKAGE = "bayes_ivf."
_LENGTH = 8
# Bytes of the length that precedes a message.
_PATIENCE = 1.0
# Seconds in which an idle worker has noticed that it is no longer needed.
_PIECES = 3
# Pieces for each worker, so that a slow piece does not keep the others waiting for long.


class Task(Protocol):
    """Something to do elsewhere: a dataclass of this package whose fields, and whose answer, `pack` can write."""

    def work(self) -> Any:
        """Do it."""


@dataclass(frozen=True)
class Refinement:
    """Questions about some problems."""

    problem: Batch
    questions: Questions

    def work(self) -> Answers:
        """Answer them."""
        return refine(self.problem, self.questions)


def evaluate_parallel(problem: Batch, questions: Questions, workers: int | None) -> Answers:
    """Answer the questions for all problems, in several processes if there are many problems.

    Parameters
    ----------
    problem : Batch
    questions : Questions
    workers : int, optional
        Processes; all cores by default. Results do not depend on it.
    """
    count = workers or os.cpu_count() or 1
    groups = problem.groups()
    chunk = max((chunk_of(problem, int(label)) for label in np.unique(groups)), default=problem.chunk)
    if count == 1 or problem.size < LARGE * problem.chunk or not sys.executable:
        return refine(problem, questions)
    chunks = -(-problem.size // (chunk * _PIECES * count))
    # Neighbors of one group fill whole chunks.
    order = np.argsort(groups, kind="stable")
    pieces = split(order, chunks * chunk)
    with ThreadPoolExecutor(count) as threads:
        tasks = (Refinement(problem.take(index), questions.take(index)) for index in pieces)
        parts: list[Answers] = list(threads.map(lambda task: work_apart(task, count), tasks))
    back = np.argsort(order, kind="stable")
    return {key: np.concatenate([part[key] for part in parts])[back] for key in parts[0]}


def work_apart(task: Task, count: int) -> Any:
    """Let one of `count` worker processes do a task; this thread waits for it, or does it where no worker can.

    Parameters
    ----------
    task : Task
    count : int
        Processes that are started as they are needed and kept for the next task. Answers do not depend on it.
    """
    reply = _pool(count).ask(pack(task))
    return task.work() if reply is None else unpack(reply)


def pack(value: Any) -> bytes:
    """Write arrays, plain values, mappings, tuples and this package's dataclasses as bytes.

    Raises
    ------
    TypeError
        If there is anything else in it.
    """
    arrays: list[np.ndarray[Any, Any]] = []

    def tree(part: Any) -> Any:
        if isinstance(part, np.ndarray) and not part.dtype.hasobject:
            arrays.append(part)
            return {"array": len(arrays) - 1}
        if is_dataclass(part) and type(part).__module__.startswith(_PACKAGE):
            kind = f"{type(part).__module__.removeprefix(_PACKAGE)}:{type(part).__qualname__}"
            return {"kind": kind, "fields": {item.name: tree(getattr(part, item.name)) for item in fields(part)}}
        if isinstance(part, Mapping):
            return {"mapping": {name: tree(item) for name, item in part.items()}}
        if isinstance(part, tuple):
            return {"tuple": [tree(item) for item in part]}
        if part is None or isinstance(part, str | bool | int | float):
            return {"value": part}
        raise TypeError(f"a {type(part).__name__} does not travel")

    written = np.frombuffer(json.dumps(tree(value)).encode(), dtype=np.uint8)
    named: dict[str, Any] = {str(i): array for i, array in enumerate(arrays)}
    buffer = BytesIO()
    np.savez(buffer, tree=written, **named)
    return buffer.getvalue()


def unpack(message: bytes) -> Any:
    """Read what `pack` has written."""
    with np.load(BytesIO(message), allow_pickle=False) as arrays:

        def value(tree: Any) -> Any:
            ((kind, part), *_) = tree.items()
            if kind == "array":
                return arrays[str(part)]
            if kind == "kind":
                dataclass = pkgutil.resolve_name(_PACKAGE + part)
                return dataclass(**{name: value(item) for name, item in tree["fields"].items()})
            if kind == "mapping":
                return {name: value(item) for name, item in part.items()}
            return tuple(value(item) for item in part) if kind == "tuple" else part

        return value(json.loads(bytes(arrays["tree"])))


def serve() -> None:
    """Answer what comes through standard input until it is closed."""
    # Ctrl-C is for the process that asks
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while (message := _read(sys.stdin.buffer)) is not None:
        _write(sys.stdout.buffer, pack(unpack(message).work()))


def _write(stream: IO[bytes], message: bytes) -> None:
    stream.write(len(message).to_bytes(_LENGTH, "little"))
    stream.write(message)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    """One message, or None at the end of the stream."""
    head = stream.read(_LENGTH)
    size = int.from_bytes(head, "little")
    message = stream.read(size) if len(head) == _LENGTH else b""
    return message if len(head) == _LENGTH and len(message) == size else None


class WorkerPool:
    """Workers that answer one message each at a time; threads wait for a free one.

    Parameters
    ----------
    count : int
    """

    def __init__(self, count: int) -> None:
        self._free: queue.SimpleQueue[subprocess.Popen[bytes] | None] = queue.SimpleQueue()
        self._started: list[subprocess.Popen[bytes]] = []
        for _ in range(count):
            self._free.put(None)
        atexit.register(self.close)

    def ask(self, message: bytes) -> bytes | None:
        """Send a message to a worker; None if it could not be started or has died."""
        worker, reply = self._free.get(), None
        try:
            if worker is None:
                worker = self._start()
            assert worker.stdin is not None
            assert worker.stdout is not None
            _write(worker.stdin, message)
            reply = _read(worker.stdout)
        except OSError:
            reply = None
        finally:
            if reply is None and worker is not None:
                worker.kill()
            self._free.put(None if reply is None else worker)
        return reply

    def close(self) -> None:
        """End all workers; one that is in the middle of something holds nothing that could be lost."""
        for worker in self._started:
            if worker.stdin is not None and not worker.stdin.closed:
                with suppress(OSError):
                    worker.stdin.close()
        for worker in self._started:
            try:
                worker.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            if worker.stdout is not None:
                worker.stdout.close()
        self._started.clear()

    def _start(self) -> subprocess.Popen[bytes]:
        path = [str(Path(bayes_ivf.__file__).parents[1]), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        worker = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ALONE | {"PYTHONPATH": os.pathsep.join(filter(None, path))},
        )
        self._started.append(worker)
        return worker


_POOLS: dict[int, WorkerPool] = {}
_LOCK = threading.Lock()


def _pool(count: int) -> WorkerPool:
    """Pool of this many workers, started once and kept."""
    with _LOCK:
        if count not in _POOLS:
            _POOLS[count] = WorkerPool(count)
        return _POOLS[count]
