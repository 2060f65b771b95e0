"""Two texts of a page compared to the last character: where they part, and what stands there."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

from bayes_ivf.errors import visible

MOST = 1_000
"""Differences of a text that are counted."""
AROUND = 40
"""Characters that are told on either side of a difference."""
LONGEST = 160
"""Characters of a difference that are told."""
_NEAR, _ALIKE = 48, 4
"""Pieces within which two texts are looked through for where they agree again, and how many must then be the same."""
_ANCHOR = 8
"""Pieces that must be the same where texts meet again further on."""
_PIECE = re.compile(r"<[^<>]*>|[<>]|[^<>\s]+|\s+")
_VALUE = re.compile(r' value="([^"]*)"')
_HEADING = re.compile(r"<h[1-6]\b")


@dataclass(frozen=True)
class Difference:
    """One thing that a page says and that does not follow from what it embeds.

    Parameters
    ----------
    where : str
        The heading it stands under, or the key of a number.
    found : str
        What stands in the page.
    expected : str
        What should stand there.
    inner : bool
        Whether it is of hashes, seeds or keys, which nobody reads: such ones are told last.
    """

    where: str
    found: str
    expected: str
    inner: bool = False

    def __str__(self) -> str:
        return f"{visible(self.where)}\n  found:    {visible(self.found)}\n  expected: {visible(self.expected)}"


def text_differences(page: str, right: str, *, tolerant: bool = False) -> tuple[Difference, ...]:
    """Return where a page is another text than it should be, `MOST` places at most.

    Parameters
    ----------
    page, right : str
    tolerant : bool
        Whether the hidden digits of a number, which another processor may give otherwise, may differ by a billionth.
    """
    if page == right:
        return ()
    found, wanted = _PIECE.findall(page), _PIECE.findall(right)
    places = _Headings(wanted)
    anchors: dict[int, list[int]] = {}
    differences: list[Difference] = []
    i = j = 0
    while (i < len(found) or j < len(wanted)) and len(differences) < MOST:
        if i < len(found) and j < len(wanted) and (found[i] == wanted[j] or (tolerant and _near(found[i], wanted[j]))):
            i, j = i + 1, j + 1
            continue
        steps = _soon(found[i : i + 2 * _NEAR], wanted[j : j + 2 * _NEAR])
        if steps is None:
            anchors = anchors or _anchors(wanted)
            steps = _later(found, i, wanted, j, anchors)
        told, meant = _told(found, i, i + steps[0]), _told(wanted, j, j + steps[1])
        differences.append(Difference(places.at(j), told, meant))
        i, j = i + steps[0], j + steps[1]
    return tuple(differences)


def without_pictures(page: str) -> str:
    """Return a page whose pictures are empty."""
    parts, at = [], 0
    while (start := page.find("<svg", at)) >= 0 and (end := page.find("</svg>", start)) >= 0:
        parts.append(page[at:start])
        at = end
    return "".join((*parts, page[at:]))


class _Headings:
    """The heading under which each piece of a page stands."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.starts, self.names = [0], ["top of the page"]
        for k, piece in enumerate(pieces):
            if _HEADING.match(piece):
                words: list[str] = []
                for each in pieces[k + 1 : k + 60]:
                    if each.startswith("</h"):
                        break
                    words += [] if each.startswith("<") else [each]
                self.starts.append(k)
                self.names.append(f"under {' '.join(''.join(words).split())[:80]!r}")

    def at(self, place: int) -> str:
        return self.names[bisect_right(self.starts, place) - 1]


def _near(found: str, wanted: str) -> bool:
    """Whether two pieces are the same but for a billionth of a number's hidden digits."""
    a, b = _VALUE.search(found), _VALUE.search(wanted)
    if a is None or b is None or _VALUE.sub("", found, 1) != _VALUE.sub("", wanted, 1):
        return False
    try:
        return isclose(float(a[1]), float(b[1]), rel_tol=1e-9, abs_tol=1e-300)
    except ValueError:
        return False


def _soon(found: Sequence[str], wanted: Sequence[str]) -> tuple[int, int] | None:
    """Return how many pieces to leave out of both so that they agree again; None if not within sight."""
    for total in range(1, _NEAR):
        for a in range(total + 1):
            b = total - a
            here, there = found[a : a + _ALIKE], wanted[b : b + _ALIKE]
            if here == there:
                return a, b
    return None


def _later(
    found: Sequence[str], i: int, wanted: Sequence[str], j: int, anchors: dict[int, list[int]]
) -> tuple[int, int]:
    """Return how many pieces to leave out of both until they agree again, or until both end."""
    for a in range(i, len(found) - _ANCHOR + 1):
        piece = tuple(found[a : a + _ANCHOR])
        places = anchors.get(hash(piece), [])
        at = bisect_left(places, j)
        if at < len(places) and tuple(wanted[places[at] : places[at] + _ANCHOR]) == piece:
            return a - i, places[at] - j
    return len(found) - i, len(wanted) - j


def _anchors(pieces: Sequence[str]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for k in range(len(pieces) - _ANCHOR + 1):
        places.setdefault(hash(tuple(pieces[k : k + _ANCHOR])), []).append(k)
    return places


def _told(pieces: Sequence[str], start: int, end: int) -> str:
    before = "".join(pieces[max(start - 12, 0) : start])[-AROUND:]
    after = "".join(pieces[end : end + 12])[:AROUND]
    inside = "".join(pieces[start : min(end, start + LONGEST)])
    inside = inside if len(inside) <= LONGEST else f"{inside[:LONGEST]}..."
    return f"{before}[{inside}]{after}".replace("\n", " ")
