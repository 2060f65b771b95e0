"""Nobody outside a member's own place branches on its name: the syntax trees of the package are walked.

Members are structures, forms, and kinds of outcomes; a kind that a form reads is called as the form is.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bayes_ivf
from bayes_ivf.cards import STRUCTURES
from bayes_ivf.forms import all_forms
from bayes_ivf.structures import all_structures
from bayes_ivf.study import KINDS

PACKAGE = Path(bayes_ivf.__file__).parent
LIKELIHOODS = ("mean_sd_family", "claim_family")
"""Of the family structure, beside the names of forms and structures."""
PLACES = (
    {name: (f"structures/{each.folder}/",) for name, each in all_structures().items()}
    | {name: (f"forms/{each.file}.py",) for name, each in all_forms().items()}
    | dict.fromkeys(LIKELIHOODS, ("structures/outcomes/",))
)
"""Where a name may be asked for. The likelihood of stages is called as their structure is, and pooled by the family."""
PLACES["funnel"] += ("structures/outcomes/",)
PLACES |= {name: (*PLACES.get(name, ()), "study/kinds.py") for name in KINDS}

KEY = "a key of a file"
WORD = "an ordinary word"
ALLOWED: dict[tuple[str, str], str] = {
    **{("cards.py", name): "the list of all, so that a card is read without loading them" for name in STRUCTURES},
    ("auditing/laboratory.py", "percent"): f"{WORD}: a unit",
    ("auditing/limits.py", "percent"): f"{WORD}: a unit",
    ("auditing/whole.py", "counts"): f"{WORD}: a unit",
    ("batches/rebuild.py", "counts"): KEY,
    ("cli/check_command.py", "outcomes"): KEY,
    ("structures/joint/members.py", "counts"): f"{WORD}: what a claim is about",
    ("study/arms_reader.py", "outcomes"): KEY,
    ("study/arms_rows.py", "outcomes"): KEY,
    ("study/construct.py", "counts"): f"{WORD}: what a claim is about",
    ("study/count_datum.py", "categories"): KEY,
    ("study/outcome_row.py", "counts"): f"{WORD}: what a claim is about",
    ("study/reader.py", "outcomes"): KEY,
}
"""What remains, by file and name, and why; none may be added without a reason."""


def texts(node, named):
    """Texts that a value is, or is a collection of; names are those of the module's constants."""
    if isinstance(node, ast.Name):
        return named.get(node.id, [])
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return [text for each in node.elts for text in texts(each, named)]
    return []


def constants(tree):
    """Texts of the constants of a module, by their names."""
    named = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            several = isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple)
            pairs = (
                zip(node.targets[0].elts, node.value.elts, strict=False) if several else [(node.targets[0], node.value)]
            )
            named |= {target.id: texts(value, named) for target, value in pairs if isinstance(target, ast.Name)}
    return named


def asked(tree):
    """Texts with which something is compared, looked for, matched, or chosen."""
    named = constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for each in (node.left, *node.comparators):
                yield from texts(each, named)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "isin":
            yield from texts(node.args[0], named)
        elif isinstance(node, ast.MatchValue):
            yield from texts(node.value, named)
        elif isinstance(node, ast.Dict):
            # a table of members has no other text as a key; a record with a field that happens to be called so has
            keys = [text for each in node.keys for text in texts(each, {})]
            yield from keys if set(keys) <= set(PLACES) else ()


def found():
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for text in asked(ast.parse(path.read_text(encoding="utf-8"))):
            if text in PLACES and not place.startswith(PLACES[text]):
                yield place, text


FOUND = set(found())


def test_no_member_is_asked_for_by_name():
    assert FOUND - set(ALLOWED) == set()


def test_what_is_allowed_is_still_there():
    assert set(ALLOWED) - FOUND == set()
    assert all(ALLOWED.values())


@pytest.mark.parametrize(
    "code",
    [
        "x.structure == 'two_arm'",
        "x in ('counts', 'y')",
        "match x:\n    case 'funnel':\n        pass",
        "{'mean_sd': 1}[x]",
        "{'counts': 1, 'percent': 2, None: 3}[x]",
        "table.model.isin(['two_arm', 'x'])",
        "ALONE = ('joint', 'x')\nx in ALONE",
        "ONE, TWO = 'x', 'effect_ci'\nx == TWO",
        "'individual' != x",
    ],
)
def test_the_walk_sees(code):
    assert any(text in PLACES for text in asked(ast.parse(code)))


@pytest.mark.parametrize("code", ["{'outcomes': x, 'arms': y}", "x = 'counts'", "f('counts')"])
def test_the_walk_passes_over(code):
    assert not any(text in PLACES for text in asked(ast.parse(code)))
