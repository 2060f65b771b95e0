"""How far a batch is: counts, rate and remaining time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts of distinct fits.

    Parameters
    ----------
    total : int
        Fits that the grid needs.
    kept : int
        Of them, those that an earlier run left.
    fitted, failed, gated, warned : int
        Fits done now, fits without a result, and fits with a failed gate or a warning.
    """

    total: int
    kept: int = 0
    fitted: int = 0
    failed: int = 0
    gated: int = 0
    warned: int = 0
    started: float = field(default_factory=time.perf_counter)

    @property
    def done(self) -> int:
        """Fits that need no more work."""
        return self.kept + self.fitted + self.failed

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self.started

    @property
    def rate(self) -> float:
        """Fits per second of this run."""
        return (self.fitted + self.failed) / max(self.seconds, 1e-9)

    @property
    def remaining(self) -> float:
        """Seconds that the rest takes at this rate; infinite before the first fit."""
        left = self.total - self.done
        return 0.0 if not left else left / self.rate if self.rate else float("inf")

    def __str__(self) -> str:
        parts = [f"{self.rate:.1f} fits/s"]
        if self.kept:
            parts.append(f"{self.kept} kept")
        parts += [f"{count} {name}" for count, name in ((self.failed, "failed"), (self.gated, "gated")) if count]
        if self.done < self.total and self.rate:
            minutes, seconds = divmod(round(self.remaining), 60)
            parts.append(f"{minutes}:{seconds:02d} left")
        return ", ".join(parts)
