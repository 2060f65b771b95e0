"""Tables as other programs write them give the rows of this package's own names, or a question."""

from __future__ import annotations

import logging
import math

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.batches import Asked, plan_batch
from bayes_ivf.batches.sources import gather_sources, load_sources
from bayes_ivf.cli.main import run

FILL = {"outcome": "tb", "benefit": "lower"}
OWN = ("A 2001,tb,lower,4,123,11,139", "B 2002,tb,lower,6,306,29,303")


def made(tmp_path, text, name="foreign.csv"):
    path = tmp_path / name
    path.write_text(text.strip() + "\n", encoding="utf-8")
    return path


def read(path, **asked):
    return gather_sources(path, asked=Asked(**{"fill": FILL, **asked}))


COUNTS = {
    "bcg": "author,year,tpos,tneg,cpos,cneg\nA,2001,4,119,11,128\nB,2002,6,300,29,274",
    "bcg_capitals": "Author,Year,TPos,TNeg,CPos,CNeg\nA,2001,4,119,11,128\nB,2002,6,300,29,274",
    "metafor_tables": "slab,ai,bi,ci,di\nA 2001,4,119,11,128\nB 2002,6,300,29,274",
    "metafor_sizes": "slab,ai,n1i,ci,n2i\nA 2001,4,123,11,139\nB 2002,6,306,29,303",
    "metafor_either": "slab,ai,n1i,ci,di\nA 2001,4,123,11,128\nB 2002,6,306,29,274",
    "metafor_both": "slab,ai,bi,n1i,ci,di,n2i,yi,vi\nA 2001,4,119,123,11,128,139,-0.9,0.3\nB 2002,6,,306,29,274,,-1.6,0.2",
    "meta": "studlab,event.e,n.e,event.c,n.c\nA 2001,4,123,11,139\nB 2002,6,306,29,303",
    "near": "trial_name,events_trt,n_trt,events_ctl,n_ctl\nA 2001,4,123,11,139\nB 2002,6,306,29,303",
}


@pytest.mark.parametrize("form", COUNTS)
def test_counts_of_other_programs_are_the_own_rows(form, tmp_path, table):
    (own,) = load_sources(table(*OWN))
    loaded = read(made(tmp_path, COUNTS[form]))
    (other,) = loaded.sources
    assert (other.study, other.outcome) == (own.study, own.outcome)
    np.testing.assert_array_equal(other.n, own.n)
    np.testing.assert_array_equal(other.events, own.events)
    assert any("as events_treatment" in note for note in loaded.notes)


@pytest.mark.parametrize(
    "header",
    ["slab,m1i,sd1i,n1i,m2i,sd2i,n2i", "studlab,mean.e,sd.e,n.e,mean.c,sd.c,n.c"],
)
def test_means_of_other_programs(header, tmp_path):
    (other,) = read(made(tmp_path, f"{header}\nA,5.10,1.2,40,6.0,1.30,41")).sources
    assert (other.mean, other.sd, other.n.tolist()) == ((["5.10"], ["6.0"]), (["1.2"], ["1.30"]), [[40, 41]])


def test_counts_and_means_of_metafor_stand_beside_each_other(tmp_path):
    text = "slab,outcome,ai,ci,m1i,sd1i,m2i,sd2i,n1i,n2i\nA,x,4,11,,,,,123,139\nA,y,,,5.1,1.2,6.0,1.3,40,41"
    (other,) = read(made(tmp_path, text), fill={"benefit": "lower"}).sources
    assert other.counts.tolist() == [True, False]
    assert other.n.tolist() == [[123, 139], [40, 41]]


def test_parts_that_do_not_add_up_are_faults_of_their_rows(tmp_path, faults_of):
    text = "slab,ai,bi,n1i,ci,di,n2i\nA,4,119,123,11,128,139\nB,6,301,306,29,274,304"
    faults = faults_of(read, made(tmp_path, text))
    assert [(fault.where, fault.allowed) for fault in faults] == [
        ("foreign.csv, line 3, n_treatment", "6 + 301 = 307"),
        ("foreign.csv, line 3, n_control", "29 + 274 = 303"),
    ]


def test_a_part_of_a_set_is_not_read(tmp_path, faults_of):
    (fault,) = faults_of(read, made(tmp_path, "slab,ai,bi,ci\nA,4,119,11"))
    assert "events_treatment" in fault.found
    assert "--map" in fault.action


EFFECTS = {
    "vi": "slab,yi,vi\nA,-0.5,0.04",
    "sei": "slab,yi,sei\nA,-0.5,0.2",
    "both": "slab,yi,vi,sei\nA,-0.5,0.0400,0.2",
    "meta": "studlab,TE,seTE\nA,-0.5,0.2",
    "exponent": "studlab,TE,seTE\nA,-5e-1,2E-1",
}


