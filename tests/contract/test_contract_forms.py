"""Every form and every structure: found, complete, light, and with twins of one likelihood."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import bayes_ivf
from bayes_ivf import forms, structures
from bayes_ivf.calibration import designs_for
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.forms import (
    SUPPORTS,
    all_forms,
    claim_counts,
    claim_only,
    counts,
    embryo_rows,
    embryo_totals,
    find_form,
    forms_of_kind,
    mean_sd,
    p_value,
    rates,
    statistic_counts,
)
from bayes_ivf.problem import build_problem
from bayes_ivf.structures import all_structures, build_model, find_structure, structures_of_record
from bayes_ivf.study import Baseline, Counts, MeanSD, Percent, Printed, StatedCorrelation, Study

PACKAGE = Path(bayes_ivf.__file__).parent
DESIGNS = [design for name in bundled_cards() for design in designs_for(load_card(name))]
POINTS = 100


def test_members_are_the_folder():
    folders = {path.parent.name for path in (PACKAGE / "structures").glob("*/__init__.py")}
    assert {each.folder for each in all_structures().values()} == folders
    files = {path.stem for path in (PACKAGE / "forms").glob("*.py") if "FORM = Form(" in path.read_text("utf-8")}
    assert {each.file for each in all_forms().values()} == files
    assert all(each.isidentifier() for each in folders | files)


@pytest.mark.parametrize("structure", all_structures().values(), ids=lambda each: each.folder)
def test_a_structure_has_its_parts(structure):
    made, drawn = structure.load_problem(), structure.load_contrasts()
    assert all(callable(getattr(made, name)) for name in ("why_not", "make", "applying_options", "derived"))
    assert callable(made.can_be_sampled)
    assert callable(drawn.contrasts)
    assert callable(drawn.unsigned)
    assert callable(structure.load_model().build)
    assert callable(structure.load_calibration().designs)
    exact = structure.load_exact()
    assert (exact is not None) == (PACKAGE / "structures" / structure.folder / "exact.py").exists()
    assert exact is None or callable(exact.solver)
    assert not structure.derives or callable(made.anchor_of)


@pytest.mark.parametrize("form", all_forms().values(), ids=lambda each: each.file)
def test_a_form_has_its_parts(form):
    part = form.load_part()
    assert form.support in SUPPORTS
    names = ("arrays", "observe", "log_likelihood", "simulate", "derived", "can_be_sampled", "solver")
    assert all(callable(getattr(part, name)) for name in names)
    assert isinstance(part.OPTIONS, tuple)
    assert form.support not in ("two_by_two", "location") or callable(part.rough)
    assert form.support != "effect_only" or all(
        callable(getattr(part, name)) for name in ("conditions", "is_even", "prior_table", "quantities")
    )
    assert all(form in forms_of_kind(kind) for kind in form.kinds)
    silent = [each for kind in form.kinds for each in forms_of_kind(kind) if not hasattr(each.load_part(), "takes")]
    assert len(set(silent)) <= 1  # of forms that share a kind one may leave it to the others
    assert find_form(SimpleNamespace(likelihood=form.name)) is form


def outcome_of(study, **changed):
    return replace(study, items=(replace(study.items[0], **changed),))


HALF = StatedCorrelation(0.5, 0.5, 0.5)
TWO_EACH = replace(Study.from_counts((20, 80), (26, 82)), sizes={"treatment": 40, "control": 41})
AMBIGUOUS = {arm: Percent(Printed("10%"), (Counts(4, 40), Counts(5, 50)), (30, 60)) for arm in ("treatment", "control")}
BEFORE = {arm: MeanSD(Printed("7.0"), Printed("1.2"), n) for arm, n in (("treatment", 40), ("control", 41))}
OF_FORM = {
    "nested_counts": outcome_of(TWO_EACH, per="eye", icc=HALF),
    "nested_means": outcome_of(
        replace(Study.from_means((6.0, 1.0, 80), (6.2, 1.1, 82)), sizes={"treatment": 40, "control": 41}),
        per="eye",
        icc=HALF,
    ),
    "decoded_counts": outcome_of(Study.from_counts((4, 40), (5, 50)), kind="percent", data=AMBIGUOUS),
    "unknown_spread": outcome_of(Study.from_means((6.0, 0.2, 40), (6.2, 0.2, 41)), spread="unknown"),
    "change": outcome_of(Study.from_means((6.0, 1.0, 40), (6.2, 1.1, 41)), baseline=Baseline(BEFORE, HALF)),
    "mean_sd": Study.from_means((6.0, 1.0, 40), (6.2, 1.1, 41)),
    "quantiles": Study.from_quantiles(("6.0", "5.2", "6.9", 40), ("6.2", "5.1", "6.9", 41)),
    "claim_only": Study.from_claim((40, 41), "lower"),
    "p_value": Study.from_claim((40, 41), "lower", p="P=0.044"),
    "rates": Study.from_rates((12, 300), (20, 310)),
    "claim_counts": Study.from_claim((40, 41), "lower", of="counts"),
    "statistic_counts": Study.from_claim((40, 41), "lower", statistic="chi-square(1) = 4.2", of="counts"),
}
"""A study whose outcome is printed so, for every form with options."""


@pytest.mark.parametrize("form", [each for each in all_forms().values() if each.kinds and each.load_part().OPTIONS])
def test_options_of_a_form_reach_key_and_hash(form):
    """A fit is kept by its hash, so that no option may act on a number beside the arrays and the layout."""
    card, study = load_card("two_arm"), OF_FORM[form.name]
    for name in form.load_part().OPTIONS:
        option = card.options[name]
        values = option.allowed or [option.span[0] + step for step in (0, 0.2, 0.5)]
        found = [build_problem(study, study.items[0].id, card, "weakly_informative", {name: value}) for value in values]
        assert len({each.key for each in found}) == len({each.hash for each in found}) == len(values)


def test_ranks_of_record_differ(faults_of):
    ranked = [each.rank for each in all_structures().values() if each.rank is not None]
    assert len(set(ranked)) == len(ranked) == len(structures_of_record())
    assert "two_arm" in faults_of(find_structure, SimpleNamespace(structure="imagined"))[0].allowed
    assert "counts" in faults_of(find_form, SimpleNamespace(likelihood="imagined"))[0].allowed


def test_members_are_light():
    code = (
        "import sys; from bayes_ivf.forms import all_forms; from bayes_ivf.structures import all_structures\n"
        "for each in all_forms().values(): each.load_part()\n"
        "for each in all_structures().values(): each.load_problem(); each.load_contrasts()\n"
        "sys.exit(bool({'pymc', 'pytensor', 'pandas', 'matplotlib', 'arviz'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.filterwarnings("ignore:Numba will use object mode")
@pytest.mark.parametrize("design", DESIGNS, ids=lambda each: each.name)
def test_twins_of_a_likelihood(design):
    """NumPy and PyTensor, for each structure with each form that it declares, at points drawn from the prior."""
    import pymc as pm
    import pytensor
    from pytensor.compile.mode import Mode
    from pytensor.graph.replace import graph_replace

    problem = design.simulate(np.random.default_rng(20261130)).problem
    words = [name for name in problem.data if name.endswith("claimed")]
    alone = "claimed" in problem.data  # else other data decide where points matter
    if words:  # a claim that was not printed is only ever simulated, and 1 - p cancels
        printed = {name: np.ones_like(problem.data[name]) for name in words}
        problem = replace(problem, data=dict(problem.data) | printed)
    model = build_model(problem)
    free = list(model.free_RVs)
    observed = [pm.logp(rv, model.rvs_to_values[rv]).sum() for rv in model.observed_RVs]
    inputs = [rv.type(f"{rv.name}_at") for rv in free]
    outputs = [sum(observed[1:], observed[0]), *model.deterministics]
    outputs = graph_replace(outputs, dict(zip(free, inputs, strict=True)), strict=False)
    options = {"mode": Mode(linker="py", optimizer=None), "on_unused_input": "ignore"}
    value = pytensor.function(inputs, outputs, **options)
    gradient = pytensor.function(inputs, pytensor.grad(outputs[0], inputs, disconnected_inputs="ignore"), **options)
    draws = pm.draw(free, draws=POINTS, random_seed=3, mode="FAST_COMPILE")
    told = [value(*[np.asarray(each[i]) for each in draws]) for i in range(POINTS)]
    posterior = {rv.name: np.asarray(each)[None] for rv, each in zip(free, draws, strict=True)}
    posterior |= {rv.name: np.stack([each[j] for each in told])[None] for j, rv in enumerate(model.deterministics, 1)}
    with np.errstate(all="ignore"):
        twin = design.log_likelihood(problem, posterior)[0]
    ours = np.array([float(each[0]) for each in told])
    # far out a probability cancels or underflows where its logarithm does not
    inside = np.isfinite(twin) & np.isfinite(ours) & (ours > ours.max() - (12 if alone else 300))
    assert inside.sum() >= POINTS // 5
    gap = (ours - twin)[inside]
    # PyMC's normal_lcdf takes the root of 2 in single precision, so that a log chance is off by up to 1e-7 of itself
    assert np.ptp(gap) <= (1e-6 if words else 1e-10) * max(1.0, np.abs(ours[inside]).max())
    for i in np.flatnonzero(inside)[:3]:
        point = [np.array(each[i], dtype=float) for each in draws]
        _check_slopes(value, gradient(*point), point)


def _check_slopes(value, slopes, point, step=1e-5):
    """Compare a gradient with central differences, which are right to about the square of their step."""
    for k, slope in enumerate(slopes):
        slope = np.asarray(slope)
        assert np.isfinite(slope).all()
        for at in np.ndindex(slope.shape):
            ends = []
            for side in (-1, 1):
                moved = [np.array(each) for each in point]
                moved[k][at] += side * step * max(1e-2, abs(moved[k][at]))
                ends.append((moved[k][at], float(value(*moved)[0])))
            (low, below), (high, above) = ends
            scale = max(1.0, abs(below)) * 1e-11 / (high - low)
            assert slope[at] == pytest.approx((above - below) / (high - low), rel=2e-4, abs=1e-4 + scale)


RNG = np.random.default_rng(11)
LEVELS = RNG.normal(0, 1, (7, 2))


def swapped(data, names):
    return {name: np.flip(array, axis=0) if name in names else array for name, array in data.items()}


def test_swap_of_arms():
    """Nothing depends on which arm is called treatment."""
    data = {"events": np.array([3, 9]), "n": np.array([20, 31])}
    one = counts.log_likelihood(data, logit_risk=LEVELS)
    np.testing.assert_allclose(counts.log_likelihood(swapped(data, data), logit_risk=LEVELS[:, ::-1]), one, rtol=1e-13)
    data = {"mean": np.array([5.0, 6.0]), "variance": np.array([1.0, 2.0]), "n": np.array([20, 31])}
    one, sigma = mean_sd.log_likelihood(data, LEVELS, np.exp(LEVELS)), np.exp(LEVELS)
    np.testing.assert_allclose(
        mean_sd.log_likelihood(swapped(data, data), LEVELS[:, ::-1], sigma[:, ::-1]), one, rtol=1e-13
    )
    data = {"events": np.array([3, 9]), "time": np.array([20.0, 31.0])}
    for variant in ("", "overdispersed"):
        given = data | ({"dispersion": np.array(2.5)} if variant else {})
        np.testing.assert_allclose(
            rates.log_likelihood(swapped(given, ("events", "time")), LEVELS[:, ::-1], variant),
            rates.log_likelihood(given, LEVELS, variant),
            rtol=1e-13,
        )
    data = {"n": np.array([20, 31]), "nodes": np.array([1.9, 2.1]), "log_weights": np.log([0.4, 0.6])}
    data |= {"doubt": np.array(0.2), "claimed": np.array(1)}
    pairs = {"lower": "higher", "higher": "lower", "differs": "differs", "no_difference": "no_difference"}
    for event, other in pairs.items():
        one = claim_only.log_likelihood(data, LEVELS[:, 0], event)
        np.testing.assert_allclose(
            claim_only.log_likelihood(swapped(data, ("n",)), -LEVELS[:, 0], other), one, rtol=1e-12
        )
    data = p_value.nodes_of((20, 31), 1.9, 2.1)
    for side, other in {"lower": "higher", "higher": "lower", "either": "either"}.items():
        one = p_value.log_likelihood(data, LEVELS[:, 0], side)
        turned = p_value.log_likelihood(swapped(data, ("n",)), -LEVELS[:, 0], other)
        np.testing.assert_allclose(turned, one, rtol=1e-12)
    data = {"n": np.array([20, 31]), "bounds": np.array([0.0, 0.1]), "test": 0, "doubt": 0.2, "claimed": 1}
    for side in (-1, 0, 1):
        one = claim_counts.log_likelihood(data | {"side": side}, logit_risk=LEVELS)
        other = claim_counts.log_likelihood(swapped(data, ("n",)) | {"side": -side}, logit_risk=LEVELS[:, ::-1])
        np.testing.assert_allclose(other, one, rtol=1e-12)
    data = {
        "n": np.array([20, 31]),
        "span": np.array([3.5, 4.5]),
        "p": np.array([0.0, np.inf]),
        "doubt": 0.0,
        "claimed": 1,
    }
    data |= {"test": np.array([0, 1]), "weight": np.array([0.3, 0.7]), "log_factor": np.array([0.4, 0.9])}
    for side in (-1, 0, 1):
        one = statistic_counts.log_likelihood(data | {"side": side}, logit_risk=LEVELS)
        other = statistic_counts.log_likelihood(swapped(data, ("n",)) | {"side": -side}, logit_risk=LEVELS[:, ::-1])
        np.testing.assert_allclose(other, one, rtol=1e-12)
    problem = next(each.problem for each in DESIGNS if each.name == "individual-embryos")
    odds, sigma = (LEVELS[:, 0], LEVELS[:, 1]), np.exp(LEVELS[:, 0])
    one = embryo_rows.log_likelihood(problem.data, odds, sigma)
    np.testing.assert_allclose(
        embryo_rows.log_likelihood(swapped(problem.data, ("women",)), odds[::-1], sigma), one, rtol=1e-12
    )
    arms = embryo_totals.arms_of(next(each.problem for each in DESIGNS if each.name.startswith("embryo_cluster")))
    within = np.full(7, 0.3)
    one = embryo_totals.log_likelihood(arms, odds, within, np.zeros(7))
    other = embryo_totals.log_likelihood((arms[1], arms[0]), odds[::-1], within, np.zeros(7))
    np.testing.assert_allclose(other, one, rtol=1e-12)


def test_parts_are_named_by_the_architecture():
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for folder in ("forms/", "structures/", "estimands.py"):
        assert folder in text
    assert import_module("bayes_ivf.forms.operations").doubted(0.2, 0.25) == pytest.approx(0.4)


BROKEN = "import a_library_that_is_not_here\n"


@pytest.mark.parametrize(
    ("room", "file", "find", "asked"),
    [
        (forms, "broken.py", find_form, SimpleNamespace(likelihood="broken")),
        (structures, "broken/__init__.py", find_structure, SimpleNamespace(structure="broken")),
    ],
    ids=["form", "structure"],
)
def test_a_fault_inside_a_member_is_not_taken_for_a_missing_one(room, file, find, asked, tmp_path, monkeypatch):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(BROKEN, encoding="utf-8")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match="a_library_that_is_not_here"):
        find(asked)
