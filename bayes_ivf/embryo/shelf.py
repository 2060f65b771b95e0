"""How much is held at once: nodes are taken in blocks, and large arrays are kept only while there is room."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

ROOM = 64 * 2**20
"""Bytes of arrays that are kept for what may be asked next."""


def in_blocks(number: int, length: int) -> list[npt.NDArray[np.intp]]:
    """Indices 0..number - 1 in blocks of about equal size, none longer than `length` (or than 1)."""
    return np.array_split(np.arange(number), max(1, -(-number // max(1, length))))


@dataclass(eq=False)
class ArrayCache:
    """Arrays that can be made again, kept while they fit; those of earlier questions are given up first.

    A question walks over the same arrays several times. What does not fit beside its own others is made anew each time: to
    give up its own would make all of them anew.

    Parameters
    ----------
    question : hashable
        What is being asked, set by whoever asks.
    """

    question: Hashable = None
    _held: dict[Hashable, tuple[Any, int, Hashable]] = field(default_factory=dict)

    def get(self, key: Hashable, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        """Return what lies under a key; made, and kept if there is room for its `size` in bytes."""
        if key in self._held:
            value, taken, _ = self._held.pop(key)
        else:
            value = make()
            taken = size(value)
            if not self._clear(taken):
                return value
        self._held[key] = value, taken, self.question
        return value

    def _clear(self, wanted: int) -> bool:
        """Give up what earlier questions asked for, the oldest first, until there is room; False if there is none."""
        free = ROOM - sum(taken for _, taken, _ in self._held.values())
        for key, (_, taken, question) in list(self._held.items()):
            if free >= wanted:
                break
            if question != self.question:
                del self._held[key]
                free += taken
        return free >= wanted
