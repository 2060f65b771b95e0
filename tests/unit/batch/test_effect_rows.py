"""Tables of printed effects: read row by row, and fitted as single fits are."""

from __future__ import annotations

import pandas as pd
import pytest

import bayes_ivf as bi
from bayes_ivf.batches.sources import load_sources

TABLE = """study,outcome,benefit,measure,effect,ci_low,ci_high,se,label
A 2001,cpr,higher,odds_ratio,1.61,1.03,2.53,,Clinical pregnancy
A 2001,lbr,higher,risk_ratio,1.20,0.90,1.60,,
B 2002,cpr,higher,odds_ratio,0.80,,,0.2,
"""


def test_rows_are_single_fits(tmp_path):
    path = tmp_path / "effects.csv"
    path.write_text(TABLE, encoding="utf-8")
    result = bi.batch(path, models=["two_arm"], priors=["weakly_informative"], out=tmp_path / "out")
    found = result.effects.set_index(["study", "outcome", "estimand"])
    assert len(found) == 5
    study = bi.Study.from_effect("odds_ratio", "1.61", ci=("1.03", "2.53"), outcome="cpr", benefit="higher")
    alone = next(row for row in bi.fit(study, engine="exact").rows if row.estimand == "odds_ratio")
    row = found.loc[("A 2001", "cpr", "odds_ratio")]
    assert row["median"] == pytest.approx(alone.median, abs=1e-10)
    assert row["p_benefit"] == pytest.approx(alone.p_benefit, abs=1e-10)
    assert found.loc[("B 2002", "cpr", "odds_ratio")]["median"] < 1


def test_frames_and_filled_columns():
    frame = pd.DataFrame({"study": ["A", "B"], "effect": [1.5, 0.9], "se": [0.2, 0.3]})
    studies = load_sources(frame, fill={"outcome": "cpr", "benefit": "higher", "measure": "odds_ratio"})
    assert [study.id for study in studies] == ["A", "B"]
    assert studies[0].items[0].effect.standard_error == 0.2


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("C,cpr,higher,odds_ratio,1.61,2.53,1.03,,", "ci"),
        ("C,cpr,higher,odds,1.61,1.03,2.53,,", "measure"),
        ("C,cpr,up,odds_ratio,1.61,1.03,2.53,,", "benefit"),
        ("C,cpr,higher,odds_ratio,x,1.03,2.53,,", "effect"),
        ("C,cpr,higher,odds_ratio,1.61,,,,", "ci, se"),
        ("C,cpr,higher,odds_ratio,1.61,1.03,2.53,0.2,", "ci, se"),
        ("A 2001,cpr,higher,odds_ratio,1.61,1.03,2.53,,", "study and outcome"),
        (",cpr,higher,odds_ratio,1.61,1.03,2.53,,", "study"),
    ],
)
def test_faults_name_their_line(line, where, tmp_path, faults_of):
    path = tmp_path / "effects.csv"
    path.write_text(TABLE + line + "\n", encoding="utf-8")
    assert [fault.where for fault in faults_of(load_sources, path)] == [f"effects.csv, line 5, {where}"]


def test_a_header_without_a_measure_is_refused(tmp_path, faults_of):
    path = tmp_path / "effects.csv"
    path.write_text(TABLE.replace("measure", "kind"), encoding="utf-8")
    (fault,) = faults_of(load_sources, path)
    assert fault.found == "no column measure"
    assert "--fill" in fault.action


def test_a_measure_may_be_called_a_scale(tmp_path):
    path = tmp_path / "effects.csv"
    path.write_text(TABLE, encoding="utf-8")
    other = tmp_path / "scales.csv"
    other.write_text(TABLE.replace("measure", "scale"), encoding="utf-8")
    own, renamed = (load_sources(each) for each in (path, other))
    assert [study.items for study in own] == [study.items for study in renamed]
