"""How many fits the next exact job has: as few as a kill may lose, unless each of them would cost much more so."""

from __future__ import annotations

from dataclasses import dataclass, field

FIRST = 32
"""Fits of the first jobs of a shape."""
SOON = 0.4
"""Seconds of a job below which the next ones are larger, whatever that saves."""
LONG = 1.0
"""Seconds of a job from which the next ones are smaller, so that a kill loses a second or two."""
SAVES = 0.75
"""Seconds per fit of twice the fits, as a part of those before, up to which it is worth while to lose more in a kill."""
WARM_UP = 5.0
"""Seconds up to which a worker's first job tells nothing: it imports what others find there."""
AGAIN = 4
"""Jobs of one size, to which doubling has paid, after which it is tried again: other work may have slowed the one larger job."""


@dataclass
class _Shape:
    """What is known of the fits of one shape: fits of the next job, and the least seconds per fit by fits of a job."""

    size: int
    stays: int = 0
    """Jobs since the size last changed."""
    cost: dict[int, float] = field(default_factory=dict)


class JobSizes:
    """Learns from the seconds that jobs take how large the next ones should be; rows do not depend on it.

    A job has a cost of its own and one per fit, and a busy or slow machine multiplies both. The seconds of a job alone say
    nothing of what a further fit costs; the seconds per fit of half and of twice as many do.

    Parameters
    ----------
    workers : int
        As many jobs come first, one on each worker.
    most : int
        Fits of a job at most.

    Examples
    --------
    >>> sizes = JobSizes(workers=1, most=1024)
    >>> for _ in range(20):  # a job takes 2 s, and each of its fits 1 ms more
    ...     fits = sizes.of("cheap")
    ...     sizes.learn("cheap", fits, 2 + 0.001 * fits)
    >>> sizes.of("cheap")
    1024
    """

    def __init__(self, workers: int, most: int) -> None:
        self._cold, self._most = workers, most
        self._shapes: dict[object, _Shape] = {}

    def of(self, shape: object) -> int:
        """Return how many fits the next job of a shape has."""
        return self._known(shape).size

    def learn(self, shape: object, fits: int, seconds: float) -> None:
        """Take note of a finished job.

        Parameters
        ----------
        shape : hashable
            What its fits have in common.
        fits : int
        seconds : float
            That it took in its worker.
        """
        if self._cold:
            self._cold -= 1
            if seconds < WARM_UP:
                return
        known = self._known(shape)
        # other work on the machine only ever adds
        cost = known.cost[fits] = min(seconds / fits, known.cost.get(fits, float("inf")))
        if fits != known.size:
            return
        half, twice = known.cost.get(fits // 2), known.cost.get(2 * fits)
        known.stays += 1
        paid = half is not None and cost <= SAVES * half
        if twice is None:
            # as long as doubling has paid, or has not been tried where that costs little
            grows = paid or (half is None and seconds <= LONG)
        else:
            grows = twice <= SAVES * cost or (paid and known.stays >= AGAIN)
        if grows or seconds < SOON:
            known.size, known.stays = min(2 * fits, self._most), 0
        elif seconds > LONG and not paid:
            known.size, known.stays = max(fits // 2, 1), 0

    def _known(self, shape: object) -> _Shape:
        return self._shapes.setdefault(shape, _Shape(min(FIRST, self._most)))
