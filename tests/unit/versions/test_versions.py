"""The versions of this package's own solvers: which edits make kept numbers stale."""

from __future__ import annotations

import ast
import io
import os
import random
import re
import subprocess
import sys
import tokenize
from itertools import pairwise

import pytest

from bayes_ivf.calibration import designs_for
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.versions import SOLVERS, fingerprint, kept_as, package_sources, reached
from bayes_ivf.versions.earlier import _EARLIER

SOURCES = package_sources()
EXACT, NUTS = ("exact",), ("nuts",)
BOTH = EXACT + NUTS
LEAVE = ("bayes_ivf.versions", "bayes_ivf.batches.numerics")
"""What makes versions and no number."""
NOW = {engine: fingerprint(engine) for engine in SOLVERS}


def stale(module, *edits):
    """Engines whose version an edit of a module changes; it keeps its syntax."""
    name = f"bayes_ivf.{module}"
    text = SOURCES[name]
    for old, new in edits:
        assert old in text, (module, old)
        text = text.replace(old, new, 1)
    return tuple(engine for engine in SOLVERS if fingerprint(engine, SOURCES | {name: text}) != fingerprint(engine))


@pytest.mark.parametrize(
    ("module", "old", "new", "engines"),
    [
        ("structures.individual.women", "np.pi**2 / 3", "np.pi**2 / 4", NUTS),
        ("structures.individual.women", "log_odds + sigma * node", "log_odds - sigma * node", NUTS),
        ("estimands", "treatment - control", "control - treatment", NUTS),
        ("structures.graph", "(0.5, -0.5)", "(0.4, -0.6)", NUTS),
        ("structures.graph", "pt.log1p(pt.exp(-2 * size))", "pt.log1p(pt.exp(-3 * size))", NUTS),
        ("embryo.equal_weights", "1e-3 if", "1e-2 if", BOTH),
        ("priors.families", "(nu + 1) / 2", "(nu + 2) / 2", BOTH),
        ("quadrature.panels", "float(np.log(2.0))", "float(np.log(3.0))", EXACT),
        ("effects.from_exact", "1 - below_upper", "below_upper", EXACT),
        ("exact.risk_difference", "np.abs(t) * c", "np.abs(t) + c", EXACT),
        ("exact.risk_ratio", "special.digamma(a) -", "special.digamma(b) -", EXACT),
        ("estimands", "0.99", "0.9", NUTS),
        ("defaults", "CI_PROB = 0.95", "CI_PROB = 0.9", BOTH),
        ("batches.work", "if work.recipe.summaries or", "if", NUTS),
    ],
)
def test_numbers_change_the_version(module, old, new, engines):
    found = stale(module, (old, new))
    assert set(engines) <= set(found)


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("results.sentence", "return", "return 1 and"),
        ("effects.derived", "return", "return 1 and"),
        ("structures.individual.women", '"""', '"""About: '),
        ("inference.fit", '"""Return ', '"""Give '),
        ("quadrature.process_pool", "\n\n\n", "\n\n# a comment\n\n"),
        ("errors", "found:   {", "given:   {"),
        ("errors", "str(fault)", "repr(fault)"),
        ("plots.forest", "return", "return 1 and"),
        ("report.summary", "return", "return 1 and"),
        ("cli.run_command", "return", "return 1 and"),
        ("auditing.checks.grim", "return", "return 1 and"),
        ("batches.columns", "return", "return 1 and"),
        ("study.reader", "return", "return 1 and"),
        ("study.printed", "return", "return 1 and"),
        ("files", "return", "return 1 and"),
        ("versions.walk", "return", "return 1 and"),
        ("_version", "__version__ = ", "__version__ = 'a' + "),
        ("forms.embryo_totals", "more ways to share out the embryos", "more ways to share them"),
    ],
)
def test_words_readers_and_pictures_do_not(module, old, new):
    assert stale(module, (old, new)) == ()


def test_a_definition_that_moves_keeps_the_version():
    moved = dict(SOURCES)
    text = moved.pop("bayes_ivf.structures.individual.women")
    moved["bayes_ivf.effects.women"] = text
    name = "bayes_ivf.structures.individual.contrasts"
    moved[name] = moved[name].replace("bayes_ivf.structures.individual import women", "bayes_ivf.effects import women")
    assert all(fingerprint(engine, moved) == fingerprint(engine) for engine in SOLVERS)


def test_a_calibration_depends_on_its_own_structure_and_likelihood():
    design = next(each for each in designs_for(load_card("two_arm")) if each.name == "two_arm-counts-average")
    covered = {each.partition(":")[0].removeprefix("bayes_ivf.") for each in reached(design.solver)}
    assert {
        "structures.two_arm.model",
        "forms.counts",
        "simulate.counts",
        "inference.nuts",
        "priors.families",
    } <= covered
    others = (
        "structures.funnel",
        "forms.embryo_totals",
        "forms.claim_only",
        "forms.mean_sd",
        "exact",
        "structures.individual",
    )
    assert not {each for each in covered if each.startswith(others)}


DESIGNS = [each for name in bundled_cards() for each in designs_for(load_card(name))]


OF_SEVERAL_FORMS = (
    "two_arm-p_value-directed",
    "two_arm-statistic-counts-directed",
    "two_arm-statistic-counts-doubted",
)
"""Designs that read each simulated print like a study file, so that their version takes in all forms."""


