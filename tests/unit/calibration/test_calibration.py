from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from bayes_ivf.calibration import Ranks, designs_for, judge, run, simulate_design, simulate_once
from bayes_ivf.calibration.constants import RANK_DRAWS
from bayes_ivf.calibration.design import Simulated
from bayes_ivf.calibration.ranks import rank, thin
from bayes_ivf.cards import STRUCTURES, bundled_cards, load_card
from bayes_ivf.cli.main import run as command_line
from bayes_ivf.settings import Settings
from bayes_ivf.structures import all_structures

TWO_ARM = load_card("two_arm")
SETTINGS = Settings()
CARDS = list(bundled_cards())


def _counts():
    return designs_for(TWO_ARM)[0]


def test_designs_have_different_names():
    assert set(all_structures()) == set(STRUCTURES)
    names = [design.name for name in CARDS for design in designs_for(load_card(name))]
    assert len(set(names)) == len(names)


def test_a_structure_without_a_simulator_is_refused(faults_of):
    faults = faults_of(designs_for, replace(TWO_ARM, structure="imagined"))
    assert "no simulator" in faults[0].found


def test_a_card_for_counts_only_has_designs_for_counts_only():
    names = [design.name for design in designs_for(replace(TWO_ARM, kinds=("counts",)))]
    assert names == ["two_arm-counts-average", "two_arm-counts-control", "two_arm-counts-arms", "two_arm-counts-nested"]


SHAPES = {
    "two_arm-percent-evidence": 3,
    "two_arm-claim-directed": 3,
    "two_arm-claim-undirected": 2,
    "two_arm-claim-counts-undirected": 2,
    "two_arm-p_value-directed": 4,
    "two_arm-p_value-doubted": 2,
}
"""Models that a design compiles, where its words or the digits of its print decide among several; else one."""


@pytest.mark.parametrize("name", CARDS)
def test_simulated_problems_share_few_shapes_and_come_again(name):
    for design in designs_for(load_card(name)):
        keys = set()
        for i in range(25):
            first, again = (design.simulate(np.random.default_rng(i)) for _ in range(2))
            keys.add(first.problem.compile_key)
            assert first.problem.hash == again.problem.hash
            assert np.isfinite(design.log_likelihood(first.problem, first.truth)).all()
        assert len(keys) == SHAPES.get(design.name, 1), design.name


def test_totals_without_a_pregnancy_stay_in():
    design = designs_for(load_card("embryo_cluster"))[0]
    totals = [design.simulate(np.random.default_rng([9, i])).problem.data["totals"] for i in range(300)]
    assert min(each[:, 2].min() for each in totals) == 0
    assert max(each[:, 3].max() for each in totals) == 30


def test_thinned_draws_lie_at_equal_distances():
    draws = np.arange(4000.0).reshape(4, 1000)
    found = thin(draws)
    assert found.shape == (RANK_DRAWS,)
    assert set(np.diff(found)) == {20.0}
    with pytest.raises(ValueError, match="too few"):
        thin(draws[:, :40])


def test_ranks_and_ties():
    rng = np.random.default_rng(1)
    assert rank(0.5, np.array([0.1, 0.2, 0.9]), rng) == 2
    assert rank(-1.0, np.array([0.1, 0.2, 0.9]), rng) == 0
    tied = [rank(1.0, np.array([0.0, 1.0, 1.0, 2.0]), rng) for _ in range(3000)]
    assert set(tied) == {1, 2, 3}
    assert np.bincount(tied)[1:].min() > 850


def _ranks(values, name="d"):
    return Ranks(name, name, {"a": values, "b": values, "c": (values * 7 + 3) % 200}, ("pass",) * len(values))


def test_coverage_is_that_of_central_intervals():
    result = judge([_ranks(np.arange(200))], 0.999)
    assert result.judgments[0].coverage == (0.5, 0.8, 0.95)
    assert result.compared == 2
    assert not result.outside


