"""What of a problem changes the graph of its model: a frozen value of its structure, with one text for hash and compile key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Layout(Protocol):
    """A frozen value that a structure defines."""

    def canonical(self) -> str:
        """Return the text that stands for it in the content hash and the compile key; two layouts never share one."""


@dataclass(frozen=True)
class Plain:
    """A layout with nothing to choose, or one word.

    Parameters
    ----------
    word : str
    """

    word: str = ""

    def canonical(self) -> str:
        """Return the word."""
        return self.word


@dataclass(frozen=True)
class Variances:
    """What changes the graph of two means.

    Parameters
    ----------
    common : bool
        Whether both arms have one standard deviation.
    word : str
        What of the arrays of a form changes it; empty if nothing does.
    """

    common: bool
    word: str = ""

    def canonical(self) -> str:
        """Return the text for hash and compile key."""
        return ("common" if self.common else "separate") + (f"|{self.word}" if self.word else "")