@pytest.mark.parametrize("form", EFFECTS)
@pytest.mark.parametrize("scale", ["log_odds_ratio", "OR"])
def test_effects_are_read_on_a_declared_scale(form, scale, tmp_path):
    loaded = read(made(tmp_path, EFFECTS[form]), fill=FILL | {"measure": scale})
    (study,) = loaded.sources
    effect = study.only_outcome().effect
    assert effect.scale == "odds_ratio"
    assert float(effect.estimate) == pytest.approx(math.exp(-0.5), abs=1e-11)
    assert effect.standard_error == pytest.approx(0.2, abs=1e-11)
    assert any(f"on the scale {scale}, as declared" in note for note in loaded.notes)
    assert set(loaded.notes) < set(study.notes)


def test_a_scale_may_stand_in_a_column(tmp_path):
    text = "studlab,TE,seTE,scale\nA,-0.5,0.2,MD\nB,-0.5,0.2,log_risk_ratio"
    effects = [study.only_outcome().effect for study in read(made(tmp_path, text)).sources]
    assert [(each.scale, str(each.estimate)) for each in effects] == [
        ("mean_difference", "-0.5"),
        ("risk_ratio", f"{math.exp(-0.5):.15g}"),
    ]


@pytest.mark.parametrize(
    ("text", "fill", "found", "action"),
    [
        (EFFECTS["vi"], {}, "'yi' without a scale", "--fill measure=log_odds_ratio"),
        (EFFECTS["meta"], {"measure": "odds_ratio"}, "'odds_ratio'", "write log_odds_ratio for logs"),
        (EFFECTS["vi"], {"measure": "SMD"}, "'SMD'", "name one of these"),
        ("slab,yi,vi,sei\nA,-0.5,0.09,0.2", {"measure": "OR"}, "0.2 beside the variance 0.09", "correct one of them"),
        ("slab,yi,sei\nA,900,0.2", {"measure": "OR"}, "900", "correct the effect"),
        ("slab,yi,sei\nA,many,0.2", {"measure": "OR"}, "'many'", "give yi as a number"),
    ],
)
def test_effects_without_one_meaning_are_asked_about(text, fill, found, action, tmp_path, faults_of):
    (fault,) = faults_of(read, made(tmp_path, text), fill=FILL | fill)
    assert found in fault.found
    assert action in fault.action


def test_effects_stand_in_for_rows_without_counts(tmp_path, faults_of):
    text = "slab,ai,n1i,ci,n2i,yi,vi\nA,4,123,11,139,-0.9,0.3\nB,,,,,-0.5,0.04"
    (fault,) = faults_of(read, made(tmp_path, text))
    assert "without a scale" in fault.found
    table, study = read(made(tmp_path, text), fill=FILL | {"measure": "log_odds_ratio"}).sources
    assert table.events.tolist() == [[4, 11]]
    assert (study.id, study.only_outcome().effect.standard_error) == ("B", pytest.approx(0.2, abs=1e-11))


LONG = """StudyID,Study,T,R,N,covar.age
1,A 2001,LMWH,4,123,31
1,A 2001,Placebo,11,139,31
2,B 2002,Placebo,29,303,35
2,B 2002,LMWH,6,306,35
3,C 2003,Aspirin,1,20,33
3,C 2003,Placebo,2,21,33
"""
WIDE = """Study,T.1,R.1,N.1,T.2,R.2,N.2,T.3,R.3,N.3
A 2001,LMWH,4,123,Placebo,11,139,,,
B 2002,Placebo,29,303,Aspirin,7,20,LMWH,6,306
"""


@pytest.mark.parametrize("text", [LONG, WIDE])
def test_rows_of_arms_are_paired_as_declared(text, tmp_path, table):
    (own,) = load_sources(table(*OWN))
    loaded = read(made(tmp_path, text), arms=("LMWH", "Placebo"))
    (other,) = loaded.sources
    assert other.study == own.study
    np.testing.assert_array_equal(other.n, own.n)
    np.testing.assert_array_equal(other.events, own.events)
    assert any("'LMWH' read as treatment, 'Placebo' as control" in note for note in loaded.notes)
    assert any("left out: C 2003" in note for note in loaded.notes) == ("C 2003" in text)
    (swapped,) = read(made(tmp_path, text), arms=("Placebo", "LMWH")).sources
    np.testing.assert_array_equal(swapped.events, other.events[:, ::-1])


def test_means_of_arms(tmp_path):
    text = "Study,T,Mean,SD,N\nA,LMWH,5.10,1.2,40\nA,Placebo,6.0,1.30,41"
    (other,) = read(made(tmp_path, text), arms=("LMWH", "Placebo")).sources
    assert (other.mean, other.sd) == ((["5.10"], ["6.0"]), (["1.2"], ["1.30"]))


