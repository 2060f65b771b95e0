"""Words that stand beside a number."""

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


def with_article(percentage: str) -> str:
    """Return a percentage from 50% on behind its article.

    Examples
    --------
    >>> with_article("95%"), with_article("89%")
    ('a 95%', 'an 89%')
    """
    return f"{'an' if percentage.startswith('8') else 'a'} {percentage}"
