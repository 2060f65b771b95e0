"""What no TOML file of ours needs and what can stop a parser: found in the text, before it is parsed."""

from __future__ import annotations

DEEPEST = 12
"""Arrays and tables inside each other."""
LONGEST_KEY = 8
"""Parts of a dotted key."""
MOST_SIGNS = 50_000
"""Brackets, braces and equals signs: what makes tables, arrays and keys."""
LONGEST_WORD = 100
"""Signs of a number, or of a key without quotes."""

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-")


def excess(text: str) -> tuple[int, str, str] | None:
    """Return the line, what is too much there and how much is allowed; None if nothing is.

    Parameters
    ----------
    text : str
        A TOML file. Broken TOML is left to the parser.
    """
    at, end = 0, len(text)
    depth = dots = word = signs = 0
    while at < end:
        sign = text[at]
        if sign in _WORD:
            start = at
            while at < end and text[at] in _WORD:
                at += 1
            word = at - start
            if word > LONGEST_WORD:
                return _line(text, start), f"a number or key of {word} signs", f"at most {LONGEST_WORD} signs"
            continue
        if sign in "\"'":
            at = _after_string(text, at)
            continue
        if sign == "#":
            at = text.find("\n", at)
            if at < 0:
                return None
            continue
        signs += sign in "[{="
        if signs > MOST_SIGNS:
            return _line(text, at), f"more than {MOST_SIGNS} tables, arrays and keys", f"at most {MOST_SIGNS}"
        if sign in "[{":
            depth, dots = depth + 1, 0
            if depth > DEEPEST:
                return _line(text, at), "arrays or tables nested too deep", f"at most {DEEPEST} inside each other"
        elif sign in "]}":
            depth, dots = max(0, depth - 1), 0
        elif sign == ".":
            dots += 1
            if dots > LONGEST_KEY:
                return _line(text, at), "a dotted key with too many parts", f"at most {LONGEST_KEY} parts"
        elif sign in "\n,=":
            dots = 0
        at += 1
    return None


def _after_string(text: str, at: int) -> int:
    quote = text[at]
    long = quote * 3
    closing = long if text.startswith(long, at) else quote
    at += len(closing)
    while True:
        stop = text.find(closing, at)
        newline = -1 if closing == long else text.find("\n", at, stop if stop >= 0 else len(text))
        if stop < 0 or newline >= 0:
            return len(text) if newline < 0 else newline
        behind = stop - 1
        while quote == '"' and behind >= at and text[behind] == "\\":
            behind -= 1
        if quote == "'" or (stop - 1 - behind) % 2 == 0:
            return stop + len(closing)
        at = stop + 1


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
