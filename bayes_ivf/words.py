"""Numbers in words: what follows a count, and a probability as a percentage."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is one.

    Examples
    --------
    >>> counted(1, "outcome"), counted(2, "outcome"), counted(0, "study")
    ('1 outcome', '2 outcomes', '0 studies')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{number} {noun}s"


def percent(probability: float) -> str:
    """Return a probability as a percentage with the digits that it was given.

    Examples
    --------
    >>> percent(0.95), percent(0.995), percent(0.875), percent(0.29)
    ('95%', '99.5%', '87.5%', '29%')
    """
    return f"{100 * probability:.10g}%"


def with_article(percentage: str) -> str:
    """Return a percentage from 50% on behind its article.

    Examples
    --------
    >>> with_article("95%"), with_article("89%")
    ('a 95%', 'an 89%')
    """
    return f"{'an' if percentage.startswith('8') else 'a'} {percentage}"