@pytest.mark.parametrize(
    "design", [each for each in DESIGNS if each.name not in OF_SEVERAL_FORMS], ids=lambda each: each.name
)
def test_a_new_member_makes_no_calibration_stale(design):
    new = {
        "bayes_ivf.forms.sketch": 'from bayes_ivf.forms.form import Form\nFORM = Form("sketch", ("x",), "shared")',
        "bayes_ivf.structures.sketch": 'from bayes_ivf.structures.structure import Structure\nSTRUCTURE = Structure("sketch")',
    }
    assert fingerprint(design.solver, {**SOURCES, **new}) == fingerprint(design.solver)


def test_what_a_calibration_holds_fixed_is_part_of_it():
    found = [each.fingerprint for name in ("two_arm", "funnel") for each in designs_for(load_card(name))]
    assert len(set(found)) == len(found)


def test_the_versions_need_the_standard_library_alone_and_no_luck():
    code = (
        "import sys; from bayes_ivf.versions import fingerprint; print(fingerprint('nuts'), fingerprint('exact'));"
        "sys.exit(bool({'numpy', 'scipy', 'pymc', 'pandas'} & set(sys.modules)))"
    )
    told = {fingerprint("nuts") + " " + fingerprint("exact")}
    for seed in "12":
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
        told.add(done.stdout.strip())
    assert len(told) == 1


def with_words(words):
    """The package's sources with identifiers that are called otherwise."""
    sources = {}
    for module, text in SOURCES.items():
        lines = text.splitlines(keepends=True)
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline)) if any(w in text for w in words) else []
        for token in reversed(tokens):
            if token.type == tokenize.NAME and token.string in words:
                (row, start), (_, end) = token.start, token.end
                lines[row - 1] = lines[row - 1][:start] + words[token.string] + lines[row - 1][end:]
        sources[module] = "".join(lines)
    return sources


RENAMED = {
    "a class": {"Grid2D": "Tabulated"},
    "functions": {"initial_points": "ladder", "exact_key": "key_of", "log_bracket": "log_width"},
    "a constant": {"_LOG_SQRT_2PI": "_HALF_LOG_2PI"},
    "locals": {"astray": "off", "probes": "at_these"},
    "methods": {"inverse": "quantiles", "evaluate_questions": "answer_all", "below_at": "cdf_at"},
    "all of them": {
        "Grid2D": "Grid1D",
        "Grid1D": "Grid2D",
        "initial_points": "steps",
        "astray": "probes",
        "probes": "astray",
    },
}


@pytest.mark.parametrize("words", RENAMED.values(), ids=RENAMED)
def test_names_leave_no_trace(words):
    sources = with_words(words)
    assert sources != SOURCES
    assert {engine: fingerprint(engine, sources) for engine in SOLVERS} == NOW


@pytest.mark.parametrize(
    ("words", "engines"),
    [({"sigma": "tau"}, BOTH), ({"log_slope": "slope_of_log"}, BOTH), ({"logaddexp": "logaddexp2"}, BOTH)],
    ids=["keyword", "field of quadrature", "library"],
)
def test_keywords_fields_and_names_of_libraries_do(words, engines):
    sources = with_words(words)
    assert tuple(engine for engine in SOLVERS if fingerprint(engine, sources) != NOW[engine]) == engines


def test_a_method_that_is_asked_for_by_text_is_renamed_together_with_it():
    sources = with_words({"prefetch": "foresee"})
    assert fingerprint("exact", sources) != NOW["exact"]
    name = "bayes_ivf.effects.from_exact"
    sources[name] = sources[name].replace('"prefetch"', '"foresee"')
    assert fingerprint("exact", sources) == NOW["exact"]


def _swaps():
    """Places in functions of the exact engine where one local may be read instead of another."""
    covered = set(reached("exact"))
    for module in sorted({each.partition(":")[0] for each in covered}):
        for function in ast.parse(SOURCES[module]).body:
            if not isinstance(function, ast.FunctionDef) or f"{module}:{function.name}" not in covered:
                continue
            body = [node for each in function.body if not isinstance(each, ast.Raise) for node in ast.walk(each)]
            names = [node for node in body if isinstance(node, ast.Name)]
            bound = {each.arg for each in function.args.args} | {
                each.id for each in names if isinstance(each.ctx, ast.Store)
            }
            read = [each for each in names if isinstance(each.ctx, ast.Load) and each.id in bound]
            words = {
                id(node) for each in body if isinstance(each, ast.Raise | ast.AnnAssign) for node in ast.walk(each)
            }
            read = [each for each in read if id(each) not in words]
            yield from ((module, one, other) for one, other in pairwise(read) if one.id != other.id)


def test_reading_another_local_does():
    for module, one, other in random.Random(20261130).sample(list(_swaps()), 30):
        lines = SOURCES[module].encode().split(b"\n")
        line = lines[one.lineno - 1]
        lines[one.lineno - 1] = line[: one.col_offset] + other.id.encode() + line[one.end_col_offset :]
        edited = {**SOURCES, module: b"\n".join(lines).decode()}
        assert fingerprint("exact", edited) != NOW["exact"], (module, one.lineno, one.id, other.id)


def test_only_the_very_code_of_an_earlier_version_finds_what_that_kept():
    known = set(_EARLIER)
    assert all(re.fullmatch("[0-9a-f]{64}", each) for entry in _EARLIER.items() for each in entry)
    assert len(set(_EARLIER.values())) == len(known)
    assert not known & set(_EARLIER.values())
    for old, new in _EARLIER.items():
        assert kept_as(old) == new
    name = "bayes_ivf.quadrature.panels"
    other = fingerprint("exact", {**SOURCES, name: SOURCES[name].replace("float(np.log(2.0))", "float(np.log(3.0))")})
    assert kept_as(other) == other
    assert not [each for engine in SOLVERS for each in reached(engine) if each.startswith(LEAVE)]