def test_ranks_that_are_not_uniform_are_named():
    rng = np.random.default_rng(1)
    good = Ranks("good", "", {"x": rng.integers(0, 200, 1000)}, ("pass",) * 1000)
    bad = Ranks("bad", "", {"y": rng.integers(30, 170, 1000)}, ("pass",) * 999 + ("fail",))
    result = judge([good, bad], 0.999)
    assert [(each.design, each.quantity) for each in result.outside] == [("bad", "y")]
    assert "y of bad" in result.sentence()
    assert "1 of 2000 fits failed" in result.sentence()
    assert "gross errors" not in result.sentence()


def test_few_simulations_say_that_they_are_few():
    assert "only gross errors" in judge([_ranks(np.arange(200))], 0.999).sentence()


def test_arviz_reads_the_tree():
    import arviz as az

    tree = judge([_ranks(np.arange(200))], 0.999).tree("d")
    assert tree["prior_sbc"].sizes == {"chain": 1, "draw": 200}
    values = tree["prior_sbc"]["a"].values
    assert values.min() > 0
    assert values.max() < 1
    drawn = az.plot_ecdf_pit(tree, var_names=["a"], backend="none")
    assert drawn is not None


def test_no_cell_of_the_table_runs_in_a_spreadsheet(tmp_path):
    from bayes_ivf.calibration.report import write_calibration
    from bayes_ivf.spreadsheet import read_table

    result = judge([_ranks(np.arange(200), "=1+1")], 0.999)
    write_calibration(result, tmp_path, trees=False)
    assert not any(line.startswith("=") for line in (tmp_path / "calibration.csv").read_text().splitlines())
    assert set(read_table(tmp_path / "calibration.csv").design) == {"=1+1"}


def test_the_picture_has_a_panel_for_each_design():
    from bayes_ivf.plots.calibration import rank_curves

    figure = rank_curves(judge([_ranks(np.arange(200)), _ranks(np.full(200, 5), "bad")], 0.999))
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert titles == ["d\n200 simulations", "bad\n200 simulations"]
    assert [line.get_label() for line in figure.axes[1].lines if not line.get_label().startswith("_")] == [
        "a",
        "b",
        "c",
    ]


def test_priors_and_options_are_part_of_the_fingerprint():
    average, control = designs_for(TWO_ARM)[:2]
    assert average.solver.entries == control.solver.entries
    assert average.fingerprint != control.fingerprint


@pytest.fixture
def pretend(monkeypatch):
    """Ranks without fits, and a count of how many were made."""
    made = []

    def once(design, index, settings):
        made.append((design.name, index))
        return "pass", {"effect": (index * 37 + 5) % 200, "risk": (index * 91 + 2) % 200}

    monkeypatch.setattr(run, "simulate_once", once)
    return made


def test_a_calibration_that_was_cut_off_goes_on(tmp_path, pretend):
    path = tmp_path / "ranks.csv"
    whole = simulate_design(_counts(), 12, SETTINGS, path)
    text = path.read_text(encoding="utf-8")
    # cut off in the middle of the ninth row
    path.write_text(text[: text.index("\n8,") + 4], encoding="utf-8")
    pretend.clear()
    again = simulate_design(_counts(), 12, SETTINGS, path)
    assert sorted(index for _, index in pretend) == [8, 9, 10, 11]
    assert path.read_text(encoding="utf-8") == text
    assert {name: values.tolist() for name, values in again.ranks.items()} == {
        name: values.tolist() for name, values in whole.ranks.items()
    }
    pretend.clear()
    assert len(simulate_design(_counts(), 5, SETTINGS, path).verdicts) == 5
    assert not pretend


