"""What is exported for metafor and RevMan comes back as it was."""

import csv
import math

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.batches import Asked, gather_sources
from bayes_ivf.batches.sources import load_sources
from bayes_ivf.cli.main import run

ARMS = "events_treatment,n_treatment,events_control,n_control,mean_treatment,sd_treatment,mean_control,sd_control"
MIXED = f"""study,outcome,label,benefit,per,mcid,{ARMS}
=A 2001,lbr,Live birth,higher,woman,0.05,4,123,11,139,,,,
B 2002,lbr,Live birth,higher,woman,0.05,6,306,29,303,,,,
B 2002,fsh,FSH,none,woman,,,40,,41,-5.10,0.80,7.9,1.25
"""
EFFECTS = """study,outcome,benefit,measure,effect,ci_low,ci_high
C 2003,lbr,higher,odds_ratio,1.61,1.03,2.53
D 2004,lbr,higher,mean_difference,-0.50,-0.90,-0.10
"""


@pytest.fixture
def tables(tmp_path):
    paths = [tmp_path / "own.csv", tmp_path / "effects.csv"]
    for path, text in zip(paths, (MIXED, EFFECTS), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def same_rows(one, other):
    assert (one.study, one.mean, one.sd) == (other.study, other.mean, other.sd)
    for name in ("n", "events", "counts"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def effects_of(sources):
    studies = [source for source in sources if isinstance(source, bi.Study)]
    return {(study.id, item.effect.scale): (item.effect.values[0], item.effect.standard_error)
            for study in studies for item in study.items}  # fmt: skip


def test_metafor_and_back(tables, tmp_path):
    own = load_sources(tables)
    written = bi.export_trials(tables, "metafor", tmp_path / "metafor.csv")
    assert (written.rows, written.left_out) == (5, ())
    with (tmp_path / "metafor.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (rows[0]["ai"], rows[0]["bi"], rows[0]["n1i"]) == ("4", "119", "123")
    assert float(rows[3]["yi"]) == pytest.approx(math.log(1.61), abs=1e-11)
    assert rows[3]["measure"] == "log_odds_ratio"
    assert (rows[2]["m1i"], rows[0]["slab"]) == ("-5.10", "'=A 2001")
    again = load_sources(tmp_path / "metafor.csv")
    same_rows(own[0], again[0])
    assert (own[0].outcome, own[0].label, own[0].per) == (again[0].outcome, again[0].label, again[0].per)
    np.testing.assert_array_equal(own[0].mcid, again[0].mcid)
    np.testing.assert_array_equal(own[0].sign, again[0].sign)
    before, after = effects_of(own), effects_of(again)
    assert before.keys() == after.keys()
    for key, numbers in before.items():
        assert after[key] == pytest.approx(numbers, rel=1e-10)


@pytest.mark.parametrize("ending", ["csv", "zip"])
def test_revman_and_back(ending, tables, tmp_path):
    own = load_sources(tables)
    written = bi.export_trials(tables, "revman", tmp_path / f"review.{ending}")
    loaded = gather_sources(tmp_path / f"review.{ending}", asked=Asked(benefit={"": "higher"}))
    same_rows(own[0], loaded.sources[0])
    assert loaded.sources[0].label == own[0].label
    (reviewed,) = loaded.reviews
    if ending == "zip":
        before, after = effects_of(own), effects_of(loaded.sources)
        assert before.keys() == after.keys()
        for key, numbers in before.items():
            assert after[key] == pytest.approx(numbers, rel=1e-10)
    else:
        assert [study for study, *_ in reviewed.left_out] == ["C 2003", "D 2004"]
        assert any("a ZIP holds it" in note for note in written.notes)


def test_a_package_is_the_same_bytes_twice(tables, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        bi.export_trials(tables, "revman", tmp_path / name / "review.zip")
    one, other = ((tmp_path / name / "review.zip").read_bytes() for name in "ab")
    assert one == other


def test_a_study_file_hands_on_what_has_columns(tmp_path):
    written = bi.export_trials("lei-2026", "metafor", tmp_path / "lei.csv")
    assert "lei-2026/il6" in written.left_out
    assert any("cpr: percentages written as 16/40 and 12/40" in note for note in written.notes)
    again = load_sources(tmp_path / "lei.csv")[0]
    place = again.outcome.index("cpr")
    assert (again.events[place].tolist(), again.n[place].tolist()) == ([16, 12], [40, 40])


@pytest.mark.parametrize(
    ("sources", "to", "out", "where"),
    [
        ("lmwh_ivf", "stata", "x.csv", "--to"),
        ("lmwh_ivf", "metafor", "x.zip", "--out"),
        ("lmwh_ivf", "metafor", "none/x.csv", "none/x.csv"),
        ("lmwh_ivf", "metafor", "there.csv", "there.csv"),
        (
            bi.Study.from_claim(n=(40, 40), direction="lower", alpha=0.05, outcome="il6"),
            "metafor",
            "x.csv",
            "export to metafor",
        ),
    ],
)
def test_what_cannot_be_exported_is_refused(sources, to, out, where, tmp_path, faults_of):
    (tmp_path / "there.csv").write_text("x")
    (fault,) = faults_of(bi.export_trials, sources, to, tmp_path / out)
    assert where in fault.where
    assert [each.name for each in tmp_path.iterdir()] == ["there.csv"]


def test_the_command(tables, tmp_path, capsys):
    out = tmp_path / "x.csv"
    assert run(["export", *map(str, tables), "--to", "metafor", "--out", str(out)]) == 0
    assert "5 rows in" in capsys.readouterr().out
    assert run(["export", str(tables[0]), "--to", "metafor", "--out", str(out)]) == 2
    assert "a file that exists" in capsys.readouterr().err
    other = tmp_path / "odd.csv"
    other.write_text("study,T,R,N\ns,drug,16,40\ns,placebo,12,40\n")
    words = ["--fill", "outcome=x", "--fill", "benefit=higher", "--treatment", "drug", "--control", "placebo"]
    assert run(["export", str(other), *words, "--to", "revman", "--out", str(tmp_path / "y.csv")]) == 0
    assert "16,40" in (tmp_path / "y.csv").read_text()
