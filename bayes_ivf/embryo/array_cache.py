"""Bounded memory: nodes are taken in blocks, and large arrays are kept only while there is room.

Examples
--------
>>> [block.tolist() for block in in_blocks(7, 3)]
[[0, 1, 2], [3, 4], [5, 6]]
>>> cache = ArrayCache(question="median of the risk difference")
>>> cache.get("density", make=lambda: np.ones(3), size=lambda array: array.nbytes)
array([1., 1., 1.])
>>> cache.get("density", make=lambda: "not made again", size=len)
array([1., 1., 1.])
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

CAPACITY = 64 * 2**20
"""Bytes of arrays that are kept: the index trial stays below 400 MB in all, with the libraries."""


def in_blocks(number: int, length: int) -> list[npt.NDArray[np.intp]]:
    """Indices 0..number - 1 in blocks of about equal size, none longer than `length` (or than 1)."""
    return np.array_split(np.arange(number), max(1, -(-number // max(1, length))))


@dataclass(eq=False)
class ArrayCache:
    """Arrays that can be made again, kept while they fit; those of earlier questions are given up first.

    A question walks over the same arrays several times. What does not fit beside the question's other arrays is made anew
    each time: to give up one of those instead would make all of them anew, as a cache of the least recently used does.

    Parameters
    ----------
    question : hashable
        What is being asked, set by whoever asks.
    """

    question: Hashable = None
    _kept: dict[Hashable, tuple[Any, int, Hashable]] = field(default_factory=dict)

    def get(self, key: Hashable, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        """Return what is kept under a key; made, and kept if there is room for its `size` in bytes."""
        if key in self._kept:
            value, taken, _ = self._kept.pop(key)
        else:
            value = make()
            taken = size(value)
            if not self._make_room(taken):
                return value
        self._kept[key] = value, taken, self.question
        return value

    def _make_room(self, wanted: int) -> bool:
        """Give up what earlier questions asked for, the oldest first, until there is room; False if there is none."""
        free = CAPACITY - sum(taken for _, taken, _ in self._kept.values())
        for key, (_, taken, question) in list(self._kept.items()):
            if free >= wanted:
                break
            if question != self.question:
                del self._kept[key]
                free += taken
        return free >= wanted
