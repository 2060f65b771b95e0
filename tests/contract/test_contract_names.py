"""Nobody outside a member's own place branches on its name: the syntax trees of the package are walked."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bayes_ivf
from bayes_ivf.forms import all_forms
from bayes_ivf.structures import all_structures

PACKAGE = Path(bayes_ivf.__file__).parent
LIKELIHOODS = ("mean_sd_family", "claim_family")
"""Of the family structure, beside the names of forms and structures."""
PLACES = (
    {name: (f"structures/{each.folder}/",) for name, each in all_structures().items()}
    | {name: (f"forms/{each.file}.py",) for name, each in all_forms().items()}
    | dict.fromkeys(LIKELIHOODS, ("structures/family/",))
)
"""Where a name may be asked for. The likelihood of stages is called as their structure is, and pooled by the family."""
PLACES["funnel"] += ("structures/family/",)

KIND = "a kind of outcome in study files and tables, not the form that reads it"
WORD = "an ordinary word: a key of a file, a page or a list of columns"
TABLE = "reads a table by its column `model` or `kind`: which rows a picture or a paragraph shows"
WORDS = "words for a likelihood, which may move into its form"
ALLOWED: dict[tuple[str, str], str] = {
    ("auditing/alternatives.py", "effect_ci"): KIND,
    ("auditing/checks/power.py", "claim_only"): KIND,
    ("batches/pages.py", "joint"): WORD,
    ("batches/pages.py", "outcomes"): WORD,
    ("batches/rebuild.py", "counts"): WORD,
    ("batches/table.py", "counts"): WORD,
    ("cli/check_command.py", "outcomes"): WORD,
    ("plots/clustering.py", "embryo_cluster"): TABLE,
    ("plots/clustering.py", "two_arm"): TABLE,
    ("plots/forest.py", "claim_only"): TABLE,
    ("record.py", "claim_only"): KIND,
    ("report/context.py", "claim_only"): KIND,
    ("report/render.py", "joint"): WORD,
    ("report/render.py", "outcomes"): WORD,
    ("report/rows.py", "claim_only"): TABLE,
    ("report/rows.py", "outcomes"): WORD,
    ("report/summary.py", "claim_only"): TABLE,
    ("report/summary.py", "funnel"): TABLE,
    ("results/pooling.py", "outcomes"): TABLE,
    ("results/sentence.py", "claim_family"): WORDS,
    ("results/sentence.py", "claim_only"): WORDS,
    ("results/statements.py", "funnel"): WORDS,
    ("structures/funnel/calibration.py", "outcomes"): WORD,
    ("structures/joint/calibration.py", "outcomes"): WORD,
    ("structures/joint/members.py", "counts"): WORD,
    ("study/checks.py", "claim_only"): KIND,
    ("study/checks.py", "counts"): KIND,
    ("study/checks.py", "effect_ci"): KIND,
    ("study/checks.py", "individual"): KIND,
    ("study/checks.py", "mean_sd"): KIND,
    ("study/datum.py", "claim_only"): KIND,
    ("study/datum.py", "counts"): KIND,
    ("study/datum.py", "effect_ci"): KIND,
    ("study/datum.py", "mean_sd"): KIND,
    ("study/denominators.py", "mean_sd"): KIND,
    ("study/facts.py", "claim_only"): KIND,
    ("study/facts.py", "effect_ci"): KIND,
    ("study/notices.py", "mean_sd"): KIND,
    ("study/outcome_row.py", "claim_only"): KIND,
    ("study/outcome_row.py", "effect_ci"): KIND,
    ("study/reader.py", "effect_ci"): KIND,
    ("study/reader.py", "outcomes"): WORD,
    ("study/writer.py", "individual"): KIND,
    ("study/writer.py", "outcomes"): WORD,
}
"""What remains, by file and name, and why; none may be added without a reason."""


def texts(node):
    """Texts that a value is, or is a collection of."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return [text for each in node.elts for text in texts(each)]
    return []


def asked(tree):
    """Texts with which something is compared, looked for, matched, or chosen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for each in (node.left, *node.comparators):
                yield from texts(each)
        elif isinstance(node, ast.MatchValue):
            yield from texts(node.value)
        elif isinstance(node, ast.Dict):
            for each in node.keys:
                yield from texts(each)


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
        "'individual' != x",
    ],
)
def test_the_walk_sees(code):
    assert any(text in PLACES for text in asked(ast.parse(code)))