@pytest.mark.parametrize(
    ("text", "arms", "found"),
    [
        (LONG, None, "arms 'LMWH', 'Placebo', 'Aspirin', and not which of them is the control"),
        (LONG, ("LMWH", "placebo"), "no arm 'placebo'"),
        (LONG, ("LMWH", "LMWH"), "'LMWH' twice"),
        (LONG, ("LMWH", "Aspirin"), "no study with both"),
        ("Study,T,R,N\nA,x,1,9\nA,y,1,9\nA,x,2,9", ("x", "y"), "'x' a second time"),
        (COUNTS["meta"], ("x", "y"), "no row or column that names an arm"),
    ],
)
def test_arms_that_are_not_clear_are_asked_for(text, arms, found, tmp_path, faults_of):
    (fault,) = faults_of(read, made(tmp_path, text), arms=arms)
    assert found in fault.found


ODD = "study,E1,N1,E2,N2\nA 2001,4,123,11,139\nB 2002,6,306,29,303"
MAP = {"events_treatment": "E1", "n_treatment": "N1", "events_control": "E2", "n_control": "N2"}


def test_headings_are_declared(tmp_path, table):
    (own,) = load_sources(table(*OWN))
    loaded = read(made(tmp_path, ODD), columns=MAP)
    (other,) = loaded.sources
    np.testing.assert_array_equal(other.events, own.events)
    assert "'E1' read as events_treatment" in loaded.notes[0]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (MAP | {"n_control": "N3"}, "no heading 'N3' in foreign.csv"),
        (MAP | {"control": "N2"}, "no column control"),
        (MAP | {"n_control": "N1"}, "'N1' for n_treatment and n_control"),
        (MAP | {"study": "N2", "n_control": "E2"}, "a column study in foreign.csv already"),
    ],
)
def test_what_is_declared_must_fit(columns, found, tmp_path, faults_of):
    faults = faults_of(read, made(tmp_path, ODD), columns=columns)
    assert any(found in fault.found for fault in faults)


def test_a_log_is_not_declared_to_be_a_ratio(tmp_path, faults_of):
    columns = {"effect": "yi", "se": "sei"}
    (fault,) = faults_of(read, made(tmp_path, EFFECTS["sei"]), columns=columns, fill=FILL | {"measure": "odds_ratio"})
    assert "a log where it is of a ratio" in fault.found


def test_options_of_tables_are_refused_without_a_table(faults_of):
    faults = faults_of(gather_sources, "lei-2026", asked=Asked(columns=MAP, arms=("a", "b")))
    assert [fault.where for fault in faults] == ["map", "treatment and --control"]


def test_what_was_read_as_what_is_logged_and_kept(tmp_path, caplog):
    path = made(tmp_path, COUNTS["bcg"])
    with caplog.at_level(logging.INFO, "bayes_ivf"):
        grid = plan_batch(path, "two_arm", "weakly_informative", engine="exact", fill=FILL)
    assert [record.message for record in caplog.records] == list(grid.notes)
    result = bi.batch(path, "two_arm", "weakly_informative", engine="exact", fill=FILL, out=tmp_path / "out")
    assert result.notes == grid.notes
    assert "'tpos' as events_treatment" in (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")


def test_the_command_says_what_it_reads_and_exits_with_2_where_it_asks(tmp_path, capsys):
    fills = ["--fill", "outcome=tb", "--fill", "benefit=lower"]
    assert run(["check", str(made(tmp_path, LONG)), *fills, "--treatment", "LMWH", "--control", "Placebo"]) == 0
    assert "'LMWH' read as treatment" in capsys.readouterr().out
    maps = [part for target, heading in MAP.items() for part in ("--map", f"{target}={heading}")]
    options = [
        "--models",
        "two_arm",
        "--priors",
        "weakly_informative",
        "--engine",
        "exact",
        "--out",
        str(tmp_path / "o"),
    ]
    assert run(["batch", str(made(tmp_path, ODD)), *fills, *maps, *options]) == 0
    assert "'E1' read as events_treatment" in capsys.readouterr().err
    assert run(["check", str(made(tmp_path, LONG)), *fills, "--treatment", "LMWH"]) == 2
    assert "no --control beside it" in capsys.readouterr().err
    assert run(["check", str(made(tmp_path, EFFECTS["vi"])), *fills]) == 2


def test_rare_events_have_digits_on_pages(tmp_path):
    text = "slab,ai,bi,ci,di\nRare,505,87886,499,87892\nOther,29,7470,45,7232"
    bi.batch(made(tmp_path, text), "two_arm", "weakly_informative", engine="exact", fill=FILL, out=tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count("per 1,000") >= 4
    assert "-2.19" in page
