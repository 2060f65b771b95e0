"""The order in which outcomes can be read: each after the one whose events are its denominators."""

from __future__ import annotations

from collections.abc import Mapping


def by_dependence(hangs_on: Mapping[str, str | None]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Order names so that each comes after the one that it hangs on; otherwise their order stays.

    Parameters
    ----------
    hangs_on : mapping of str to str or None
        A name that is no key counts as None.

    Returns
    -------
    order : list of str
        All names, those of a circle too.
    circles : list of tuple of str
        Names that hang on each other.
    """
    order: list[str] = []
    circles: list[tuple[str, ...]] = []
    done: set[str] = set()
    for name in hangs_on:
        chain: list[str] = []
        at: str | None = name
        while at is not None and at in hangs_on and at not in done and at not in chain:
            chain.append(at)
            at = hangs_on[at]
        if at is not None and at in chain:
            circles.append(tuple(chain[chain.index(at) :]))
        order += reversed(chain)
        done.update(chain)
    return order, circles
