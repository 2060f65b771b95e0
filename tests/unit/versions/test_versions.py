"""The versions of this package's own solvers: which edits make kept numbers stale."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bayes_ivf.calibration import designs_for
from bayes_ivf.cards import load_card
from bayes_ivf.versions import SOLVERS, fingerprint, package_sources, reached

SOURCES = package_sources()
EXACT, NUTS = ("exact",), ("nuts",)
BOTH = EXACT + NUTS


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
        ("likelihoods.embryo_totals.strings", "1e-3 if", "1e-2 if", BOTH),
        ("priors.families", "(nu + 1) / 2", "(nu + 2) / 2", BOTH),
        ("inference.exact.quadrature", "float(np.log(2.0))", "float(np.log(3.0))", EXACT),
        ("effects.from_exact", "1 - below_upper", "below_upper", EXACT),
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
        ("structures.individual.women", '"""', '"""About: '),
        ("inference.fit", '"""Return ', '"""Give '),
        ("inference.exact.crew", "\n\n\n", "\n\n# a comment\n\n"),
        ("errors", "found:   {", "given:   {"),
        ("errors", "str(fault)", "repr(fault)"),
        ("plots.forest", "return", "return 1 and"),
        ("report.summary", "return", "return 1 and"),
        ("cli.run_command", "return", "return 1 and"),
        ("auditing.checks.grim", "return", "return 1 and"),
        ("batches.columns", "return", "return 1 and"),
        ("study.reader", "return", "return 1 and"),
        ("study.printed", "return", "return 1 and"),
        ("study.individual", "return", "return 1 and"),
        ("files", "return", "return 1 and"),
        ("versions.walk", "return", "return 1 and"),
        ("_version", "__version__ = ", "__version__ = 'a' + "),
        ("structures.embryo_cluster.problem", "more ways to share out the embryos", "more ways to share them"),
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
        "likelihoods.counts",
        "simulate.counts",
        "inference.nuts",
        "priors.families",
    } <= covered
    others = (
        "structures.funnel",
        "likelihoods.embryos",
        "likelihoods.claim_only",
        "inference.exact",
        "structures.individual",
    )
    assert not {each for each in covered if each.startswith(others)}


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
