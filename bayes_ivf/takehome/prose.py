"""Words and numbers of the run as they stand in a document: minus signs, Markdown that runs nothing, lists in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bayes_ivf.errors import visible
from bayes_ivf.results import Said, Value, say

MINUS = "\N{MINUS SIGN}"
_SIGNED = re.compile(r"(?<![\w.])-(?=[\d.])")
_ACTIVE = re.compile(r"([\\`*\[\]$~^@|])|(?<![^\W_])(_)|(_)(?![^\W_])|(<)(?=[A-Za-z/!?])|(&)(?=#|\w+;)")


def legal(text: str) -> str:
    """Return a text without what XML refuses and nobody sees, line by line."""
    lines = (visible(line) for line in text.splitlines())
    return "\n".join(re.sub("[\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", line) for line in lines)


def typeset(said: Said | str | Value) -> str:
    """Return a sentence in parts as text; its own numbers have a minus, what was quoted stays as it is."""
    parts = said if isinstance(said, tuple) else (said,)
    shown = (_SIGNED.sub(MINUS, part.text) if isinstance(part, Value) else legal(part) for part in parts)
    return "".join(shown)


def escaped(text: str) -> str:
    """Return a text for Markdown in which nothing is markup; usual sentences look as they did."""
    return _ACTIVE.sub(lambda found: f"\\{found.group()}", " ".join(legal(text).split()))


def inside(label: str) -> str:
    """Write a label as in the middle of a sentence."""
    return label if label[:2].isupper() or not label else label[0].lower() + label[1:]


def listed(parts: Sequence[Said | str], between: str = ", ", last: str = " and ") -> Said:
    """Join parts as a sentence lists them."""
    joined: list[str | Value | Said] = []
    for index, part in enumerate(parts):
        joined += [last if index == len(parts) - 1 else between] * (index > 0)
        joined.append(part)
    return say(*joined)


def sentence(text: str) -> str:
    """Return a text of the audit as one sentence, closed by a full stop."""
    closed = text.strip()
    return closed if closed.endswith((".", "!", "?")) else f"{closed}."
