"""From definitions that name each other to a hash of each.

Colors of a graph are refined (Weisfeiler and Leman 1968): every definition begins with the hash of its own text, in which the
definitions that it names are holes, and takes in theirs, until no more of them differ.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field

from bayes_ivf.versions.letters import Letters
from bayes_ivf.versions.names import Definition
from bayes_ivf.versions.walk import Error, Walk

_ROUNDS = 256
"""More than definitions in a row that name each other; colors are stable after some ten."""


@dataclass
class _Node:
    """A definition, or an attribute that stands for several: its text and what that names.

    Parameters
    ----------
    text : str
    ordered, others : list of Definition
        As they stand in the text; and those of which the order does not matter.
    """

    text: str = ""
    ordered: list[Definition] = field(default_factory=list)
    others: list[Definition] = field(default_factory=list)


def hashes_of(walk: Walk) -> tuple[dict[Definition, str], Letters]:
    """Return a hash of each reached definition, and the letters that count.

    Where nothing else tells two attributes, classes or objects apart, their names do.
    """
    letters = Letters(walk)
    while True:
        hashes = _colors(_nodes(walk, letters))
        alike = defaultdict(list)
        for definition, each in hashes.items():
            alike[each].append(definition)
        twins = [each for group in alike.values() if len(group) > 1 for each in group]
        # attributes are nodes without a module
        names = [each.part if not each.module else each for each in twins if _differs(each, letters)]
        if not letters.keep(names):
            return hashes, letters


def _differs(twin: Definition, letters: Letters) -> bool:
    return not twin.module or letters.is_one_of_a_kind(twin)


def _nodes(walk: Walk, letters: Letters) -> dict[Definition, _Node]:
    nodes = {definition: _Node() for definition in walk.found}
    for definition, parts in walk.found.items():
        node = nodes[definition]
        texts: list[str] = []
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, Definition):
                texts.append("@")
                node.ordered.append(part)
            elif isinstance(part, Error):
                family = [each for each in part.family if each in walk.found]
                texts.append(f"{part.text}{'@' * len(family)}")
                node.ordered += family
            elif part.kind == "attribute" and (methods := letters.methods(part.text)):
                attribute = Definition("", "", part.text)
                nodes.setdefault(attribute, _Node("attribute", [], methods))
                texts.append(".@")
                node.ordered.append(attribute)
            else:
                texts.append(
                    f".{letters.of(part, definition)}" if part.kind == "attribute" else letters.of(part, definition)
                )
        node.text = "".join(texts)
        owner = Definition(definition.module, definition.name)
        if definition.part and owner in walk.found:
            nodes[owner].others.append(definition)
            node.ordered.append(owner)
    return nodes


def _colors(nodes: dict[Definition, _Node]) -> dict[Definition, str]:
    hashes = own = {definition: digest(node.text) for definition, node in nodes.items()}
    kinds = len(set(own.values()))
    for _ in range(_ROUNDS):
        hashes = {
            each: digest(
                "\n".join(
                    [own[each], *(hashes[to] for to in node.ordered), "", *sorted(hashes[to] for to in node.others)]
                )
            )
            for each, node in nodes.items()
        }
        if len(set(hashes.values())) == kinds:
            break
        kinds = len(set(hashes.values()))
    return hashes


def digest(text: str) -> str:
    """Return a hexadecimal hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