def test_workers_do_not_change_the_file(tmp_path, pretend):
    texts = []
    for workers in (1, 4):
        simulate_design(_counts(), 9, SETTINGS, tmp_path / f"{workers}.csv", workers=workers)
        texts.append((tmp_path / f"{workers}.csv").read_text(encoding="utf-8"))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "broken", ["hello\n", "simulation,verdict,a\n0,pass,200\n", "simulation,verdict,a\n1,pass,3\n"]
)
def test_files_that_are_no_ranks_are_refused(tmp_path, pretend, faults_of, broken):
    path = tmp_path / "ranks.csv"
    path.write_text(broken + "x\n", encoding="utf-8")
    assert "line" in faults_of(simulate_design, _counts(), 5, SETTINGS, path)[0].where


def test_the_command_writes_answers_and_goes_on(tmp_path, pretend, monkeypatch, capsys):
    monkeypatch.setattr(run, "designs_for", lambda card: [_counts()])
    out = tmp_path / "c"
    arguments = ["calibrate", "two_arm", "--simulations", "200", "--out", str(out)]
    assert command_line(arguments) == 0
    assert "stay within" in capsys.readouterr().out
    names = {path.name for path in out.iterdir()}
    assert names == {"manifest.json", "calibration.csv", "answer.txt", "ranks.png",
                     "two_arm-counts-average.csv", "two_arm-counts-average.nc"}  # fmt: skip
    pretend.clear()
    assert command_line(arguments) == 0
    assert not pretend


def test_the_command_fails_where_ranks_leave_the_band(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "designs_for", lambda card: [_counts()])
    monkeypatch.setattr(run, "simulate_once", lambda design, i, settings: ("pass", {"effect": i % 20}))
    assert command_line(["calibrate", "two_arm", "--simulations", "60", "--out", str(tmp_path / "c")]) == 1
    assert "effect of two_arm-counts-average leave the band" in capsys.readouterr().err


def test_a_folder_of_other_code_is_refused_and_made_anew_by_the_store(tmp_path, pretend, monkeypatch, capsys):
    monkeypatch.setattr(run, "designs_for", lambda card: [_counts()])
    out = tmp_path / "c"
    assert command_line(["calibrate", "two_arm", "--simulations", "20", "--out", str(out)]) == 0
    assert run.forget_stale(out, TWO_ARM) == []
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest["designs"]["two_arm-counts-average"]["fingerprint"] = "old"
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert command_line(["calibrate", "two_arm", "--simulations", "20", "--out", str(out)]) == 2
    assert "other designs" in capsys.readouterr().err
    assert run.forget_stale(out, TWO_ARM) == ["two_arm-counts-average"]
    assert not (out / "two_arm-counts-average.csv").exists()
    assert command_line(["calibrate", "two_arm", "--simulations", "20", "--out", str(out)]) == 0


@pytest.mark.parametrize(
    "arguments",
    [["imagined"], ["two_arm", "--simulations", "0"], ["two_arm", "--simulations", "x"], ["two_arm", "--workers", "0"]],
)
def test_the_command_refuses_bad_input(arguments, tmp_path, capsys):
    out = tmp_path / "c"
    assert command_line(["calibrate", *arguments, "--out", str(out)]) == 2
    assert "to do:" in capsys.readouterr().err
    assert not out.exists()


def test_fits_are_ranked_and_a_wrong_simulator_is_found():
    """Sixty real fits: ranks come again from their seed; truths from elsewhere than the prior leave the band."""
    design = _counts()
    assert simulate_once(design, 3, SETTINGS) == simulate_once(design, 3, SETTINGS)

    def elsewhere(rng):
        found = design.simulate(rng)
        return Simulated(found.truth | {"effect": found.truth["effect"] + 1.5}, found.problem)

    right = simulate_design(design, 60, SETTINGS)
    wrong = simulate_design(replace(design, simulate=elsewhere), 60, SETTINGS)
    assert {"average", "effect", "risk_difference", "risk_ratio", "control_risk", "log_likelihood"} <= set(right.ranks)
    assert not judge([right], 0.999).outside
    assert "effect" in {each.quantity for each in judge([wrong], 0.999).outside}
